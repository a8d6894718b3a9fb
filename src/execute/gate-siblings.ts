/**
 * Who can still come to the gate. The same step on the other hosts of a cluster is waited for, so that the leader can be the
 * last; never for a task that itself waits for one who stands at the gate. Works on what the graph says, so it cannot be late.
 */
import {stepOf} from '../task/step-id.ts';
import type {Task} from '../task/task.ts';

/** Tasks that stand at the gate and wait for the same siblings. */
export interface Gathering {
  readonly step: string;
  readonly clusters: readonly string[];
  /** Ids of its tasks that wait. */
  readonly waiting: ReadonlySet<string>;
}

/** The graph's tasks, looked at from the gate. */
export class Siblings {
  readonly #byStep = new Map<string, Task[]>();
  readonly #byId = new Map<string, Task>();
  /** The task before it on the same host. */
  readonly #before = new Map<string, string>();
  readonly #found = new WeakMap<Gathering, readonly Task[]>();
  readonly #hosts: (cluster: string) => ReadonlySet<string>;
  readonly #hasEnded: (id: string) => boolean;

  /** `hosts`: those whose tasks may concern a cluster. */
  constructor(
    tasks: readonly Task[],
    hosts: (cluster: string) => ReadonlySet<string>,
    hasEnded: (id: string) => boolean,
  ) {
    this.#hosts = hosts;
    this.#hasEnded = hasEnded;
    const last = new Map<string, string>();
    for (const task of tasks) {
      this.#byId.set(task.id, task);
      if (task.kind === 'barrier') continue;
      const before = last.get(task.host);
      if (before !== undefined) this.#before.set(task.id, before);
      last.set(task.host, task.id);
      const step = stepOf(task.id);
      const same = this.#byStep.get(step);
      if (same === undefined) this.#byStep.set(step, [task]);
      else same.push(task);
    }
  }

  /** Every task of a step that may concern one of the clusters. */
  of(gathering: Gathering): readonly Task[] {
    const known = this.#found.get(gathering);
    if (known !== undefined) return known;
    const {step, clusters} = gathering;
    const hosts = clusters.map(cluster => this.#hosts(cluster));
    const found = (this.#byStep.get(step) ?? []).filter(
      ({skip, cluster = '', host}) =>
        skip === undefined && (clusters.includes(cluster) || hosts.some(names => names.has(host))),
    );
    this.#found.set(gathering, found);
    return found;
  }

  /**
   * The siblings that each gathering still has to wait for. `present`: tasks at the gate, waiting or let through. A sibling that
   * comes after one of its own gathering cannot come before that has gone; and where gatherings wait for each other in a circle,
   * nobody waits any more for who is behind it.
   */
  awaited(gatherings: readonly Gathering[], present: ReadonlySet<string>): ReadonlyMap<Gathering, readonly Task[]> {
    const held = new Map(gatherings.flatMap(one => [...one.waiting].map(id => [id, one] as const)));
    const behind = new Map<Task, ReadonlySet<Gathering>>();
    const absent = new Map(
      gatherings.map(one => {
        const tasks = this.of(one).filter(({id}) => !this.#hasEnded(id) && !present.has(id));
        for (const task of tasks) if (!behind.has(task)) behind.set(task, this.#gatheringsBefore(task, held));
        return [one, tasks.filter(task => !behind.get(task)?.has(one))] as const;
      }),
    );
    const free = new Set<Gathering>();
    const isFree = (task: Task) => [...(behind.get(task) ?? [])].every(one => free.has(one));
    for (let grown = true; grown; ) {
      const more = gatherings.filter(one => !free.has(one) && (absent.get(one) ?? []).every(isFree));
      for (const one of more) free.add(one);
      grown = more.length > 0;
    }
    return new Map(gatherings.map(one => [one, (absent.get(one) ?? []).filter(isFree)]));
  }

  /** The gatherings that hold a task which this one comes after. What has ended holds nobody up. */
  #gatheringsBefore(task: Task, held: ReadonlyMap<string, Gathering>): ReadonlySet<Gathering> {
    const found = new Set<Gathering>();
    const seen = new Set<string>();
    const open = [task.id];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      const before = this.#before.get(id);
      for (const need of [...(this.#byId.get(id)?.needs ?? []), ...(before === undefined ? [] : [before])]) {
        if (seen.has(need) || this.#hasEnded(need)) continue;
        seen.add(need);
        const gathering = held.get(need);
        if (gathering === undefined) open.push(need);
        else found.add(gathering);
      }
    }
    return found;
  }
}
