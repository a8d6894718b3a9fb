/** A check run asks about hosts as they are, not as earlier tasks would have left them: what that means for a plan. */
import type {Result} from '../base/result.ts';
import {ok} from '../base/result.ts';
import type {Plan, PlanContext, Refusal} from './task.ts';

/**
 * The plan itself where its facts are good. Where earlier tasks of a check run would change what was asked, only a plan to
 * change something can be believed: "nothing to do" and "cannot be done" become "not known yet".
 */
export function settle(plan: Result<Plan, Refusal>, {check, pending}: PlanContext): Result<Plan, Refusal> {
  if (!check || pending.length === 0 || (plan.ok && plan.value.kind !== 'satisfied')) return plan;
  const now = plan.ok ? plan.value.reason : (plan.error.problems[0]?.message ?? 'it cannot be done');
  return ok({kind: 'undecided', reason: `depends on earlier changes of this run (now: ${now})`});
}
