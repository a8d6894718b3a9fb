/** Which tasks of a host can be decided together, so that their operations go out in one round trip. */
import {isClusterOp} from '../task/cluster-op.ts';
import type {Op} from '../task/op.ts';
import {isPreflightOp} from '../task/preflight-op.ts';
import type {Task} from '../task/task.ts';
import type {Applied} from './apply.ts';
import {type Decision, probesOf} from './decide.ts';
import {isTouched} from './facts.ts';
import type {Outcome} from './outcome.ts';
import {afterOps} from './task-result.ts';

/** A task of a batch, with what is to be done for it. */
export interface Planned {
  readonly task: Task;
  readonly decision: Decision;
  readonly startedMs: number;
}

/** How the tasks of a batch ended, in order, up to the first whose operations failed. */
export function endsOf(
  batch: readonly Planned[],
  applied: Applied,
  isCheck: (task: Task) => boolean,
): {readonly task: Task; readonly outcome: Outcome; readonly startedMs: number}[] {
  const ends: {task: Task; outcome: Outcome; startedMs: number}[] = [];
  let first = 0;
  for (const {task, decision, startedMs} of batch) {
    const count = decision.kind === 'change' && !isCheck(task) ? decision.ops.length : 0;
    const failed = applied.failed !== undefined && applied.failed.index < first + count ? applied.failed : undefined;
    const replies = applied.replies.slice(first, first + count);
    first += count;
    ends.push({task, outcome: afterOps(decision, replies, failed, isCheck(task), task), startedMs});
    if (failed !== undefined) break;
  }
  return ends;
}

/** Whether a task can be decided before the operations of the batch are done. `touched`: what these will change. */
export function canJoin(task: Task, batch: readonly Planned[], touched: readonly string[]): boolean {
  const last = batch.at(-1);
  if (last === undefined) return true;
  if (!isOpen(last) || hasConditions(last.task) || hasConditions(task)) return false;
  if (task.kind === 'barrier' || task.late !== undefined) return false;
  if (task.skip !== undefined) return true;
  return !Object.values(probesOf(task)).some(probe => isTouched(probe, touched));
}

/** Nothing that follows needs this task's result, and its operations can be pipelined. */
function isOpen({task, decision}: Planned): boolean {
  return decision.kind === 'end' || (task.register === undefined && decision.ops.every(isPipelined));
}

function hasConditions(task: Task): boolean {
  return task.until !== undefined || task.changedWhen !== undefined || task.failedWhen !== undefined;
}

/** Operations that other tasks' operations may follow in the same round trip. */
function isPipelined(op: Op): boolean {
  return (
    !isClusterOp(op) &&
    !isPreflightOp(op) &&
    !['upload', 'command', 'controller-write', 'issue-ca', 'issue-certificate'].includes(op.kind)
  );
}
