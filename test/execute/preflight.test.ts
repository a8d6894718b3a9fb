/** Answers of the agent read as facts, what the tests that write and connect make of theirs. */
import {PassThrough} from 'node:stream';
import {describe, expect, it, test} from 'vitest';
import {problem, warning} from '../../src/base/diagnostic.ts';
import type {Decision} from '../../src/execute/decide.ts';
import {diskTestReply} from '../../src/execute/disk-test.ts';
import {factFromReply, requestForProbe} from '../../src/execute/host-probe.ts';
import {outcomeBefore} from '../../src/execute/needs.ts';
import {testPeers} from '../../src/execute/peer-test.ts';
import type {HostSession} from '../../src/execute/session.ts';
import {afterOps} from '../../src/execute/task-result.ts';
import type {Probe} from '../../src/task/probe.ts';
import type {Task} from '../../src/task/task.ts';
import type {Request} from '../../src/transport/connection.ts';
import {forwardError} from '../../src/transport/ssh-errors.ts';

const read = (probe: Probe, stdout: string, span?: Parameters<typeof factFromReply>[2]) => {
  const fact = factFromReply(probe, {rc: 0, stdout: Buffer.from(stdout), stderr: '', skipped: false}, span);
  return fact.ok ? fact.value : fact.error;
};

describe('facts', () => {
  it('of file systems: the tables of df by position, also where the words differ', () => {
    const probe: Probe = {kind: 'filesystem', paths: ['/opt/etcd', '/data/etcd']};
    const stdout = [
      'yes /opt',
      'no /data',
      'options rw,noexec',
      'Filesystem 1024-blocks Used Available Capacity Mounted on',
      '/dev/sda1 100 40 60 40% /',
      'pool/data with blanks 1000 1 999 1% /data',
      'Filesystem Inodes IUsed IFree IUse% Mounted on',
      '/dev/sda1 50 20 30 40% /',
      'pool/data with blanks 0 0 0 - /data',
      '',
    ].join('\n');
    expect(read(probe, stdout)).toEqual({
      directories: [
        {path: '/opt/etcd', nearest: '/opt', writable: true, mount: '/', freeBytes: 61440, freeInodes: 30},
        {path: '/data/etcd', nearest: '/data', writable: false, mount: '/data', freeBytes: 1_022_976},
      ],
      options: ['rw', 'noexec'],
    });
    expect(read(probe, 'yes /opt\nyes /data\noptions rw\n')).toMatchObject({directories: [{nearest: '/opt'}, {}]});
    expect(read(probe, 'yes /opt\n')).toBe('its answer is not understood');
  });

  test.each([
    ['0100000A:094B 7 etcd.service', {address: '10.0.0.1', port: 2379, pid: 7, unit: 'etcd.service', command: ''}],
    [
      '00000000:094C 9 nginx.service nginx: a b ',
      {address: '0.0.0.0', port: 2380, pid: 9, unit: 'nginx.service', command: 'nginx: a b'},
    ],
    ['00000000000000000000000000000000:094C ', {address: '::', port: 2380, command: ''}],
    ['0000000000000000FFFF00000100007F:094C 9 - x', {address: '127.0.0.1', port: 2380, pid: 9, command: 'x'}],
    ['000000FD000000000000000001000000:094B 9 .. x', {address: 'fd00::1', port: 2379, pid: 9, command: 'x'}],
    ['0100000A:094B 9 session-1.scope \u001b[31mx', {address: '10.0.0.1', port: 2379, pid: 9, unit: 'session-1.scope'}],
  ])('of a socket: %s', (line, expected) => {
    const [listener] = read({kind: 'sockets', unit: 'etcd.service', ports: [2379]}, `${line}\n`) as object[];
    expect(listener).toMatchObject(expected);
    expect(JSON.stringify(listener)).not.toContain('\\u001b');
  });

  it('of drop-ins: as systemd reads them', () => {
    const stdout =
      'file /etc/a.conf\n # x\n [Service]\n ExecStart=\n ExecStart = /a \\\n    --b\n ;Nice=1\nfile /etc/b.conf\n User=x\n';
    expect(read({kind: 'drop-ins', unit: 'etcd.service'}, stdout)).toEqual([
      {
        path: '/etc/a.conf',
        settings: [
          {section: 'Service', key: 'ExecStart', value: ''},
          {section: 'Service', key: 'ExecStart', value: '/a  --b'},
        ],
      },
      {path: '/etc/b.conf', settings: [{section: '', key: 'User', value: 'x'}]},
    ]);
  });

  test.each([
    ['Version=252.39-1~deb12u1\nSystemState=running\n', {version: 252, state: 'running'}],
    ['Version=systemd 241\nSystemState=degraded\n', {version: 241, state: 'degraded'}],
    ['SystemState=absent\n', {state: 'absent'}],
    ['', {}],
  ])('of systemd: %j', (stdout, expected) => {
    expect(read({kind: 'systemd'}, stdout)).toEqual(expected);
  });

  test.each([
    ['1800000000.123456789', 1_800_000_000_123, 51],
    ['1800000000.%N', 1_800_000_000_500, 550],
    ['1800000000.', 1_800_000_000_500, 550],
  ])('of a clock, with the time that the question took as its error: %s', (clock, epochMs, errorMs) => {
    const span = {sentMs: 1000, receivedMs: 1100, controllerMs: 5000};
    expect(
      read({kind: 'machine'}, `${clock}\nboot\n02:00:00:00:00:02\n00:00:00:00:00:00\n\n02:00:00:00:00:01\n`, span),
    ).toEqual({
      epochMs,
      errorMs,
      atMs: 1050,
      controllerMs: 4950,
      bootId: 'boot',
      macs: ['02:00:00:00:00:01', '02:00:00:00:00:02'],
    });
    expect(read({kind: 'machine'}, 'soon\n')).toBe('its answer is not understood');
  });

  it('of names: addresses once, in one spelling; none where nothing is told', () => {
    const probe: Probe = {kind: 'names', names: ['n1', 'n2']};
    const stdout = 'name n1\nFD00::1 STREAM n1\nFD00::1 DGRAM \n10.0.0.1 STREAM\nfe80::1%eth0 STREAM\nname n2\n';
    expect(read(probe, stdout)).toEqual({answers: {n1: ['10.0.0.1', 'fd00::1', 'fe80::1'], n2: []}});
    expect(read(probe, '')).toEqual({answers: undefined});
  });

  it('are asked for with ports in hex and names as arguments', () => {
    expect(requestForProbe({kind: 'sockets', unit: 'e.service', ports: [2379, 80]})?.args).toEqual([
      'e.service',
      '094B|0050',
      '',
      '2379',
      '80',
    ]);
    expect(requestForProbe({kind: 'names', names: ['a', 'b']})?.args).toEqual(['a', 'b']);
    expect(requestForProbe({kind: 'systemd', unless: '/data'})?.args).toEqual(['/data']);
  });
});

describe('the test of the disk', () => {
  const op = {kind: 'disk-test', directories: ['/data', '/opt'], sync: '/data', slowMs: 10} as const;
  const judge = (rc: number, stdout: string) => diskTestReply(op, {rc, stdout, stderr: ''});

  test.each([
    ['quick', 'sync 10.00 10.40 409600\n', undefined],
    ['slow', 'sync 10.00 12.00 204800\n', 'a synced write below /data takes 20.0 ms on average, more than 10 ms'],
    ['not timed', '', undefined],
    ['nothing written', 'sync 10.00 12.00 0\n', undefined],
  ])('%s', (_title, stdout, message) => {
    const {rc, diagnostic} = judge(0, stdout);
    expect([rc, diagnostic?.message]).toEqual([0, message]);
    if (message !== undefined)
      expect([diagnostic?.severity, diagnostic?.code]).toEqual(['warning', 'W_PREFLIGHT_FSYNC']);
  });

  it('refuses with every directory that cannot be used', () => {
    const reply = judge(1, 'fail /data / .new: Read-only file system\nfail /opt /opt : Permission denied\n');
    expect([reply.rc, reply.refused, reply.diagnostic?.code]).toEqual([1, true, 'E_PREFLIGHT_WRITE']);
    expect(reply.diagnostic?.message).toContain('  / (for /data): Read-only file system\n  /opt: Permission denied');
  });
});

describe('the end of a task', () => {
  const task = {
    id: 't',
    play: 'p',
    name: 't',
    host: 'h1',
    kind: 'etcd_preflight',
    args: {},
    tags: [],
    needs: [],
  } as Task;
  const op = {kind: 'disk-test', directories: ['/d'], sync: '/d', slowMs: 10} as const;
  const decision = {kind: 'change', plan: {kind: 'change', reason: 'r', ops: [op]}, ops: [op]} as Decision;
  const slow = {rc: 0, stdout: '', stderr: '', diagnostic: warning('W_PREFLIGHT_FSYNC', 'slow')};

  it('shows what an operation that succeeded warns of', () => {
    const outcome = afterOps(decision, [slow], undefined, false, task);
    expect([outcome.status, outcome.diagnostics?.map(({code}) => code)]).toEqual(['changed', ['W_PREFLIGHT_FSYNC']]);
  });

  it('is a refusal with all problems where the operation says so, and a failure otherwise', () => {
    const diagnostic = problem('E_PREFLIGHT_WRITE', 'one');
    const more = [problem('E_PREFLIGHT_PEER', 'two')];
    const end = (refused: boolean) => {
      const reply = {rc: 1, stdout: '', stderr: '', diagnostic, more, refused};
      return afterOps(decision, [reply], {index: 0, diagnostic, reply}, false, task);
    };
    expect([end(true).status, end(false).status]).toEqual(['refused', 'failed']);
    expect(end(true).diagnostics?.map(({code}) => code)).toEqual(['E_PREFLIGHT_WRITE', 'E_PREFLIGHT_PEER']);
  });

  it('a task that only tells more of what is wrong is decided where every host has failed, others are not', () => {
    const needs = [{id: 'x', outcome: {status: 'refused', reason: 'r'} as const}];
    const endOf = (kind: string) => outcomeBefore({...task, kind}, needs, {stopped: undefined, interrupted: false});
    expect(endOf('etcd_preflight_peers')).toBeUndefined();
    expect(endOf('etcd_evidence')?.status).toBe('blocked');
  });
});

describe('the test of the ways', () => {
  const way = {from: 'h1', to: 'h2', address: '10.0.0.2', port: 2380};

  /** Two hosts; `listens`: what h2's listener changes. */
  function hosts(dial: (listening: boolean) => Error | undefined, canListen = true) {
    const sent: Request[] = [];
    let listening = false;
    const session = {
      connection: async () => ({
        forward: async () => {
          const error = dial(listening);
          if (error !== undefined) throw forwardError(error);
          return new PassThrough();
        },
      }),
      run: async ([request]: Request[]) => {
        if (request === undefined) return [];
        sent.push(request);
        if (request.verb === 'listen') listening = canListen;
        const stdout = request.verb === 'listen' ? '77 0.0.0.0:2380\n' : listening ? '77\n' : '';
        return [{rc: 0, stdout: Buffer.from(stdout), stderr: '', skipped: false}];
      },
    } as unknown as HostSession;
    const sessions = new Map([
      ['h1', session],
      ['h2', session],
    ]);
    return {
      sent,
      run: (found: Parameters<typeof testPeers>[0]['found'] = []) =>
        testPeers({kind: 'peer-test', ways: [way], found}, sessions, 'root'),
    };
  }
  const refused = new Error('(SSH) Channel open failure: Connection refused');

  it('puts no listener where something listens', async () => {
    const {run, sent} = hosts(() => undefined);
    expect(await run()).toEqual({rc: 0, stdout: '1 of 1 ways are open', stderr: ''});
    expect(sent).toEqual([]);
  });

  it('puts a listener where nothing does, and takes it away again', async () => {
    const {run, sent} = hosts(listening => (listening ? undefined : refused));
    expect(await run()).toMatchObject({rc: 0});
    expect(sent.map(({verb, args}) => [verb, ...args])).toEqual([
      ['listen', '20', '0.0.0.0:2380'],
      ['unlisten', '77'],
    ]);
  });

  it('tells a firewall that refuses from nobody listening', async () => {
    const {run} = hosts(() => refused);
    const reply = await run();
    expect([reply.rc, reply.refused, reply.diagnostic?.code]).toEqual([1, true, 'E_PREFLIGHT_PEER']);
    expect(reply.diagnostic?.message).toContain('h1 -> h2 10.0.0.2:2380: refused by a firewall (Connection refused)');
  });

  it('says nothing of a port on which no listener could be put', async () => {
    expect(await hosts(() => refused, false).run()).toMatchObject({rc: 0, stdout: '0 of 1 ways are open'});
  });

  test.each([
    ['(SSH) Channel open failure: Connection timed out', 'no answer (Connection timed out)'],
    ['(SSH) Channel open failure: No route to host', 'no route (No route to host)'],
    ['(SSH) Channel open failure: open failed', 'no route (open failed)'],
    ['(SSH) Channel open failure: administratively prohibited: open failed', 'sshd does not let us try'],
  ])('%s', async (said, told) => {
    const {run, sent} = hosts(() => new Error(said));
    const reply = await run();
    expect(reply.diagnostic?.message).toContain(told);
    expect(sent).toEqual([]);
  });

  it('tells what was found before together with what it finds', async () => {
    const reply = await hosts(() => new Error('No route to host')).run([problem('E_PROBE', 'other')]);
    expect([reply.diagnostic?.code, ...(reply.more ?? []).map(({code}) => code)]).toEqual([
      'E_PROBE',
      'E_PREFLIGHT_PEER',
    ]);
  });
});
