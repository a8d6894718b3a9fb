/** What speaks against a host, and against hosts together: a row for each rule. */
import {describe, expect, it, test} from 'vitest';
import type {Diagnostic} from '../../src/base/diagnostic.ts';
import {diskProblems} from '../../src/etcd/preflight-disk.ts';
import type {ConnectFact, DirectoryFact, MachineFact, NamesFact} from '../../src/etcd/preflight-facts.ts';
import {clockProblems, nameProblems, twinProblems} from '../../src/etcd/preflight-machines.ts';
import {reachProblems} from '../../src/etcd/preflight-reach.ts';
import {dropInProblems, maskedWarning, systemdProblems} from '../../src/etcd/preflight-service.ts';

/** `CODE message`, the message without the host's name. */
const told = (problems: readonly Diagnostic[]) =>
  problems.map(({code, message}) => `${code} ${message.replace(/^h1: /, '')}`);

const MB = 1_000_000;
const directory = (path: string, more: Partial<DirectoryFact> = {}): DirectoryFact => ({
  path,
  nearest: path,
  writable: true,
  mount: '/',
  freeBytes: 900 * MB,
  freeInodes: 10_000,
  ...more,
});

describe('room and rights', () => {
  const needs = {
    host: 'h1',
    bytes: new Map([
      ['/opt/etcd', 180 * MB],
      ['/data/etcd', 300 * MB],
    ]),
    programs: '/opt/etcd',
    isFirst: true,
  };
  test.each<[string, DirectoryFact[], string[], Partial<typeof needs>, string[]]>([
    ['room enough on one file system', [directory('/opt/etcd'), directory('/data/etcd')], ['rw'], {}, []],
    [
      'what goes to one file system is summed up',
      [directory('/opt/etcd', {freeBytes: 400 * MB}), directory('/data/etcd', {freeBytes: 400 * MB})],
      ['rw'],
      {},
      ['E_PREFLIGHT_DISK / has 400 MB free of 480 MB needed (for /opt/etcd, /data/etcd)'],
    ],
    [
      'two file systems are judged apart',
      [directory('/opt/etcd', {freeBytes: 200 * MB}), directory('/data/etcd', {mount: '/data', freeBytes: 200 * MB})],
      ['rw'],
      {},
      ['E_PREFLIGHT_DISK /data has 200 MB free of 300 MB needed (for /data/etcd)'],
    ],
    [
      'a member that runs already is warned of',
      [directory('/data/etcd', {freeBytes: 200 * MB})],
      ['rw'],
      {isFirst: false},
      ['W_PREFLIGHT_DISK / has 200 MB free of 300 MB needed (for /data/etcd)'],
    ],
    [
      'no inodes left',
      [directory('/data/etcd', {freeInodes: 3})],
      ['rw'],
      {},
      ['E_PREFLIGHT_DISK / has 3 inodes free (for /data/etcd)'],
    ],
    ['a file system that tells nothing', [{path: '/data/etcd', nearest: '/data', writable: true}], [], {}, []],
    [
      'directories that cannot be written, the missing one by what is above it',
      [directory('/etc', {writable: false}), directory('/data/etcd', {writable: false, nearest: '/data'})],
      ['rw'],
      {},
      ['E_PREFLIGHT_WRITE no files can be made in /etc, /data (for /data/etcd)'],
    ],
    [
      'the same of a member that runs already',
      [directory('/etc', {writable: false})],
      ['rw'],
      {isFirst: false},
      ['W_PREFLIGHT_WRITE no files can be made in /etc'],
    ],
    [
      'a mount that lets no program run',
      [directory('/opt/etcd', {mount: '/opt'})],
      ['rw', 'noexec'],
      {},
      ['E_PREFLIGHT_NOEXEC no program can run from /opt/etcd: /opt is mounted noexec'],
    ],
    [
      'the same where the binaries are there and run',
      [directory('/opt/etcd')],
      ['noexec'],
      {programs: undefined as never},
      [],
    ],
  ])('%s', (_title, directories, options, more, expected) => {
    expect(told(diskProblems({directories, options}, {...needs, ...more}))).toEqual(expected);
  });
});

describe('systemd', () => {
  test.each([
    [{}, []],
    [{version: 252, state: 'running'}, []],
    [{version: 252, state: 'starting'}, []],
    [{version: 252, state: 'degraded'}, ['W_PREFLIGHT_SYSTEMD systemd is degraded: some unit has failed']],
    [{version: 219, state: 'running'}, ['E_PREFLIGHT_SYSTEMD systemd 219 is older than 235']],
    [{state: 'absent'}, ['E_PREFLIGHT_SYSTEMD systemd does not run here (absent)']],
    [{state: 'offline'}, ['E_PREFLIGHT_SYSTEMD systemd does not run here (offline)']],
    [{state: 'maintenance'}, ['E_PREFLIGHT_SYSTEMD systemd is in state maintenance: it starts no services']],
  ])('%j', (fact, expected) => {
    expect(told(systemdProblems(fact, 'h1'))).toEqual(expected);
  });

  it('tells of a masked unit', () => {
    expect(told(maskedWarning('masked', 'etcd.service', 'h1'))).toEqual([
      'W_PREFLIGHT_MASKED etcd.service is masked: somebody did not want it to start',
    ]);
    expect(maskedWarning('loaded', 'etcd.service', 'h1')).toEqual([]);
  });
});

describe('drop-ins', () => {
  test.each([
    ['Service', 'ExecStart', '/usr/bin/etcd', 'E_PREFLIGHT_DROP_IN', 'remove these lines:'],
    ['Service', 'User', 'root', 'E_PREFLIGHT_DROP_IN', 'remove these lines:'],
    ['Service', 'LimitNOFILE', '5', 'E_PREFLIGHT_DROP_IN', 'set etcd_limit_nofile in the inventory'],
    ['Service', 'ExecStartPre', '', 'E_PREFLIGHT_DROP_IN', 'remove these lines:'],
    ['Service', 'ExecStartPre', '/bin/true', 'W_PREFLIGHT_DROP_IN', 'nothing to do'],
    ['Service', 'MemoryMax', '1G', 'W_PREFLIGHT_DROP_IN', 'nothing to do'],
    ['Unit', 'User', 'root', 'W_PREFLIGHT_DROP_IN', 'nothing to do'],
  ])('[%s] %s', (section, key, value, code, hint) => {
    const [found, ...more] = dropInProblems(
      [{path: '/x.conf', settings: [{section, key, value}]}],
      'etcd.service',
      'h1',
    );
    expect([found?.code, more.length, found?.hint]).toEqual([code, 0, expect.stringContaining(hint)]);
    expect(found?.message).toContain(key);
  });
});

describe('machines', () => {
  const machine = (more: Partial<MachineFact> = {}): MachineFact => ({
    epochMs: 1_800_000_000_000,
    errorMs: 10,
    atMs: 1000,
    controllerMs: 1_800_000_000_000,
    bootId: 'b1',
    macs: ['02:00:00:00:00:01'],
    ...more,
  });
  const other = {bootId: 'b2', macs: ['02:00:00:00:00:02']};
  const limits = {warnMs: 1000, caNotBeforeMs: undefined};
  const pair = (a: Partial<MachineFact>, b: Partial<MachineFact>) =>
    new Map([
      ['h1', machine(a)],
      ['h2', machine(b)],
    ]);

  test.each<[string, Partial<MachineFact>, number]>([
    ['two machines', other, 0],
    ['the same boot and the same network cards', {}, 1],
    ['containers of one kernel', {macs: other.macs}, 0],
    ['copies of one machine, woken up', {bootId: other.bootId}, 0],
    ['nothing to compare', {bootId: '', macs: []}, 0],
  ])('%s', (_title, second, count) => {
    expect(twinProblems(pair({}, second))).toHaveLength(count);
    if (count > 0) expect(twinProblems(pair({}, second))[0]?.message).toContain('h1 and h2');
  });

  test.each<[string, Partial<MachineFact>, object, string[]]>([
    ['clocks agree', {}, {}, []],
    [
      'asked later, the clock has gone on',
      {epochMs: 1_800_000_060_000, atMs: 61_000, controllerMs: 1_800_000_060_000},
      {},
      [],
    ],
    ['half a second is fine', {epochMs: 1_800_000_000_500}, {}, []],
    ['what a slow link can explain is no skew', {epochMs: 1_800_000_003_000, errorMs: 2500}, {}, []],
    [
      'three seconds are told',
      {epochMs: 1_800_000_003_000},
      {},
      ['W_PREFLIGHT_CLOCK the clocks of h1 and h2 are at least 3.0 s apart'],
    ],
    ['the threshold is a variable', {epochMs: 1_800_000_003_000}, {warnMs: 5000}, []],
  ])('%s', (_title, second, more, expected) => {
    expect(told(clockProblems(pair({}, {...other, ...second}), {...limits, ...more}))).toEqual(expected);
  });

  it('refuses a host on which new certificates would not be valid yet, whatever the others say', () => {
    const late = clockProblems(pair({epochMs: 1_799_999_000_000}, {epochMs: 1_799_999_000_000}), limits);
    expect(late.map(({code}) => code)).toEqual(['E_PREFLIGHT_CLOCK', 'E_PREFLIGHT_CLOCK']);
    expect(late[0]?.message).toContain("1000.0 s behind the controller's");
  });

  it('refuses a host on which the CA that is there is not valid yet, and does not mind a controller that is behind', () => {
    const ca = {...limits, caNotBeforeMs: 1_800_000_100_000};
    expect(clockProblems(pair({}, {}), ca).map(({code}) => code)).toEqual(['E_PREFLIGHT_CLOCK', 'E_PREFLIGHT_CLOCK']);
    expect(clockProblems(pair({controllerMs: 0}, {controllerMs: 0}), limits)).toEqual([]);
  });
});

describe('names', () => {
  const one = ['10.0.0.1'];
  const both = ['10.0.0.1', 'fd00::1'];
  test.each<[string, readonly string[], NamesFact, NamesFact, string[]]>([
    ['the same everywhere', one, {n1: one}, {n1: one}, []],
    ['different addresses', one, {n1: ['10.0.0.9']}, {n1: one}, ['E_PREFLIGHT_NAME']],
    ['the host itself says 127.0.1.1', ['127.0.1.1'], {n1: one}, {n1: one}, ['E_PREFLIGHT_NAME']],
    ['loopback everywhere', ['127.0.0.1'], {n1: ['127.0.0.1']}, {n1: ['127.0.0.1']}, ['E_PREFLIGHT_NAME']],
    ['unknown on one', one, {n1: []}, {n1: one}, ['E_PREFLIGHT_NAME']],
    ['the host itself knows more of its addresses', both, {n1: one}, {n1: one}, []],
    ['another host knows more', one, {n1: both}, {n1: one}, ['W_PREFLIGHT_NAME']],
    ['a host that cannot tell', one, undefined, {n1: one}, []],
  ])('%s', (_title, own, second, third, expected) => {
    const answers = new Map<string, NamesFact>([
      ['h1', {n1: own}],
      ['h2', second],
      ['h3', third],
    ]);
    const found = nameProblems(answers, new Map([['n1', 'h1']]));
    expect(found.map(({code}) => code)).toEqual(expected);
    if (expected.length > 0) expect(found[0]?.message).toMatch(/n1 .*\n {2}h1\b.*: \S/);
  });
});

describe('ways between members', () => {
  const way = {from: 'h1', to: 'h2', address: '10.0.0.2', port: 2380};
  const fact = (result: ConnectFact['result']): ConnectFact => ({result, message: 'said so'});
  test.each<[ConnectFact['result'], boolean, string | undefined]>([
    ['open', true, undefined],
    ['refused', false, undefined],
    ['refused', true, 'h1 -> h2 10.0.0.2:2380: refused by a firewall (said so)'],
    ['timeout', false, 'h1 -> h2 10.0.0.2:2380: no answer (said so)'],
    ['no-route', false, 'h1 -> h2 10.0.0.2:2380: no route (said so)'],
    ['forbidden', false, 'h1 -> h2 10.0.0.2:2380: sshd does not let us try (said so)'],
  ])('%s, listening: %s', (result, listening, line) => {
    const [found] = reachProblems([{...way, fact: fact(result), listening}]);
    if (line === undefined) expect(found).toBeUndefined();
    else expect(found?.message).toBe(`one way between members is barred:\n  ${line}`);
  });

  it('writes IPv6 in brackets, and an address once where it is the name of the host', () => {
    const [found] = reachProblems([
      {...way, to: 'fd00::2', address: 'fd00::2', fact: fact('timeout'), listening: false},
      {...way, fact: fact('forbidden'), listening: false},
    ]);
    expect(found?.message).toContain('h1 -> [fd00::2]:2380: no answer');
    expect([found?.message, found?.hint]).toEqual([
      expect.stringContaining('2 ways'),
      expect.stringContaining('AllowTcpForwarding'),
    ]);
  });
});
