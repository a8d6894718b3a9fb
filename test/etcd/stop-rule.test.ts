/** May a member be stopped now? One row per case; and the order in which members go. */
import {describe, expect, it} from 'vitest';
import type {LiveState, MemberState, States} from '../../src/etcd/facts.ts';
import {idToDecimal} from '../../src/etcd/identity.ts';
import {stayingMembers} from '../../src/etcd/stop-destroy.ts';
import {standingOf, stopOrder} from '../../src/etcd/stop-order.ts';
import {judgeStop, type StopCase} from '../../src/etcd/stop-rule.ts';
import {stopView} from '../../src/etcd/stop-view.ts';
import {live, memberArgs, SILENT} from '../helpers/decide-etcd.ts';

const members = (count: number) =>
  memberArgs(count).map(({name, peer_url, host}, index) => ({name, peerUrl: peer_url, host, seq: index}));
const up = (name: string, count: number, more: Partial<LiveState> = {}) => live(name, count, more) as LiveState;

/** `3` healthy members of `count`, the others silent; `changes` replaces answers by name. */
function cluster(
  count: number,
  answering: number,
  changes: Readonly<Record<string, MemberState | undefined>> = {},
): States {
  const states = new Map<string, MemberState>();
  for (const [index, {name}] of members(count).entries())
    states.set(name, index < answering ? up(name, count) : SILENT);
  for (const [name, state] of Object.entries(changes)) if (state !== undefined) states.set(name, state);
  return states;
}

/** `ok 3/3 -> 2/3` with who takes over, or the codes; `~` before what may pass by itself. */
function judge(count: number, states: States, more: Partial<StopCase> = {}): string {
  const verdict = judgeStop({
    members: members(count),
    states,
    member: 'm1',
    returns: true,
    allowDowntime: false,
    ...more,
  });
  if (!verdict.allowed) return `${verdict.passing ? '~' : ''}${verdict.problems.map(({code}) => code).join(' ')}`;
  const {before, after, voters} = verdict.arithmetic;
  const next = verdict.successor === undefined ? '' : ` then ${verdict.successor.name}`;
  const warned = verdict.warnings.map(({code}) => ` ${code}`).join('');
  return `ok ${before}/${voters} -> ${after}/${voters}${next}${warned}`;
}

const alarm = (member: string, kind: string) => [
  `memberID:${idToDecimal(member.slice(1).padStart(16, '0'))} alarm:${kind} `,
];
const withErrors = (count: number, errors: readonly string[]) =>
  cluster(count, count, Object.fromEntries(members(count).map(({name}) => [name, up(name, count, {errors})])));
const other = (name: string, count: number) => up(name, count, {clusterId: 'd'.repeat(16)});
const learner = (name: string, count: number): MemberState =>
  up(name, count, {isLearner: true, linearizable: false, members: []});
const listWith = (count: number, learners: readonly string[]) =>
  up('m1', count).members.map(row => ({...row, isLearner: learners.includes(row.name)}));

describe('a member is stopped', () => {
  it.each<[string, string, number, States, Partial<StopCase>]>([
    ['of three healthy ones', 'ok 3/3 -> 2/3', 3, cluster(3, 3), {member: 'm2'}],
    [
      'that leads: the voter that has applied most takes over',
      'ok 3/3 -> 2/3 then m3',
      3,
      cluster(3, 3, {m3: up('m3', 3, {raftAppliedIndex: '11'})}),
      {},
    ],
    ['of five, one missing', 'ok 4/5 -> 3/5', 5, cluster(5, 4), {member: 'm2'}],
    ['that is itself the missing one', 'ok 2/3 -> 2/3', 3, cluster(3, 2), {member: 'm3'}],
    [
      'that hangs: it answers, and reads fail',
      'ok 2/3 -> 2/3',
      3,
      cluster(3, 3, {m3: up('m3', 3, {linearizable: false})}),
      {member: 'm3'},
    ],
    ['of one, with the leave', 'ok 1/1 -> 0/1 W_ETCD_DOWNTIME', 1, cluster(1, 1), {allowDowntime: true}],
    ['of one that hangs, with the leave', 'ok 0/1 -> 0/1 W_ETCD_DOWNTIME', 1, cluster(1, 0), {allowDowntime: true}],
    ['of two, with the leave', 'ok 2/2 -> 1/2 then m2 W_ETCD_DOWNTIME', 2, cluster(2, 2), {allowDowntime: true}],
    [
      'that hangs, of two, with the leave',
      'ok 0/2 -> 0/2 W_ETCD_DOWNTIME',
      2,
      cluster(2, 1, {m1: up('m1', 2, {leaderId: '', linearizable: false})}),
      {member: 'm2', allowDowntime: true},
    ],
    [
      'of another cluster, for good: the way out of two clusters',
      'ok 2/3 -> 2/3',
      3,
      cluster(3, 2, {m3: other('m3', 3)}),
      {member: 'm3', returns: false},
    ],
    [
      'that is corrupt, for good',
      'ok 3/3 -> 2/3',
      3,
      withErrors(3, alarm('m2', 'CORRUPT')),
      {member: 'm2', returns: false},
    ],
    [
      'of a full cluster, with the leave',
      'ok 3/3 -> 2/3',
      3,
      withErrors(3, alarm('m2', 'NOSPACE')),
      {member: 'm2', allowDowntime: true},
    ],
    [
      'that the others no longer list',
      'ok 2/2 -> 2/2',
      3,
      cluster(3, 3, Object.fromEntries(['m1', 'm2', 'm3'].map(name => [name, up(name, 2)]))),
      {member: 'm3'},
    ],
  ])('%s', (_, expected, count, states, more) => {
    expect(judge(count, states, more)).toBe(expected);
  });
});

describe('a member is not stopped', () => {
  it.each<[string, string, number, States, Partial<StopCase>]>([
    ['of three, one missing', 'E_ETCD_QUORUM', 3, cluster(3, 2), {}],
    ['of three, one missing, leave or not', 'E_ETCD_QUORUM', 3, cluster(3, 2), {allowDowntime: true}],
    ['of five, two missing', 'E_ETCD_QUORUM', 5, cluster(5, 3), {}],
    ['of one, without leave', 'E_ETCD_QUORUM', 1, cluster(1, 1), {}],
    ['of two, without leave', 'E_ETCD_QUORUM', 2, cluster(2, 2), {}],
    ['the last of two that answers', 'E_ETCD_QUORUM', 2, cluster(2, 1), {allowDowntime: true}],
    ['though it is unhealthy itself: the others have no quorum', 'E_ETCD_QUORUM', 3, cluster(3, 1), {member: 'm3'}],
    ['where nobody answers', 'E_ETCD_QUORUM', 3, cluster(3, 0), {}],
    [
      'while a learner is all there is to spare',
      'E_ETCD_QUORUM',
      3,
      cluster(3, 3, {
        m1: up('m1', 3, {members: listWith(3, ['m3'])}),
        m2: up('m2', 3, {members: listWith(3, ['m3'])}),
        m3: learner('m3', 3),
      }),
      {},
    ],
    [
      'while another has not caught up: in a moment',
      '~E_ETCD_QUORUM',
      3,
      cluster(3, 3, {m1: up('m1', 3, {raftAppliedIndex: '5000'}), m2: up('m2', 3, {raftAppliedIndex: '5000'})}),
      {},
    ],
    [
      'while there is no leader: in a moment',
      '~E_ETCD_QUORUM',
      3,
      cluster(
        3,
        3,
        Object.fromEntries(['m1', 'm2', 'm3'].map(name => [name, up(name, 3, {leaderId: '', linearizable: false})])),
      ),
      {},
    ],
    [
      'while the members name different leaders',
      '~E_ETCD_LEADER_DISAGREE',
      3,
      cluster(3, 3, {m3: up('m3', 3, {leaderId: '2'.padStart(16, '0')})}),
      {},
    ],
    ['while the lists differ', '~E_ETCD_MEMBER_LISTS_DIFFER', 3, cluster(3, 3, {m3: up('m3', 4)}), {}],
    [
      'where nobody tells the list',
      'E_ETCD_MEMBERS_UNKNOWN E_ETCD_MEMBERS_UNKNOWN E_ETCD_MEMBERS_UNKNOWN',
      3,
      cluster(3, 3, Object.fromEntries(['m1', 'm2', 'm3'].map(name => [name, up(name, 3, {members: []})]))),
      {},
    ],
    ['while a member is in another cluster', 'E_ETCD_CLUSTER_ID_MISMATCH', 3, cluster(3, 2, {m3: other('m3', 3)}), {}],
    [
      'and started again, being the one in another cluster',
      'E_ETCD_CLUSTER_ID_MISMATCH',
      3,
      cluster(3, 2, {m3: other('m3', 3)}),
      {member: 'm3'},
    ],
    [
      'where two clusters are of one size: nobody can tell which is right',
      'E_ETCD_CLUSTER_ID_MISMATCH',
      2,
      cluster(2, 1, {m2: other('m2', 2)}),
      {member: 'm2', returns: false},
    ],
    [
      'where another member answers in its place',
      'E_ETCD_MEMBER_SWAPPED E_ETCD_MEMBER_SWAPPED',
      3,
      cluster(3, 3, {m1: up('m2', 3), m2: up('m1', 3)}),
      {},
    ],
    ['while one is corrupt', 'E_ETCD_ALARM_CORRUPT', 3, withErrors(3, alarm('m2', 'CORRUPT')), {}],
    [
      'and started again, being the corrupt one',
      'E_ETCD_ALARM_CORRUPT',
      3,
      withErrors(3, alarm('m2', 'CORRUPT')),
      {member: 'm2'},
    ],
    ['while the cluster is full', 'E_ETCD_ALARM_NOSPACE', 3, withErrors(3, alarm('m2', 'NOSPACE')), {}],
    [
      'while a listed member never started',
      'E_ETCD_QUORUM',
      3,
      cluster(3, 3, Object.fromEntries(['m1', 'm2', 'm3'].map(name => [name, up(name, 4)]))),
      {assumed: new Map([['m3', 'down']])},
    ],
  ])('%s', (_, expected, count, states, more) => {
    expect(judge(count, states, more)).toBe(expected);
  });

  it('and the message has the arithmetic, who is missing, and where to mend it', () => {
    const verdict = judgeStop({
      members: members(3),
      states: cluster(3, 2),
      member: 'm1',
      returns: true,
      allowDowntime: false,
    });
    const [problem] = verdict.allowed ? [] : verdict.problems;
    expect(problem?.message).toBe(
      'm1 must not be stopped now: 2 of 3 voters are healthy and 2 must stay: 2/3 -> 1/3. Missing: m3 (connection refused)',
    );
    expect(problem?.hint).toContain('etcdctl-play etcd-restart.yml -l m3');
  });

  it('and a member that the same run stops for good is not called missing for another reason', () => {
    const question = {members: members(3), states: cluster(3, 3), member: 'm3', returns: false, allowDowntime: false};
    const verdict = judgeStop({...question, assumed: new Map([['m2', 'down' as const]])});
    const [problem] = verdict.allowed ? [] : verdict.problems;
    expect(problem?.message).toContain('2/3 -> 1/3. Missing: m2 (stopped by this run, too)');
    expect(problem?.hint).toContain('remove the member from the cluster first');
  });

  it('and a small cluster is told of the leave', () => {
    const verdict = judgeStop({
      members: members(2),
      states: cluster(2, 2),
      member: 'm1',
      returns: true,
      allowDowntime: false,
    });
    expect(verdict.allowed ? '' : verdict.problems[0]?.hint).toContain('--allow-downtime');
  });
});

describe('the order', () => {
  it.each<[string, States, readonly string[]]>([
    ['followers by number, the leader last', cluster(3, 3), ['m2', 'm3', 'm1']],
    ['who is missing first', cluster(3, 2), ['m3', 'm2', 'm1']],
    [
      'then learners',
      cluster(4, 3, {
        m1: up('m1', 4, {members: listWith(4, ['m3'])}),
        m2: up('m2', 4, {members: listWith(4, ['m3'])}),
        m3: learner('m3', 4),
      }),
      ['m4', 'm3', 'm2', 'm1'],
    ],
    ['a member of another cluster is not healthy', cluster(3, 2, {m3: other('m3', 3)}), ['m3', 'm2', 'm1']],
    ['without a leader by number', cluster(3, 0), ['m1', 'm2', 'm3']],
  ])('is %s', (_, states, expected) => {
    const count = states.size;
    const view = stopView(members(count), states);
    expect(stopOrder(members(count), view).map(({name}) => name)).toEqual(expected);
  });

  it('knows who leads', () => {
    expect(standingOf('m1', stopView(members(3), cluster(3, 3)))).toBe('leader');
  });
});

describe('a whole cluster is given up', () => {
  const names = (...list: string[]) => new Set(list);
  it.each<[string, States, ReadonlySet<string>, ReadonlySet<string>, readonly string[]]>([
    ['where all are stopped', cluster(3, 3), names('m1', 'm2', 'm3'), names(), []],
    ['where the rest is down already', cluster(3, 2), names('m1', 'm2'), names('m3'), []],
    ['not where one that is called gone answers', cluster(3, 3), names('m1', 'm2'), names('m3'), ['m3']],
    ['not where one is left out', cluster(3, 3), names('m1', 'm2'), names(), ['m3']],
    ['not where a listed one is left out that does not answer', cluster(3, 2), names('m1', 'm2'), names(), ['m3']],
    [
      'not where the cluster lists one that the inventory lacks',
      cluster(3, 3, {m1: up('m1', 4), m2: up('m2', 4), m3: up('m3', 4)}),
      names('m1', 'm2', 'm3'),
      names(),
      ['m4'],
    ],
    ['not where nobody tells the list and one is left out', cluster(3, 0), names('m1', 'm2'), names(), ['m3']],
  ])('%s', (_, states, stopping, gone, expected) => {
    expect(stayingMembers({members: members(3), states, stopping, gone})).toEqual(expected);
  });
});
