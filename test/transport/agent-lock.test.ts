import {spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Readable} from 'node:stream';
import {setTimeout as sleep} from 'node:timers/promises';
import {gzipSync} from 'node:zlib';
import {afterAll, afterEach, beforeEach, describe, expect, it} from 'vitest';
import type {Connection, Request} from '../../src/transport/connection.ts';
import {encodeRequest} from '../../src/transport/framing.ts';
import {connectLocal} from '../../src/transport/local.ts';
import {findShells, LOCAL} from './shells.ts';

const base = mkdtempSync(join(tmpdir(), 'agent-lock-'));
const shells = findShells(base);
afterAll(() => rmSync(base, {recursive: true}));

const sh = (script: string): Request => ({verb: 'exec', args: ['0', '', '0', 'sh', '-c', script]});
const lock = (run: string, seconds = 30): Request => ({
  verb: 'lock',
  args: [run, String(seconds), `who of ${run}`, 'a while ago', `etcdctl-play ${run}.yml`],
});
const textOf = (run: string) => `${run}\nwho of ${run}\na while ago\netcdctl-play ${run}.yml\n`;
const steps = (...requests: Request[]) =>
  Buffer.concat(requests.map((request, at) => encodeRequest(at + 1, 1, request)));
const critical = (id: string, ...requests: Request[]): Request => ({
  verb: 'critical',
  args: [id, `title of ${id}`],
  stdin: steps(...requests),
});

describe.each(shells)('the lock of a host under $name', {timeout: 60_000}, ({command}) => {
  let dir = '';
  let locks = '';
  let open: Connection[] = [];

  const connect = (): Connection => {
    const host = connectLocal(LOCAL, command, {locks, steps: join(dir, 'steps')});
    open.push(host);
    return host;
  };
  const ask = async (host: Connection, request: Request, fence?: string) => {
    const [reply] = await host.run([request], {fence});
    const {rc, stdout, stderr = '', superseded = false} = reply ?? {};
    return {rc, stdout: stdout?.toString() ?? '', stderr, superseded};
  };
  const state = async (host: Connection) => (await ask(host, {verb: 'run-state', args: []})).stdout;
  const held = () => readFileSync(join(locks, 'lock'), 'utf8');
  const isFree = () => held().startsWith('\n');
  /** As if the holder had last been heard of so many seconds ago; its connection counts as alive. */
  const age = (seconds: number, lasts = 30) => {
    const uptime = Math.floor(Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]));
    writeFileSync(join(locks, 'lease'), `${uptime - seconds} ${lasts} -\n`);
  };
  const until = async (condition: () => boolean) => {
    for (let round = 0; !condition(); round++) {
      if (round > 600) throw new Error('waited in vain');
      await sleep(50);
    }
  };

  beforeEach(() => {
    dir = mkdtempSync(join(base, 'host-'));
    locks = join(dir, 'locks');
    open = [];
  });
  afterEach(() => Promise.all(open.map(host => host.close())));

  it('is free, then held by one run, named to the other, and free again', async () => {
    const [one, two] = [connect(), connect()];
    expect(await state(two)).toBe('lock free 0\n');
    expect(await ask(one, lock('a'))).toMatchObject({rc: 0, stdout: 'free 0\n'});
    const inode = statSync(join(locks, 'lock')).ino;
    expect([locks, join(locks, 'lock'), join(locks, 'lease')].map(path => statSync(path).mode & 0o777)).toEqual([
      0o755, 0o644, 0o644,
    ]);
    expect((await ask(two, lock('b'))).rc).toBe(76);
    expect(await state(two)).toMatch(/^lock held \d+\n/);
    expect((await state(two)).endsWith(textOf('a'))).toBe(true);
    expect((await ask(one, lock('a'))).rc).toBe(0);
    await ask(two, {verb: 'unlock', args: ['b']});
    expect(held()).toBe(textOf('a'));
    await ask(one, {verb: 'unlock', args: ['a']});
    expect(await ask(two, lock('b'))).toMatchObject({rc: 0, stdout: `free 0\n\n${textOf('a')}`});
    expect(held()).toBe(textOf('b'));
    expect(statSync(join(locks, 'lock')).ino).toBe(inode);
  });

  it('is taken over when the lease has lapsed by the uptime of the host, and only then', async () => {
    const [one, two] = [connect(), connect()];
    await ask(one, lock('a'));
    age(29);
    expect((await ask(two, lock('b'))).rc).toBe(76);
    age(31);
    expect(await state(two)).toMatch(/^lock stale 3\d\n/);
    const taken = await ask(two, lock('b'));
    expect(taken).toMatchObject({rc: 0, stdout: expect.stringMatching(/^stale 3\d\na\nwho of a\n/)});
    // The host has been started anew since: its uptime counts from 0 again.
    age(-5000);
    expect((await ask(one, lock('c'))).rc).toBe(0);
  });

  it("holds as long as its holder said, whatever the other's setting is", async () => {
    const [one, two] = [connect(), connect()];
    await ask(one, lock('a', 300));
    age(100, 300);
    expect((await ask(two, lock('b', 3))).rc).toBe(76);
    await ask(one, {verb: 'ping', args: []}, 'a');
    expect(readFileSync(join(locks, 'lease'), 'utf8')).toMatch(/^\d+ 300 /);
  });

  it('refuses a request of a run that was superseded, skips the rest, and says by whom', async () => {
    const [one, two] = [connect(), connect()];
    await ask(one, lock('a'));
    expect(await ask(one, sh('echo done'), 'a')).toMatchObject({rc: 0, stdout: 'done\n'});
    age(31);
    await ask(two, lock('b'));
    const file = join(dir, 'never');
    const replies = await one.run(
      [
        {verb: 'directory', args: [file, '', '', '', '']},
        {...sh(`cat >${file}`), stdin: Buffer.from('x')},
      ],
      {fence: 'a', stopOnFailure: true},
    );
    expect(replies.map(({rc, superseded, skipped}) => [rc, superseded, skipped])).toEqual([
      [125, true, false],
      [125, undefined, true],
    ]);
    expect(replies[0]?.stderr).toBe(textOf('b'));
    expect(existsSync(file)).toBe(false);
    await ask(one, {verb: 'unlock', args: ['a']});
    expect(held()).toBe(textOf('b'));
    await ask(two, {verb: 'unlock', args: ['b']});
    expect(await ask(one, sh('true'), 'a')).toMatchObject({superseded: true, stderr: `\n${textOf('b')}`});
  });

  it('gives no file its name whose upload took longer than the lock was held', async () => {
    const [one, two] = [connect(), connect()];
    await ask(one, lock('a'));
    const path = join(dir, 'uploaded');
    const gz = gzipSync('text');
    let half: (() => void) | undefined;
    const rest = new Promise<void>(resolve => {
      half = resolve;
    });
    async function* slowly() {
      yield gz.subarray(0, 5);
      await rest;
      yield gz.subarray(5);
    }
    const sha256 = spawnSync('sh', ['-c', 'printf text | sha256sum'], {encoding: 'utf8'}).stdout.slice(0, 64);
    const request = {verb: 'upload', args: [path, sha256, '', '', '', '0644']};
    const upload = one.upload(request, Readable.from(slowly()), gz.length, {fence: 'a'});
    await until(() => readdirSync(dir).some(name => name.startsWith('.uploaded')));
    age(31);
    expect((await ask(two, lock('b'))).rc).toBe(0);
    half?.();
    expect(await upload).toMatchObject({rc: 125, superseded: true});
    expect(readdirSync(dir).filter(name => name.includes('uploaded'))).toEqual([]);
    expect((await two.upload(request, Readable.from([gz]), gz.length, {fence: 'b'})).rc).toBe(0);
    expect(readFileSync(path, 'utf8')).toBe('text');
  });

  it('is not taken over while an operation is at work, however old the lease is', async () => {
    const [one, two] = [connect(), connect()];
    await ask(one, lock('a'));
    const [begun, go] = [join(dir, 'begun'), join(dir, 'go')];
    const work = ask(one, sh(`: >${begun}; while [ ! -e ${go} ]; do sleep 0.1; done`), 'a');
    await until(() => existsSync(begun));
    age(31);
    expect((await ask(two, lock('b'))).rc).toBe(75);
    writeFileSync(go, '');
    expect((await work).rc).toBe(0);
    // The end of the operation has renewed the lease.
    expect((await ask(two, lock('b'))).rc).toBe(76);
  });

  it('does not stay with a process that an operation leaves behind', async () => {
    const [one, two] = [connect(), connect()];
    await ask(one, lock('a'));
    const {stdout} = await ask(one, sh('sleep 60 >/dev/null 2>&1 & echo $!'), 'a');
    age(31);
    expect((await ask(two, lock('b'))).rc).toBe(0);
    process.kill(Number(stdout));
  });

  it('goes with the connection of the run that has it', async () => {
    const [one, two] = [connect(), connect()];
    await ask(one, lock('a'));
    await one.close();
    await until(isFree);
    expect(held()).toBe(`\n${textOf('a')}`);
    expect(await ask(two, lock('b'))).toMatchObject({rc: 0, stdout: `free 0\n\n${textOf('a')}`});
  });

  it('stays as it is when the connection of a run that has let it go ends', async () => {
    const [one, two] = [connect(), connect()];
    await ask(one, lock('a'));
    await ask(one, {verb: 'unlock', args: ['a']});
    const {stdout} = await ask(one, sh("cut -d' ' -f6 </proc/$$/stat"));
    await one.close();
    await until(() => !existsSync(`/proc/${stdout.trim()}`));
    expect(held()).toBe(`\n${textOf('a')}`);
    expect((await ask(two, lock('b'))).rc).toBe(0);
  });

  it('counts as left behind when the process that carried the connection is no more', async () => {
    const [one, two] = [connect(), connect()];
    await ask(one, lock('a'));
    const lease = readFileSync(join(locks, 'lease'), 'utf8').trim().split(' ');
    expect(lease[2]).toBe(String(process.pid));
    writeFileSync(join(locks, 'lease'), `${lease[0]} 30 ${lease[2]} ${Number(lease[3]) - 1}\n`);
    expect(await state(two)).toMatch(/^lock gone \d+\n/);
    expect(await ask(two, lock('b'))).toMatchObject({rc: 0, stdout: expect.stringMatching(/^gone \d+\na\n/)});
  });

  it('holds a lease that is empty or nonsense for lapsed', async () => {
    const [one, two] = [connect(), connect()];
    await ask(one, lock('a'));
    for (const text of ['', '\n', 'x y z\n', '5\n', '$(id) 30 -\n']) {
      writeFileSync(join(locks, 'lease'), text);
      expect(await state(two), text).toMatch(/^lock (?:stale|gone) /);
    }
  });

  it('writes what it is told as text', async () => {
    const host = connect();
    const args = ['a', '30', '`id` $(id) "quoted" \\n', '-n', "it's; rm -rf / %s"];
    await ask(host, {verb: 'lock', args});
    expect(held()).toBe(`a\n${args.slice(2).join('\n')}\n`);
  });

  describe('a critical step', () => {
    it('does its requests in order, stops at the first failure, and leaves word until it is settled', async () => {
      const host = connect();
      await ask(host, lock('a'));
      const log = join(dir, 'log');
      const good = await ask(host, critical('a-1', sh(`echo 1 >>${log}; echo out`), sh(`echo 2 >>${log}`)), 'a');
      expect(good).toMatchObject({rc: 0, stdout: 'out\n', stderr: ''});
      const bad = await ask(
        host,
        critical('a-2', sh(`echo 3 >>${log}`), sh('echo wrong >&2; exit 7'), sh(`echo 4 >>${log}`)),
        'a',
      );
      expect(bad).toMatchObject({rc: 7, stdout: '', stderr: 'wrong\n'});
      expect(readFileSync(log, 'utf8')).toBe('1\n2\n3\n');
      expect((await state(host)).split(/(?=^step)/m).slice(1)).toEqual([
        'step a-1 done\na\ntitle of a-1\n\n',
        'step a-2 failed\na\ntitle of a-2\nwrong \n',
      ]);
      expect(readFileSync(join(dir, 'steps/a-2/steps'), 'utf8')).toBe('1 0\n2 7\n3 skipped\n');
      expect(statSync(join(dir, 'steps')).mode & 0o777).toBe(0o700);
      mkdirSync(join(dir, 'steps/never-begun'));
      expect((await ask(host, {verb: 'settle', args: ['a-1']})).rc).toBe(0);
      expect(readdirSync(join(dir, 'steps'))).toEqual(['a-2', 'never-begun']);
      expect((await ask(host, {verb: 'settle', args: ['a-2']}, 'a')).rc).toBe(0);
      expect(readdirSync(join(dir, 'steps'))).toEqual([]);
      expect((await ask(host, {verb: 'settle', args: ['../locks']})).rc).toBe(1);
      expect(existsSync(locks)).toBe(true);
    });

    it('goes on to its end, holding the lock, when the agent is killed and the connection gone', async () => {
      const [one, two] = [connect(), connect()];
      await ask(one, lock('a'));
      const [begun, go, end] = [join(dir, 'begun'), join(dir, 'go'), join(dir, 'end')];
      const lost = ask(
        one,
        critical('a-1', sh(`: >${begun}; while [ ! -e ${go} ]; do sleep 0.1; done`), sh(`: >${end}`)),
        'a',
      );
      const rejected = expect(lost).rejects.toMatchObject({name: 'ConnectionError'});
      await until(() => existsSync(begun));
      await one.close();
      expect(await state(two)).toContain('step a-1 working\na\ntitle of a-1\n');
      age(31);
      expect((await ask(two, lock('b'))).rc).toBe(75);
      expect((await ask(two, {verb: 'settle', args: ['a-1']})).rc).toBe(0);
      expect(existsSync(join(dir, 'steps/a-1'))).toBe(true);
      writeFileSync(go, '');
      await until(() => existsSync(join(dir, 'steps/a-1/ended')));
      expect(existsSync(end)).toBe(true);
      // Those who wait for the step let go a moment after it; a run asks again, too.
      for (let rc: number | undefined = 75; rc !== 0; rc = (await ask(two, lock('b'))).rc) expect(rc).toBe(75);
      expect(await state(two)).toContain('step a-1 done\na\n');
      await rejected;
    });

    it('whose host went down, or whose process was killed, is told so', async () => {
      const host = connect();
      await ask(host, lock('a'));
      for (const [id, boot] of [
        ['a-1', 'another boot'],
        ['a-2', readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()],
      ]) {
        mkdirSync(join(dir, `steps/${id}`), {recursive: true});
        writeFileSync(join(dir, `steps/${id}/begun`), `a\n${boot}\nrestart\n`);
        writeFileSync(join(dir, `steps/${id}/process`), '1 5\n');
      }
      expect((await state(host)).split(/(?=^step)/m).slice(1)).toEqual([
        'step a-1 down\na\nrestart\n\n',
        'step a-2 broken\na\nrestart\n\n',
      ]);
    });
  });
});
