/** In which order members of a cluster are stopped: those whose loss costs nothing first, the leader last. */
import type {StopView} from './stop-view.ts';

/** What a member is to its cluster, in the order of stopping. */
export type Standing = 'not healthy' | 'learner' | 'follower' | 'leader';

const ORDER: readonly Standing[] = ['not healthy', 'learner', 'follower', 'leader'];

/** What a member is. One that is not listed, or of another cluster, is not healthy. */
export function standingOf(name: string, view: StopView): Standing {
  const row = view.rowOf(name);
  const state = view.own.get(name);
  if (row === undefined || state === undefined) return 'not healthy';
  if (row.isLearner) return state.leaderId === '' ? 'not healthy' : 'learner';
  if (!view.healthy.has(row.id)) return 'not healthy';
  return row.id === view.leaderId ? 'leader' : 'follower';
}

/** The members in the order in which they are stopped; equals by their sequence number. */
export function stopOrder<T extends {readonly name: string; readonly seq: number}>(
  members: readonly T[],
  view: StopView,
): readonly T[] {
  const rank = new Map(members.map(({name}) => [name, ORDER.indexOf(standingOf(name, view))]));
  return [...members].sort((a, b) => (rank.get(a.name) ?? 0) - (rank.get(b.name) ?? 0) || a.seq - b.seq);
}
