/** Puts back what a task that failed had begun, where its plan says how. */
import type {Diagnostic} from '../base/diagnostic.ts';
import type {Emit} from '../base/event.ts';
import type {Op} from '../task/op.ts';
import type {Task} from '../task/task.ts';
import type {Applied} from './apply.ts';
import type {Decision} from './decide.ts';
import {refOf} from './outcome.ts';

/** Where it is told, and what stops it: interrupted, nothing is put back, the next run goes on from there. */
interface UndoEnvironment {
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** Applies operations; where they are a decision's own, one fails, and its plan says how to take it back, that is done and told with it. */
export async function applyOrUndo(
  ops: readonly Op[],
  task: Task,
  decision: Decision,
  apply: (ops: readonly Op[]) => Promise<Applied>,
  {emit, signal}: UndoEnvironment,
): Promise<Applied> {
  const applied = await apply(ops);
  const {failed} = applied;
  const undo = decision.kind === 'change' && decision.ops === ops ? decision.plan.undo : undefined;
  if (failed === undefined || undo === undefined || failed.index < undo.from || signal.aborted) return applied;
  emit({type: 'task-progress', task: refOf(task), text: 'it failed: putting things back'});
  const undone = await apply(undo.ops);
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
