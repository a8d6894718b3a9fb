import {spawn} from 'node:child_process';
import {createHash, randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import {type AddressInfo, createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest';
import {agentTexts, loadAgent} from '../../src/transport/agent-text.ts';
import type {Connection, Request} from '../../src/transport/connection.ts';
import {encodeRequest} from '../../src/transport/framing.ts';
import {connectLocal} from '../../src/transport/local.ts';
import {findShells, IS_ROOT, LOCAL} from './shells.ts';

const base = mkdtempSync(join(tmpdir(), 'agent-files-'));
const shells = findShells(base);
afterAll(() => rmSync(base, {recursive: true}));

const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest('hex');
const write = (path: string, text: string, mode = '', owner = '', group = ''): Request => ({
  verb: 'write',
  args: [path, sha256(text), owner, group, mode, '0644'],
  stdin: Buffer.from(text),
});
const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8);

describe.each(shells)('files, by the agent under $name', ({command}) => {
  let host: Connection;
  let dir = '';
  const ask = async (...requests: Request[]) =>
    (await host.run(requests)).map(({rc, stdout, stderr}) => ({rc, stdout: stdout.toString(), stderr}));
  const good = {rc: 0, stdout: '', stderr: ''};

  beforeAll(() => {
    host = connectLocal(LOCAL, command);
  });
  afterAll(() => host.close());
  beforeEach(() => {
    dir = mkdtempSync(join(base, 'case-'));
  });

  it('writes a new file with its mode, replaces it keeping its mode, and leaves nothing else behind', async () => {
    const path = join(dir, "-odd 'name' $x *");
    expect(await ask(write(path, 'one\n', '0640'))).toEqual([good]);
    expect([readFileSync(path, 'utf8'), modeOf(path)]).toEqual(['one\n', '640']);
    expect(await ask(write(path, ''), write(join(dir, 'new'), 'x'))).toEqual([good, good]);
    expect([readFileSync(path, 'utf8'), modeOf(path), modeOf(join(dir, 'new'))]).toEqual(['', '640', '644']);
    expect(readdirSync(dir).sort()).toEqual(["-odd 'name' $x *", 'new']);
  });

  it('puts a file in the place of a link instead of writing through it', async () => {
    writeFileSync(join(dir, 'victim'), 'untouched');
    mkdirSync(join(dir, 'victims'));
    symlinkSync('victim', join(dir, 'link'));
    symlinkSync('victims', join(dir, 'dirlink'));
    expect(await ask(write(join(dir, 'link'), 'new'), write(join(dir, 'dirlink'), 'new'))).toEqual([good, good]);
    expect(readFileSync(join(dir, 'victim'), 'utf8')).toBe('untouched');
    expect(readdirSync(join(dir, 'victims'))).toEqual([]);
    expect(lstatSync(join(dir, 'link')).isFile()).toBe(true);
    expect(lstatSync(join(dir, 'dirlink')).isFile()).toBe(true);
  });

  it('keeps the old file when the content is not what was promised, and refuses directories and missing ones', async () => {
    const path = join(dir, 'file');
    writeFileSync(path, 'old');
    const wrong = {...write(path, 'new'), stdin: Buffer.from('nwe')};
    const [bad, directory, missing, relative] = await ask(
      wrong,
      write(dir, 'x'),
      write(join(dir, 'no/file'), 'x'),
      write('etc/x', 'x'),
    );
    expect(bad).toEqual({
      rc: 1,
      stdout: '',
      stderr: `${path}: content arrived with sha256 ${sha256('nwe')}, wanted ${sha256('new')}\n`,
    });
    expect(directory?.stderr).toBe(`${dir}: is a directory\n`);
    expect(missing?.stderr).toBe(`${dir}/no: no such directory\n`);
    expect(relative?.stderr).toBe('"etc/x": not an absolute path\n');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(dir)).toEqual(['file']);
  });

  it('sweeps up what a killed run left beside the file, and only that', async () => {
    for (const name of ['.file.etcdctl-play.123x4', '.file.etcdctl-play.mine', '.other.etcdctl-play.123x4'])
      writeFileSync(join(dir, name), 'x');
    await ask(write(join(dir, 'file'), 'x'));
    expect(readdirSync(dir).sort()).toEqual(['.file.etcdctl-play.mine', '.other.etcdctl-play.123x4', 'file']);
  });

  it('leaves alone what another agent is still writing beside it', async () => {
    const other = spawn('sh', ['-c', 'read -r line', 'etcdctl-play-agent']);
    try {
      const name = `.file.etcdctl-play.${other.pid}x1`;
      writeFileSync(join(dir, name), 'x');
      await ask(write(join(dir, 'file'), 'x'));
      expect(readdirSync(dir).sort()).toEqual([name, 'file']);
    } finally {
      other.kill();
    }
  });

  it('makes directories: parents open to all, the last one with its mode', async () => {
    const path = join(dir, 'a/b/c');
    const [without] = await ask({verb: 'directory', args: [path, '', '', '', '0700']});
    expect(without?.rc).not.toBe(0);
    expect(await ask({verb: 'directory', args: [path, 'yes', '', '', '0700']})).toEqual([good]);
    expect([modeOf(join(dir, 'a')), modeOf(join(dir, 'a/b')), modeOf(path)]).toEqual(['755', '755', '700']);
    expect(await ask({verb: 'directory', args: [path, '', '', '', '0750']})).toEqual([good]);
    expect(modeOf(path)).toBe('750');
  });

  it('takes the bit of a setgid directory from one that is made below it', async () => {
    const [above, path] = [join(dir, 'shared'), join(dir, 'shared/own')] as [string, string];
    mkdirSync(above);
    chmodSync(above, 0o2775);
    expect(await ask({verb: 'directory', args: [path, '', '', '', '0750']})).toEqual([good]);
    expect(modeOf(path)).toBe('750');
  });

  it.each(['000', '077'])('gives modes that a umask of %s does not change', async umask => {
    const other = connectLocal(LOCAL, ['/bin/sh', '-c', `umask ${umask}; exec "$@"`, 'sh', ...command]);
    const [file, fresh, place] = ['file', 'fresh', 'a/b'].map(name => join(dir, name)) as [string, string, string];
    const requests = [
      write(file, 'x', '0640'),
      write(fresh, 'x'),
      {verb: 'directory', args: [place, 'yes', '', '', '0750']},
    ];
    const replies = await other.run(requests);
    await other.close();
    expect(replies.map(({rc}) => rc)).toEqual([0, 0, 0]);
    expect([file, fresh, join(dir, 'a'), place].map(modeOf)).toEqual(['640', '644', '755', '750']);
  });

  it('links in one step, over a file or another link, never into the directory that a link points to', async () => {
    mkdirSync(join(dir, 'v1'));
    writeFileSync(join(dir, 'file'), 'x');
    const link = (path: string, target: string): Request => ({verb: 'link', args: [join(dir, path), target]});
    expect(await ask(link('current', 'v1'), link('current', '-v2'), link('file', '/nowhere'))).toEqual([
      good,
      good,
      good,
    ]);
    expect([readlinkSync(join(dir, 'current')), readlinkSync(join(dir, 'file'))]).toEqual(['-v2', '/nowhere']);
    expect(readdirSync(join(dir, 'v1'))).toEqual([]);
    expect((await ask(link('v1', 'x')))[0]?.stderr).toBe(`${dir}/v1: is a directory\n`);
  });

  it('sets attributes of all below without following links out', async () => {
    mkdirSync(join(dir, 'tree/sub'), {recursive: true});
    writeFileSync(join(dir, 'outside'), 'x', {mode: 0o600});
    writeFileSync(join(dir, 'tree/sub/file'), 'x', {mode: 0o600});
    symlinkSync('../outside', join(dir, 'tree/out'));
    expect(await ask({verb: 'attributes', args: [join(dir, 'tree'), 'yes', '', '', '0750']})).toEqual([good]);
    expect([modeOf(join(dir, 'tree/sub/file')), modeOf(join(dir, 'outside'))]).toEqual(['750', '600']);
  });

  it('removes trees and links, not what links point to; what is gone already is fine', async () => {
    mkdirSync(join(dir, 'keep'));
    writeFileSync(join(dir, 'keep/file'), 'x');
    mkdirSync(join(dir, '-tree'));
    symlinkSync('../keep', join(dir, '-tree/inner'));
    symlinkSync('keep', join(dir, 'link'));
    const remove = (name: string): Request => ({verb: 'remove', args: [join(dir, name)]});
    expect(await ask(remove('-tree'), remove('link'), remove('nothing'), remove('no/where'))).toEqual([
      good,
      good,
      good,
      good,
    ]);
    expect(readdirSync(dir)).toEqual(['keep']);
    expect(readFileSync(join(dir, 'keep/file'), 'utf8')).toBe('x');
  });

  it('refuses to remove what a system is made of, however it is written', async () => {
    symlinkSync('/', join(dir, 'root'));
    const paths = [
      '',
      '/',
      '//',
      'etc',
      '.',
      '..',
      '/.',
      '/..',
      '/etc',
      '/etc/',
      '/var',
      '/usr',
      '/home',
      '/root',
      '/boot',
      '/bin',
      '/nonesuch-xyz',
      '/etc/../etc/x',
      '/var/./lib',
      '/var//lib',
      '/var/lib',
      '/var/lib/',
      '/usr/bin',
      '/usr/lib/systemd',
      '/usr/local/bin',
      '/etc/systemd',
      '/etc/systemd/system',
      '/etc/passwd',
      '/etc/ssh',
      '/proc/self',
      '/dev/null',
      '/sys/kernel',
      '/home/someone',
      '/boot/vmlinuz',
      '/bin/sh',
      '/var/lib/etcdctl-play/trash',
      `${dir}/root/etc`,
      `${dir}/root/var/lib`,
      `${dir}/../../`,
      `${dir}/`,
    ];
    // Asked as quarantine first, of which the guard is the same and the harm of a hole is smaller.
    const replies = await ask(
      ...paths.map(path => ({verb: 'quarantine', args: [path, join(dir, 'trash')], stdin: Buffer.from('{}')})),
    );
    expect(replies.map(({rc, stdout}, index) => [paths[index], rc, stdout])).toEqual(paths.map(path => [path, 1, '']));
    expect(existsSync('/etc/passwd')).toBe(true);
    const harmless = paths.filter(
      path => !path.includes('root') && path !== '/nonesuch-xyz' && path !== '/home/someone',
    );
    if (!IS_ROOT) {
      const removed = await ask(...harmless.map(path => ({verb: 'remove', args: [path]})));
      expect(removed.map(reply => reply.rc)).toEqual(harmless.map(() => 1));
    }
  });

  it('moves data aside with its manifest and says where it is now', async () => {
    const data = join(dir, 'data');
    mkdirSync(join(data, 'member'), {recursive: true});
    writeFileSync(join(data, 'member/db'), 'precious');
    const trash = join(dir, 'lib/trash');
    const quarantine: Request = {verb: 'quarantine', args: [data, trash], stdin: Buffer.from('{"cluster":"etcd"}\n')};
    const [first] = await ask(quarantine);
    expect(first?.rc).toBe(0);
    expect(first?.stdout).toMatch(/^.*\/lib\/trash\/\d{8}T\d{6}Z-data\/data$/);
    const box = (first?.stdout ?? '').slice(0, -5);
    expect(readFileSync(`${box}/data/member/db`, 'utf8')).toBe('precious');
    expect(readFileSync(`${box}/manifest.json`, 'utf8')).toBe('{"cluster":"etcd"}\n');
    expect(readFileSync(`${box}/location`, 'utf8')).toBe(`${box}/data\n`);
    expect([modeOf(trash), existsSync(data)]).toEqual(['700', false]);
    // A second time within the same second gets a place of its own.
    mkdirSync(data);
    const [second] = await ask(quarantine);
    expect([second?.rc, second?.stdout === first?.stdout]).toEqual([0, false]);
    expect((await ask(quarantine))[0]?.stderr).toBe(`${data}: nothing there\n`);
  });

  it('tells files, directories, links and what is not there', async () => {
    writeFileSync(join(dir, 'file'), 'text\n\n', {mode: 0o640});
    chmodSync(join(dir, 'file'), 0o4640);
    symlinkSync('to\nnowhere\n', join(dir, 'link'));
    const stat = (name: string, content: string): Request => ({verb: 'stat', args: [join(dir, name), content]});
    const [file, link, absent, below, directory] = await ask(
      stat('file', 'text'),
      stat('link', 'text'),
      stat('none', 'text'),
      stat('file/below', 'none'),
      {verb: 'stat', args: [`${dir}/`, 'text']},
    );
    expect(file?.stdout.split('\n')[0]).toMatch(/^89a0 \d+ \d+ 6 \d+$/);
    expect(file?.stdout.endsWith('\ntext\ntext\n\n')).toBe(true);
    expect(link?.stdout.endsWith('\nto\nnowhere\n')).toBe(true);
    expect([absent, below]).toEqual([
      {rc: 0, stdout: 'absent\n', stderr: ''},
      {rc: 0, stdout: 'absent\n', stderr: ''},
    ]);
    // A path that ends in "/" is not plain.
    expect(directory?.rc).toBe(1);
  });

  it('lists a directory with names of every kind, and sees a member in an etcd data directory', async () => {
    const names = ['.hidden', '-n', 'two\nlines', 'sp ace', '*'];
    for (const name of names) writeFileSync(join(dir, name), '');
    const list: Request = {verb: 'list', args: [dir]};
    const data: Request = {verb: 'etcd-data', args: [dir, '']};
    const [listed, before] = await ask(list, data);
    expect(listed?.stdout.split('\0').sort()).toEqual(['', ...names, 'present'].sort());
    expect(before?.stdout).toMatch(/^none \d+ \d+ 0 -\npresent\0/);
    expect(
      await ask({verb: 'list', args: [join(dir, 'none')]}, {verb: 'etcd-data', args: [join(dir, 'none'), '']}),
    ).toEqual([
      {rc: 0, stdout: 'absent', stderr: ''},
      {rc: 0, stdout: 'absent', stderr: ''},
    ]);
    expect((await ask({verb: 'etcd-data', args: [join(dir, '-n'), '']}))[0]?.rc).toBe(1);
  });

  it('tells the head of the oldest log file, sizes and ages, wherever the log is', async () => {
    const data = join(dir, 'data');
    const wal = join(dir, 'log/wal');
    for (const path of [join(data, 'member/wal'), join(data, 'member/snap'), wal]) mkdirSync(path, {recursive: true});
    const head = randomBytes(128).toString('hex');
    const put = (path: string, bytes: string, mtime: number) => {
      writeFileSync(path, Buffer.from(bytes, 'hex'));
      utimesSync(path, mtime, mtime);
    };
    put(join(data, 'member/wal/0000000000000001-000000000000abcd.wal'), '00', 3000);
    put(join(data, 'member/wal/0000000000000000-0000000000000000.wal'), `${head}ffff`, 2000);
    put(join(data, 'member/wal/0.tmp'), 'ff', 9000);
    put(join(data, 'member/snap/db'), '000000', 1000);
    const ask1 = async (args: string[]) => (await ask({verb: 'etcd-data', args}))[0]?.stdout ?? '';
    expect(await ask1([data, ''])).toMatch(
      new RegExp(`^member \\d+ \\d{10} 1 ${head}\n3 1000\n130 2000\n1 3000\npresent\0member\0$`),
    );
    // the log elsewhere: what lies in member/wal is not this member's
    expect(await ask1([data, wal])).toMatch(/^member \d+ \d{10} 1 -\n3 1000\npresent\0member\0$/);
    put(join(wal, '0000000000000000-0000000000000000.wal'), '0102', 4000);
    expect(await ask1([data, wal])).toMatch(/^member \d+ \d{10} 1 0102\n3 1000\n2 4000\npresent\0member\0$/);
    // a data directory that is gone does not hide that there is a log
    expect(await ask1([join(dir, 'gone'), wal])).toMatch(/^member 0 \d{10} 0 0102\n2 4000\nabsent$/);
    put(join(wal, '0000000000000000-0000000000000000.wal'), '', 4000);
    expect(await ask1([data, wal])).toMatch(/^member \d+ \d{10} 1 -\n3 1000\n0 4000\n/);
  });

  it('names who listens on a port, and whose log an etcd has open', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const {port} = server.address() as AddressInfo;
    const listener = async (...ports: number[]) =>
      (await ask({verb: 'listener', args: ['nonesuch-xyz.service', ...ports.map(String)]}))[0];
    try {
      expect((await listener(port))?.stdout).toMatch(new RegExp(`^${port} ${process.pid} -\n.*node.*\n$`));
      const log = join(dir, '0 with -> arrow.wal');
      writeFileSync(log, Buffer.from('0a0b', 'hex'));
      const open = openSync(log, 'r');
      expect((await listener(1, port))?.stdout).toMatch(new RegExp(`^${port} ${process.pid} 0a0b\n`));
      closeSync(open);
    } finally {
      server.close();
    }
    expect(await listener(port)).toEqual({rc: 0, stdout: '', stderr: ''});
    expect((await ask({verb: 'listener', args: ['-x', '1']}))[0]?.rc).toBe(1);
  });

  it('refuses names of users, groups and units that could be options', async () => {
    const requests: Request[] = [
      {verb: 'user', args: ['-x']},
      {verb: 'group', args: ['']},
      {verb: 'user-add', args: ['--root=/x', '', '', '', '', '', '', '']},
      {verb: 'group-add', args: ['a b', '', '']},
      {verb: 'user-remove', args: ['root']},
      {verb: 'group-remove', args: ['root']},
      {verb: 'unit', args: ['--help']},
      {verb: 'systemctl', args: ['stop', '-x', '']},
      {verb: 'systemctl', args: ['poweroff', 'x.service', '']},
      {verb: 'journal', args: ['$(id)', '1', '']},
    ];
    expect((await ask(...requests)).map(({rc, stdout}) => [rc, stdout])).toEqual(requests.map(() => [1, '']));
  });
});

describe('a write that is cut off', () => {
  it('leaves the old file or the new file, whole, wherever it is killed', async () => {
    const dir = mkdtempSync(join(base, 'kill-'));
    const path = join(dir, 'file');
    const versions = [randomBytes(400_000), randomBytes(400_000)];
    const allowed = versions.map(sha256);
    writeFileSync(path, versions[0] ?? '');
    const texts = agentTexts(loadAgent(), '', {nonce: 'n0nce', as: undefined, prompt: undefined});
    const outcomes = new Set<string>();
    for (let round = 0; round < 24; round++) {
      const content = versions[round % 2] ?? Buffer.alloc(0);
      const child = spawn('/bin/sh', ['-c', texts.startScript, 'agent'], {
        detached: true,
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      const gone = new Promise(resolve => child.once('close', resolve));
      child.stdin.on('error', () => {});
      child.stdin.write(
        Buffer.concat([
          texts.bootstrap,
          texts.agent,
          encodeRequest(1, 0, {verb: 'write', args: [path, sha256(content), '', '', '0640', '0644'], stdin: content}),
        ]),
      );
      await new Promise(resolve => setTimeout(resolve, 8 + round * 2));
      process.kill(-(child.pid ?? 0), 'SIGKILL');
      await gone;
      const now = sha256(readFileSync(path));
      expect(allowed).toContain(now);
      outcomes.add(now === sha256(content) ? 'new' : 'old');
    }
    // The last word belongs to a run that is not killed: it also sweeps up.
    const host = connectLocal(LOCAL);
    await host.run([write(path, 'final')]);
    await host.close();
    expect([readdirSync(dir), readFileSync(path, 'utf8')]).toEqual([['file'], 'final']);
    expect(outcomes.has('new')).toBe(true);
  });
});
