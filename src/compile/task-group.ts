/** The tasks of a graph as people think of them: one step of a play on many hosts is one thing. */

import {groupBy} from '../base/group-by.ts';
import {stepOf} from '../task/step-id.ts';
import type {Task} from '../task/task.ts';

/** A step of a play with its task on each host (and for each item of its loop). */
export interface TaskGroup {
  /** The ids without host and item, and the batch. */
  readonly key: string;
  readonly tasks: readonly Task[];
}

/** Groups tasks by step, steps in the order in which their first task stands. */
export function groupTasks(tasks: readonly Task[]): readonly TaskGroup[] {
  // Hosts of different batches do the same step at different times: barriers keep them apart.
  let batch = 0;
  const groups = groupBy(tasks, task => {
    if (task.kind === 'barrier') batch++;
    return `${batch} ${stepOf(task.id)}`;
  });
  return [...groups].map(([key, group]) => ({key, tasks: group}));
}

/** The step's role and name. */
export function groupTitle({tasks}: TaskGroup): string {
  const role = tasks[0]?.role;
  return `${role === undefined ? '' : `${role} : `}${namesInCommon(tasks)}`;
}

/** The name of a step's tasks; where hosts or items have names of their own, the beginning that these share. */
export function namesInCommon(tasks: readonly Task[]): string {
  const [first = '', ...others] = new Set(tasks.map(task => task.name.replace(/ \(item[= ].*\)$/s, '')));
  if (others.length === 0) return first;
  const end = [...first].findIndex((char, index) => others.some(name => name[index] !== char));
  return `${first.slice(0, end === -1 ? undefined : end)}…`;
}
