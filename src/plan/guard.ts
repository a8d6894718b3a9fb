/** Holds a run to its plan: what a task may do when its turn comes. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {canonical, type Plain} from './canonical.ts';
import type {PlannedOp, PlannedTask} from './saved-plan.ts';

type OpData = PlannedOp['op'];

/** Operations that change something: waiting for members does not, and whom to wait for is seen only then. */
export function changing(ops: readonly PlannedOp[]): readonly OpData[] {
  return ops.map(({op}) => op).filter(({kind}) => kind !== 'etcd-wait');
}

/**
 * Why a task may not do these operations, or undefined where it may. Doing nothing is always allowed.
 *
 * - Decided for good in the plan: exactly the planned operations, with their contents.
 * - Dependent on earlier operations, but with operations of its own in the plan: nothing beyond what the plan names (the same
 *   kinds of operation on the same paths, units and names).
 * - Left open by the plan (undecided, or satisfied until an earlier operation touches it): free.
 */
export function breach(
  planned: PlannedTask | undefined,
  id: string,
  ops: readonly PlannedOp[],
): Diagnostic | undefined {
  const now = changing(ops);
  if (now.length === 0) return undefined;
  if (planned === undefined) return breachProblem(`the plan has no task ${id}`, ops);
  const before = changing(planned.ops);
  if (!planned.later) {
    if (before.length === 0) return breachProblem(`the plan says "${planned.status}" (${planned.reason})`, ops);
    return canonical(before) === canonical(now)
      ? undefined
      : breachProblem(`the plan says: ${textOf(planned.ops)}`, ops);
  }
  if (before.length === 0) return undefined;
  const named = new Set(before.flatMap(targets));
  const isBeyond = now.flatMap(targets).some(target => !named.has(target));
  return isBeyond ? breachProblem(`the plan says: ${textOf(planned.ops)}`, ops) : undefined;
}

function breachProblem(planned: string, ops: readonly PlannedOp[]): Diagnostic {
  return problem('E_PLAN_BREACH', `${planned}; now it would ${textOf(ops)}`, {
    hint: 'something changed while the plan was applied, and this host was stopped before this task. Look at it, then make a new plan: what is done stays done.',
  });
}

function textOf(ops: readonly PlannedOp[]): string {
  return ops.map(({text}) => text).join('; ');
}

/** Fields that say what an operation is about. */
const TARGET_FIELDS = ['verb', 'path', 'unit', 'name', 'dir', 'target', 'member'] as const;

/** The kind of an operation and what it is about; of an operation that holds others, those too. */
function targets(op: OpData): string[] {
  const own = canonical([op['kind'] ?? null, ...TARGET_FIELDS.map(field => op[field] ?? null), nameOf(op['request'])]);
  const inner = Array.isArray(op['ops']) ? op['ops'].filter(isOp).flatMap(targets) : [];
  return [own, ...inner];
}

function nameOf(request: Plain | undefined): Plain {
  return isOp(request) ? (request['name'] ?? null) : null;
}

function isOp(value: Plain | undefined): value is OpData {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
