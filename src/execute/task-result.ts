/** From a decision and what its operations gave back to a task's end, and to what `register` keeps of it. */
import {type Data, type DataMap, dataMap} from '../base/data.ts';
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {describeOp} from '../task/op.ts';
import type {OpReply, Task} from '../task/task.ts';
import type {ConnectionError} from '../transport/connection.ts';
import type {Applied} from './apply.ts';
import {type Decision, kindOfTask} from './decide.ts';
import {resultHolds} from './late.ts';
import type {Outcome} from './outcome.ts';

/** The end of a task whose operations were done (or, in a check run, only decided). */
export function afterOps(
  decision: Decision,
  replies: readonly OpReply[],
  failed: Applied['failed'],
  check: boolean,
  task: Task,
): Outcome {
  if (decision.kind === 'end') {
    const {outcome} = decision;
    const facts = task.kind === 'set_fact' && outcome.result !== undefined ? {facts: outcome.result} : {};
    return {...outcome, result: resultOf(outcome, outcome.result), ...facts};
  }
  const {plan, ops} = decision;
  const told = {
    ops: ops.map(op => ({
      kind: op.kind,
      text: task.noLog && op.kind === 'command' ? 'run a command (hidden by no_log)' : describeOp(op),
    })),
    diffs: plan.diffs ?? [],
    causes: plan.causes ?? [],
    operations: ops,
    diagnostics: plan.warnings ?? [],
  };
  if (failed !== undefined) {
    const outcome: Outcome = {
      ...told,
      // Another run has the host now: a safety rule's no, which nothing may overlook.
      status: failed.diagnostic.code === 'E_LOCK_LOST' || failed.reply?.refused ? 'refused' : 'failed',
      reason: plan.reason,
      diagnostics: [...told.diagnostics, failed.diagnostic, ...(failed.reply?.more ?? [])],
    };
    return {...outcome, result: resultOf(outcome, kindResult(task, replies))};
  }
  const found = replies.flatMap(({diagnostic, more = []}) => (diagnostic === undefined ? more : [diagnostic, ...more]));
  const outcome: Outcome = {
    ...told,
    status: 'changed',
    reason: plan.reason,
    diagnostics: [...told.diagnostics, ...found],
  };
  return {...outcome, result: resultOf(outcome, check ? undefined : kindResult(task, replies))};
}

function kindResult(task: Task, replies: readonly OpReply[]): DataMap {
  return kindOfTask(task).result?.(replies) ?? dataMap();
}

/** Ansible's common result keys, and the kind's own. */
function resultOf(outcome: Outcome, own: DataMap | undefined): DataMap {
  const common: [string, Data][] = [
    ['changed', outcome.status === 'changed'],
    ['failed', outcome.status === 'failed' || outcome.status === 'refused'],
    ['skipped', outcome.status === 'skipped'],
    ['msg', outcome.diagnostics?.[0]?.message ?? outcome.reason],
  ];
  return dataMap([...common, ...Object.entries(own ?? {})]);
}

/** Lets `failed_when` and `changed_when` have the last word. Where the task was `notRun` (check run), what needs its result stays undecided. */
export function withConditions(task: Task, outcome: Outcome, registered: DataMap, notRun = false): Outcome {
  const judged = judge(task, outcome, registered, notRun);
  if (judged === outcome || outcome.result === undefined) return judged;
  // What `register` keeps says how the task ended, not how it would have ended without its conditions.
  const ended: [string, Data][] = [
    ['changed', judged.status === 'changed'],
    ['failed', judged.status === 'failed'],
  ];
  return {...judged, result: dataMap([...Object.entries(outcome.result), ...ended])};
}

function judge(task: Task, outcome: Outcome, registered: DataMap, notRun: boolean): Outcome {
  if (task.failedWhen === undefined && task.changedWhen === undefined) return outcome;
  if (outcome.status !== 'changed' && outcome.status !== 'ok' && outcome.status !== 'failed') return outcome;
  const scope =
    task.register === undefined
      ? registered
      : dataMap([...Object.entries(registered), [task.register, outcome.result ?? null]]);
  let current = outcome;
  if (task.failedWhen !== undefined) {
    const failed = resultHolds(task, task.failedWhen, scope);
    if (!failed.ok && notRun) return undecided(outcome, 'failed_when');
    if (!failed.ok)
      return {...outcome, status: 'failed', reason: 'failed_when could not be evaluated', diagnostics: failed.error};
    if (failed.value) {
      const reason = `failed_when: ${task.failedWhen.join(' and ')}`;
      return {...outcome, status: 'failed', reason, diagnostics: [problem('E_FAILED_WHEN', `${task.name}: ${reason}`)]};
    }
    if (current.status === 'failed') current = {...current, status: 'changed', diagnostics: []};
  }
  if (task.changedWhen === undefined || current.status === 'failed') return current;
  const changed = resultHolds(task, task.changedWhen, scope);
  if (!changed.ok && notRun) return undecided(current, 'changed_when');
  if (!changed.ok)
    return {...current, status: 'failed', reason: 'changed_when could not be evaluated', diagnostics: changed.error};
  return {...current, status: changed.value ? 'changed' : 'ok'};
}

function undecided(outcome: Outcome, condition: string): Outcome {
  return {...outcome, status: 'undecided', reason: `not run in a check: ${condition} needs its result`};
}

/** A late task whose conditions or arguments could not be rendered; in a check, results of tasks that were not run are missing. */
export function unrendered(problems: readonly Diagnostic[], check: boolean): Outcome {
  if (check && problems.every(({code}) => code === 'E_UNDEFINED'))
    return {status: 'undecided', reason: `not known in a check: ${problems[0]?.message ?? 'a result is missing'}`};
  return {status: 'failed', reason: 'it could not be rendered', diagnostics: problems};
}

/** The host was lost while a task was at work. */
export function connectionOutcome(error: ConnectionError, host: string): Outcome {
  return {status: 'unreachable', reason: `${host} cannot be reached: ${error.diagnostic.message}`};
}

/** A bug in this program, told as the failure of the task that met it. */
export function internalOutcome(error: unknown): Outcome {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const hint = 'this is a bug in etcdctl-play: please report it with the run log.';
  return {
    status: 'failed',
    reason: 'internal error',
    diagnostics: [problem('E_INTERNAL', `internal error: ${text}`, {hint})],
  };
}
