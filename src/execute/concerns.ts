/** Whose operations can change the answer to whose question. */
import type {Probe} from '../task/probe.ts';
import type {Task} from '../task/task.ts';
import {isControllerProbe} from './controller-probe.ts';

/** The cluster of each host, from the tasks of a graph. */
export function clustersOf(tasks: readonly Task[]): ReadonlyMap<string, string> {
  return new Map(tasks.flatMap(({host, cluster}) => (cluster === undefined ? [] : [[host, cluster] as const])));
}

/**
 * Whether what a host's operations touch can be what a task's question is about: its own answers are the host's alone, members
 * are those of the host's cluster, files of the controller are everybody's.
 */
export function concerns(probe: Probe, task: Task, host: string, clusters: ReadonlyMap<string, string>): boolean {
  if (isControllerProbe(probe)) return true;
  if (probe.kind !== 'etcd') return host === (probe.at ?? task.host);
  return task.cluster === undefined || clusters.get(host) === task.cluster || !clusters.has(host);
}
