import {describe, expect, test} from 'vitest';
import type {Expectation, ListedMember, LiveState, MemberState} from '../../src/etcd/facts.ts';
import {judgeCluster} from '../../src/etcd/health.ts';
import {formatBytes, memberTable} from '../../src/etcd/member-table.ts';

const id = (n: number) => String(n).padStart(16, '0');
const row = (n: number, more: Partial<ListedMember> = {}): ListedMember => ({
  id: id(n),
  name: `etcd-${n}`,
  peerUrls: [`https://10.0.0.${n}:2380`],
  clientUrls: [`https://10.0.0.${n}:2379`],
  isLearner: false,
  ...more,
});
const three = [row(1), row(2), row(3)];

function live(n: number, more: Partial<LiveState> = {}): LiveState {
  return {
    reachable: true,
    memberId: id(n),
    clusterId: 'c000000000000000',
    version: '3.5.30',
    leaderId: id(1),
    raftIndex: '100',
    raftAppliedIndex: '100',
    raftTerm: '2',
    dbSizeBytes: 20480,
    isLearner: false,
    errors: [],
    members: three,
    linearizable: true,
    latencyMs: 2,
    ...more,
  };
}

const down: MemberState = {reachable: false, reason: 'refused', message: '10.0.0.3:2379: connection refused'};

function judge(states: Readonly<Record<string, MemberState>>, expectation: Expectation = {}) {
  const {healthy, problems, summary} = judgeCluster(new Map(Object.entries(states)), expectation);
  return {healthy, problems: problems.map(({code, message}) => `${code} ${message}`), summary};
}

describe('a cluster', () => {
  test('whose members all agree is healthy', () => {
    expect(
      judge(
        {'etcd-1': live(1), 'etcd-2': live(2), 'etcd-3': live(3)},
        {clusterId: 'c000000000000000', memberIds: {'etcd-1': id(1)}},
      ),
    ).toEqual({
      healthy: true,
      problems: [],
      summary: {
        clusterId: 'c000000000000000',
        leader: 'etcd-1',
        asked: 3,
        answering: 3,
        voters: 3,
        healthyVoters: 3,
        learners: 0,
        quorum: 2,
        spare: 1,
        versions: ['3.5.30'],
      },
    });
  });

  test('of which nobody was asked is not healthy', () => {
    expect(judge({}).healthy).toBe(false);
  });

  test('with one member down still has its quorum, and nothing to spare', () => {
    const {healthy, problems, summary} = judge({'etcd-1': live(1), 'etcd-2': live(2), 'etcd-3': down});
    expect([healthy, problems, summary.healthyVoters, summary.spare]).toEqual([
      false,
      ['E_ETCD_UNREACHABLE etcd-3 does not answer: 10.0.0.3:2379: connection refused'],
      2,
      0,
    ]);
  });

  test('split in two is seen although every member feels well, and only the split is reported', () => {
    const rogue = live(3, {
      clusterId: 'd000000000000000',
      memberId: id(9),
      leaderId: id(9),
      members: [row(9, {name: 'etcd-3'})],
    });
    const {healthy, problems, summary} = judge({'etcd-1': live(1), 'etcd-2': live(2), 'etcd-3': rogue});
    expect([healthy, problems, summary.healthyVoters]).toEqual([
      false,
      [
        'E_ETCD_CLUSTER_ID_MISMATCH the members are in 2 different clusters (etcd-1, etcd-2: c000000000000000; etcd-3: d000000000000000)',
      ],
      2,
    ]);
  });

  test('that is not the expected one, or whose member is another than foretold, is not healthy', () => {
    const states = {'etcd-1': live(1), 'etcd-2': live(2), 'etcd-3': live(3)};
    expect(judge(states, {clusterId: 'e000000000000000'}).problems).toEqual([
      "E_ETCD_CLUSTER_ID the cluster's id is c000000000000000, not e000000000000000 as it should be",
    ]);
    expect(judge(states, {memberIds: {'etcd-2': id(7)}}).problems).toEqual([
      `E_ETCD_MEMBER_ID etcd-2 has the member id ${id(2)}, not ${id(7)} as it should have`,
    ]);
  });

  test('with two swapped members names both', () => {
    expect(judge({'etcd-1': live(2), 'etcd-2': live(1), 'etcd-3': live(3)}).problems).toEqual([
      'E_ETCD_MEMBER_SWAPPED what answers as etcd-1 is the member "etcd-2"',
      'E_ETCD_MEMBER_SWAPPED what answers as etcd-2 is the member "etcd-1"',
    ]);
  });

  test('without a leader says who knows none, once', () => {
    const lost = {leaderId: '', linearizable: false, linearizableError: 'no leader', errors: ['etcdserver: no leader']};
    expect(judge({'etcd-1': live(1, lost), 'etcd-2': down, 'etcd-3': down}).problems).toEqual([
      'E_ETCD_UNREACHABLE etcd-2 does not answer: 10.0.0.3:2379: connection refused',
      'E_ETCD_UNREACHABLE etcd-3 does not answer: 10.0.0.3:2379: connection refused',
      'E_ETCD_NO_LEADER etcd-1 knows no leader',
    ]);
  });

  test('whose members follow different leaders is not healthy', () => {
    const {problems, summary} = judge({'etcd-1': live(1), 'etcd-2': live(2, {leaderId: id(2)}), 'etcd-3': live(3)});
    expect([problems, summary.leader]).toEqual([
      [`E_ETCD_LEADER_DISAGREE the members name different leaders (etcd-1, etcd-3: ${id(1)}; etcd-2: ${id(2)})`],
      undefined,
    ]);
  });

  test('with an alarm names the member that raised it, once, though all repeat it', () => {
    const errors = [`memberID:2 alarm:NOSPACE `];
    const {problems} = judge({
      'etcd-1': live(1, {errors}),
      'etcd-2': live(2, {errors}),
      'etcd-3': live(3, {errors: ['memberID: 2  alarm: CORRUPT']}),
    });
    expect(problems).toEqual([
      'E_ETCD_ALARM_NOSPACE etcd-2 has raised the alarm NOSPACE: the cluster takes no writes',
      "E_ETCD_ALARM_CORRUPT etcd-2 has raised the alarm CORRUPT: its data differs from the others'",
    ]);
  });

  test('whose reads do not reach a majority is not healthy', () => {
    const {problems, summary} = judge({
      'etcd-1': live(1, {linearizable: false, linearizableError: 'no answer in time'}),
      'etcd-2': live(2),
      'etcd-3': live(3),
    });
    expect([problems, summary.healthyVoters]).toEqual([
      ['E_ETCD_READ a read through etcd-1 did not reach a majority: no answer in time'],
      2,
    ]);
  });

  test('with differing member lists, whatever the order of rows, is not healthy', () => {
    const shuffled = [row(3), row(1), row(2)];
    expect(judge({'etcd-1': live(1), 'etcd-2': live(2, {members: shuffled}), 'etcd-3': live(3)}).problems).toEqual([]);
    expect(
      judge({'etcd-1': live(1), 'etcd-2': live(2, {members: [row(1), row(2)]}), 'etcd-3': live(3)}).problems,
    ).toEqual([
      'E_ETCD_MEMBER_LISTS_DIFFER the members do not agree on who is a member (etcd-1, etcd-3 against etcd-2)',
    ]);
  });

  test('with a learner is healthy: it cannot list or read, and has no vote', () => {
    const members = [row(1), row(2), row(3, {isLearner: true})];
    const learner = live(3, {
      isLearner: true,
      members: [],
      membersError: 'rpc not supported for learner',
      linearizable: false,
    });
    const {healthy, problems, summary} = judge({
      'etcd-1': live(1, {members}),
      'etcd-2': live(2, {members}),
      'etcd-3': learner,
    });
    expect([healthy, problems]).toEqual([
      true,
      ['W_ETCD_LEARNER etcd-3 is a learner: it has no vote and does not serve reads'],
    ]);
    expect([summary.voters, summary.healthyVoters, summary.learners, summary.spare]).toEqual([2, 2, 1, 0]);
  });

  test('with rows that nobody accounts for names them with how to remove them', () => {
    const members = [...three, row(4), row(5, {name: '', clientUrls: []}), row(6, {name: '', isLearner: true})];
    const {healthy, problems} = judge({
      'etcd-1': live(1, {members}),
      'etcd-2': live(2, {members}),
      'etcd-3': live(3, {members}),
    });
    expect([healthy, problems]).toEqual([
      false,
      [
        `W_ETCD_MEMBER_UNKNOWN the cluster has a member "etcd-4" (${id(4)}, https://10.0.0.4:2380) that the inventory does not have`,
        `E_ETCD_MEMBER_UNSTARTED the member ${id(5)} (https://10.0.0.5:2380) was added but never started`,
        `W_ETCD_LEARNER_UNSTARTED the member ${id(6)} (https://10.0.0.6:2380) was added but never started`,
      ],
    ]);
  });

  test('from which a running member was removed says so', () => {
    const members = [row(1), row(2)];
    expect(
      judge({'etcd-1': live(1, {members}), 'etcd-2': live(2, {members}), 'etcd-3': live(3, {members})}).problems,
    ).toEqual([`E_ETCD_MEMBER_MISSING etcd-3 (${id(3)}) is not in the cluster's member list`]);
  });

  test('with a member far behind is not healthy, one a little behind is', () => {
    const states = (index: string) => ({
      'etcd-1': live(1, {raftAppliedIndex: '2000'}),
      'etcd-2': live(2, {raftAppliedIndex: '2000'}),
      'etcd-3': live(3, {raftAppliedIndex: index}),
    });
    expect(judge(states('1000')).problems).toEqual([]);
    expect(judge(states('999')).problems).toEqual(['E_ETCD_LAGGING etcd-3 is 1001 entries behind']);
  });

  test('in the middle of an upgrade is healthy, with a warning', () => {
    const {healthy, problems, summary} = judge({
      'etcd-1': live(1),
      'etcd-2': live(2, {version: '3.6.14'}),
      'etcd-3': live(3, {version: '3.5.9'}),
    });
    expect([healthy, problems, summary.versions]).toEqual([
      true,
      ['W_ETCD_VERSION_SKEW the members run different versions (3.5: etcd-1, etcd-3; 3.6: etcd-2)'],
      ['3.5.9', '3.5.30', '3.6.14'],
    ]);
  });

  test('whose member keeps its list to itself is not healthy', () => {
    const quiet = live(2, {members: [], membersError: 'etcdserver: permission denied'});
    expect(judge({'etcd-1': live(1), 'etcd-2': quiet, 'etcd-3': live(3)}).problems).toEqual([
      'E_ETCD_MEMBERS_UNKNOWN etcd-2 does not tell the member list: etcdserver: permission denied',
    ]);
  });
});

test('the table of members has a row for each, also for those that do not answer', () => {
  const states = new Map<string, MemberState>([
    ['etcd-1', live(1, {dbSizeBytes: 21_300_000})],
    ['etcd-2', live(2, {leaderId: '', linearizable: false})],
    ['etcd-3', down],
  ]);
  expect(memberTable(states, {'etcd-3': 'https://10.0.0.3:2379'}).split('\n')).toEqual([
    'NAME    ID                STATUS          VERSION  DB SIZE  RAFT TERM  RAFT INDEX  CLIENT URL',
    'etcd-1  0000000000000001  leader          3.5.30   21.3 MB  2          100         https://10.0.0.1:2379',
    'etcd-2  0000000000000002  no leader       3.5.30   20.5 kB  2          100         https://10.0.0.2:2379',
    'etcd-3  -                 down (refused)  -        -        -          -           https://10.0.0.3:2379',
  ]);
});

test('sizes are shown in decimal units', () => {
  expect([0, 999, 20480, 999_600, 123_456_789, 8_589_934_592].map(formatBytes)).toEqual([
    '0 B',
    '999 B',
    '20.5 kB',
    '1 MB',
    '123 MB',
    '8.6 GB',
  ]);
});
