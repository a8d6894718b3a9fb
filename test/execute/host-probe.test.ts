import {createHash} from 'node:crypto';
import {chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync} from 'node:fs';
import {tmpdir, userInfo} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {factFromReply, requestForProbe} from '../../src/execute/host-probe.ts';
import type {EtcdDataFact} from '../../src/task/fact.ts';
import type {Probe} from '../../src/task/probe.ts';
import type {Connection, Reply} from '../../src/transport/connection.ts';
import {connectLocal} from '../../src/transport/local.ts';

const reply = (stdout: string | Buffer, more: Partial<Reply> = {}): Reply => ({
  rc: 0,
  stdout: Buffer.from(stdout),
  stderr: '',
  skipped: false,
  ...more,
});
const read = (probe: Probe, stdout: string | Buffer) => factFromReply(probe, reply(stdout));
/** The head of a log file as etcd 3.5.30 wrote it. */
const WAL_HEAD =
  '040000000000008408041000000000001e00000000000082080110deb1fcf50c1a1408bbbdc4bb8681bcda0110d2d6d5d9caef98b37300000e00000000000082';
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('facts, asked of this machine', () => {
  const dir = mkdtempSync(join(tmpdir(), 'probe-'));
  let host: Connection;
  const ask = async (probe: Probe) => {
    const request = requestForProbe(probe);
    const [answer] = request === undefined ? [] : await host.run([request]);
    const fact = answer === undefined ? undefined : factFromReply(probe, answer);
    return fact?.ok ? fact.value : fact?.error;
  };
  beforeAll(() => {
    host = connectLocal({name: 'here', connection: 'local', address: '127.0.0.1', port: 22, options: {}});
  });
  afterAll(async () => {
    await host.close();
    rmSync(dir, {recursive: true});
  });

  it('tell a file with its text, its sha256, or neither', async () => {
    const path = join(dir, 'file');
    writeFileSync(path, 'ünï\n');
    chmodSync(path, 0o640);
    const none = await ask({kind: 'path', path});
    expect(none).toMatchObject({
      exists: true,
      type: 'file',
      mode: '0640',
      sizeBytes: 6,
      uid: userInfo().uid,
      owner: userInfo().username,
    });
    expect(none).not.toHaveProperty('sha256');
    expect(await ask({kind: 'path', path, content: 'sha256'})).toEqual({...(none as object), sha256: sha256('ünï\n')});
    expect(await ask({kind: 'path', path, content: 'text'})).toEqual({
      ...(none as object),
      sha256: sha256('ünï\n'),
      text: 'ünï\n',
    });
  });

  it('tell binary and large files by their sha256 alone', async () => {
    const binary = join(dir, 'binary');
    writeFileSync(binary, Buffer.from([0xff, 0x00, 0x0a]));
    expect(await ask({kind: 'path', path: binary, content: 'text'})).not.toHaveProperty('text');
    const large = join(dir, 'large');
    writeFileSync(large, 'x'.repeat(1_048_577));
    const fact = await ask({kind: 'path', path: large, content: 'text'});
    expect(fact).toMatchObject({sizeBytes: 1_048_577, sha256: sha256('x'.repeat(1_048_577))});
    expect(fact).not.toHaveProperty('text');
  });

  it('tell directories, links and what is not there', async () => {
    symlinkSync('no where\n', join(dir, 'link'));
    expect(await ask({kind: 'path', path: dir, content: 'text'})).toMatchObject({type: 'directory', mode: '0700'});
    expect(await ask({kind: 'path', path: join(dir, 'link'), content: 'text'})).toMatchObject({
      type: 'link',
      target: 'no where\n',
    });
    expect(await ask({kind: 'path', path: join(dir, 'none')})).toEqual({exists: false});
    expect(await ask({kind: 'path', path: '/dev/null', content: 'text'})).toMatchObject({type: 'other'});
  });

  it('tell an etcd data directory', async () => {
    const path = join(dir, 'data');
    expect(await ask({kind: 'etcd-data', path})).toEqual({
      exists: false,
      hasMember: false,
      sizeBytes: 0,
      walBytes: 0,
      dbBytes: 0,
      foreign: [],
    });
    mkdirSync(join(path, 'member/snap'), {recursive: true});
    mkdirSync(join(path, 'lost+found'));
    mkdirSync(join(path, '.trash-20260101T000000Z'));
    writeFileSync(join(path, 'notes'), '');
    expect(await ask({kind: 'etcd-data', path})).toMatchObject({exists: true, hasMember: false, foreign: ['notes']});
    writeFileSync(join(path, 'member/snap/db'), 'x'.repeat(10_000));
    const now = await ask({kind: 'etcd-data', path});
    expect(now).toMatchObject({exists: true, hasMember: true, walBytes: 0, dbBytes: 10_000});
    expect(now).not.toHaveProperty('identity');
    mkdirSync(join(path, 'member/wal'));
    const log = join(path, 'member/wal/0000000000000000-0000000000000000.wal');
    writeFileSync(log, Buffer.from(WAL_HEAD, 'hex'));
    utimesSync(log, Date.now() / 1000 - 500, Date.now() / 1000 - 500);
    utimesSync(join(path, 'member/snap/db'), 1, 1);
    const whole = await ask({kind: 'etcd-data', path});
    expect(whole).toMatchObject({
      identity: {ok: true, memberId: '01b4f00867711ebb', clusterId: '7366637cab356b52'},
      walBytes: 64,
      dbBytes: 10_000,
    });
    // by the host's own clock: generous, because this machine may be busy
    expect((whole as EtcdDataFact).ageSeconds).toBeGreaterThanOrEqual(500);
    expect((whole as EtcdDataFact).ageSeconds).toBeLessThan(900);
    expect(await ask({kind: 'list', path})).toEqual({
      exists: true,
      names: ['.trash-20260101T000000Z', 'lost+found', 'member', 'notes'],
    });
  });

  it('tell users, groups, the system and what a command says', async () => {
    expect(await ask({kind: 'user', name: 'root'})).toMatchObject({
      exists: true,
      uid: 0,
      gid: 0,
      group: 'root',
      home: '/root',
    });
    expect(await ask({kind: 'user', name: '0'})).toEqual({exists: false});
    expect(await ask({kind: 'user', name: 'no-such-user'})).toEqual({exists: false});
    expect(await ask({kind: 'group', name: 'root'})).toMatchObject({exists: true, gid: 0});
    expect(await ask({kind: 'group', name: 'no-such-group'})).toEqual({exists: false});
    const system = await ask({kind: 'system'});
    expect(system).toMatchObject({machine: expect.stringMatching(/^\w+$/), kernel: expect.stringMatching(/^\d/)});
    expect(Math.abs((system as {epochSeconds: number}).epochSeconds - Date.now() / 1000)).toBeLessThan(60);
    expect(await ask({kind: 'command', argv: ['sh', '-c', 'echo out; echo err >&2; exit 3']})).toEqual({
      rc: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  it('are not asked of the agent where they concern the controller or etcd', () => {
    expect(requestForProbe({kind: 'controller-path', path: '/x'})).toBeUndefined();
    expect(requestForProbe({kind: 'etcd', member: 'm', host: 'h', clientUrl: 'https://h:2379'})).toBeUndefined();
  });
});

describe('answers of a hostile or broken host', () => {
  it.each<[Probe, string]>([
    [{kind: 'path', path: '/x'}, ''],
    [{kind: 'path', path: '/x'}, 'absent'],
    [{kind: 'path', path: '/x'}, '81a4 0 0 x 1\nroot\nroot\n'],
    [{kind: 'path', path: '/x', content: 'sha256'}, '81a4 0 0 1 1\nroot\nroot\nsha256 zz  -\n'],
    [{kind: 'list', path: '/x'}, 'present\0unended'],
    [{kind: 'list', path: '/x'}, ''],
    [{kind: 'etcd-data', path: '/x'}, 'member\npresent\0'],
    [{kind: 'etcd-data', path: '/x'}, 'member 1 1 1 zz\npresent\0'],
    [{kind: 'etcd-data', path: '/x'}, 'member 1 1 1 -\n1 1\n'],
    [{kind: 'listener', unit: 'x', ports: [1]}, 'somebody\n\n'],
    [{kind: 'unit', unit: 'x'}, 'LoadState=\nActiveState=\n'],
    [{kind: 'system'}, 'machine=$(id)\nepoch=1\n'],
    [{kind: 'user', name: 'x'}, 'x:x:-1:0::/:/bin/sh\n'],
  ])('are refused: %j %j', (probe, stdout) => {
    expect(read(probe, stdout)).toMatchObject({ok: false});
  });

  it('do not bring control characters into messages', () => {
    expect(factFromReply({kind: 'list', path: '/x'}, reply('', {rc: 1, stderr: '\u001b[31mno\nway\u0007\n'}))).toEqual({
      ok: false,
      error: 'no way\\x07',
    });
    expect(factFromReply({kind: 'list', path: '/x'}, reply('', {rc: 125, skipped: true}))).toMatchObject({ok: false});
    expect(factFromReply({kind: 'list', path: '/x'}, reply('', {rc: 9}))).toEqual({
      ok: false,
      error: 'the host answered with exit code 9',
    });
  });
});

describe('a unit', () => {
  it('is asked of the agent, its process by a program', () => {
    expect(requestForProbe({kind: 'unit', unit: 'x.service'})).toMatchObject({verb: 'unit', args: ['x.service']});
    expect(requestForProbe({kind: 'process', unit: 'x.service'})).toMatchObject({verb: 'exec'});
  });

  it('is read from systemctl show, whatever the order', () => {
    const lines = [
      'MainPID=36',
      'Result=success',
      'NRestarts=2',
      'ExecMainStartTimestampMonotonic=1500000',
      'LoadState=loaded',
      'ActiveState=active',
      'FragmentPath=/etc/systemd/system/etcd.service',
      'DropInPaths=/a.conf /b.conf',
      'UnitFileState=enabled',
      'NeedDaemonReload=yes',
      'SubState=running',
      '',
    ];
    expect(read({kind: 'unit', unit: 'etcd.service'}, lines.join('\n'))).toEqual({
      ok: true,
      value: {
        load: 'loaded',
        active: 'active',
        sub: 'running',
        enabled: 'enabled',
        mainPid: 36,
        needDaemonReload: true,
        fragment: '/etc/systemd/system/etcd.service',
        dropIns: ['/a.conf', '/b.conf'],
        result: 'success',
        restarts: 2,
        startedMonotonic: 1.5,
      },
    });
  });

  it('that does not exist is known not to', () => {
    expect(read({kind: 'unit', unit: 'x'}, 'LoadState=not-found\nActiveState=inactive\nSubState=dead\n')).toMatchObject(
      {ok: true, value: {load: 'not-found', enabled: '', dropIns: []}},
    );
  });
});
