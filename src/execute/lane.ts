/**
 * The tasks that are done one after another: those of one host. Consecutive tasks whose answers are known and do not
 * depend on each other are decided together and their operations sent as one batch, so that a link's delay is paid once.
 */
import type {DataMap} from '../base/data.ts';
import type {Emit} from '../base/event.ts';
import {kindOf} from '../task/index.ts';
import {type Op, touches} from '../task/op.ts';
import type {Task} from '../task/task.ts';
import type {Validators} from '../task/validators.ts';
import {ConnectionError} from '../transport/connection.ts';
import {type Applied, applySteps, type Step} from './apply.ts';
import {canJoin, type Planned} from './batch.ts';
import {type DecideEnvironment, type Decision, decide} from './decide.ts';
import {LaneQuestions} from './lane-questions.ts';
import {finishTask, type Registered} from './late.ts';
import type {Mutexes} from './limiter.ts';
import {INTERRUPTED, outcomeBefore} from './needs.ts';
import {isBad, type Outcome, type Outcomes, refOf} from './outcome.ts';
import {afterOps, connectionOutcome, internalOutcome, unrendered, withConditions} from './task-result.ts';
import {repeatUntil} from './until.ts';

const UNNOTIFIED: Outcome = {status: 'skipped', reason: 'nothing notified it'};

/** What all lanes of a run share. */
export interface LaneEnvironment extends DecideEnvironment {
  readonly outcomes: Outcomes;
  readonly mutexes: Mutexes;
  readonly registered: Registered;
  readonly validators: Validators;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly monotonicMs: () => number;
}

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
    const {outcomes, signal} = this.#run;
    const elsewhere = task.needs.filter(id => !this.#ids.has(id));
    const ends = await Promise.all(elsewhere.map(async id => ({id, outcome: await outcomes.ended(id)})));
    return outcomeBefore(task, ends, {stopped: this.#stopped, interrupted: signal.aborted});
  }

  /** Does the task at `index`, and those after it that can go with it; returns the index of the next. */
  async #work(index: number): Promise<number> {
    const task = this.#tasks[index] as Task;
    if (this.#isUnnotified(task, [])) {
      this.#end(task, UNNOTIFIED);
      return index + 1;
    }
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
      this.#run.etcd.forget(['etcd']);
      this.#run.sessions.get(task.host)?.facts.forget(['*']);
      return this.#workBatch(index, 1);
    });
  }

  /** Does one task again and again until its conditions hold, as Ansible's `until` means it. */
  async #workUntil(index: number, until: NonNullable<Task['until']>): Promise<number> {
    const task = this.#tasks[index] as Task;
    const {emit, signal, sessions, monotonicMs} = this.#run;
    const startedMs = monotonicMs();
    const outcome = await repeatUntil(task, until, {
      signal,
      results: () => this.#results(task),
      progress: text => emit({type: 'task-progress', task: refOf(task), text}),
      attempt: async () => {
        sessions.get(task.host)?.facts.forget(['*']);
        await this.#ask(index);
        const decision = await this.#decide(task, []);
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

  async #decide(task: Task, batch: readonly Planned[]): Promise<Decision> {
    if (task.skip !== undefined) return {kind: 'end', outcome: {status: 'skipped', reason: task.skip}};
    if (this.#isUnnotified(task, batch)) return {kind: 'end', outcome: UNNOTIFIED};
    const finished = finishTask(task, this.#results(task), this.#run.validators);
    if (!finished.ok) return {kind: 'end', outcome: unrendered(finished.error, this.#isCheck(task))};
    if ('skip' in finished.value) return {kind: 'end', outcome: {status: 'skipped', reason: finished.value.skip}};
    this.#run.emit({type: 'task-start', task: refOf(task)});
    return decide(finished.value.task, this.#run);
  }

  #isUnnotified({onlyIfChanged}: Task, batch: readonly Planned[]): boolean {
    return onlyIfChanged !== undefined && !onlyIfChanged.some(id => this.#isChanged(id, batch));
  }

  #isChanged(id: string, batch: readonly Planned[]): boolean {
    return (
      this.#run.outcomes.get(id)?.status === 'changed' ||
      batch.some(({task, decision}) => task.id === id && decision.kind === 'change')
    );
  }

  /** Does the operations of a batch and tells the ends, in order, up to the first that failed. */
  async #applyBatch(batch: readonly Planned[]): Promise<void> {
    const steps: Step[] = batch.flatMap(({task, decision}) =>
      decision.kind === 'change' && !this.#isCheck(task) ? decision.ops.map((op: Op) => ({task, op})) : [],
    );
    const applied = await this.#apply(steps);
    let first = 0;
    for (const planned of batch) {
      const {task, decision} = planned;
      const count = decision.kind === 'change' && !this.#isCheck(task) ? decision.ops.length : 0;
      const failedHere = applied.failed !== undefined && applied.failed.index < first + count;
      const replies = applied.replies.slice(first, first + count);
      first += count;
      const outcome = afterOps(decision, replies, failedHere ? applied.failed : undefined, this.#isCheck(task), task);
      const notRun = decision.kind === 'change' && this.#isCheck(task);
      const final = withConditions(task, outcome, this.#results(task), notRun);
      this.#end(task, {...final, durationMs: this.#run.monotonicMs() - planned.startedMs});
      if (failedHere) return;
    }
  }

  async #apply(steps: readonly Step[]): Promise<Applied> {
    if (steps.length === 0) return {replies: []};
    const host = (steps[0] as Step).task.host;
    return applySteps(steps, {
      session: this.#run.sessions.get(host),
      etcd: this.#run.etcd,
      controller: this.#run.controller,
      signal: this.#run.signal,
      progress: (task, text) => this.#run.emit({type: 'task-progress', task: refOf(task), text}),
    });
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
