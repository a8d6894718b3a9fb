/**
 * Whether members that answer are one healthy cluster. "Healthy" by etcd's own `endpoint health` is not enough: a member that
 * bootstrapped a cluster of its own passes it, and a cluster with an alarm fails it though nothing is down.
 */
import type {Diagnostic} from '../base/diagnostic.ts';
import type {ClusterSummary, Expectation, ListedMember, LiveState, States} from './facts.ts';
import {liveStates, majority} from './facts.ts';
import {alarmProblems, clusterIdProblems, leaderProblems, readProblems, silenceProblems} from './health-checks.ts';
import {lagProblems, listProblems, listText, memberProblems, versionProblems} from './health-members.ts';
import {quorum} from './quorum.ts';
import {compareVersions, parseVersion} from './versions.ts';

/** A verdict: `healthy` = no problem is an error. Warnings (a learner, an even size) leave a cluster healthy. */
export interface Verdict {
  readonly healthy: boolean;
  readonly problems: readonly Diagnostic[];
  readonly summary: ClusterSummary;
}

/** Judges the answers of all members of one cluster, by member name. Every problem is found, each with what to do. */
export function judgeCluster(states: States, expectation: Expectation = {}): Verdict {
  const live = liveStates(states);
  const {tolerate = []} = expectation;
  const clusterId = clusterIdOf(live);
  // What members of another cluster say about leaders and lists is that cluster's business, not this one's.
  const own = new Map([...live].filter(([, state]) => state.clusterId === clusterId));
  const problems = [
    ...silenceProblems(states, expectation),
    ...clusterIdProblems(live, expectation),
    ...memberProblems(own, expectation),
    ...listProblems(own, states),
    ...leaderProblems(own),
    ...alarmProblems(own),
    ...readProblems(own),
    ...lagProblems(own),
    ...versionProblems(own),
  ];
  return {
    healthy: states.size > 0 && problems.every(({severity, code}) => severity !== 'error' || tolerate.includes(code)),
    problems,
    summary: summarize(states, own, clusterId),
  };
}

/** Whether the cluster or a member is not who it should be: no waiting heals that. */
export function hasWrongIdentity(problems: readonly Diagnostic[]): boolean {
  return problems.some(({code}) => code === 'E_ETCD_CLUSTER_ID' || code === 'E_ETCD_MEMBER_ID');
}

function summarize(states: States, own: ReadonlyMap<string, LiveState>, clusterId: string | undefined): ClusterSummary {
  const list = listOf(own);
  const voters =
    list === undefined
      ? [...own.values()].filter(state => !state.isLearner).length
      : list.filter(row => !row.isLearner).length;
  const healthyVoters = [...own.values()].filter(
    state => !state.isLearner && state.leaderId !== '' && state.linearizable,
  ).length;
  const leaderIds = new Set([...own.values()].map(state => state.leaderId).filter(id => id !== ''));
  const [leaderId] = leaderIds;
  return {
    clusterId,
    leader: leaderIds.size === 1 ? nameOf(leaderId ?? '', own, list) : undefined,
    asked: states.size,
    answering: liveStates(states).size,
    voters,
    healthyVoters,
    learners: list?.filter(row => row.isLearner).length ?? 0,
    quorum: quorum(voters),
    spare: Math.max(0, healthyVoters - quorum(voters)),
    versions: sortVersions(new Set([...own.values()].map(state => state.version))),
  };
}

function clusterIdOf(live: ReadonlyMap<string, LiveState>): string | undefined {
  return majority(new Map([...live].map(([name, state]) => [name, state.clusterId]))).value;
}

/** The member list of the cluster that most answering members are in; empty where nobody tells one. */
export function memberListOf(states: States): readonly ListedMember[] {
  const live = liveStates(states);
  const clusterId = clusterIdOf(live);
  return listOf(new Map([...live].filter(([, state]) => state.clusterId === clusterId))) ?? [];
}

/** Ids of the voters that answer, know a leader and read through quorum. */
export function healthyVoterIds(states: States): ReadonlySet<string> {
  const healthy = [...liveStates(states).values()].filter(
    state => !state.isLearner && state.leaderId !== '' && state.linearizable,
  );
  return new Set(healthy.map(({memberId}) => memberId));
}

/** The member list most members give: a learner gives none. */
function listOf(own: ReadonlyMap<string, LiveState>): readonly ListedMember[] | undefined {
  const telling = new Map([...own].filter(([, {members}]) => members.length > 0));
  const texts = new Map([...telling].map(([name, {members}]) => [name, listText(members)]));
  const [teller = ''] = majority(texts).groups.get(majority(texts).value ?? '') ?? [];
  return telling.get(teller)?.members;
}

function nameOf(id: string, own: ReadonlyMap<string, LiveState>, list: readonly ListedMember[] | undefined): string {
  const asked = [...own].find(([, state]) => state.memberId === id)?.[0];
  return asked ?? list?.find(row => row.id === id)?.name ?? id;
}

function sortVersions(versions: ReadonlySet<string>): readonly string[] {
  return [...versions].sort((a, b) => {
    const [left, right] = [parseVersion(a), parseVersion(b)];
    return left === undefined || right === undefined ? a.localeCompare(b) : compareVersions(left, right);
  });
}
