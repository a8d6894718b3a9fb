/**
 * The tasks that are done one after another: those of one host. Consecutive tasks whose answers are known and do not
 * depend on each other are decided together and their operations sent as one batch, so that a link's delay is paid once.
 */
import type {DataMap} from '../base/data.ts';
import {type Op, touches} from '../task/op.ts';
import type {Task} from '../task/task.ts';
import {ConnectionError} from '../transport/connection.ts';
import {type Applied, applySteps, changes, type Step} from './apply.ts';
import {canJoin, endsOf, type Planned} from './batch.ts';
import type {Decision} from './decide.ts';
import {decideTask, unnotified} from './decide-task.ts';
import {gatedOutcome} from './gate-outcome.ts';
import type {LaneEnvironment} from './lane-environment.ts';
import {LaneQuestions} from './lane-questions.ts';
import {INTERRUPTED, outcomeBefore} from './needs.ts';
import {isBad, type Outcome, refOf} from './outcome.ts';
import {connectionOutcome, internalOutcome, withConditions} from './task-result.ts';
import {applyOrUndo} from './undo.ts';
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
        this.#run.wake(task.host);
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
    const before = outcomeBefore(task, ends, {stopped: this.#stopped ?? lock.stopped, interrupted: signal.aborted});
    return before ?? unnotified(task, [], outcomes);
  }

  /** Does the task at `index`, and those after it that can go with it; returns the index of the next. */
  async #work(index: number): Promise<number> {
    const task = this.#tasks[index] as Task;
    if (task.until !== undefined && !this.#isCheck(task)) return this.#workUntil(index, task.until);
    return this.#workBatch(index);
  }

  /** Does a task that takes a member down, or changes who is one. Whether it may is decided at the gate, with everything asked again. */
  async #workGated(index: number, {task, decision, startedMs}: Planned): Promise<number> {
    const outcome = await this.#throughGate(index, task, decision);
    if (decision.kind === 'change' && outcome.status === 'changed') this.#foresee(task, decision.ops.flatMap(touches));
    this.#end(task, {...outcome, durationMs: this.#run.monotonicMs() - startedMs});
    return index + 1;
  }

  /** The gate lets pass at once what is no business of its own. */
  async #throughGate(index: number, task: Task, first: Decision): Promise<Outcome> {
    const isCheck = this.#isCheck(task);
    let latest = first;
    const decideAgain = async () => {
      this.#run.sessions.get(task.host)?.facts.forget(['*']);
      await this.#ask(index);
      latest = await this.#decide(task, []);
      return latest;
    };
    const wasHeld = this.#run.lock.isHeld;
    const isChange = changes(first) && !isCheck;
    if (isChange && !(await this.#run.lock.take(this.#progress(task), task.host))) return this.#unlocked();
    // Decided before the lock was ours: another run may have been at work until then.
    const decision = isChange && !wasHeld ? await decideAgain() : first;
    const passed = await this.#run.gate.pass(task, decision, {
      isCheck,
      decideAgain: async () =>
        (await this.#lockPeers(task, decision)) ? decideAgain() : {kind: 'end', outcome: this.#unlocked()},
      apply: ops => applyOrUndo(ops, task, latest, list => this.#apply(list.map(op => ({task, op}))), this.#run),
    });
    return gatedOutcome(task, passed, isCheck, this.#results(task));
  }

  /** Two runs with different limits must not both take a member of one cluster down. */
  async #lockPeers(task: Task, decision: Decision): Promise<boolean> {
    for (const cluster of this.#run.gate.clustersOf(task, decision)) {
      if (!(await this.#run.lock.takePeers(cluster, task.become, this.#progress(task)))) return false;
    }
    return true;
  }

  /** Does one task again and again until its conditions hold, as Ansible's `until` means it. */
  async #workUntil(index: number, until: NonNullable<Task['until']>): Promise<number> {
    const task = this.#tasks[index] as Task;
    const {signal, sessions, monotonicMs} = this.#run;
    const startedMs = monotonicMs();
    const outcome = await repeatUntil(task, until, {
      signal,
      results: () => this.#results(task),
      progress: this.#progress(task),
      attempt: async () => {
        sessions.get(task.host)?.facts.forget(['*']);
        await this.#ask(index);
        return this.#throughGate(index, task, await this.#decide(task, []));
      },
    });
    this.#end(task, {...outcome, durationMs: monotonicMs() - startedMs});
    return index + 1;
  }

  async #workBatch(index: number): Promise<number> {
    const wasHeld = this.#run.lock.isHeld;
    await this.#ask(index);
    const batch: Planned[] = [];
    const touched: string[] = [];
    for (const task of this.#tasks.slice(index)) {
      if (batch.length > 0 && !this.#canJoin(task, batch, touched)) break;
      const startedMs = this.#run.monotonicMs();
      const decision = await this.#decide(task, batch);
      const isGated = this.#run.gate.clustersOf(task, decision).length > 0;
      // What takes a member down goes alone; decided here behind others, it is decided again when they are done.
      if (isGated && batch.length > 0) break;
      if (isGated) return this.#workGated(index, {task, decision, startedMs});
      batch.push({task, decision, startedMs});
      if (decision.kind === 'end' && isBad(decision.outcome)) break;
      if (decision.kind !== 'change') continue;
      const own = decision.ops.flatMap(touches);
      touched.push(...own);
      this.#foresee(task, own);
    }
    // Interrupted while asking, or while waiting at the gate: nothing new is begun.
    if (this.#run.signal.aborted && batch.some(({decision}) => decision.kind === 'change')) {
      this.#end(this.#tasks[index] as Task, INTERRUPTED);
      return index + 1;
    }
    const first = batch.find(({task, decision}) => changes(decision) && !this.#isCheck(task));
    if (first !== undefined) {
      if (!(await this.#run.lock.take(this.#progress(first.task), first.task.host))) {
        this.#end(this.#tasks[index] as Task, this.#unlocked());
        return index + 1;
      }
      // Decided before the lock was ours: another run may have been at work until then.
      if (!wasHeld) return index;
    }
    await this.#applyBatch(batch);
    return index + batch.filter(({task}) => this.#run.outcomes.get(task.id) !== undefined).length;
  }

  #foresee(task: Task, touched: readonly string[]): void {
    if (this.#isCheck(task)) this.#run.sessions.get(task.host)?.pending.push(...touched);
  }

  /** Sends the questions of all tasks from `index` on that have no answer yet. */
  #ask(index: number): Promise<void> {
    return this.#questions.ask(index, this.#run.sessions.get(this.#tasks[0]?.host ?? ''));
  }

  #canJoin(task: Task, batch: readonly Planned[], touched: readonly string[]): boolean {
    const isSettled = (id: string) => {
      if (this.#ids.has(id)) return true;
      const outcome = this.#run.outcomes.get(id);
      return outcome !== undefined && !isBad(outcome);
    };
    return task.needs.every(isSettled) && canJoin(task, batch, this.#isCheck(task) ? [] : touched);
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
    const {lock, sessions} = this.#run;
    const progress = (task: Task, text: string) => this.#progress(task)(text);
    const applied = await applySteps(steps, {...this.#run, session: sessions.get(host), progress});
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
