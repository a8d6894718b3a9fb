import {expect, test} from 'vitest';
import {problem} from '../../src/base/diagnostic.ts';
import type {Event} from '../../src/base/event.ts';
import type {Applied} from '../../src/execute/apply.ts';
import type {Decision} from '../../src/execute/decide.ts';
import {applyOrUndo} from '../../src/execute/undo.ts';
import type {Op} from '../../src/task/op.ts';
import type {Task} from '../../src/task/task.ts';

const task = {
  id: 'p/r/1@h',
  play: 'p',
  name: 'join',
  host: 'h',
  kind: 'etcd_join',
  args: {},
  tags: [],
  needs: [],
} as unknown as Task;
const back: Op = {kind: 'remove', path: '/x'};
const failedAt = (index: number): Applied => ({
  replies: [],
  failed: {index, diagnostic: problem('E_ETCD_JOIN_TIMEOUT', 'it did not start', {hint: 'look.'})},
});

async function outcome(
  applied: Applied,
  options: {from?: number; aborted?: boolean; undone?: Applied; plain?: boolean} = {},
) {
  const done: Op[] = [];
  const events: Event[] = [];
  const {from = 1, aborted = false, undone = {replies: []}, plain = false} = options;
  const ops: readonly [Op, ...Op[]] = [{kind: 'link', path: '/a', target: '/b'}];
  const plan = {kind: 'change' as const, reason: 'r', ops, ...(plain ? {} : {undo: {from, ops: [back]}})};
  const decision: Decision = {kind: 'change', plan, ops};
  const apply = async (list: readonly Op[]) => {
    if (list === ops) return applied;
    done.push(...list);
    return undone;
  };
  const signal = aborted ? AbortSignal.abort() : new AbortController().signal;
  const result = await applyOrUndo(ops, task, decision, apply, {emit: event => events.push(event), signal});
  return {
    done: done.length,
    told: events.length,
    message: result.failed?.diagnostic.message,
    hint: result.failed?.diagnostic.hint,
  };
}

test.each([
  ['what succeeded', {replies: []}, {}, {done: 0, told: 0, message: undefined, hint: undefined}],
  [
    'a plan that cannot be taken back',
    failedAt(2),
    {plain: true},
    {done: 0, told: 0, message: 'it did not start', hint: 'look.'},
  ],
  [
    'a failure before there was anything to take back',
    failedAt(0),
    {},
    {done: 0, told: 0, message: 'it did not start', hint: 'look.'},
  ],
  ['an interrupted run', failedAt(2), {aborted: true}, {done: 0, told: 0, message: 'it did not start', hint: 'look.'}],
  [
    'a failure',
    failedAt(1),
    {},
    {done: 1, told: 1, message: 'it did not start\nwhat the task had begun was taken back', hint: 'look.'},
  ],
  [
    'a failure that cannot be taken back',
    failedAt(1),
    {undone: {replies: [], failed: {index: 0, diagnostic: problem('E_X', 'no way', {hint: 'Help.'})}}},
    {done: 1, told: 1, message: 'it did not start\nit could not be taken back: no way', hint: 'look. Help.'},
  ],
] as [string, Applied, Parameters<typeof outcome>[1], object][])('%s', async (_, applied, options, expected) => {
  expect(await outcome(applied, options)).toEqual(expected);
});
