/** Whether a whole cluster is given up: then there is no quorum to keep, and its members may be stopped side by side. */
import type {States} from './facts.ts';
import {type NamedMember, stopView} from './stop-view.ts';

/** Who is to go, by name. */
export interface DestroyCase {
  readonly members: readonly NamedMember[];
  readonly states: States;
  /** Members that this run is about to stop. */
  readonly stopping: ReadonlySet<string>;
  /** Members that do not run any more, or whose host this run wanted and cannot reach. */
  readonly gone: ReadonlySet<string>;
}

/** Names of members that would stay: those that answer or are listed and are not stopped by this run. Empty = the cluster goes whole. */
export function stayingMembers({members, states, stopping, gone}: DestroyCase): readonly string[] {
  const view = stopView(members, states);
  const leaves = (name: string) => stopping.has(name) || (gone.has(name) && states.get(name)?.reachable !== true);
  const listed = (view.list ?? []).map(
    row => members.find(({name}) => view.rowOf(name)?.id === row.id)?.name ?? row.name,
  );
  const answering = [...states].filter(([, state]) => state.reachable).map(([name]) => name);
  // Nobody tells the list: every member of the inventory may be one.
  const all = view.list === undefined ? members.map(({name}) => name) : listed;
  return [...new Set([...all, ...answering])].filter(name => !leaves(name));
}
