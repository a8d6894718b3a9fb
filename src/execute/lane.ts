/**
 * The tasks that are done one after another: those of one host. Consecutive tasks whose answers are known and do not
 * depend on each other are decided together and their operations sent as one batch, so that a link's delay is paid once.
 */
import type {DataMap} from '../base/data.ts';
import {kindOf} from '../task/index.ts';
import {type Op, touches} from '../task/op.ts';
import type {Task} from '../task/task.ts';
import {ConnectionError} from '../transport/connection.ts';
import {type Applied, applySteps, needsLock, type Step} from './apply.ts';
import {canJoin, endsOf, type Planned} from './batch.ts';
import type {Decision} from './decide.ts';
import {decideTask} from './decide-task.ts';
import type {LaneEnvironment} from './lane-environment.ts';
import {LaneQuestions} from './lane-questions.ts';
import {INTERRUPTED, outcomeBefore} from './needs.ts';
import {isBad, type Outcome, refOf} from './outcome.ts';
import {afterOps, connectionOutcome, internalOutcome, withConditions} from './task-result.ts';
import {repeatUntil} from './until.ts';

/** One worker; `run` resolves when each of its tasks has ended. Never rejects. */
export class Lane {
  readonly #tasks: readonly Task[];
  readonly #ids: ReadonlySet<string>;
  readonly #run: LaneEnvironment;
  readonly #questions: LaneQuestions;
  /** Why nothing more is done here. */
  #stopped: string | undefined;

  constructor(tasks: readonly Task[], run: LaneEnvironment) {
    this.#tasks = tasks;
    this.#ids = new Set(tasks.map(task => task.id));
    this.#run = run;
    this.#questions = new LaneQuestions(tasks);
  }

  async run(): Promise<void> {
    for (let index = 0; index < this.#tasks.length; ) {
      const task = this.#tasks[index] as Task;
      const outcome = await this.#outcomeBefore(task);
      if (outcome !== undefined) {
        this.#end(task, outcome);
        index++;
        continue;
      }
      try {
        index = await this.#work(index);
      } catch (error) {
        // Tasks of the batch that have ended stay as they were told.
        const open = this.#tasks.findIndex(({id}) => this.#run.outcomes.get(id) === undefined);
        index = Math.max(index, open);
        this.#end(
          this.#tasks[index] ?? task,
          error instanceof ConnectionError ? connectionOutcome(error, task.host) : internalOutcome(error),
        );
        index++;
      }
    }
  }

  /** Waits for what a task needs; an outcome if it is not to run. */
  async #outcomeBefore(task: Task): Promise<Outcome | undefined> {
    const {outcomes, signal, lock} = this.#run;
    const elsewhere = task.needs.filter(id => !this.#ids.has(id));
    const ends = await Promise.all(elsewhere.map(async id => ({id, outcome: await outcomes.ended(id)})));
    return outcomeBefore(task, ends, {stopped: this.#stopped ?? lock.stopped, interrupted: signal.aborted});
  }

  /** Does the task at `index`, and those after it that can go with it; returns the index of the next. */
  async #work(index: number): Promise<number> {
    const task = this.#tasks[index] as Task;
    if (this.#stopsMember(task)) return this.#workGated(index);
    if (task.until !== undefined && !this.#isCheck(task)) return this.#workUntil(index, task.until);
    return this.#workBatch(index, this.#tasks.length);
  }

  /**
   * Does a task that may stop a member. Whether there is anything to do is decided without the gate; whether it may be done
   * is decided inside, one host of a cluster at a time, with everything asked again.
   */
  async #workGated(index: number): Promise<number> {
    const task = this.#tasks[index] as Task;
    await this.#ask(index);
    const startedMs = this.#run.monotonicMs();
    const decision = await this.#decide(task, []);
    if (decision.kind === 'end' && decision.outcome.status !== 'refused') {
      await this.#applyBatch([{task, decision, startedMs}]);
      return index + 1;
    }
    return this.#run.mutexes.run(`etcd ${task.cluster ?? ''}`, async () => {
      if (!(await this.#run.lock.takePeers(task.cluster ?? '', task.become, this.#progress(task)))) {
        this.#end(task, this.#unlocked());
        return index + 1;
      }
      this.#run.etcd.forget(['etcd']);
      this.#run.sessions.get(task.host)?.facts.forget(['*']);
      return this.#workBatch(index, 1);
    });
  }

  /** Does one task again and again until its conditions hold, as Ansible's `until` means it. */
  async #workUntil(index: number, until: NonNullable<Task['until']>): Promise<number> {
    const task = this.#tasks[index] as Task;
    const {signal, sessions, monotonicMs, lock} = this.#run;
    const startedMs = monotonicMs();
    const outcome = await repeatUntil(task, until, {
      signal,
      results: () => this.#results(task),
      progress: this.#progress(task),
      attempt: async () => {
        sessions.get(task.host)?.facts.forget(['*']);
        await this.#ask(index);
        const wasHeld = lock.isHeld;
        let decision = await this.#decide(task, []);
        if (changes(decision) && !(await lock.take(this.#progress(task)))) return this.#unlocked();
        if (changes(decision) && !wasHeld) {
          await this.#ask(index);
          decision = await this.#decide(task, []);
        }
        const steps = decision.kind === 'change' ? decision.ops.map((op: Op) => ({task, op})) : [];
        const applied = await this.#apply(steps);
        return withConditions(
          task,
          afterOps(decision, applied.replies, applied.failed, false, task),
          this.#results(task),
        );
      },
    });
    this.#end(task, {...outcome, durationMs: monotonicMs() - startedMs});
    return index + 1;
  }

  async #workBatch(index: number, limit: number): Promise<number> {
    const wasHeld = this.#run.lock.isHeld;
    await this.#ask(index);
    const batch: Planned[] = [];
    const touched: string[] = [];
    for (const task of this.#tasks.slice(index, index + limit)) {
      if (batch.length > 0 && !this.#canJoin(task, batch, touched)) break;
      const startedMs = this.#run.monotonicMs();
      const decision = await this.#decide(task, batch);
      batch.push({task, decision, startedMs});
      if (decision.kind === 'end' && isBad(decision.outcome)) break;
      if (decision.kind !== 'change') continue;
      const own = decision.ops.flatMap(touches);
      touched.push(...own);
      if (this.#isCheck(task)) this.#run.sessions.get(task.host)?.pending.push(...own);
    }
    // Interrupted while asking, or while waiting at the gate: nothing new is begun.
    if (this.#run.signal.aborted && batch.some(({decision}) => decision.kind === 'change')) {
      this.#end(this.#tasks[index] as Task, INTERRUPTED);
      return index + 1;
    }
    const first = batch.find(({task, decision}) => changes(decision) && !this.#isCheck(task));
    if (first !== undefined) {
      if (!(await this.#run.lock.take(this.#progress(first.task)))) {
        this.#end(this.#tasks[index] as Task, this.#unlocked());
        return index + 1;
      }
      // Decided before the lock was ours: another run may have been at work until then.
      if (!wasHeld) return index;
    }
    await this.#applyBatch(batch);
    return index + batch.filter(({task}) => this.#run.outcomes.get(task.id) !== undefined).length;
  }

  /** Sends the questions of all tasks from `index` on that have no answer yet. */
  #ask(index: number): Promise<void> {
    return this.#questions.ask(index, this.#run.sessions.get(this.#tasks[0]?.host ?? ''));
  }

  #canJoin(task: Task, batch: readonly Planned[], touched: readonly string[]): boolean {
    if (this.#stopsMember(task)) return false;
    const isSettled = (id: string) => {
      if (this.#ids.has(id)) return true;
      const outcome = this.#run.outcomes.get(id);
      return outcome !== undefined && !isBad(outcome);
    };
    return task.needs.every(isSettled) && canJoin(task, batch, this.#isCheck(task) ? [] : touched);
  }

  /** A task that may stop a member goes through the gate, alone. */
  #stopsMember(task: Task): boolean {
    return kindOf(task.kind)?.availability?.(task.args) === 'stops-member' && !this.#isCheck(task);
  }

  #decide(task: Task, batch: readonly Planned[]): Promise<Decision> {
    return decideTask(task, batch, this.#run, this.#isCheck(task));
  }

  /** Does the operations of a batch and tells the ends, in order, up to the first that failed. */
  async #applyBatch(batch: readonly Planned[]): Promise<void> {
    const steps: Step[] = batch.flatMap(({task, decision}) =>
      decision.kind === 'change' && !this.#isCheck(task) ? decision.ops.map((op: Op) => ({task, op})) : [],
    );
    const applied = await this.#apply(steps);
    for (const {task, outcome, startedMs} of endsOf(batch, applied, one => this.#isCheck(one))) {
      const notRun = outcome.ops !== undefined && this.#isCheck(task);
      const final = withConditions(task, outcome, this.#results(task), notRun);
      this.#end(task, {...final, durationMs: this.#run.monotonicMs() - startedMs});
    }
  }

  async #apply(steps: readonly Step[]): Promise<Applied> {
    if (steps.length === 0) return {replies: []};
    const host = (steps[0] as Step).task.host;
    const {sessions, etcd, controller, lock, signal} = this.#run;
    const progress = (task: Task, text: string) => this.#progress(task)(text);
    const applied = await applySteps(steps, {session: sessions.get(host), etcd, controller, lock, signal, progress});
    if (applied.failed?.diagnostic.code === 'E_LOCK_LOST') lock.stop(applied.failed.diagnostic);
    return applied;
  }

  #progress(task: Task): (text: string) => void {
    return text => this.#run.emit({type: 'task-progress', task: refOf(task), text});
  }

  /** The end of a task that was to change something, where the run may not. Why was told already. */
  #unlocked(): Outcome {
    return {status: 'refused', reason: this.#run.lock.stopped ?? 'the hosts are not locked'};
  }

  #end(task: Task, outcome: Outcome): void {
    const ignored = task.ignoreErrors === true && outcome.status === 'failed';
    const final: Outcome = ignored ? {...outcome, ignored} : outcome;
    if (outcome.result !== undefined) this.#run.registered.keep(task, outcome.result);
    for (const host of task.registerFor ?? [task.host]) {
      for (const [name, value] of Object.entries(outcome.facts ?? {})) this.#run.registered.set(host, name, value);
    }
    if (isBad(final) && this.#stopped === undefined) this.#stopped = `${task.name} ${outcome.status} on this host`;
    this.#run.outcomes.end(task, final);
  }

  #results(task: Task): DataMap {
    return this.#run.registered.of(task.host);
  }

  #isCheck(task: Task): boolean {
    return task.checkMode ?? this.#run.check;
  }
}

/** Whether a decision is to change something that the run's lock guards. */
function changes(decision: Decision): boolean {
  return decision.kind === 'change' && decision.ops.some(needsLock);
}
