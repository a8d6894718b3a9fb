/** Who is next at the gate: learners and unhealthy members, followers, the leader; or all at once where a whole cluster is given up. */
import type {Diagnostic} from '../base/diagnostic.ts';
import type {States} from '../etcd/facts.ts';
import type {ManagedCluster} from '../etcd/managed.ts';
import {stayingMembers} from '../etcd/stop-destroy.ts';
import {standingOf, stopOrder} from '../etcd/stop-order.ts';
import {judgeStop} from '../etcd/stop-rule.ts';
import {type Assumed, stopView} from '../etcd/stop-view.ts';
import type {MemberStop} from '../task/member-stops.ts';
import {stepOf} from '../task/step-id.ts';
import type {Task} from '../task/task.ts';
import type {EtcdAccess} from './etcd-access.ts';
import type {Entry, Pick} from './gate-queue.ts';
import {readCluster} from './gate-reading.ts';
import type {Outcomes} from './outcome.ts';
import type {HostSession} from './session.ts';

/** A task at the gate, with the members that it takes down. */
export interface AtGate extends Entry {
  readonly stops: readonly MemberStop[];
}

/** What choosing needs. */
export interface OrderEnvironment {
  readonly tasks: readonly Task[];
  readonly sessions: ReadonlyMap<string, HostSession>;
  readonly etcd: EtcdAccess;
  readonly outcomes: Outcomes;
  /** Check runs: what earlier steps would have made of a cluster. */
  readonly assumed: (cluster: string) => Assumed | undefined;
}

/** Chooses, and remembers what it found out on the way. */
export class GateOrder {
  readonly #run: OrderEnvironment;
  /** Clusters that are given up whole, with the members that go. */
  readonly #givenUp = new Map<string, ReadonlySet<string>>();
  /** Tasks that were judged together and may not go, with the reasons. */
  readonly #refusals = new Map<string, readonly Diagnostic[]>();

  constructor(run: OrderEnvironment) {
    this.#run = run;
  }

  /** Whether the member goes with its whole cluster. */
  isGivenUp({cluster, member}: MemberStop): boolean {
    return this.#givenUp.get(cluster.name)?.has(member.name) === true;
  }

  /** Why a task may not go with the others that go for good; empty: nothing was said against it. */
  refusal({id}: Task): readonly Diagnostic[] {
    return this.#refusals.get(id) ?? [];
  }

  /** The next of those that wait: a whole cluster at once where it is given up, else who costs least. */
  async pick(entries: readonly AtGate[]): Promise<Pick<AtGate>> {
    const [only] = entries;
    const isGoing = entries.every(({stops}) => stops.every(({destroys, cluster}) => destroys === cluster.name));
    const clusters = [...new Set(entries.flatMap(({stops}) => stops.map(({cluster}) => cluster)))];
    if (entries.length === 1 && only !== undefined && !isGoing) return {first: [only]};
    const [cluster] = clusters;
    if (cluster === undefined) return {first: entries};
    this.#run.etcd.forget(['etcd']);
    const states = await readCluster(cluster, this.#run.etcd);
    const view = stopView(cluster.members, states, this.#run.assumed(cluster.name));
    const entryOf = new Map(entries.flatMap(entry => entry.stops.map(({member}) => [member, entry] as const)));
    const ordered = [...new Set(stopOrder([...entryOf.keys()], view).flatMap(member => entryOf.get(member) ?? []))];
    if (isGoing && clusters.length === 1 && this.#goesWhole(cluster, entries, states)) {
      const leads = ({stops}: AtGate) => stops.some(({member}) => standingOf(member.name, view) === 'leader');
      // A leader that is stopped with its followers would wait for one of them to take over.
      return {first: ordered.filter(entry => !leads(entry)), last: ordered.filter(leads)};
    }
    if (isGoing) this.#judgeTogether(cluster, ordered, states);
    return {first: ordered.slice(0, 1)};
  }

  /** Members that go for good are judged as one: to stop the first of them and refuse the second would help nobody. */
  #judgeTogether(cluster: ManagedCluster, entries: readonly AtGate[], states: States): void {
    const {members, allowDowntime} = cluster;
    const down = new Map<string, 'up' | 'down'>(this.#run.assumed(cluster.name));
    for (const {member} of entries.flatMap(({stops}) => stops)) {
      const question = {members, states, member: member.name, returns: false, allowDowntime, assumed: down};
      const verdict = judgeStop(question);
      if (!verdict.allowed) {
        for (const {task} of entries) this.#refusals.set(task.id, verdict.problems);
        return;
      }
      down.set(member.name, 'down');
    }
  }

  /** Whether all of the cluster that answers or is listed is stopped by this run, or down already. */
  #goesWhole(cluster: ManagedCluster, entries: readonly AtGate[], states: States): boolean {
    const stopping = new Set(entries.flatMap(({stops}) => stops.map(({member}) => member.name)));
    const {sessions, outcomes, tasks} = this.#run;
    const steps = new Set(entries.map(({task}) => stepOf(task.id)));
    const asked = new Set(tasks.filter(({id}) => steps.has(stepOf(id))).map(({host}) => host));
    const isGone = (host: string) =>
      asked.has(host) && (sessions.get(host)?.lost !== undefined || !outcomes.stoppedHosts.has(host));
    const gone = new Set(cluster.members.filter(({host}) => isGone(host)).map(({name}) => name));
    const staying = stayingMembers({members: cluster.members, states, stopping, gone});
    if (staying.length === 0) this.#givenUp.set(cluster.name, stopping);
    return staying.length === 0;
  }
}
