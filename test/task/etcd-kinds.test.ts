/** Decisions of the etcd kinds as tables: what is there -> what is done, or refused. */
import {describe, expect, it} from 'vitest';
import type {DataMap} from '../../src/base/data.ts';
import {kindOf} from '../../src/task/index.ts';
import {
  ABSENT,
  answers,
  CLUSTER_ID,
  CONTEXT,
  data,
  decide,
  live,
  memberArgs,
  names,
  SILENT,
  text,
  unit,
} from '../helpers/decide-etcd.ts';

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
  const args = (more: object = {}) => ({
    unit: 'etcd.service',
    config: {name: 'm1', 'snapshot-count': 100, 'initial-cluster-state': 'new'},
    started_dir: '/run/etcd',
    service_file: '/s',
    binary: '/usr/bin/etcd',
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
  const RESTART = 'change restart';

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
    expect(decide('etcd_restart', args(), {...SAME, ...change})).toBe(expected);
  });

  it.each([
    ['of a running unit', unit('active'), RESTART],
    ['not of one that is down', unit('inactive'), 'satisfied'],
  ])('is forced by a reason: %s', (_, state, expected) => {
    expect(decide('etcd_restart', args({force: 'asked for'}), {...SAME, unit: state})).toBe(expected);
  });

  it('names each changed option with its class', () => {
    const facts = {
      ...SAME,
      startedConfig: text('name: m1\nsnapshot-count: 5\ninitial-cluster-state: existing\n'),
    };
    const context = {host: 'm1', check: false, pending: [], nowMs: 0, hosts: [], lostHosts: [], stoppedHosts: []};
    const plan = kindOf('etcd_restart')?.plan(args() as unknown as DataMap, facts as never, context);
    expect(plan?.ok && plan.value.reason).toBe(
      "snapshot-count: 5 -> 100; initial-cluster-state changes, which never restarts: it is read only at a member's first start",
    );
  });
});

describe('etcd_evidence', () => {
  const args = {
    members: memberArgs(3),
    pki_dir: '/pki',
    data: '/d',
    marker: '/m',
    unit: 'u',
    config_file: '/c',
    token: 't',
    version: '3.5.30',
  };
  const disk = (hasData: boolean[], running = 0, marked = false) =>
    Object.fromEntries(
      names(3).flatMap((name, index): [string, unknown][] => [
        [`data:${name}`, data(hasData[index] === true, [], name)],
        [`marker:${name}`, marked ? text('') : ABSENT],
        [`unit:${name}`, unit(running > index ? 'active' : 'inactive')],
        [`config:${name}`, text('')],
        [`listener:${name}`, {others: []}],
      ]),
    );

  it.each([
    ['nothing anywhere', disk([]), 0, {}, 'satisfied'],
    ['nothing anywhere, and "existing" is expected', disk([]), 0, {init: 'existing'}, 'refused E_ETCD_INIT'],
    ['data of all, nobody answers', disk([true, true, true]), 0, {}, 'satisfied'],
    ['data of some, nobody answers', disk([true, true, false]), 0, {}, 'refused E_ETCD_DATA_LOST'],
    [
      'data of some, a creation by another inventory was cut short',
      disk([true, false, false], 0, true),
      0,
      {},
      'refused E_ETCD_FOREIGN_DATA',
    ],
    ['all answer', disk([true, true, true], 3), 3, {}, 'satisfied'],
    ['a member has lost its data', disk([true, true, false], 2), 2, {}, 'refused E_ETCD_DATA_LOST'],
    ['a member has lost its data, to be replaced', disk([true, true, false], 2), 2, {repair: true}, 'satisfied'],
    [
      'all answer, but nothing is ours',
      disk([true, true, true]),
      3,
      {},
      'refused E_ETCD_PORT_TAKEN E_ETCD_PORT_TAKEN E_ETCD_PORT_TAKEN',
    ],
    [
      'another minor release is asked for',
      disk([true, true, true], 3),
      3,
      {version: '3.6.1'},
      'refused E_ETCD_UPGRADE E_ETCD_UPGRADE E_ETCD_UPGRADE',
    ],
  ])('%s', (_, onDisk, healthy, more, expected) => {
    expect(decide('etcd_evidence', {...args, ...more}, {...onDisk, ...answers(3, healthy)})).toBe(expected);
  });

  it('refuses two clusters under one name', () => {
    const split = {...answers(3, 3), 'etcd:m3': live('m3', 3, {clusterId: 'd'.repeat(16)})};
    expect(decide('etcd_evidence', args, {...disk([true, true, true], 3), ...split})).toBe(
      'refused E_ETCD_CLUSTER_ID_MISMATCH',
    );
  });

  it.each([
    [{}, 'refused E_ETCD_NOT_MEMBER'],
    [{join: true}, 'satisfied'],
  ])('an empty host that is not listed, with %j: %s', (more, expected) => {
    const facts = {'etcd:m1': live('m1', 2), 'etcd:m2': live('m2', 2), 'etcd:m3': SILENT};
    expect(decide('etcd_evidence', {...args, ...more}, {...disk([true, true, false], 2), ...facts})).toBe(expected);
  });

  it('tells later tasks what it found', () => {
    const facts = {
      'etcd:m1': live('m1', 2),
      'etcd:m2': live('m2', 2),
      'etcd:m3': SILENT,
      ...disk([true, true, false], 2),
    };
    const plan = kindOf('etcd_evidence')?.plan({...args, join: true} as unknown as DataMap, facts as never, CONTEXT);
    expect(plan?.ok && plan.value).toMatchObject({result: {state: 'running', joining: ['m3'], repairing: []}});
  });

  it('asks who holds the ports of each member, and where its log is', () => {
    const probes = kindOf('etcd_evidence')?.probe({...args, wal: '/w'} as unknown as DataMap, 'm1');
    expect(probes).toMatchObject({
      'listener:m2': {kind: 'listener', unit: 'u', ports: [2379, 2380], at: 'm2'},
      'data:m2': {kind: 'etcd-data', path: '/d', wal: '/w', at: 'm2'},
    });
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
  const proof = {...cluster, data: '/d', cluster: 'main', token: 't', config_file: '/c', confirm: ''};
  const OURS = text('# etcd\nname: m1\ninitial-cluster-token: t\n');

  it.each([
    ['data', {'data:m1': data(true)}, 0, true, 'refused E_ETCD_SAFEGUARD'],
    ['a process', {'unit:m1': unit('active')}, 0, true, 'refused E_ETCD_SAFEGUARD'],
    ['a live member', {}, 1, true, 'refused E_ETCD_SAFEGUARD'],
    ['nothing', {}, 0, true, 'satisfied'],
    ['data, and the safeguard off', {'data:m1': data(true), 'config:m1': OURS}, 0, false, 'satisfied'],
    ['data of nobody knows whom, and the safeguard off', {'data:m1': data(true)}, 0, false, 'refused E_ETCD_CONFIRM'],
    [
      'a live member of another inventory',
      {'config:m1': text('name: m1\ninitial-cluster-token: x\n')},
      1,
      false,
      'refused E_ETCD_CONFIRM',
    ],
  ])('etcd_safeguard finds %s', (_, facts, healthy, safeguard, expected) => {
    expect(decide('etcd_safeguard', {...proof, safeguard, unit: 'u'}, {...answers(3, healthy), ...facts})).toBe(
      expected,
    );
  });

  it.each([
    ['the cluster id', CLUSTER_ID, 'satisfied'],
    ['the name', 'main', 'satisfied'],
    ['another id', 'd'.repeat(16), 'refused E_ETCD_CONFIRM'],
  ])('etcd_confirm is %s: %s', (_, confirm, expected) => {
    const facts = {...answers(3, 3), 'data:m1': data(true)};
    expect(decide('etcd_safeguard', {...proof, safeguard: false, unit: 'u', confirm}, facts)).toBe(expected);
    expect(decide('etcd_purge_check', {...proof, confirm}, facts)).toBe(expected);
  });

  it.each([
    [['m1', 'm2', 'm3'], 3, 'satisfied'],
    [['m3'], 3, 'satisfied'],
    [['m2', 'm3'], 3, 'refused E_ETCD_QUORUM'],
    [['m1'], 2, 'refused E_ETCD_QUORUM'],
    [['m3'], 2, 'satisfied'],
    [['m3'], 0, 'satisfied'],
  ])('etcd_purge_check of %j with %i of 3 healthy: %s', (hosts, healthy, expected) => {
    const configs = names(3).map(name => [`config:${name}`, text(`name: ${name}\ninitial-cluster-token: t\n`)]);
    const facts = {...answers(3, healthy), ...Object.fromEntries(configs)};
    expect(decide('etcd_purge_check', proof, facts, {hosts})).toBe(expected);
  });

  it('etcd_purge_check refuses a cluster that nothing shows to be the one that is meant', () => {
    expect(decide('etcd_purge_check', proof, answers(3, 3))).toBe('refused E_ETCD_CONFIRM');
  });

  it.each([
    [{exists: false, hasMember: false, sizeBytes: 0, foreign: []}, 'satisfied'],
    [data(false), 'satisfied'],
    [data(true), 'change quarantine'],
    [data(false, ['notes']), 'change quarantine'],
  ])('etcd_quarantine of %j', (fact, expected) => {
    expect(decide('etcd_quarantine', {path: '/d', manifest: {}}, {here: fact, member: fact})).toBe(expected);
  });

  it('the manifest of a quarantine says whose data it was, also of the log beside it', () => {
    const args = {
      path: '/w',
      data: '/d',
      wal: '/w/wal',
      unit: 'u',
      owner: 'etcd',
      manifest: {cluster: 'main', reason: 'etcd_clean'},
    };
    const kind = kindOf('etcd_quarantine');
    expect(kind?.probe(args, 'm1')).toEqual({
      here: {kind: 'etcd-data', path: '/w'},
      member: {kind: 'etcd-data', path: '/d', wal: '/w/wal'},
    });
    const facts = {here: data(false, ['wal']), member: data(true)};
    expect(kind?.plan(args, facts as never, {...CONTEXT, runId: 'r1'})).toMatchObject({
      value: {
        ops: [
          {
            kind: 'quarantine',
            path: '/w',
            unit: 'u',
            owner: 'etcd',
            manifest: {
              cluster: 'main',
              reason: 'etcd_clean',
              cluster_id: CLUSTER_ID,
              member_id: '0000000000000001',
              size_bytes: '5000000',
              last_write_seconds_ago: '60',
              run: 'r1',
            },
          },
        ],
      },
    });
  });

  it.each([
    ['active', 'change stop'],
    ['activating', 'change stop'],
    ['inactive', 'satisfied'],
    ['failed', 'satisfied'],
  ])('etcd_stop of a unit that is %s', (active, expected) => {
    expect(decide('etcd_stop', {unit: 'u', destroy: 'main'}, {unit: unit(active)})).toBe(expected);
  });

  it('etcd_snapshot takes the voter that has applied most', () => {
    const facts = {
      'etcd:m1': live('m1', 3, {raftAppliedIndex: '9'}),
      'etcd:m2': live('m2', 3, {raftAppliedIndex: '10'}),
      'etcd:m3': live('m3', 3, {raftAppliedIndex: '11', isLearner: true}),
    };
    const args = {...cluster, dir: '/s', cluster: 'main'} as unknown as DataMap;
    const plan = kindOf('etcd_snapshot')?.plan(args, facts as never, CONTEXT);
    expect(plan?.ok && plan.value.reason).toBe('m2 has applied most');
    expect(decide('etcd_snapshot', args, answers(3, 0))).toBe('satisfied');
  });
});
