/** What the two kinds decide: refuse, test, or leave a host that has its member alone. */
import {describe, expect, it, test} from 'vitest';
import type {MachineFact} from '../../src/etcd/preflight-facts.ts';
import {kindOf} from '../../src/task/index.ts';
import {ABSENT, data, decide, memberArgs, names} from '../helpers/decide-etcd.ts';

describe('a host', () => {
  const args = {
    unit: 'etcd.service',
    data: '/data/etcd',
    wal: '',
    directories: ['/etc/etcd'],
    install_dir: '/opt/etcd',
    started: '/run/etcd/started.conf',
    listen: '10.0.0.1',
    port: 2379,
    peer_port: 2380,
    archive: '',
    sha256: '',
    version: '3.5.30',
    arch: 'amd64',
    release_url: '',
    free_bytes: 1000,
    slow_ms: 10,
    always: false,
  };
  const directories = ['/opt/etcd', '/data/etcd', '/etc/etcd'].map(path => ({
    path,
    nearest: '/',
    writable: true,
    mount: '/',
    freeBytes: 1e9,
  }));
  const fresh = {
    unit: {load: 'not-found', active: 'inactive', mainPid: 0},
    system: {machine: 'x86_64', arch: 'amd64'},
    data: data(false),
    release: {ok: true, version: '3.5.30', arch: 'amd64', files: [{name: 'etcd', sizeBytes: 1e8}]},
    binary: ABSENT,
    filesystem: {directories, options: ['rw']},
    sockets: [],
    dropIns: [],
    systemd: {version: 252, state: 'running'},
  };
  const converged = {
    ...fresh,
    unit: {load: 'loaded', active: 'active', mainPid: 7},
    data: data(true),
    binary: {exists: true, type: 'file'},
    systemd: {},
  };
  const taken = [{address: '0.0.0.0', port: 2379, pid: 9, command: 'x'}];
  const full = {directories: directories.map(one => ({...one, freeBytes: 1e8})), options: ['rw']};
  const noexec = {directories, options: ['noexec']};
  const dropIns = [{path: '/x', settings: [{section: 'Service', key: 'User', value: 'root'}]}];

  test.each<[string, object, object, object, string]>([
    ['a fresh host is tested', {}, fresh, {}, 'change disk-test'],
    ['but not in a check run', {}, fresh, {check: true}, 'satisfied'],
    ['a converged host is looked at only', {}, converged, {}, 'satisfied'],
    ['and tested on request', {always: true}, converged, {}, 'change disk-test'],
    ['data without a process is no first member', {}, {...converged, unit: fresh.unit}, {}, 'satisfied'],
    ['wrong machine type', {}, {...fresh, system: {machine: 'aarch64', arch: 'arm64'}}, {}, 'refused E_ARCHIVE_ARCH'],
    [
      'no release',
      {},
      {...fresh, release: {ok: false, code: 'E_ARCHIVE_MISSING', message: 'm', hint: 'h'}},
      {},
      'failed E_ARCHIVE_MISSING',
    ],
    ['a full disk', {}, {...fresh, filesystem: full}, {}, 'refused E_PREFLIGHT_DISK'],
    ['room for the data alone, the binaries are there', {}, {...converged, filesystem: full}, {}, 'satisfied'],
    [
      'all at once',
      {},
      {...fresh, sockets: taken, filesystem: noexec, dropIns, systemd: {state: 'absent'}},
      {check: true},
      'refused E_PREFLIGHT_SYSTEMD E_PREFLIGHT_DROP_IN E_ETCD_PORT_TAKEN E_PREFLIGHT_NOEXEC',
    ],
  ])('%s', (_title, more, facts, context, expected) => {
    expect(decide('etcd_preflight', {...args, ...more}, facts, context)).toBe(expected);
  });

  it('asks systemd only where no member is, and times the disk of the log', () => {
    const kind = kindOf('etcd_preflight');
    expect(kind?.probe(args as never, 'm1')['systemd']).toEqual({kind: 'systemd', unless: '/data/etcd'});
    expect(kind?.probe({...args, always: true} as never, 'm1')['systemd']).toEqual({kind: 'systemd'});
    const plan = kind?.plan({...args, wal: '/wal'} as never, fresh as never, {host: 'm1', check: false} as never);
    expect(plan).toMatchObject({
      value: {ops: [{sync: '/wal', directories: ['/opt/etcd', '/data/etcd', '/wal', '/etc/etcd']}]},
    });
  });
});

describe('the hosts of a cluster', () => {
  const args = {members: memberArgs(3), pki_dir: '/pki', data: '/d', unit: 'etcd.service', clock: 1, always: false};
  const machine = (name: string, more: Partial<MachineFact> = {}): MachineFact => ({
    epochMs: 1e12,
    errorMs: 1,
    atMs: 0,
    controllerMs: 1e12,
    bootId: name,
    macs: [name],
    ...more,
  });
  const of = (kind: string, value: (name: string) => unknown) =>
    Object.fromEntries(names(3).map(name => [`${kind}:${name}`, value(name)]));
  const base = {pki: {ca: {}}, ...of('machine', name => machine(name)), ...of('names', () => ({answers: undefined}))};
  const fresh = {...base, ...of('data', () => data(false)), ...of('unit', () => ({active: 'inactive', mainPid: 0}))};
  const running = {...base, ...of('data', () => data(true)), ...of('unit', () => ({active: 'active', mainPid: 7}))};
  const joining = {...running, 'data:m3': data(false), 'unit:m3': {active: 'inactive', mainPid: 0}};
  const twins = {'machine:m2': machine('m1')};
  const open = Object.fromEntries(
    names(3).flatMap(from =>
      names(3).flatMap(to => [2379, 2380].map(port => [`tcp:${from} ${to} ${port}`, {result: 'open', message: ''}])),
    ),
  );
  const blocked = {'tcp:m1 m2 2380': {result: 'timeout', message: 'nothing'}};
  const refused = {'tcp:m1 m2 2380': {result: 'refused', message: 'no'}};

  test.each<[string, object, object, object, string]>([
    ['fresh: every way is tested', {}, fresh, {}, 'change peer-test'],
    ['fresh, in a check run: nothing is tried', {}, fresh, {check: true}, 'satisfied'],
    ['running: nothing is tried', {}, running, {}, 'satisfied'],
    ['a check run tells what it sees', {}, {...fresh, ...twins}, {check: true}, 'refused E_PREFLIGHT_SAME_HOST'],
    ['running, twins', {}, {...running, ...twins}, {}, 'refused E_PREFLIGHT_SAME_HOST'],
    ['asked for, every way open', {always: true}, {...running, ...open}, {}, 'satisfied'],
    [
      'asked for, one barred: tried again by the operation',
      {always: true},
      {...running, ...open, ...blocked},
      {},
      'change peer-test',
    ],
    [
      'asked for in a check run, one barred',
      {always: true},
      {...running, ...open, ...blocked},
      {check: true},
      'refused E_PREFLIGHT_PEER',
    ],
    [
      'refused by a member that runs',
      {always: true},
      {...running, ...open, ...refused},
      {check: true},
      'refused E_PREFLIGHT_PEER',
    ],
    ['refused where nobody listens yet', {always: true}, {...fresh, ...open, ...refused}, {check: true}, 'satisfied'],
    ['a host of a new cluster failed', {}, fresh, {stoppedHosts: ['m2'], check: true}, 'refused E_PREFLIGHT_HOSTS'],
    ['a host of a running cluster failed', {}, running, {stoppedHosts: ['m2']}, 'satisfied'],
    [
      'a lost host is not waited for',
      {},
      {...fresh, 'machine:m3': undefined},
      {hosts: ['m1', 'm2'], check: true},
      'satisfied',
    ],
  ])('%s', (_title, more, facts, context, expected) => {
    expect(decide('etcd_preflight_peers', {...args, ...more}, facts, context)).toBe(expected);
  });

  it('tries the ways from and to a member that is new, and tells what it has found with them', () => {
    const plan = kindOf('etcd_preflight_peers')?.plan(
      args as never,
      {...joining, ...twins} as never,
      {
        hosts: names(3),
        stoppedHosts: [],
        check: false,
      } as never,
    );
    if (!plan?.ok || plan.value.kind !== 'change') throw new Error('no operation');
    const [op] = plan.value.ops;
    if (op.kind !== 'peer-test') throw new Error(op.kind);
    expect(op.ways.map(({from, to, port}) => `${from} ${to} ${port}`)).toEqual(
      ['m1 m3', 'm2 m3', 'm3 m1', 'm3 m2'].flatMap(text => [`${text} 2380`, `${text} 2379`]),
    );
    expect(op.found.map(({code}) => code)).toEqual(['E_PREFLIGHT_SAME_HOST']);
  });

  it('asks for names only where members have names, and connects only on request', () => {
    const kind = kindOf('etcd_preflight_peers');
    const numbers = memberArgs(2).map(member => ({
      ...member,
      peer_url: 'https://10.0.0.1:2380',
      client_url: 'https://10.0.0.1:2379',
    }));
    const keys = (more: object) => Object.keys(kind?.probe({...args, ...more} as never, 'm1') ?? {});
    expect(keys({}).filter(key => key.startsWith('names:'))).toHaveLength(3);
    expect(keys({members: numbers}).filter(key => key.startsWith('names:'))).toEqual([]);
    expect(keys({}).filter(key => key.startsWith('tcp:'))).toEqual([]);
    expect(keys({always: true}).filter(key => key.startsWith('tcp:'))).toHaveLength(12);
  });
});
