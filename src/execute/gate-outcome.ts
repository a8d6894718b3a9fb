/** How a task that went through the gate ended: as its own operations did, with what the gate did around them. */
import type {DataMap} from '../base/data.ts';
import type {Task} from '../task/task.ts';
import type {Passed} from './gate-work.ts';
import type {Outcome} from './outcome.ts';
import {afterOps, withConditions} from './task-result.ts';

/** The task's end; a member that is not back makes it a failure, whatever its own conditions (`registered`) say. */
export function gatedOutcome(task: Task, passed: Passed, isCheck: boolean, registered: DataMap): Outcome {
  const {decision, applied, before = [], after = [], warnings = [], failed, output} = passed;
  const ended = afterOps(decision, applied.replies, applied.failed, isCheck, task);
  const own = withConditions(task, ended, registered, decision.kind === 'change' && isCheck);
  if (decision.kind === 'end') return before.length === 0 ? own : {...own, ops: before};
  const outcome: Outcome = {
    ...own,
    ops: [...before, ...(own.ops ?? []), ...after],
    diagnostics: [...warnings, ...(own.diagnostics ?? [])],
    ...(output === undefined || output === '' ? {} : {output}),
  };
  if (failed === undefined) return outcome;
  return {...outcome, status: 'failed', diagnostics: [...(outcome.diagnostics ?? []), failed]};
}
