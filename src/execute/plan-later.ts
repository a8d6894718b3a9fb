/** Which decisions of a check run are not the last word: those that depend on operations which it did not do. */

import {touches} from '../task/op.ts';
import type {Task} from '../task/task.ts';
import {clustersOf, concerns} from './concerns.ts';
import {probesOf} from './decide.ts';
import {isTouched} from './facts.ts';
import type {Outcome} from './outcome.ts';

/**
 * Ids of the tasks whose decision depends on earlier operations. Earlier = before it in the graph's order, which does not change from
 * run to run as the order of hosts that work side by side does.
 */
export function laterTasks(
  tasks: readonly Task[],
  outcomeOf: (id: string) => Outcome | undefined,
): ReadonlySet<string> {
  const clusters = clustersOf(tasks);
  const touched = new Map<string, string[]>();
  /** Hosts that know results of tasks which were not really done. */
  const unsure = new Set<string>();
  const later = new Set<string>();
  const isAsked = (task: Task) =>
    Object.values(probesOf(task)).some(probe =>
      [...touched].some(([host, resources]) => concerns(probe, task, host, clusters) && isTouched(probe, resources)),
    );
  for (const task of tasks) {
    const outcome = outcomeOf(task.id);
    if (task.kind === 'barrier' || task.skip !== undefined || outcome === undefined) continue;
    const operations = outcome.operations ?? [];
    const isLater =
      outcome.status === 'undecided' ||
      task.onlyIfChanged?.some(id => later.has(id)) === true ||
      (task.late === undefined ? isAsked(task) : unsure.has(task.host) || touched.has(task.host));
    if (isLater) later.add(task.id);
    if (operations.length > 0)
      touched.set(task.host, [...(touched.get(task.host) ?? []), ...operations.flatMap(touches)]);
    const tells = task.register !== undefined || task.kind === 'set_fact';
    if (tells && (isLater || operations.length > 0))
      for (const host of task.registerFor ?? [task.host]) unsure.add(host);
  }
  return later;
}
