/** One written task, placed on all hosts of a batch: who does it, what waits for whom, what it leaves behind. */

import {groupBy} from '../base/group-by.ts';
import type {Task} from '../task/task.ts';
import type {GraphBuilder} from './builder.ts';
import {type Draft, draftsOf} from './expand-step.ts';
import type {Handlers} from './handlers.ts';
import type {HostState} from './host-state.ts';
import type {StepNode} from './node.ts';
import {slug} from './paths.ts';
import type {Place} from './place.ts';
import type {PlayScope} from './play-scope.ts';
import {keepResult} from './results.ts';
import {Scope} from './scope.ts';
import {flag} from './task-words.ts';

/** Where steps are placed. */
export interface StepContext {
  readonly play: PlayScope;
  /** The play's part of ids. */
  readonly playId: string;
  readonly builder: GraphBuilder;
  readonly handlers: Handlers;
  /** Hosts that tasks are delegated to. */
  readonly touched: Set<string>;
  /** The step is a handler: the tasks that notified it, by host. */
  readonly notifiers?: ReadonlyMap<string, readonly string[]>;
  /** Hosts on which a step runs only if one of these tasks has changed something. */
  readonly conditions: ReadonlyMap<string, readonly string[]>;
}

/** A step in its place. */
interface PlacedStep {
  readonly node: StepNode;
  readonly place: Place;
  readonly number: number;
}

/** Hosts of which one acts for all: the first of `leaders` that can. Every member's earlier tasks come before, later ones after. */
interface Group {
  readonly leaders: readonly HostState[];
  readonly members: readonly string[];
  /** The host whose turn is before, where a cluster's hosts take turns. */
  readonly after?: string;
}

/** Adds a step's tasks to the graph. */
export function placeStep(step: PlacedStep, hosts: readonly HostState[], context: StepContext): void {
  const groups = groupsOf(step, hosts, context.play);
  for (const group of groups) {
    const drafts = draftsOfGroup(step, group.leaders, context.play);
    for (const draft of drafts) addTask(step, draft, group, context);
    const members = group.members.flatMap(name => context.play.shared.hosts.get(name) ?? []);
    keepResult(step.node, drafts, members);
  }
  if (groups.length > 1 && firstFlag(step, 'any_errors_fatal', hosts, context.play)) {
    // Nobody goes on before all have done this step.
    context.builder.barrier(context.play.name, context.playId, 'any_errors_fatal');
  }
}

/** The scope of a host at a place; places that see the same share it, and with it rendered variables. */
export function scopeAt(host: HostState, place: Place, play: PlayScope): Scope {
  const known = host.scopes.get(place.sight);
  if (known !== undefined) return known;
  const scope = new Scope(host, play, place.sight);
  host.scopes.set(place.sight, scope);
  return scope;
}

/** Who does a step: each host for itself, or one for its cluster or for all. */
function groupsOf(step: PlacedStep, hosts: readonly HostState[], play: PlayScope): readonly Group[] {
  const [first] = hosts;
  if (first === undefined) return [];
  if (firstFlag(step, 'run_once', hosts, play)) return [{leaders: [first], members: play.batch}];
  if (step.node.kind.scope === 'turn') return hosts.map((host, index) => turnOf(host, hosts.slice(0, index)));
  if (step.node.kind.scope !== 'cluster') return hosts.map(host => ({leaders: [host], members: [host.name]}));
  return [...groupBy(hosts, host => host.member?.cluster ?? `host ${host.name}`).values()].map(leaders => {
    const cluster = leaders[0]?.member?.cluster;
    if (cluster === undefined) return {leaders, members: leaders.map(host => host.name)};
    return {leaders, members: play.batch.filter(name => play.shared.hosts.get(name)?.member?.cluster === cluster)};
  });
}

/** A host that acts for itself, after those of its cluster that come before it. */
function turnOf(host: HostState, before: readonly HostState[]): Group {
  const cluster = host.member?.cluster;
  const after = cluster === undefined ? undefined : before.findLast(other => other.member?.cluster === cluster);
  return {leaders: [host], members: [host.name], ...(after === undefined ? {} : {after: after.name})};
}

/** A word that concerns all hosts is read on the first. */
function firstFlag(
  {place}: PlacedStep,
  word: 'run_once' | 'any_errors_fatal',
  [first]: readonly HostState[],
  play: PlayScope,
): boolean {
  if (first === undefined || !place.inherited.has(word)) return false;
  return flag(place, word, scopeAt(first, place, play)) ?? false;
}

/** The first host on which the step is not skipped does it for its group. */
function draftsOfGroup({node, place}: PlacedStep, leaders: readonly HostState[], play: PlayScope): readonly Draft[] {
  let first: readonly Draft[] | undefined;
  const peers = new Map(leaders.map(host => [host.name, scopeAt(host, place, play)]));
  for (const host of leaders) {
    const drafts = draftsOf(node, place, scopeAt(host, place, play), peers);
    first ??= drafts;
    if (drafts.some(draft => draft.fields.skip === undefined)) return drafts;
  }
  return first ?? [];
}

function addTask(step: PlacedStep, draft: Draft, {members, after}: Group, context: StepContext): void {
  const {node, place} = step;
  const {play, builder, handlers, touched} = context;
  const owner = draft.scope.host.name;
  const host = draft.delegateTo ?? owner;
  if (host !== owner) touched.add(host);
  const isShared = members.length > 1 || host !== owner;
  const registers = node.register !== undefined || node.kind.name === 'set_fact';
  const task: Omit<Task, 'needs'> = {
    ...draft.fields,
    id: idOf(step, draft, context),
    play: play.name,
    host,
    tags: [...place.tags].sort(),
    ...onlyIfChanged(members, context),
    ...(registers && isShared ? {registerFor: members} : {}),
  };
  // What is skipped for sure keeps nobody waiting.
  if (draft.fields.skip !== undefined) {
    builder.add(task, [owner], [owner]);
    return;
  }
  // The controller does several hosts' tasks side by side; another host does one after the other.
  const chained = host === owner || host === 'localhost' ? members : [...members, host];
  const id = builder.add(task, after === undefined ? chained : [...chained, after], chained);
  const notified = node.kind.scope === 'cluster' ? members : [owner];
  for (const {name, at} of draft.notify) handlers.notify(name, notified, id, draft.scope, at);
}

function idOf({node, place, number}: PlacedStep, {item, scope}: Draft, {playId, notifiers}: StepContext): string {
  const name = slug(String(node.name?.value ?? node.kind.name));
  const prefix = notifiers === undefined ? '' : 'handler-';
  const turn = item === undefined ? '' : `[${item}]`;
  return `${playId}/${place.sight.role?.name ?? '-'}/${prefix}${number}-${name}${turn}@${scope.host.name}`;
}

function notifiersOf(members: readonly string[], notifiers: ReadonlyMap<string, readonly string[]>): readonly string[] {
  return [...new Set(members.flatMap(name => notifiers.get(name) ?? []))];
}

/** A handler waits for those who notify it; what lies beyond the limit, for a change that concerns it. */
function onlyIfChanged(members: readonly string[], {notifiers, conditions}: StepContext): Pick<Task, 'onlyIfChanged'> {
  if (notifiers !== undefined) return {onlyIfChanged: notifiersOf(members, notifiers)};
  return members.every(name => conditions.has(name)) ? {onlyIfChanged: notifiersOf(members, conditions)} : {};
}
