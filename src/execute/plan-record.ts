/** What a check run has decided, and the state of hosts and clusters that it was decided on: the contents of a plan file. */
import {isMap} from '../base/data.ts';
import type {Graph} from '../graph/graph.ts';
import type {ClusterBinding, HostBinding, PlanBody, PlannedIdentity, PlannedTask} from '../plan/saved-plan.ts';
import type {EtcdFact, SystemFact} from '../task/fact.ts';
import {opRecord} from '../task/op-record.ts';
import type {Probe} from '../task/probe.ts';
import type {Task} from '../task/task.ts';
import {taskInput} from '../task/task-input.ts';
import {probesOf} from './decide.ts';
import type {EtcdAccess} from './etcd-access.ts';
import type {Outcome} from './outcome.ts';
import {laterTasks} from './plan-later.ts';
import type {HostSession, Question} from './session.ts';

/** The decisions of a run. */
export type Decided = Pick<PlanBody, 'tasks' | 'state' | 'identity'>;

/** Who was asked. */
export interface Asked {
  readonly outcomeOf: (id: string) => Outcome | undefined;
  readonly sessions: ReadonlyMap<string, HostSession>;
  readonly etcd: EtcdAccess;
}

/** What a plan is bound to of each host: asked as the user who asks anyway. */
export function hostQuestion(tasks: readonly Task[], host: string): Question {
  return {probe: {kind: 'system'}, as: tasks.find(task => task.host === host && task.kind !== 'barrier')?.become};
}

/** The decisions of a run that has ended. */
export function recordPlan({nodes}: Graph<Task>, {outcomeOf, sessions, etcd}: Asked): Decided {
  const later = laterTasks(nodes, outcomeOf);
  const tasks = nodes.flatMap(task => {
    const outcome = task.kind === 'barrier' ? undefined : outcomeOf(task.id);
    return outcome === undefined ? [] : [taskRecord(task, outcome, later.has(task.id))];
  });
  const hosts = [...sessions.keys()].map(host => {
    const {probe, as} = hostQuestion(nodes, host);
    return [host, hostBinding(sessions.get(host)?.facts.get(probe, as) as SystemFact | undefined)] as const;
  });
  return {
    tasks,
    state: {clusters: clusterBindings(nodes, etcd), hosts: Object.fromEntries(hosts)},
    identity: identities(nodes, outcomeOf),
  };
}

function taskRecord(task: Task, outcome: Outcome, later: boolean): PlannedTask {
  const {id, name, host, noLog = false} = task;
  const {status, reason, operations = [], diffs = [], causes = []} = outcome;
  return {
    id,
    name,
    host,
    input: taskInput(task),
    status,
    reason,
    later,
    causes: noLog ? [] : causes,
    ops: operations.map(op => opRecord(op, noLog)),
    diffs: noLog ? [] : diffs,
  };
}

function hostBinding(fact: SystemFact | undefined): HostBinding {
  return {machineId: fact?.machineId ?? '', bootId: fact?.bootId ?? ''};
}

type EtcdProbe = Extract<Probe, {kind: 'etcd'}>;

/** Each cluster as those of its members told it that the tasks asked. */
function clusterBindings(tasks: readonly Task[], etcd: EtcdAccess): Record<string, ClusterBinding> {
  const answers = new Map<string, Map<string, EtcdFact | undefined>>();
  for (const task of tasks) {
    if (task.cluster === undefined || task.late !== undefined || task.skip !== undefined) continue;
    const probes = Object.values(probesOf(task)).filter((probe): probe is EtcdProbe => probe.kind === 'etcd');
    if (probes.length === 0) continue;
    const members = answers.get(task.cluster) ?? new Map();
    for (const probe of probes) members.set(probe.member, etcd.facts.get(probe) ?? members.get(probe.member));
    answers.set(task.cluster, members);
  }
  return Object.fromEntries([...answers].map(([name, members]) => [name, clusterBinding(members)]));
}

function clusterBinding(answers: ReadonlyMap<string, EtcdFact | undefined>): ClusterBinding {
  const live = [...answers.values()].filter(fact => fact?.reachable === true);
  const silent = [...answers].filter(([, fact]) => fact?.reachable !== true).map(([name]) => name);
  const rows = new Map(live.flatMap(({members}) => members.map(member => [member.id, member] as const)));
  const [term] = live.map(({raftTerm}) => BigInt(raftTerm)).sort((a, b) => (a < b ? 1 : -1));
  return {
    clusterId: [...new Set(live.map(({clusterId}) => clusterId))].sort().join(', '),
    term: String(term ?? ''),
    members: [...rows.values()]
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map(({id, name, peerUrls, clientUrls, isLearner}) => ({
        id,
        name,
        peerUrls: [...peerUrls].sort(),
        clientUrls: [...clientUrls].sort(),
        isLearner,
      })),
    silent,
  };
}

/** Ids foretold by the tasks that found a cluster to be made. */
function identities(
  tasks: readonly Task[],
  outcomeOf: (id: string) => Outcome | undefined,
): Record<string, PlannedIdentity> {
  const found: Record<string, PlannedIdentity> = {};
  for (const {id, cluster} of tasks) {
    const identity = outcomeOf(id)?.result?.['identity'];
    if (cluster === undefined || !isMap(identity)) continue;
    const {cluster_id: clusterId, member_ids: memberIds} = identity;
    if (typeof clusterId === 'string' && isMap(memberIds))
      found[cluster] = {clusterId, memberIds: memberIds as Readonly<Record<string, string>>};
  }
  return found;
}
