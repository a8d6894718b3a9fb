/** What launch, settle and restart decide about members that are down, starting or hanging. */
import {describe, expect, test} from 'vitest';
import {etcdLaunchKind} from '../../src/task/etcd-launch.ts';
import {etcdSettleKind} from '../../src/task/etcd-settle.ts';
import type {EtcdFact, Fact, UnitFact} from '../../src/task/fact.ts';
import type {PlanContext} from '../../src/task/task.ts';

const context: PlanContext = {
  host: 'h1',
  check: false,
  pending: [],
  nowMs: 0,
  hosts: ['h1'],
  lostHosts: [],
  stoppedHosts: [],
};
const silent: EtcdFact = {reachable: false, reason: 'refused', message: 'connection refused'};

function member(n: number) {
  return {name: `etcd-${n}`, host: `h${n}`, peer_url: `http://10.0.0.${n}:2380`, client_url: `http://10.0.0.${n}:2379`};
}

function live(n: number, size: number): EtcdFact {
  const members = Array.from({length: size}, (_, index) => member(index + 1)).map(row => ({
    id: row.name,
    name: row.name,
    peerUrls: [row.peer_url],
    clientUrls: [row.client_url],
    isLearner: false,
  }));
  return {
    reachable: true,
    memberId: `etcd-${n}`,
    clusterId: 'c0',
    version: '3.5.30',
    leaderId: 'etcd-1',
    raftIndex: '5',
    raftAppliedIndex: '5',
    raftTerm: '2',
    dbSizeBytes: 1,
    isLearner: false,
    errors: [],
    members,
    linearizable: true,
    latencyMs: 1,
  };
}

function unit(active: string, sub: string): UnitFact {
  return {
    load: 'loaded',
    active,
    sub,
    enabled: 'enabled',
    mainPid: 7,
    needDaemonReload: false,
    fragment: '',
    dropIns: [],
    result: 'success',
    restarts: 0,
    startedMonotonic: 0,
  };
}

function file(text: string): Fact {
  return {
    exists: true,
    type: 'file',
    mode: '0644',
    owner: 'root',
    group: 'root',
    uid: 0,
    gid: 0,
    sizeBytes: text.length,
    mtime: 0,
    text,
  };
}

describe('etcd_launch', () => {
  const args = {
    members: [member(1)],
    pki_dir: '/pki',
    member: 'etcd-1',
    unit: 'etcd.service',
    data: '/data',
    marker: '/m',
    config_file: '/c',
    started_file: '/s',
  };
  const decide = (state: UnitFact, config: string, started: string) =>
    etcdLaunchKind.plan(
      args,
      {
        'etcd:etcd-1': silent,
        unit: state,
        data: {exists: true, hasMember: true, sizeBytes: 1, walBytes: 1, dbBytes: 0, foreign: []},
        marker: {exists: false},
        config: file(config),
        started: file(started),
      },
      context,
    );
  const restart = [{kind: 'unit', verb: 'restart', unit: 'etcd.service', noBlock: true}];

  test.each([
    ['waits between two tries', unit('activating', 'auto-restart'), 'a: 1\n', 'a: 1\n', restart],
    ['starts with an older configuration', unit('activating', 'start'), 'a: 2\n', 'a: 1\n', restart],
    ['starts with the configuration on disk', unit('activating', 'start'), 'a: 1\n', 'a: 1\n', undefined],
    ['runs, with whatever configuration', unit('active', 'running'), 'a: 2\n', 'a: 1\n', undefined],
  ])('a member that %s', (_, state, config, started, ops) => {
    const plan = decide(state, config, started);
    expect(plan.ok && plan.value.kind === 'change' ? plan.value.ops : undefined).toEqual(ops);
  });
});

describe('etcd_settle', () => {
  const args = {members: [1, 2, 3].map(member), pki_dir: '/pki', unit: 'etcd.service', timeout: 9};
  const decide = (second: UnitFact, overrides: Partial<PlanContext> = {}) =>
    etcdSettleKind.plan(
      args,
      {
        'etcd:etcd-1': live(1, 3),
        'etcd:etcd-2': silent,
        'etcd:etcd-3': silent,
        'unit:etcd-1': unit('active', 'running'),
        'unit:etcd-2': second,
      },
      {...context, ...overrides},
    );

  test('waits for the member that starts, together with those that answer, and not for one that is down', () => {
    const plan = decide(unit('activating', 'start'));
    const ops = plan.ok && plan.value.kind === 'change' ? plan.value.ops : [];
    expect(ops.map(op => (op.kind === 'etcd-wait' ? op.endpoints.map(one => one.member) : []))).toEqual([
      ['etcd-1', 'etcd-2'],
    ]);
  });

  test('waits for nobody where a silent member does not start, and never in a check', () => {
    const plans = [decide(unit('active', 'running')), decide(unit('activating', 'start'), {check: true})];
    expect(plans.map(plan => plan.ok && plan.value.kind)).toEqual(['satisfied', 'satisfied']);
  });
});
