import {type ChildProcess, spawn} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {createServer, type Server} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest';
import type {Connection} from '../../src/transport/connection.ts';
import {connectLocal} from '../../src/transport/local.ts';
import {findShells, IS_ROOT, LOCAL, which} from './shells.ts';

const base = mkdtempSync(join(tmpdir(), 'agent-preflight-'));
const shells = findShells(base);
afterAll(() => rmSync(base, {recursive: true}));

const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, '0');

describe.each(shells)('questions before a change, by the agent under $name', ({name, command}) => {
  let host: Connection;
  let dir = '';
  const ask = async (verb: string, ...args: string[]) => {
    const [reply] = await host.run([{verb, args, timeoutSeconds: 30}]);
    return {rc: reply?.rc, lines: (reply?.stdout.toString() ?? '').split('\n').slice(0, -1), stderr: reply?.stderr};
  };

  beforeAll(() => {
    host = connectLocal(LOCAL, command);
  });
  afterAll(() => host.close());
  beforeEach(() => {
    dir = mkdtempSync(join(base, 'case-'));
  });

  it('tells room and rights of directories that need not be there', async () => {
    const {rc, lines} = await ask('filesystem', join(dir, 'a/b'), '/proc/nowhere/else', dir);
    expect(rc).toBe(0);
    expect(lines[0]).toBe(`yes ${dir}`);
    expect(lines[1]).toMatch(/^(?:yes|no) \/proc$/);
    expect(lines[2]).toBe(`yes ${dir}`);
    expect(lines[3]).toMatch(/^options r[wo],/);
    const rows = lines.filter(line => /\d+%? +\/\S*$|- +\/proc$/.test(line));
    expect(rows.length).toBeGreaterThanOrEqual(3);
    expect((await ask('filesystem', 'relative')).rc).not.toBe(0);
  });

  it('tells who listens on a port, and on no other', async () => {
    const server = createServer();
    const other = createServer();
    const port = await listening(server);
    await listening(other);
    try {
      const {rc, lines} = await ask('sockets', 'etcd.service', `${hex(port)}|0001`);
      expect(rc).toBe(0);
      expect(lines).toHaveLength(1);
      const words = lines[0]?.split(' ') ?? [];
      expect(words[0]).toBe(`0100007F:${hex(port)}`);
      expect(words[1]).toBe(String(process.pid));
      expect(lines[0]).toContain('node');
    } finally {
      server.close();
      other.close();
    }
    expect(await ask('sockets', 'etcd.service', hex(port))).toEqual({rc: 0, lines: [], stderr: ''});
    expect((await ask('sockets', '--help', hex(port))).rc).not.toBe(0);
  });

  it('looks at sockets where the unit has no process, whatever it was started with', async () => {
    const server = createServer();
    const port = await listening(server);
    writeFileSync(join(dir, 'started.conf'), `listen-client-urls: https://127.0.0.1:${port}`);
    const {lines} = await ask('sockets', 'no-such.service', hex(port), join(dir, 'started.conf'), String(port));
    server.close();
    expect(lines).toHaveLength(1);
  });

  it.runIf(IS_ROOT)('tells the drop-ins of a unit with their lines', async () => {
    const unit = `etcdctl-play-test-${process.pid}.service`;
    const place = `/run/systemd/system/${unit}.d`;
    const hadRun = existsSync('/run/systemd/system');
    mkdirSync(place, {recursive: true});
    try {
      writeFileSync(join(place, 'a.conf'), '[Service]\nUser=x\\\n y\n# no end of line: $HOME *');
      writeFileSync(join(place, 'a.disabled'), '[Service]\nNice=1\n');
      expect((await ask('drop-ins', unit)).lines).toEqual([
        `file ${place}/a.conf`,
        ' [Service]',
        ' User=x\\',
        '  y',
        ' # no end of line: $HOME *',
      ]);
    } finally {
      rmSync(hadRun ? place : '/run/systemd', {recursive: true});
    }
    expect(await ask('drop-ins', unit)).toEqual({rc: 0, lines: [], stderr: ''});
  });

  it('does not ask systemd where a member is, and says where there is none', async () => {
    mkdirSync(join(dir, 'member'));
    expect(await ask('systemd', dir)).toEqual({rc: 0, lines: [], stderr: ''});
    const {lines} = await ask('systemd', join(dir, 'nowhere'));
    expect(lines.join()).toMatch(existsSync('/run/systemd/system') ? /Version=/ : /^SystemState=absent$/);
  });

  it('tells the clock, the boot and the network cards', async () => {
    const before = Date.now();
    const {lines} = await ask('machine');
    const after = Date.now();
    const seconds = Number.parseFloat(lines[0] ?? '');
    expect(seconds * 1000).toBeGreaterThan(before - 1000);
    expect(seconds * 1000).toBeLessThan(after + 1);
    expect(lines[1]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.runIf(which('getent') !== undefined)('tells what names mean', async () => {
    const {rc, lines} = await ask('names', 'localhost', 'no-such-name.invalid');
    expect(rc).toBe(0);
    // busybox's directory has no getent: then nothing is told, which is not the same as "unknown".
    if (lines.length === 0) return expect(name).toContain('busybox');
    expect(lines[0]).toBe('name localhost');
    expect(lines.at(-1)).toBe('name no-such-name.invalid');
    expect(lines.slice(1, -1).join()).toMatch(/^(?:127\.0\.0\.1|::1)\s/);
  });

  it('writes, renames, runs and times in directories or above them, and leaves nothing', async () => {
    writeFileSync(join(dir, '.etcdctl-play-check.new'), 'of a run that was killed');
    const {rc, lines, stderr} = await ask('disk-test', dir, join(dir, 'data'), dir, join(dir, 'data'));
    expect({rc, stderr}).toEqual({rc: 0, stderr: ''});
    // busybox's dd knows no dsync: then there is nothing to time.
    expect(lines.every(line => /^sync \d+\.\d+ \d+\.\d+ (?:\d+)$/.test(line))).toBe(true);
    if (!name.includes('busybox')) expect(lines[0]).toMatch(/ 409600$/);
    expect(readdirSync(dir)).toEqual([]);
  });

  it.runIf(IS_ROOT)('says of each directory why it cannot be used', async () => {
    const [bad, denied] = [join(dir, 'bad'), join(dir, 'denied')];
    for (const path of [bad, denied]) mkdirSync(path);
    mkdirSync(join(bad, '.etcdctl-play-check'));
    mkdirSync(join(denied, '.etcdctl-play-check.new'));
    const {rc, lines} = await ask('disk-test', bad, '/nowhere', bad, dir, denied);
    expect(rc).toBe(1);
    expect(lines.map(line => line.split(' ').slice(0, 3).join(' '))).toEqual([
      `fail ${bad} ${bad}`,
      `fail ${denied} ${denied}`,
    ]);
    expect(lines.every(line => /irectory/.test(line))).toBe(true);
  });

  it.runIf(which('systemd-socket-activate') !== undefined)(
    'listens until it is told to end, or by itself',
    async () => {
      const server = createServer();
      const port = await listening(server);
      await new Promise(resolve => server.close(resolve));
      const {lines} = await ask('listen', '20', `127.0.0.1:${port}`);
      if (lines.length === 0) return expect(name).toContain('busybox');
      const [pid = ''] = lines[0]?.split(' ') ?? [];
      await until(async () => (await ask('sockets', 'x.service', hex(port))).lines.length === 1);
      expect((await ask('unlisten', pid)).lines).toEqual([pid]);
      await until(async () => (await ask('sockets', 'x.service', hex(port))).lines.length === 0);
      const second = await ask('listen', '1', `127.0.0.1:${port}`);
      expect(second.lines).toHaveLength(1);
      await until(async () => (await ask('sockets', 'x.service', hex(port))).lines.length === 1);
      await until(async () => (await ask('sockets', 'x.service', hex(port))).lines.length === 0);
    },
  );

  it('ends no process that is not its own', async () => {
    const other: ChildProcess = spawn('sleep', ['60']);
    try {
      expect(await ask('unlisten', String(other.pid))).toEqual({rc: 0, lines: [], stderr: ''});
      expect(other.exitCode).toBeNull();
      expect((await ask('unlisten', '-1')).rc).not.toBe(0);
    } finally {
      other.kill();
    }
  });
});

async function listening(server: Server): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 15_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('it did not come true');
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}
