/** Whether a task may run, from how the tasks before it ended. */
import {kindOf} from '../task/index.ts';
import type {Task} from '../task/task.ts';
import {isBad, type Outcome} from './outcome.ts';

/** The end of a task on another lane that this one needs. */
export interface Needed {
  readonly id: string;
  readonly outcome: Outcome;
}

/** The end of a task that the operator's interruption came before. */
export const INTERRUPTED: Outcome = {status: 'blocked', reason: 'interrupted before it began'};

/** An outcome for a task that is not to run; undefined: it may. `stopped`: why its own host does not go on. */
export function outcomeBefore(
  task: Task,
  needs: readonly Needed[],
  {stopped, interrupted}: {readonly stopped: string | undefined; readonly interrupted: boolean},
): Outcome | undefined {
  const ends = needs.map(({outcome}) => outcome);
  if (task.kind === 'barrier') return barrierOutcome(task, ends);
  if (stopped !== undefined) return {status: 'blocked', reason: stopped};
  if (interrupted) return INTERRUPTED;
  if (kindOf(task.kind)?.scope === 'cluster') {
    // A cluster-wide task does not need every host, only one: its kind decides what a missing host means.
    const isHopeless = ends.length > 0 && ends.every(isBad) && kindOf(task.kind)?.tellsMore !== true;
    return isHopeless ? {status: 'blocked', reason: 'no host of the cluster got this far'} : undefined;
  }
  // Whose turn was before: if it failed, the kind looks at what came of it.
  const isTurn = kindOf(task.kind)?.scope === 'turn';
  const bad = needs.find(({id, outcome}) => isBad(outcome) && !(isTurn && isSameStep(id, task.id)));
  return bad === undefined ? undefined : {status: 'blocked', reason: `needs ${bad.id}, which did not succeed`};
}

/** Ids are `<step>@<host>`. */
function isSameStep(id: string, other: string): boolean {
  return id.split('@')[0] === other.split('@')[0];
}

/**
 * A barrier waits for what is before it and lets everything after it go on, but for two rules of the play: `any_errors_fatal`,
 * and between batches of `serial` a batch that failed whole (or beyond `max_fail_percentage`).
 */
function barrierOutcome({args}: Task, ends: readonly Outcome[]): Outcome {
  const failed = ends.filter(isBad).length;
  const limit = typeof args['max_fail_percentage'] === 'number' ? args['max_fail_percentage'] : undefined;
  const isOver = limit === undefined ? failed === ends.length : (100 * failed) / ends.length > limit;
  if (failed > 0 && args['reason'] === 'any_errors_fatal')
    return {status: 'blocked', reason: 'any_errors_fatal: a host failed'};
  if (failed > 0 && args['reason'] === 'serial' && isOver)
    return {status: 'blocked', reason: `${failed} of ${ends.length} hosts of the batch failed`};
  return {status: 'ok', reason: 'all tasks before it have ended'};
}
