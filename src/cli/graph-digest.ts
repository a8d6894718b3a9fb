/** What a graph is compared by: equal digests, equal runs. */
import type {Compiled} from '../compile/input.ts';
import {digest} from '../plan/canonical.ts';
import {taskInput} from '../task/task-input.ts';

/** A digest of all tasks and of how their hosts are reached. Passwords of connections decide nothing about what is done. */
export function graphDigest({graph, plays, hosts}: Pick<Compiled, 'graph' | 'plays' | 'hosts'>): string {
  const connections = hosts.map(({name, limited, connection}) => [
    name,
    limited,
    Object.entries(connection)
      .filter(([variable]) => !/pass/.test(variable))
      .map(([variable, {value}]) => [variable, value])
      .sort(),
  ]);
  return digest([graph.nodes.map(taskInput), plays, connections]);
}

/** Digests of the single tasks, by id. */
export function taskInputs({graph}: Pick<Compiled, 'graph'>): ReadonlyMap<string, string> {
  return new Map(graph.nodes.map(task => [task.id, taskInput(task)]));
}
