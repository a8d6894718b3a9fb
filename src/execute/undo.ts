/** Puts back what a task that failed had begun, where its plan says how. */
import type {Diagnostic} from '../base/diagnostic.ts';
import type {Emit} from '../base/event.ts';
import type {Op} from '../task/op.ts';
import type {Plan, Task} from '../task/task.ts';
import type {Applied} from './apply.ts';
import {refOf} from './outcome.ts';

/** What undoing needs. */
export interface UndoOptions {
  readonly task: Task;
  readonly undo: Extract<Plan, {kind: 'change'}>['undo'];
  readonly apply: (ops: readonly Op[]) => Promise<Applied>;
  readonly emit: Emit;
  /** Aborted: nothing is put back, the next run goes on from there. */
  readonly signal: AbortSignal;
}

/** What came of a task's operations; where one failed and its plan says how to take it back, that is done first and told with it. */
export async function withUndo(applied: Applied, {task, undo, apply, emit, signal}: UndoOptions): Promise<Applied> {
  const {failed} = applied;
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
