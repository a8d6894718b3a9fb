/** Puts back what a task that failed had begun, where its plan says how. */
import type {Diagnostic} from '../base/diagnostic.ts';
import type {Emit} from '../base/event.ts';
import type {Applied, Step} from './apply.ts';
import type {Planned} from './batch.ts';
import {refOf} from './outcome.ts';

/**
 * What came of the steps; where one failed whose plan has an `undo`, that is done first, and told with the failure. Interrupted,
 * nothing is put back: the next run goes on from there.
 */
export async function withUndo(
  applied: Applied,
  steps: readonly Step[],
  batch: readonly Planned[],
  apply: (steps: readonly Step[]) => Promise<Applied>,
  {emit, signal}: {readonly emit: Emit; readonly signal: AbortSignal},
): Promise<Applied> {
  const {failed} = applied;
  if (failed === undefined || signal.aborted) return applied;
  const {task} = steps[failed.index] as Step;
  const decision = batch.find(planned => planned.task === task)?.decision;
  const undo = decision?.kind === 'change' ? decision.plan.undo : undefined;
  const number = failed.index - steps.findIndex(step => step.task === task);
  if (undo === undefined || number < undo.from) return applied;
  emit({type: 'task-progress', task: refOf(task), text: 'it failed: putting things back'});
  const undone = await apply(undo.ops.map(op => ({task, op})));
  return {...applied, failed: {...failed, diagnostic: told(failed.diagnostic, undone.failed?.diagnostic)}};
}

/** A failure whose task has put things back, or could not. */
function told(failed: Diagnostic, undo: Diagnostic | undefined): Diagnostic {
  if (undo === undefined) return {...failed, message: `${failed.message}\nwhat the task had begun was taken back`};
  const more = undo.hint === undefined ? '' : ` ${undo.hint}`;
  return {
    ...failed,
    message: `${failed.message}\nit could not be taken back: ${undo.message}`,
    hint: `${failed.hint ?? ''}${more}`.trim(),
  };
}
