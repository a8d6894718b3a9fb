import {describe, expect, test} from 'vitest';
import {breach} from '../../src/plan/guard.ts';
import type {PlannedOp, PlannedTask} from '../../src/plan/saved-plan.ts';
import {planned, unit, wait, write} from './plans.ts';

describe('a task of a plan that is applied', () => {
  const satisfied = planned();
  const open = planned({status: 'undecided', reason: 'decided later', later: true});
  const touched = planned({later: true});
  const fixed = planned({status: 'changed', ops: [write('/c', 'x'), wait('a', 'b')]});
  const dependent = planned({status: 'changed', later: true, ops: [write('/c', 'x'), unit('restart', 'e')]});

  test.each<[string, PlannedTask | undefined, PlannedOp[], string | undefined]>([
    ['that was to do nothing does nothing', satisfied, [], undefined],
    ['that was to do nothing may wait', satisfied, [wait('a')], undefined],
    [
      'that was to do nothing does something',
      satisfied,
      [write('/c', 'x')],
      'the plan says "ok" (already as wanted); now it would write /c',
    ],
    ['does what was planned', fixed, [write('/c', 'x'), wait('a')], undefined],
    ['finds it done already', fixed, [], undefined],
    [
      'writes something else',
      fixed,
      [write('/c', 'y')],
      'the plan says: write /c; wait until a, b agree; now it would write /c',
    ],
    [
      'does more',
      fixed,
      [write('/c', 'x'), unit('restart', 'e')],
      'the plan says: write /c; wait until a, b agree; now it would write /c; systemctl restart e',
    ],
    ['was left open', open, [unit('stop', 'e')], undefined],
    ['was satisfied until an earlier operation touched it', touched, [write('/c', 'x')], undefined],
    ['depends on others and does a part', dependent, [write('/c', 'y')], undefined],
    [
      'depends on others and goes beyond what was named',
      dependent,
      [unit('stop', 'e')],
      'the plan says: write /c; systemctl restart e; now it would systemctl stop e',
    ],
    [
      'depends on others and touches another path',
      dependent,
      [write('/d', 'x')],
      'the plan says: write /c; systemctl restart e; now it would write /d',
    ],
    ['is not in the plan', undefined, [write('/c', 'x')], 'the plan has no task t@h1; now it would write /c'],
    ['is not in the plan, and does nothing', undefined, [], undefined],
  ])('%s', (_, task, ops, expected) => {
    const found = breach(task, 't@h1', ops);
    expect(found?.message).toBe(expected);
    if (found !== undefined) expect([found.code, found.hint === undefined]).toEqual(['E_PLAN_BREACH', false]);
  });

  test('an operation that holds others is looked into', () => {
    const both = (inner: PlannedOp): PlannedOp => ({text: 'critical', op: {kind: 'critical', ops: [inner.op]}});
    const task = planned({later: true, ops: [both(unit('restart', 'e'))]});
    expect(breach(task, 't', [both(unit('restart', 'e'))])).toBeUndefined();
    expect(breach(task, 't', [both(unit('stop', 'e'))])?.code).toBe('E_PLAN_BREACH');
  });
});
