/**
 * Plays that reach beyond `-l`: a member that joins or leaves concerns those who use the cluster's endpoints, whichever host the
 * run was limited to. `beyond_limit: membership` works on them only if a task of this run has changed who is a member (they are
 * not even connected to otherwise); `others` is the same without the hosts within the limit; `always` needs no such change.
 */
import {problem} from '../base/diagnostic.ts';
import {kindOf} from '../task/index.ts';
import type {GraphBuilder} from './builder.ts';
import type {PlayRun} from './compile-play.ts';
import type {Play} from './node.ts';
import type {Shared} from './play-scope.ts';

/** Values of `beyond_limit`. */
export type Reach = 'membership' | 'others' | 'always';

/** Hosts that `-l` leaves out, and whether their work depends on a change of the membership. */
export interface Beyond {
  readonly hosts: ReadonlySet<string>;
  readonly onChange: boolean;
}

const REACHES: readonly unknown[] = ['membership', 'others', 'always'] satisfies readonly Reach[];

/** How far a play reaches; undefined: as far as the limit. */
export function reachOf({beyondLimit}: Play, {problems}: Shared): Reach | undefined {
  if (beyondLimit === undefined) return undefined;
  const {value, at} = beyondLimit;
  if (REACHES.includes(value)) return value as Reach;
  const hint = 'write "beyond_limit: membership", "others" or "always", or leave it out.';
  problems.add(problem('E_PLAYBOOK_VALUE', `"beyond_limit" is ${JSON.stringify(String(value))}`, {at, hint}));
  return undefined;
}

/** The hosts of a play: those within the limit, and beyond it those of the same clusters. */
export function reachedHosts(
  hosts: readonly string[],
  reach: Reach | undefined,
  shared: Shared,
  limit: ReadonlySet<string> | undefined,
): Pick<PlayRun, 'hosts' | 'beyond'> {
  if (reach === undefined) return {hosts};
  if (limit === undefined) return {hosts: reach === 'others' ? [] : hosts};
  const clusters = new Set([...limit].map(name => shared.hosts.get(name)?.cluster));
  const isOutside = (name: string) => !limit.has(name);
  const isConcerned = (name: string) => clusters.has(shared.hosts.get(name)?.cluster ?? '');
  const outside = hosts.filter(name => isOutside(name) && isConcerned(name));
  const reached = hosts.filter(name => outside.includes(name) || (reach !== 'others' && !isOutside(name)));
  return {hosts: reached, beyond: {hosts: new Set(outside), onChange: reach !== 'always'}};
}

/** The run without hosts whose condition no task of it can meet. */
export function withinReach(run: PlayRun, builder: GraphBuilder): PlayRun {
  const {beyond} = run;
  if (beyond === undefined || !beyond.onChange || changers(builder).length > 0) return run;
  return {...run, hosts: run.hosts.filter(name => !beyond.hosts.has(name))};
}

/** By host beyond the limit: the tasks of which one must have changed the membership of its cluster. */
export function conditionsOf(
  {beyond, hosts}: PlayRun,
  builder: GraphBuilder,
  shared: Shared,
): ReadonlyMap<string, readonly string[]> {
  if (beyond === undefined || !beyond.onChange) return new Map();
  const tasks = changers(builder);
  return new Map(
    hosts
      .filter(name => beyond.hosts.has(name))
      .map(name => {
        const cluster = shared.hosts.get(name)?.cluster;
        return [name, tasks.filter(task => task.cluster === cluster).map(({id}) => id)];
      }),
  );
}

/** Tasks so far that may change who is a member. */
function changers(builder: GraphBuilder) {
  return builder.tasks.filter(({kind, skip}) => skip === undefined && kindOf(kind)?.changesMembership === true);
}
