/** Decisions of the etcd kinds as tables: what is there -> what is done, or refused. */
import {describe, expect, it} from 'vitest';
import type {DataMap} from '../../src/base/data.ts';
import {kindOf} from '../../src/task/index.ts';
import type {PlanContext} from '../../src/task/task.ts';
import {ABSENT, answers, data, decide, live, memberArgs, names, text, unit} from '../helpers/decide-etcd.ts';

const CONTEXT: PlanContext = {
  host: 'm1',
  check: false,
  pending: [],
  nowMs: 0,
  hosts: [],
  lostHosts: [],
  stoppedHosts: [],
};

describe('causes of a restart, for programs', () => {
  const base = {
    members: memberArgs(3),
    pki_dir: '/pki',
    unit: 'etcd.service',
    member: 'm1',
    started_dir: '/run/etcd',
    service_file: '/s',
    binary: '/b',
    allow_downtime: false,
    timeout: 9,
  };
  const SAME = {
    unit: unit('active'),
    startedConfig: text('name: m1\nquota-backend-bytes: 1\ninitial-cluster: a\n'),
    startedService: text('x'),
    service: text('x'),
    startedBinary: ABSENT,
    binary: ABSENT,
    ...answers(3, 3),
  };
  it.each([
    [
      'an option that is read at every start',
      {'quota-backend-bytes': 2, 'initial-cluster': 'a'},
      {},
      ['change', 'config_key_changed quota-backend-bytes true'],
    ],
    [
      'an option that is read once',
      {'quota-backend-bytes': 1, 'initial-cluster': 'a,b'},
      {},
      ['satisfied', 'config_key_changed initial-cluster false'],
    ],
    [
      'both',
      {'initial-cluster': 'b'},
      {},
      ['change', 'config_key_changed quota-backend-bytes true', 'config_key_changed initial-cluster false'],
    ],
    ['nothing', {'quota-backend-bytes': 1, 'initial-cluster': 'a'}, {}, ['satisfied']],
    [
      'the unit',
      {'quota-backend-bytes': 1, 'initial-cluster': 'a'},
      {service: text('y')},
      ['change', 'unit_file_changed /s true'],
    ],
  ])('%s', (_, config, more, expected) => {
    const args = {...base, config: {name: 'm1', ...config}};
    const plan = kindOf('etcd_restart')?.plan(args as never, {...SAME, ...more} as never, {...CONTEXT});
    const value = plan?.ok ? plan.value : undefined;
    const causes = value === undefined || value.kind === 'undecided' ? [] : (value.causes ?? []);
    expect([value?.kind, ...causes.map(({code, detail, restart}) => `${code} ${detail} ${restart}`)]).toEqual(expected);
  });
});

describe('etcd_restart', () => {
  const args = (count: number, more: object = {}) => ({
    members: memberArgs(count),
    pki_dir: '/pki',
    unit: 'etcd.service',
    member: 'm1',
    config: {name: 'm1', 'snapshot-count': 100, 'initial-cluster-state': 'new'},
    started_dir: '/run/etcd',
    service_file: '/s',
    binary: '/usr/bin/etcd',
    allow_downtime: false,
    timeout: 9,
    ...more,
  });
  const SAME = {
    unit: unit('active'),
    startedConfig: text('name: m1\nsnapshot-count: "100"\ninitial-cluster-state: new\n'),
    startedService: text('[Unit]\n'),
    service: text('[Unit]\n'),
    startedBinary: text('/opt/etcd/3.5.30/etcd\n'),
    binary: {exists: true, type: 'link', target: '/opt/etcd/3.5.30/etcd'},
  };
  const RESTART = 'change restart etcd-wait';

  it.each([
    ['nothing differs', {}, 'satisfied'],
    [
      'only what is read once differs',
      {startedConfig: text('name: m1\nsnapshot-count: 100\ninitial-cluster-state: existing\n')},
      'satisfied',
    ],
    ['an option differs', {startedConfig: text('name: m1\nsnapshot-count: 5\n')}, RESTART],
    ['the unit file differs', {service: text('[Unit]\n#\n')}, RESTART],
    ['the binary is another', {binary: {exists: true, type: 'link', target: '/opt/etcd/3.5.31/etcd'}}, RESTART],
    ['it was started by somebody else', {startedConfig: ABSENT}, 'satisfied'],
    ['the unit does not run', {unit: unit('failed'), service: text('x')}, 'satisfied'],
  ])('when %s', (_, change, expected) => {
    expect(decide('etcd_restart', args(3), {...SAME, ...answers(3, 3), ...change})).toBe(expected);
  });

  it.each([
    [1, 1, false, 'refused E_ETCD_QUORUM'],
    [1, 1, true, RESTART],
    [2, 2, false, 'refused E_ETCD_QUORUM'],
    [2, 2, true, RESTART],
    [2, 1, true, 'refused E_ETCD_QUORUM'],
    [3, 3, false, RESTART],
    [3, 2, false, 'refused E_ETCD_QUORUM'],
    [3, 2, true, 'refused E_ETCD_QUORUM'],
    [5, 4, false, RESTART],
    [5, 3, false, 'refused E_ETCD_QUORUM'],
  ])('of one of %i members, %i healthy, downtime allowed: %s -> %s', (count, healthy, allowed, expected) => {
    const facts = {...SAME, ...answers(count, healthy), service: text('new')};
    expect(decide('etcd_restart', args(count, {allow_downtime: allowed}), facts)).toBe(expected);
  });
});

describe('etcd_evidence', () => {
  const args = {
    members: memberArgs(3),
    pki_dir: '/pki',
    data: '/d',
    marker: '/m',
    unit: 'u',
    init: 'new',
    version: '3.5.30',
  };
  const disk = (hasData: boolean[], marked = false) =>
    Object.fromEntries(
      names(3).flatMap((name, index): [string, unknown][] => [
        [`data:${name}`, data(hasData[index] === true)],
        [`marker:${name}`, marked ? text('') : ABSENT],
        [`unit:${name}`, unit('inactive')],
      ]),
    );

  it.each([
    ['nothing anywhere', disk([]), 0, {}, 'satisfied'],
    ['nothing anywhere, and "existing" is expected', disk([]), 0, {init: 'existing'}, 'refused E_ETCD_INIT'],
    ['data of all, nobody answers', disk([true, true, true]), 0, {}, 'satisfied'],
    ['data of some, nobody answers', disk([true, true, false]), 0, {}, 'refused E_ETCD_DATA_LOST'],
    ['data of some, a creation was cut short', disk([true, false, false], true), 0, {}, 'satisfied'],
    ['all answer', disk([true, true, true]), 3, {}, 'satisfied'],
    ['a member has lost its data', disk([true, true, false]), 2, {}, 'refused E_ETCD_DATA_LOST'],
    [
      'another minor release is asked for',
      disk([true, true, true]),
      3,
      {version: '3.6.1'},
      'refused E_ETCD_UPGRADE E_ETCD_UPGRADE E_ETCD_UPGRADE',
    ],
  ])('%s', (_, onDisk, healthy, more, expected) => {
    expect(decide('etcd_evidence', {...args, ...more}, {...onDisk, ...answers(3, healthy)})).toBe(expected);
  });

  it('refuses two clusters under one name', () => {
    const split = {...answers(3, 3), 'etcd:m3': live('m3', 3, {clusterId: 'd'.repeat(16)})};
    expect(decide('etcd_evidence', args, {...disk([true, true, true]), ...split})).toBe(
      'refused E_ETCD_CLUSTER_ID_MISMATCH',
    );
  });

  it('refuses to make a new cluster without a host that is lost', () => {
    const {'data:m3': _, ...seen} = disk([]);
    expect(decide('etcd_evidence', args, {...seen, ...answers(3, 0)}, {lostHosts: ['m3']})).toBe(
      'refused E_ETCD_BOOTSTRAP_PARTIAL',
    );
  });
});

describe('before something is given up', () => {
  const cluster = {members: memberArgs(3), pki_dir: '/pki'};

  it.each([
    ['data', {'data:m1': data(true)}, 0, true, 'refused E_ETCD_SAFEGUARD'],
    ['a process', {'unit:m1': unit('active')}, 0, true, 'refused E_ETCD_SAFEGUARD'],
    ['a live member', {}, 1, true, 'refused E_ETCD_SAFEGUARD'],
    ['nothing', {}, 0, true, 'satisfied'],
    ['data, and the safeguard off', {'data:m1': data(true)}, 3, false, 'satisfied'],
  ])('etcd_safeguard finds %s', (_, facts, healthy, safeguard, expected) => {
    const args = {...cluster, safeguard, data: '/d', unit: 'u'};
    expect(decide('etcd_safeguard', args, {...answers(3, healthy), ...facts})).toBe(expected);
  });

  it.each([
    [['m1', 'm2', 'm3'], 3, 'satisfied'],
    [['m3'], 3, 'satisfied'],
    [['m2', 'm3'], 3, 'refused E_ETCD_QUORUM'],
    [['m1'], 2, 'refused E_ETCD_QUORUM'],
    [['m3'], 2, 'satisfied'],
    [['m3'], 0, 'satisfied'],
  ])('etcd_purge_check of %j with %i of 3 healthy: %s', (hosts, healthy, expected) => {
    expect(decide('etcd_purge_check', cluster, answers(3, healthy), {hosts})).toBe(expected);
  });

  it.each([
    [{exists: false, hasMember: false, sizeBytes: 0, foreign: []}, 'satisfied'],
    [data(false), 'satisfied'],
    [data(true), 'change quarantine'],
    [data(false, ['notes']), 'change quarantine'],
  ])('etcd_quarantine of %j', (fact, expected) => {
    expect(decide('etcd_quarantine', {path: '/d', manifest: {}}, {data: fact})).toBe(expected);
  });

  it.each([
    ['active', 'change stop'],
    ['activating', 'change stop'],
    ['inactive', 'satisfied'],
    ['failed', 'satisfied'],
  ])('etcd_stop of a unit that is %s', (active, expected) => {
    expect(decide('etcd_stop', {unit: 'u'}, {unit: unit(active)})).toBe(expected);
  });

  it('etcd_snapshot takes the voter that has applied most', () => {
    const facts = {
      'etcd:m1': live('m1', 3, {raftAppliedIndex: '9'}),
      'etcd:m2': live('m2', 3, {raftAppliedIndex: '10'}),
      'etcd:m3': live('m3', 3, {raftAppliedIndex: '11', isLearner: true}),
    };
    const context: PlanContext = {
      host: 'm1',
      check: false,
      pending: [],
      nowMs: 0,
      hosts: [],
      lostHosts: [],
      stoppedHosts: [],
    };
    const args = {...cluster, dir: '/s', cluster: 'main'} as unknown as DataMap;
    const plan = kindOf('etcd_snapshot')?.plan(args, facts as never, context);
    expect(plan?.ok && plan.value.reason).toBe('m2 has applied most');
    expect(decide('etcd_snapshot', args, answers(3, 0))).toBe('satisfied');
  });
});
