/** The tasks of a graph as people think of them: one step of a play on many hosts is one thing. */
import type {Task} from '../task/task.ts';
import {groupBy} from './group-by.ts';

/** A step of a play with its task on each host (and for each item of its loop). */
export interface TaskGroup {
  /** The id without host and item. */
  readonly key: string;
  readonly tasks: readonly Task[];
}

/** Groups tasks by step, steps in the order in which their first task stands. */
export function groupTasks(tasks: readonly Task[]): readonly TaskGroup[] {
  return [...groupBy(tasks, task => stepOf(task.id))].map(([key, group]) => ({key, tasks: group}));
}

/** `etcd/etcd/3-render` of `etcd/etcd/3-render[0]@10.10.10.10`. */
export function stepOf(id: string): string {
  return id.replace(/(\[\d+\])?@[^@]*$/, '');
}

/** The step's name without the part that names the item. */
export function groupTitle({tasks}: TaskGroup): string {
  const [first] = tasks;
  if (first === undefined) return '';
  const isLoop = tasks.some(task => /\[\d+\]@/.test(task.id));
  const name = isLoop ? first.name.replace(/ \(item[= ].*\)$/s, '') : first.name;
  return `${first.role === undefined ? '' : `${first.role} : `}${name}`;
}
