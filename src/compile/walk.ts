/** Goes through the tasks of a play in order, all hosts of a batch side by side, and adds them to the graph. */
import {problem} from '../base/diagnostic.ts';
import type {Task} from '../task/task.ts';
import type {GraphBuilder} from './builder.ts';
import {type Draft, draftsOf} from './expand-step.ts';
import {groupBy} from './group-by.ts';
import {Handlers} from './handlers.ts';
import type {HostState} from './host-state.ts';
import {enterInclude, type IncludeVisit} from './include.ts';
import type {BlockNode, MetaNode, RoleEntry, StepNode, TaskNode} from './node.ts';
import {slug} from './paths.ts';
import {inRole, inside, type Place} from './place.ts';
import type {PlayScope} from './play-scope.ts';
import {type RoleFiles, roleNotFound} from './project.ts';
import {rolesBelow, useRole} from './role.ts';
import {keepResult} from './results.ts';
import {Scope} from './scope.ts';
import {isChosen} from './tags.ts';
import {flag} from './task-words.ts';

/** What a walk needs beside the play. */
export interface WalkOptions {
  readonly play: PlayScope;
  /** The play's part of ids. */
  readonly playId: string;
  readonly builder: GraphBuilder;
  /** Every tag met, chosen or not. */
  readonly tags: Set<string>;
  /** Whether tasks are taken yet: `--start-at-task`. */
  readonly start: {isOpen: boolean};
  /** A host that a task is delegated to. */
  readonly touched: Set<string>;
}

/** One batch of a play. */
export class Walk {
  readonly handlers = new Handlers();
  readonly #options: WalkOptions;
  readonly #rolesDone = new Set<string>();
  readonly #ended = new Set<string>();
  /** While handlers are placed: the tasks that notified, by host. */
  #notifiers: ReadonlyMap<string, readonly string[]> | undefined;
  #number = 0;

  constructor(options: WalkOptions) {
    this.#options = options;
  }

  /** Places a list of tasks on hosts. */
  tasks(nodes: readonly TaskNode[], hosts: readonly HostState[], place: Place): void {
    for (const node of nodes) {
      const left = hosts.filter(host => !this.#ended.has(host.name));
      if (left.length > 0) this.#node(node, left, place);
    }
  }

  /** Places a role: its dependencies, then its tasks. */
  role(entry: RoleEntry, name: string, hosts: readonly HostState[], place: Place, visit: IncludeVisit = {isInclude: false}): void {
    const {project, problems} = this.#options.play.shared;
    const files = project.role(name);
    if (files === undefined) return problems.add(roleNotFound(name, entry.name.at));
    if (place.includes.includes(`role ${files.path}`) && !visit.isInclude) {
      return problems.add(problem('E_ROLE_LOOP', `the role "${name}" depends on itself`, {at: entry.name.at, hint: 'take one of the dependencies out.'}));
    }
    const role = useRole(files, entry, place.role, rolesBelow(files, project));
    const inner = inRole({...place, includes: [...place.includes, `role ${files.path}`]}, entry.words, role);
    this.handlers.add(role.key, files.handlers, inner);
    this.#dependencies(files, hosts, inner);
    if (!visit.isInclude && !files.allowDuplicates) {
      if (this.#rolesDone.has(role.key)) return;
      this.#rolesDone.add(role.key);
    }
    const tasks = project.roleTasks(files, visit.tasksFrom);
    if (tasks !== undefined) return this.tasks(tasks, hosts, inner);
    problems.add(problem('E_FILE_NOT_FOUND', `the role "${name}" has no tasks/${visit.tasksFrom}`, {at: entry.name.at, hint: 'check tasks_from.'}));
  }

  /** Places the handlers that tasks since the last flush may have notified. */
  flush(hosts: readonly HostState[]): void {
    for (const {handler, notifiers} of this.handlers.flush()) {
      const notified = hosts.filter(host => notifiers.has(host.name));
      const number = this.#number;
      this.#number = handler.number - 1;
      this.#notifiers = notifiers;
      this.tasks([handler.node], notified, handler.place);
      this.#notifiers = undefined;
      this.#number = number;
    }
  }

  #dependencies(files: RoleFiles, hosts: readonly HostState[], place: Place): void {
    for (const dependency of files.dependencies) this.role(dependency, String(dependency.name.value), hosts, place);
  }

  #node(node: TaskNode, hosts: readonly HostState[], place: Place): void {
    switch (node.type) {
      case 'block':
        return this.#block(node, hosts, place);
      case 'include':
        return enterInclude(node, hosts, place, {walk: this, play: this.#options.play, isChosen: tags => this.#isChosen(tags)});
      case 'meta':
        return this.#meta(node, hosts, place);
      case 'step':
        return this.#step(node, hosts, place);
    }
  }

  #block(node: BlockNode, hosts: readonly HostState[], place: Place): void {
    this.tasks(node.children, hosts, inside(place, node.words, node.notify));
  }

  #meta(node: MetaNode, hosts: readonly HostState[], place: Place): void {
    const inner = inside(place, node.words);
    if (!this.#isChosen(inner.tags) || node.action === 'noop' || this.#notifiers !== undefined) return;
    const wanted = hosts.filter(host => {
      const scope = this.#scope(host, inner);
      return inner.when.every(raw => scope.condition(raw) === true);
    });
    if (wanted.length === 0) return;
    if (node.action === 'flush_handlers') return this.flush(wanted);
    const ending = node.action === 'end_host' ? wanted : this.#options.play.batch.map(name => ({name}));
    for (const {name} of ending) this.#ended.add(name);
  }

  #step(node: StepNode, hosts: readonly HostState[], place: Place): void {
    const inner = inside(place, node.words, node.notify);
    const number = ++this.#number;
    if (!this.#isChosen(inner.tags) || !this.#isStarted(node, inner)) return;
    // Tasks without variables of their own see what is around them: they share its scope.
    const variablesAt = node.words.vars.size === 0 ? place : inner;
    const groups = this.#groups(node, inner, hosts);
    for (const group of groups) {
      const drafts = this.#draftsOfGroup(node, inner, variablesAt, group.leaders);
      for (const draft of drafts) this.#add(node, inner, number, draft, group.members);
      keepResult(node, drafts, group.members.map(name => this.#host(name)));
    }
    this.#stopTogether(inner, hosts, groups.length);
  }

  /** `any_errors_fatal`: nobody goes on before all have done this step. */
  #stopTogether(place: Place, hosts: readonly HostState[], groups: number): void {
    const [first] = hosts;
    if (first === undefined || groups < 2 || !place.inherited.has('any_errors_fatal')) return;
    if (!flag(place, 'any_errors_fatal', this.#scope(first, place))) return;
    this.#options.builder.barrier(this.#options.play.name, this.#options.playId, 'any_errors_fatal');
  }

  /** Who does a step: each host for itself, or one for its cluster or for all. */
  #groups(node: StepNode, place: Place, hosts: readonly HostState[]): readonly Group[] {
    const {batch} = this.#options.play;
    const [first] = hosts;
    if (first === undefined) return [];
    if (place.inherited.has('run_once') && flag(place, 'run_once', this.#scope(first, place))) return [{leaders: [first], members: batch}];
    if (node.kind.scope !== 'cluster') return hosts.map(host => ({leaders: [host], members: [host.name]}));
    const byCluster = groupBy(hosts, host => host.member?.cluster ?? `host ${host.name}`);
    return [...byCluster.values()].map(leaders => {
      const cluster = leaders[0]?.member?.cluster;
      const others = batch.filter(name => cluster !== undefined && this.#host(name).member?.cluster === cluster);
      return {leaders, members: cluster === undefined ? leaders.map(host => host.name) : others};
    });
  }

  /** The first host on which the step is not skipped does it for its group. */
  #draftsOfGroup(node: StepNode, place: Place, variablesAt: Place, leaders: readonly HostState[]): readonly Draft[] {
    let first: readonly Draft[] | undefined;
    for (const host of leaders) {
      const drafts = draftsOf(node, place, this.#scope(host, variablesAt));
      first ??= drafts;
      if (drafts.some(draft => draft.fields.skip === undefined)) return drafts;
    }
    return first ?? [];
  }

  #add(node: StepNode, place: Place, number: number, draft: Draft, members: readonly string[]): void {
    const {play, playId, builder, touched} = this.#options;
    const owner = draft.scope.host.name;
    const host = draft.delegateTo ?? owner;
    const isOther = host !== owner && host !== 'localhost' && host !== '127.0.0.1';
    if (host !== owner) touched.add(host);
    const onlyIfChanged = this.#notifiers && [...new Set(members.flatMap(name => this.#notifiers?.get(name) ?? []))];
    const item = draft.item === undefined ? '' : `[${draft.item}]`;
    const prefix = this.#notifiers === undefined ? '' : 'handler-';
    const shares = members.length > 1 || host !== owner;
    const registers = node.register !== undefined || node.kind.name === 'set_fact';
    const task: Omit<Task, 'needs'> = {
      ...draft.fields,
      id: `${playId}/${place.role?.name ?? '-'}/${prefix}${number}-${slug(String(node.name?.value ?? node.kind.name))}${item}@${owner}`,
      play: play.name,
      host,
      tags: [...place.tags].sort(),
      ...(onlyIfChanged === undefined ? {} : {onlyIfChanged}),
      ...(registers && shares ? {registerFor: members} : {}),
    };
    // The controller does several hosts' tasks side by side; another host does one after the other.
    const chained = isOther ? [...members, host] : members;
    const id = builder.add(task, chained, chained);
    if (draft.fields.skip !== undefined) return;
    const hosts = node.kind.scope === 'cluster' ? members : [owner];
    for (const name of draft.notify) this.handlers.notify(name, hosts, id, draft.scope, node.at);
  }

  #scope(host: HostState, place: Place): Scope {
    const known = host.scopes.get(place);
    if (known !== undefined) return known;
    const scope = new Scope(host, this.#options.play, place);
    host.scopes.set(place, scope);
    return scope;
  }

  #isChosen(tags: readonly string[]): boolean {
    for (const tag of tags) this.#options.tags.add(tag);
    // A notified handler runs whatever the tags: the change that it answers has been made.
    if (this.#notifiers !== undefined) return true;
    const {tags: only, skipTags: skip} = this.#options.play.shared.input;
    return isChosen(tags, {only, skip});
  }

  #isStarted(node: StepNode, place: Place): boolean {
    const {start, play} = this.#options;
    const name = String(node.name?.value ?? node.kind.name);
    const wanted = play.shared.input.startAtTask;
    if (wanted === name || wanted === `${place.role?.name} : ${name}`) start.isOpen = true;
    return start.isOpen;
  }

  #host(name: string): HostState {
    const host = this.#options.play.shared.hosts.get(name);
    if (host === undefined) throw new Error(`Internal error: no host ${name}`);
    return host;
  }
}

/** Hosts of which one acts for all: the first of `leaders` that can. Every member's earlier tasks come before, later ones after. */
interface Group {
  readonly leaders: readonly HostState[];
  readonly members: readonly string[];
}
