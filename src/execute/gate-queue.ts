/**
 * Who goes through the gate when: one turn at a time for a cluster, clusters side by side, and within a step the order that the
 * cluster's state asks for. Knows tasks and clusters' names; what a turn is for is its caller's business.
 */
import {stepOf} from '../task/step-id.ts';
import type {Task} from '../task/task.ts';
import {type Gathering, Siblings} from './gate-siblings.ts';

/** A task at the gate. */
export interface Entry {
  readonly task: Task;
  /** Names of the clusters whose members it takes down, sorted. */
  readonly clusters: readonly string[];
}

/** Leave to act, until `leave` is called. */
export interface Turn {
  /** The how manieth of its step, and of how many that are known of. */
  readonly place: number;
  readonly of: number;
  /** Resolves when those who go together with this one, but before it, have left. */
  readonly others: Promise<unknown>;
  readonly leave: () => void;
}

/** Who is next: `first` side by side, then `last`, in one turn. */
export interface Pick<E> {
  readonly first: readonly E[];
  readonly last?: readonly E[];
}

/** What the queue needs to know. */
export interface QueueOptions<E> {
  readonly tasks: readonly Task[];
  readonly hosts: (cluster: string) => ReadonlySet<string>;
  readonly hasEnded: (id: string) => boolean;
  /** Resolves when a task ends. */
  readonly ended: (id: string) => Promise<unknown>;
  readonly signal: AbortSignal;
  /** Chooses among those that wait; never empty. */
  readonly pick: (entries: readonly E[]) => Promise<Pick<E>>;
  readonly progress: (entry: E, text: string) => void;
}

interface Group<E> extends Gathering {
  readonly waiting: Set<string>;
  readonly entries: Map<string, {readonly entry: E; readonly go: (turn: Turn | undefined) => void}>;
  taken: number;
}

/** The gate's queue of one run. */
export class GateQueue<E extends Entry> {
  readonly #options: QueueOptions<E>;
  readonly #groups = new Map<string, Group<E>>();
  readonly #present = new Set<string>();
  readonly #busy = new Set<string>();
  #siblings: Siblings | undefined;

  constructor(options: QueueOptions<E>) {
    this.#options = options;
  }

  /** Waits for the task's turn; undefined when the run is interrupted first. */
  enter(entry: E): Promise<Turn | undefined> {
    if (this.#options.signal.aborted) return Promise.resolve(undefined);
    const group = this.#groupOf(entry);
    const {id} = entry.task;
    const turn = new Promise<Turn | undefined>(resolve => {
      group.entries.set(id, {entry, go: resolve});
    });
    group.waiting.add(id);
    this.#present.add(id);
    this.#advance();
    if (group.waiting.has(id)) this.#tellWhy(group, entry);
    return turn;
  }

  #groupOf({task, clusters}: E): Group<E> {
    const step = stepOf(task.id);
    const key = JSON.stringify([step, clusters]);
    const known = this.#groups.get(key);
    if (known !== undefined) return known;
    const group: Group<E> = {step, clusters, waiting: new Set(), entries: new Map(), taken: 0};
    this.#groups.set(key, group);
    const {ended, hasEnded, signal} = this.#options;
    if (this.#siblings === undefined) signal.addEventListener('abort', () => this.#interrupt(), {once: true});
    this.#siblings ??= new Siblings(this.#options.tasks, this.#options.hosts, hasEnded);
    for (const {id} of this.#siblings.of(group)) if (!hasEnded(id)) void ended(id).then(() => this.#advance());
    return group;
  }

  #tellWhy(group: Group<E>, entry: E): void {
    const hosts = (this.#awaited().get(group) ?? []).map(({host}) => host);
    if (hosts.length === 0) return;
    const names = [...new Set(hosts)];
    this.#options.progress(
      entry,
      `waits until ${names.join(', ')} ${names.length === 1 ? 'has' : 'have'} come here too`,
    );
  }

  #awaited(): ReadonlyMap<Gathering, readonly Task[]> {
    const gatherings = [...this.#groups.values()].filter(({waiting}) => waiting.size > 0);
    return this.#siblings?.awaited(gatherings, this.#present) ?? new Map();
  }

  /** Begins every turn that can begin. */
  #advance(): void {
    const awaited = this.#awaited();
    for (const group of this.#groups.values()) {
      const isReady = group.waiting.size > 0 && (awaited.get(group) ?? []).length === 0;
      if (!isReady || group.clusters.some(cluster => this.#busy.has(cluster))) continue;
      for (const cluster of group.clusters) this.#busy.add(cluster);
      void this.#take(group);
    }
  }

  /** One turn, from the choice to the last that leaves. */
  async #take(group: Group<E>): Promise<void> {
    const waiting = [...group.entries.values()].map(({entry}) => entry);
    // A choice that fails must not keep everybody waiting: who came first goes.
    const {first, last = []} = await this.#options.pick(waiting).catch(() => ({first: waiting.slice(0, 1), last: []}));
    const chosen = new Set([...first, ...last]);
    const hosts = [...chosen].map(({task}) => task.host).join(', ');
    for (const entry of waiting)
      if (!chosen.has(entry)) this.#options.progress(entry, `waits for its turn, after ${hosts}`);
    const before = first.flatMap(entry => this.#admit(group, entry, Promise.resolve()));
    const after = last.flatMap(entry => this.#admit(group, entry, Promise.all(before)));
    // Interrupted while choosing: nobody is left to wait for.
    await Promise.all([...before, ...after]);
    for (const cluster of group.clusters) this.#busy.delete(cluster);
    this.#advance();
  }

  /** Lets one through; the promise ends when it has left. */
  #admit(group: Group<E>, {task: {id}}: E, others: Promise<unknown>): Promise<void>[] {
    const found = group.entries.get(id);
    if (found === undefined) return [];
    group.entries.delete(id);
    group.waiting.delete(id);
    group.taken += 1;
    const place = group.taken;
    return [
      new Promise<void>(resolve => {
        const leave = () => {
          this.#present.delete(id);
          resolve();
        };
        found.go({place, of: place + group.entries.size, others, leave});
      }),
    ];
  }

  #interrupt(): void {
    for (const group of this.#groups.values()) {
      for (const {go} of group.entries.values()) go(undefined);
      group.entries.clear();
      group.waiting.clear();
    }
  }
}
