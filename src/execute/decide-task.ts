/** A task as the compiler left it to a decision: is it skipped, has something notified it, what do its late arguments say? */
import type {Task} from '../task/task.ts';
import type {Planned} from './batch.ts';
import {type Decision, decide} from './decide.ts';
import type {LaneEnvironment} from './lane-environment.ts';
import {finishTask} from './late.ts';
import type {Outcome} from './outcome.ts';
import {unrendered} from './task-result.ts';

/** Decides a task after those of the batch before it. Rejects with `ConnectionError` when its own host is lost. */
export async function decideTask(
  task: Task,
  batch: readonly Planned[],
  run: LaneEnvironment,
  isCheck: boolean,
): Promise<Decision> {
  if (task.skip !== undefined) return {kind: 'end', outcome: {status: 'skipped', reason: task.skip}};
  const outcome = unnotified(task, batch, run.outcomes);
  if (outcome !== undefined) return {kind: 'end', outcome};
  const finished = finishTask(task, run.registered.of(task.host), run.validators);
  if (!finished.ok) return {kind: 'end', outcome: unrendered(finished.error, isCheck)};
  if ('skip' in finished.value) return {kind: 'end', outcome: {status: 'skipped', reason: finished.value.skip}};
  run.outcomes.begin(task);
  return decide(finished.value.task, run);
}

/** The end of a task that waits for a change elsewhere which did not come. */
export function unnotified(
  {onlyIfChanged}: Task,
  batch: readonly Planned[],
  outcomes: LaneEnvironment['outcomes'],
): Outcome | undefined {
  const isChanged = (id: string) =>
    outcomes.get(id)?.status === 'changed' ||
    batch.some(({task, decision}) => task.id === id && decision.kind === 'change');
  if (onlyIfChanged === undefined || onlyIfChanged.some(isChanged)) return undefined;
  return {status: 'skipped', reason: 'nothing notified it'};
}
