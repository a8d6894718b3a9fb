/** Data moved aside and back, by the agent under each shell: what is refused, and that nothing is lost or followed. */
import {spawnSync} from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir, userInfo} from 'node:os';
import {join} from 'node:path';
import {afterAll, afterEach, beforeEach, describe, expect, it} from 'vitest';
import {parseTrash} from '../../src/execute/trash-fact.ts';
import type {Connection, Request} from '../../src/transport/connection.ts';
import {connectLocal} from '../../src/transport/local.ts';
import {findShells, IS_ROOT, LOCAL} from './shells.ts';

const base = mkdtempSync(join(tmpdir(), 'agent-trash-'));
const shells = findShells(base);
afterAll(() => rmSync(base, {recursive: true}));
const canMount = IS_ROOT && spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'x', '/mnt']).status === 0;
if (!canMount) process.stderr.write('no mounts can be made here, so nothing is tested about mount points\n');

/** Programs of ours in front of the shell's own. */
function withTools(command: readonly string[], dir: string): [string, ...string[]] {
  if (command[0] === '/usr/bin/env')
    return [command[0], (command[1] ?? '').replace('PATH=', `PATH=${dir}:`), ...command.slice(2)];
  return ['/usr/bin/env', `PATH=${dir}:${process.env['PATH']}`, ...command];
}

describe.each(shells)('under $name', ({command}) => {
  let host: Connection;
  let dir = '';
  let data = '';
  let trash = '';
  const put = (state: string) =>
    writeFileSync(join(dir, 'tools/systemctl'), `#!/bin/sh\necho ${state}\n`, {mode: 0o755});
  const send = async (request: Request) => {
    const [reply] = await host.run([request]);
    return {rc: reply?.rc, stdout: reply?.stdout.toString() ?? '', stderr: reply?.stderr ?? ''};
  };
  const quarantine = (path = data, owner = '') =>
    send({verb: 'quarantine', args: [path, trash, 'etcd.service', owner], stdin: Buffer.from('{"cluster":"etcd"}\n')});
  const restore = (id: string) => send({verb: 'restore', args: [trash, id, 'etcd.service', '']});
  const expire = (id: string) => send({verb: 'expire', args: [trash, id]});
  const list = async () => {
    const parsed = parseTrash((await send({verb: 'trash', args: [trash]})).stdout);
    return parsed.ok ? parsed.value.entries : [];
  };
  /** The only entry, after data has been moved aside. */
  const aside = async () => {
    expect(await quarantine()).toMatchObject({rc: 0, stderr: ''});
    return readdirSync(trash)[0] ?? '';
  };

  beforeEach(() => {
    dir = mkdtempSync(join(base, 'case-'));
    data = join(dir, 'srv/etcd');
    trash = join(dir, 'lib/trash');
    mkdirSync(join(data, 'member/wal'), {recursive: true});
    mkdirSync(join(dir, 'tools'));
    writeFileSync(join(data, 'member/wal/log'), 'precious');
    chmodSync(data, 0o710);
    put('inactive');
    host = connectLocal(LOCAL, withTools(command, join(dir, 'tools')));
  });
  afterEach(() => host.close());

  it('moves data aside, tells what it was, and puts it back as it was', async () => {
    const id = await aside();
    expect(existsSync(data)).toBe(false);
    const [entry, ...others] = await list();
    expect(others).toEqual([]);
    expect(entry).toMatchObject({
      id,
      path: data,
      location: `${trash}/${id}/data`,
      isFree: true,
      manifest: {cluster: 'etcd'},
      host: {owner: userInfo().username, mode: '710', uptime: expect.stringMatching(/^\d+\.\d+$/)},
    });
    expect(entry?.ageSeconds).toBeGreaterThanOrEqual(0);
    expect(entry?.sizeBytes).toBeGreaterThan(0);
    mkdirSync(data);
    expect(await restore(id)).toEqual({rc: 0, stdout: data, stderr: ''});
    expect(readFileSync(join(data, 'member/wal/log'), 'utf8')).toBe('precious');
    expect(spawnSync('stat', ['-c', '%a', data]).stdout.toString()).toBe('710\n');
    expect(readdirSync(trash)).toEqual([]);
  });

  it.each(['active', 'activating', 'reloading', 'deactivating'])(
    'touches no data while the unit is %s',
    async state => {
      put(state);
      expect(await quarantine()).toMatchObject({rc: 1, stderr: `etcd.service is ${state}: refused, stop it first\n`});
      expect(existsSync(join(data, 'member'))).toBe(true);
      put('failed');
      const id = await aside();
      put(state);
      expect(await restore(id)).toMatchObject({rc: 1, stderr: `etcd.service is ${state}: refused, stop it first\n`});
      expect(existsSync(data)).toBe(false);
    },
  );

  it('refuses a link in the place of the data, whatever it points to', async () => {
    const link = join(dir, 'srv/link');
    symlinkSync(data, link);
    expect(await quarantine(link)).toMatchObject({
      rc: 1,
      stderr: `${link}: refused, a symbolic link: name the directory itself\n`,
    });
    expect(existsSync(join(data, 'member'))).toBe(true);
  });

  it('goes through a link of ours above the data, and not into the system', async () => {
    symlinkSync(join(dir, 'srv'), join(dir, 'way'));
    symlinkSync('/', join(dir, 'root'));
    expect((await quarantine(join(dir, 'root/etc'))).stderr).toMatch(/refused, the system needs it/);
    expect((await quarantine('/')).stderr).toMatch(/refused, the system needs it/);
    expect(await quarantine(join(dir, 'way/etcd'))).toMatchObject({rc: 0});
    // it goes back to where it really was
    expect((await list())[0]?.path).toBe(data);
  });

  it('refuses data below a directory in which everybody may write', async () => {
    chmodSync(join(dir, 'srv'), 0o777);
    expect(await quarantine()).toMatchObject({rc: 1, stderr: `${dir}/srv: refused, everybody may write there\n`});
    // in one like /tmp nobody can touch what is not theirs; it has to be root's
    chmodSync(join(dir, 'srv'), 0o1777);
    expect((await quarantine()).rc).toBe(IS_ROOT ? 0 : 1);
  });

  it.runIf(IS_ROOT)('refuses data below a directory of somebody else, but for the user that is named', async () => {
    chownSync(join(dir, 'srv'), 1, 1);
    const {stdout: daemon} = spawnSync('id', ['-un', '1'], {encoding: 'utf8'});
    const refusal = {rc: 1, stderr: `${dir}/srv: refused, it belongs to ${daemon.trim()}\n`};
    expect(await quarantine()).toMatchObject(refusal);
    symlinkSync(join(dir, 'srv'), join(dir, 'way'));
    expect(await quarantine(join(dir, 'way/etcd'))).toMatchObject(refusal);
    expect(await quarantine(data, daemon.trim())).toMatchObject({rc: 0});
  });

  it('uses only a trash that is private', async () => {
    mkdirSync(trash, {recursive: true, mode: 0o755});
    chmodSync(trash, 0o755);
    expect((await quarantine()).stderr).toMatch(/trash: refused, it has to be private \(mode 0700, ours\)/);
    rmSync(trash, {recursive: true});
    mkdirSync(join(dir, 'elsewhere'), {mode: 0o700});
    symlinkSync(join(dir, 'elsewhere'), trash);
    expect((await quarantine()).stderr).toMatch(/trash: refused, no directory/);
    expect(existsSync(join(data, 'member'))).toBe(true);
  });

  it('overwrites nothing when it puts data back', async () => {
    const id = await aside();
    mkdirSync(data);
    writeFileSync(join(data, '.hidden'), 'newer');
    expect((await list())[0]?.isFree).toBe(false);
    expect(await restore(id)).toMatchObject({rc: 1, stderr: `${data}: refused, something is there\n`});
    rmSync(data, {recursive: true});
    symlinkSync('/nowhere', data);
    expect((await restore(id)).rc).toBe(1);
    rmSync(data);
    expect((await restore(id)).rc).toBe(0);
  });

  it('says whose account is missing before it moves anything back', async () => {
    const id = await aside();
    writeFileSync(join(trash, id, 'host'), 'owner=nonesuch-xyz\ngroup=nonesuch-xyz\nmode=710\n');
    expect((await restore(id)).stderr).toMatch(/user nonesuch-xyz and group nonesuch-xyz own the data/);
    expect(existsSync(join(trash, id, 'data/member'))).toBe(true);
  });

  it('deletes one entry, follows no link, and knows its own places only', async () => {
    const victim = join(dir, 'victim');
    mkdirSync(victim);
    writeFileSync(join(victim, 'file'), 'untouched');
    symlinkSync(victim, join(data, 'link'));
    const id = await aside();
    for (const name of ['', '..', `../${id}`, `${id}/data`, 'nonesuch']) expect((await expire(name)).rc).toBe(1);
    writeFileSync(join(trash, id, 'location'), `${victim}\n`);
    expect((await expire(id)).stderr).toMatch(/refused, .*victim is no place of ours/);
    writeFileSync(join(trash, id, 'location'), `${trash}/${id}/data\n`);
    expect(await expire(id)).toEqual({rc: 0, stdout: '', stderr: ''});
    expect(readdirSync(trash)).toEqual([]);
    expect(readFileSync(join(victim, 'file'), 'utf8')).toBe('untouched');
  });

  it.runIf(canMount)(
    'empties a mount point into itself, fills it again, and refuses what has mounts below it',
    async () => {
      await host.close();
      const mounts = `mount -t tmpfs x ${data} && mkdir -p ${data}/member ${dir}/srv/other/inner && echo precious >${data}/member/log && mount -t tmpfs x ${dir}/srv/other/inner`;
      host = connectLocal(LOCAL, [
        'unshare',
        '-m',
        'sh',
        '-c',
        `${mounts} && exec "$@"`,
        'sh',
        ...withTools(command, join(dir, 'tools')),
      ]);
      expect((await quarantine(join(dir, 'srv/other'))).stderr).toMatch(/inner is mounted below it/);
      const id = await aside();
      const seen = async (path: string) => {
        const {stdout} = await send({verb: 'list', args: [path]});
        return stdout.split('\0').slice(1, -1);
      };
      const [kept = ''] = await seen(data);
      expect(kept).toMatch(/^\.trash-\d{8}T\d{6}Z$/);
      expect((await list())[0]).toMatchObject({location: `${data}/${kept}`, isFree: true});
      expect((await restore(id)).rc).toBe(0);
      expect(await seen(data)).toEqual(['member']);
    },
  );
});
