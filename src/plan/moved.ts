/** What has moved between a plan and now: each difference with its name, before and after. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {canonical} from './canonical.ts';
import type {ClusterBinding, HostBinding, PlanState} from './saved-plan.ts';

/** One difference. `what` is the beginning of a sentence: "the raft term of cluster etcd was 2 and is 3". */
export interface Moved {
  readonly what: string;
  readonly before: string;
  readonly now: string;
}

/** As `E_PLAN_MOVED`, one each; the last one says what to do. */
export function movedProblems(moved: readonly Moved[]): readonly Diagnostic[] {
  return moved.map(({what, before, now}, index) =>
    problem('E_PLAN_MOVED', `${what} was ${before} and is ${now}`, index === moved.length - 1 ? {hint: HINT} : {}),
  );
}

const HINT =
  'nothing was changed. Make a new plan (the same command with --check --plan-out FILE), read it, and apply that.';

/** Clusters and hosts that are not as they were. */
export function movedState(before: PlanState, now: PlanState): readonly Moved[] {
  const clusters = namesOf(before.clusters, now.clusters).flatMap(name =>
    movedCluster(name, before.clusters[name] ?? NOBODY, now.clusters[name] ?? NOBODY),
  );
  const hosts = namesOf(before.hosts, now.hosts).flatMap(name =>
    movedHost(name, before.hosts[name] ?? UNKNOWN, now.hosts[name] ?? UNKNOWN),
  );
  return [...clusters, ...hosts];
}

const NOBODY: ClusterBinding = {clusterId: '', term: '', members: [], silent: []};
const UNKNOWN: HostBinding = {machineId: '', bootId: ''};

function namesOf(...records: readonly Readonly<Record<string, unknown>>[]): string[] {
  return [...new Set(records.flatMap(Object.keys))].sort();
}

function movedCluster(name: string, before: ClusterBinding, now: ClusterBinding): Moved[] {
  const moved: Moved[] = [];
  const compare = (what: string, old: string, current: string): void => {
    if (old !== current)
      moved.push({what: `${what} of cluster ${name}`, before: old || 'none', now: current || 'none'});
  };
  compare('the id', before.clusterId, now.clusterId);
  compare('the raft term', before.term, now.term);
  compare('the list of silent members', before.silent.join(', '), now.silent.join(', '));
  moved.push(...movedMembers(name, before, now));
  return moved;
}

function movedMembers(cluster: string, before: ClusterBinding, now: ClusterBinding): Moved[] {
  const [old, current] = [before, now].map(({members}) => new Map(members.map(member => [member.id, member])));
  const ids = [...new Set([...(old?.keys() ?? []), ...(current?.keys() ?? [])])].sort();
  return ids.flatMap(id => {
    const [was, is] = [old?.get(id), current?.get(id)];
    if (canonical(was) === canonical(is)) return [];
    return [{what: `member ${id} of cluster ${cluster}`, before: memberText(was), now: memberText(is)}];
  });
}

function memberText(member: ClusterBinding['members'][number] | undefined): string {
  if (member === undefined) return 'not in the member list';
  const {name, peerUrls, clientUrls, isLearner} = member;
  const clients = clientUrls.length === 0 ? 'not started' : `clients at ${clientUrls.join(',')}`;
  return `${isLearner ? 'learner' : 'voter'} ${name === '' ? '(no name yet)' : name}, peers at ${peerUrls.join(',')}, ${clients}`;
}

function movedHost(name: string, before: HostBinding, now: HostBinding): Moved[] {
  if (before.machineId !== now.machineId)
    return [
      {what: `the machine behind ${name}`, before: before.machineId || 'unknown', now: now.machineId || 'unknown'},
    ];
  if (before.bootId === now.bootId) return [];
  const what = `the boot id of ${name} (it was started again)`;
  return [{what, before: before.bootId || 'unknown', now: now.bootId || 'unknown'}];
}
