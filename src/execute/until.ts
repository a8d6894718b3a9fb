/** Ansible's `until`: one task again and again until its conditions hold on its own result. */
import {setTimeout as sleep} from 'node:timers/promises';
import {type DataMap, dataMap} from '../base/data.ts';
import {problem} from '../base/diagnostic.ts';
import type {Task} from '../task/task.ts';
import {resultHolds} from './late.ts';
import type {Outcome} from './outcome.ts';

/** What repeating needs of the lane. */
export interface Repeating {
  readonly attempt: () => Promise<Outcome>;
  /** Results registered on the task's host. */
  readonly results: () => DataMap;
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
}

/** The first outcome on which the conditions hold, or a failure after the last attempt. */
export async function repeatUntil(
  task: Task,
  {conditions, retries, delaySeconds}: NonNullable<Task['until']>,
  {attempt, results, progress, signal}: Repeating,
): Promise<Outcome> {
  for (let count = 1; ; count++) {
    const outcome = await attempt();
    // A safety rule's no is an answer, not a failed attempt.
    if (outcome.status === 'skipped' || outcome.status === 'refused') return outcome;
    const scope = dataMap([...Object.entries(results()), [task.register ?? '', outcome.result ?? null]]);
    const holds = resultHolds(task, conditions, scope);
    if (!holds.ok)
      return {...outcome, status: 'failed', reason: 'until could not be evaluated', diagnostics: holds.error};
    if (holds.value) return outcome;
    if (count > retries || signal.aborted) return {...outcome, ...neverHeld(task, conditions, count)};
    progress(`attempt ${count} of ${retries + 1}: ${conditions.join(' and ')} is false`);
    await sleep(delaySeconds * 1000, undefined, {signal}).catch(() => undefined);
  }
}

function neverHeld(
  task: Task,
  conditions: readonly string[],
  attempts: number,
): Pick<Outcome, 'status' | 'reason' | 'diagnostics'> {
  const reason = `until ${conditions.join(' and ')} did not hold after ${attempts} attempts`;
  return {status: 'failed', reason, diagnostics: [problem('E_UNTIL', `${task.name}: ${reason}`)]};
}
