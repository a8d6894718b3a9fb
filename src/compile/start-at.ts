/** `--start-at-task`. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {nearestName} from '../base/names.ts';
import type {CompileInput} from './input.ts';
import type {PlayOutline} from './outline.ts';

/** The task to start at is not there. */
export function startNotFound({startAtTask = ''}: CompileInput, outline: readonly PlayOutline[]): Diagnostic {
  const names = outline.flatMap(play => play.tasks.map(task => task.name));
  const near = nearestName(startAtTask, names);
  const hint = near === undefined ? '--list-tasks shows all.' : `did you mean "${near}"?`;
  return problem('E_START_AT_TASK', `no task is called "${startAtTask}"`, {hint});
}
