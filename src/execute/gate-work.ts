/** What is done in a turn at the gate: leadership moved, the task's own operations, the return waited for; or the gate closed. */
import {type Diagnostic, problem, warning} from '../base/diagnostic.ts';
import type {OpSummary} from '../base/event.ts';
import type {UnitFact} from '../task/fact.ts';
import {describeOp, type Op} from '../task/op.ts';
import type {Task} from '../task/task.ts';
import type {Applied} from './apply.ts';
import type {Decision} from './decide.ts';
import {type Granted, grantText, type Judgement} from './gate-check.ts';
import type {Turn} from './gate-queue.ts';
import {readUnit} from './gate-reading.ts';
import {type Aftermath, aftermathOf, moveOp, returnOp} from './gate-return.ts';
import type {Outcome} from './outcome.ts';
import type {HostSession} from './session.ts';

/** How a task came through. */
export interface Passed {
  readonly decision: Decision;
  /** Of the decision's own operations. */
  readonly applied: Applied;
  /** What the gate itself did around them. */
  readonly before?: readonly OpSummary[];
  readonly after?: readonly OpSummary[];
  readonly warnings?: readonly Diagnostic[];
  /** The member did not come back. */
  readonly failed?: Diagnostic;
  readonly output?: string;
}

/** What a turn acts through. */
export interface WorkEnvironment {
  readonly sessions: ReadonlyMap<string, HostSession>;
  readonly signal: AbortSignal;
  readonly apply: (ops: readonly Op[]) => Promise<Applied>;
  /** Asks everything anew and judges the same stops once more. */
  readonly judgeAgain: () => Promise<Judgement>;
  /** Nobody else of this cluster is stopped in this run. */
  readonly close: (cluster: string, reason: string) => void;
}

type Change = Extract<Decision, {kind: 'change'}>;

/** One task's turn. */
export class StopWork {
  readonly #task: Task;
  readonly #run: WorkEnvironment;
  readonly #before: OpSummary[] = [];
  readonly #after: OpSummary[] = [];
  readonly #warnings: Diagnostic[] = [];
  readonly #lines: string[] = [];
  #failed: Diagnostic | undefined;

  constructor(task: Task, run: WorkEnvironment) {
    this.#task = task;
    this.#run = run;
  }

  /** Does it. Whatever goes wrong after the stop closes the gate; rejects with `ConnectionError` when the host is lost. */
  async do(decision: Change, first: readonly Granted[], turn: Turn): Promise<Passed> {
    this.#lines.push(...first.map(grant => grantText(grant, turn.place, turn.of)));
    this.#warnings.push(...first.flatMap(({verdict}) => verdict.warnings));
    for (const grant of first) await this.#moveLeader(grant);
    // Handing leadership over takes its time: what was known before is old then.
    const judged: Judgement = this.#before.length === 0 ? {ok: true, granted: first} : await this.#run.judgeAgain();
    if (!judged.ok) return {...refusal(judged.problems), before: this.#before};
    const {granted} = judged;
    try {
      const units = await Promise.all(granted.map(grant => this.#unit(grant)));
      const applied = await this.#run.apply(decision.ops);
      for (const [index, grant] of granted.entries()) {
        const isTouched = applied.failed === undefined || applied.failed.index >= grant.stop.first;
        if (isTouched) await this.#settle(grant, units[index], applied.failed !== undefined);
      }
      return this.#passed(decision, applied);
    } catch (error) {
      for (const {stop} of granted)
        this.#close(stop, `${this.#task.host} was lost while ${stop.member.name} was being stopped`);
      throw error;
    }
  }

  /** The same as far as it can be told without doing anything. */
  foretell(decision: Change, granted: readonly Granted[], turn: Turn): Passed {
    for (const grant of granted) {
      this.#lines.push(grantText(grant, turn.place, turn.of));
      this.#warnings.push(...grant.verdict.warnings);
      const move = moveOp(grant);
      if (move !== undefined) this.#before.push(summaryOf(move));
      if (grant.stop.effect === 'restart') this.#after.push(summaryOf(returnOp(grant)));
    }
    return this.#passed(decision, {replies: []});
  }

  #passed(decision: Change, applied: Applied): Passed {
    return {
      decision,
      applied,
      before: this.#before,
      after: this.#after,
      warnings: this.#warnings,
      ...(this.#failed === undefined ? {} : {failed: this.#failed}),
      output: this.#lines.join('\n'),
    };
  }

  /** Where this fails, etcd's own transfer on SIGTERM is what is left: an election at the worst. */
  async #moveLeader(grant: Granted): Promise<void> {
    const move = moveOp(grant);
    if (move === undefined) return;
    this.#before.push(summaryOf(move));
    const {failed} = await this.#run.apply([move]);
    if (failed === undefined) return;
    const {message, hint} = failed.diagnostic;
    this.#warnings.push(warning('W_ETCD_MOVE_LEADER', message, hint === undefined ? {} : {hint}));
  }

  #unit({stop}: Granted): Promise<UnitFact | undefined> {
    return readUnit(this.#run.sessions.get(this.#task.host), stop.member.unit, this.#task.become);
  }

  async #settle(grant: Granted, before: UnitFact | undefined, hasFailed: boolean): Promise<void> {
    const {stop, verdict} = grant;
    const {cluster, member, effect} = stop;
    if (effect === 'machine') {
      this.#close(stop, `${this.#task.host} was told to go down, and this run cannot see it come back`);
      return;
    }
    // A cluster that is given up has nobody to wait for.
    if (verdict.arithmetic.voters === 0 && !hasFailed) return;
    const options = {read: () => this.#unit(grant), signal: this.#run.signal, isFailed: hasFailed};
    const aftermath: Aftermath = before === undefined ? 'up' : await aftermathOf(stop, before, options);
    if (aftermath === 'untouched' && effect !== 'kill') return;
    if (aftermath === 'down' && effect !== 'restart') {
      if (hasFailed) this.#close(stop, `${member.name} was stopped, and ${this.#task.name} failed`);
      return;
    }
    if (aftermath === 'down') {
      await this.#startAgain(grant);
      this.#failed ??= hasFailed ? undefined : notBack(grant);
      this.#close(stop, `${member.name} did not come up again after it was stopped`);
      return;
    }
    if (hasFailed) {
      this.#close(stop, `${this.#task.name} failed after it had stopped ${member.name}`);
      return;
    }
    await this.#awaitReturn(grant, cluster.name);
  }

  async #awaitReturn(grant: Granted, cluster: string): Promise<void> {
    const wait = returnOp(grant);
    this.#after.push(summaryOf(wait));
    const {failed, replies} = await this.#run.apply([wait]);
    if (failed !== undefined) {
      this.#failed ??= failed.diagnostic;
      this.#run.close(cluster, `${grant.stop.member.name} was not back after ${wait.timeoutSeconds} s`);
      return;
    }
    const data = replies[0]?.data as {readonly seconds?: number; readonly leader?: string} | undefined;
    this.#lines.push(
      `${grant.stop.member.name} is back and has caught up${data?.leader ? `; ${data.leader} leads` : ''}`,
    );
  }

  /** A member that we stopped and that nobody else starts is started by us. */
  async #startAgain({stop}: Granted): Promise<void> {
    const start: Op = {kind: 'unit', verb: 'start', unit: stop.member.unit, noBlock: true};
    this.#after.push({...summaryOf(start), text: `${describeOp(start)} (it did not come up by itself)`});
    await this.#run.apply([start]);
  }

  #close({cluster}: Granted['stop'], reason: string): void {
    this.#run.close(cluster.name, reason);
  }
}

/** The end of a task that a safety rule refused. */
export function refusal(problems: readonly Diagnostic[]): Passed {
  const outcome: Outcome = {status: 'refused', reason: problems[0]?.message ?? 'refused', diagnostics: problems};
  return {decision: {kind: 'end', outcome}, applied: {replies: []}};
}

function summaryOf(op: Op): OpSummary {
  return {kind: op.kind, text: describeOp(op)};
}

function notBack({stop: {member}}: Granted): Diagnostic {
  const message = `${member.name} was stopped, and ${member.unit} did not come up again`;
  const hint = `look at "journalctl -u ${member.unit}" on ${member.host}; it was started once more.`;
  return problem('E_ETCD_NOT_BACK', message, {hint});
}
