/** The ids of a new cluster: foretold before it is made, asserted while it is new, and only then. */
import {describe, expect, it} from 'vitest';
import {kindOf} from '../../src/task/index.ts';
import type {PlanContext} from '../../src/task/task.ts';
import {ABSENT, data, live, unit} from '../helpers/decide-etcd.ts';

const MEMBERS = [10, 11, 12].map((n, index) => ({
  name: `etcd-${index + 1}`,
  host: `m${index + 1}`,
  peer_url: `https://10.10.10.${n}:2380`,
  client_url: `https://10.10.10.${n}:2379`,
}));
const ARGS = {
  members: MEMBERS,
  pki_dir: '/pki',
  token: 'etcd',
  marker: '/etc/etcd/bootstrapping',
  timeout: 9,
  unit: 'etcd.service',
};
/** Seen on a live cluster of etcd 3.5.30 with these members and this token. */
const CLUSTER = '2aa019b24c7d26fb';
const IDS: Readonly<Record<string, string>> = {
  'etcd-1': '429ee12c7fbab5c1',
  'etcd-2': '2b598bfbc0ad43e2',
  'etcd-3': 'e9d5bfa8781208cd',
};
const OTHER = 'c'.repeat(16);
const ALL = Object.keys(IDS);
const CONTEXT: PlanContext = {
  host: 'm1',
  check: false,
  pending: [],
  nowMs: 0,
  hosts: [],
  lostHosts: [],
  stoppedHosts: [],
};

function plan(kind: string, args: object, facts: object) {
  return kindOf(kind)?.plan(args as never, facts as never, CONTEXT);
}

function evidence(args: object) {
  const silent = ALL.flatMap(name => [
    [`etcd:${name}`, {reachable: false, reason: 'refused', message: 'no'}],
    [`data:${name}`, data(false)],
    [`marker:${name}`, ABSENT],
    [`unit:${name}`, unit('inactive')],
    [`config:${name}`, ABSENT],
    [`listener:${name}`, {others: []}],
  ]);
  const paths = {data: '/data/etcd', config_file: '/etc/etcd/etcd.conf'};
  return plan('etcd_evidence', {...args, ...paths, init: 'new', version: '', archive: ''}, Object.fromEntries(silent));
}

/** What the members say, and the hosts on which the marker of a new cluster is. */
function facts(cluster: string, ids: Readonly<Record<string, string>>, marked: readonly string[]) {
  const members = MEMBERS.map(({name, peer_url: peer, client_url: client}) => ({
    id: ids[name] ?? '',
    name,
    peerUrls: [peer],
    clientUrls: [client],
    isLearner: false,
  }));
  const leaderId = ids['etcd-1'] ?? '';
  return Object.fromEntries(
    ALL.flatMap(name => [
      [`etcd:${name}`, live(name, 3, {clusterId: cluster, memberId: ids[name] ?? '', leaderId, members})],
      [`marker:${name}`, {exists: marked.includes(name)}],
    ]),
  );
}

describe('a cluster to be made', () => {
  it('is told with its ids, for people and for programs', () => {
    const decided = evidence(ARGS);
    expect(decided?.ok && decided.value).toMatchObject({
      output: [`to be made: cluster ${CLUSTER}`, ...ALL.map(name => `member ${IDS[name]} ${name}`)].join('\n'),
      result: {state: 'new', identity: {cluster_id: CLUSTER, member_ids: IDS}},
    });
  });

  it('is told without ids where the token is not known', () => {
    const decided = evidence({...ARGS, token: ''});
    expect(decided?.ok && decided.value).toMatchObject({result: {state: 'new'}});
    expect(decided?.ok && 'output' in decided.value).toBe(false);
  });
});

describe('the health of a cluster whose ids', () => {
  const health = (given: object) => {
    const decided = plan('etcd_health', ARGS, given);
    return decided?.ok ? decided.value.kind : decided?.error.problems.map(({code, message}) => `${code} ${message}`);
  };
  const wrongCluster = `E_ETCD_CLUSTER_ID the cluster's id is ${OTHER}, not ${CLUSTER} as it should be`;
  const wrongMember = `E_ETCD_MEMBER_ID etcd-2 has the member id 00000000000000ff, not ${IDS['etcd-2']} as it should have`;
  it.each([
    ['are as foretold', CLUSTER, IDS, ALL, 'satisfied'],
    ['are another cluster’s, though it is new', OTHER, IDS, ALL, [wrongCluster]],
    [
      'hold one of another member, though it is new',
      CLUSTER,
      {...IDS, 'etcd-2': '00000000000000ff'},
      ALL,
      [wrongMember],
    ],
    ['are others, but it is not new', OTHER, IDS, [], 'satisfied'],
    ['cannot be foretold, since only one member is new', OTHER, IDS, ['etcd-3'], 'satisfied'],
  ])('%s', (_, cluster, ids, marked, expected) => {
    expect(health(facts(cluster, ids, marked))).toEqual(expected);
  });

  it('are not known yet is waited for, with the ids that it must have', () => {
    const silent = {'etcd:etcd-3': {reachable: false, reason: 'refused', message: 'no'}};
    const decided = plan('etcd_health', ARGS, {...facts(CLUSTER, IDS, ALL), ...silent});
    expect(decided?.ok && decided.value.kind === 'change' && decided.value.ops[0]).toMatchObject({
      kind: 'etcd-wait',
      expect: {clusterId: CLUSTER, memberIds: IDS, unit: 'etcd.service'},
    });
  });
});
