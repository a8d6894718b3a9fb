/** A task as the compiler left it to a decision: is it skipped, has something notified it, what do its late arguments say? */
import type {Task} from '../task/task.ts';
import type {Planned} from './batch.ts';
import {type Decision, decide} from './decide.ts';
import type {LaneEnvironment} from './lane-environment.ts';
import {finishTask} from './late.ts';
import {unrendered} from './task-result.ts';

/** Decides a task after those of the batch before it. Rejects with `ConnectionError` when its own host is lost. */
export async function decideTask(
  task: Task,
  batch: readonly Planned[],
  run: LaneEnvironment,
  isCheck: boolean,
): Promise<Decision> {
  if (task.skip !== undefined) return {kind: 'end', outcome: {status: 'skipped', reason: task.skip}};
  if (task.onlyIfChanged !== undefined && !task.onlyIfChanged.some(id => isChanged(id, batch, run)))
    return {kind: 'end', outcome: {status: 'skipped', reason: 'nothing notified it'}};
  const finished = finishTask(task, run.registered.of(task.host), run.validators);
  if (!finished.ok) return {kind: 'end', outcome: unrendered(finished.error, isCheck)};
  if ('skip' in finished.value) return {kind: 'end', outcome: {status: 'skipped', reason: finished.value.skip}};
  run.outcomes.begin(task);
  return decide(finished.value.task, run);
}

function isChanged(id: string, batch: readonly Planned[], {outcomes}: LaneEnvironment): boolean {
  return (
    outcomes.get(id)?.status === 'changed' ||
    batch.some(({task, decision}) => task.id === id && decision.kind === 'change')
  );
}
