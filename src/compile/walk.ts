/** Goes through the tasks of a play in order, all hosts of a batch side by side. */
import {problem} from '../base/diagnostic.ts';
import {unreachable} from '../base/unreachable.ts';
import {Handlers} from './handlers.ts';
import type {HostState} from './host-state.ts';
import {enterInclude, type IncludeVisit} from './include.ts';
import type {MetaNode, RoleEntry, StepNode, TaskNode} from './node.ts';
import {inRole, inside, type Place} from './place.ts';
import {type RoleFiles, roleNotFound} from './project.ts';
import {type Role, rolesBelow, useRole} from './role.ts';
import {placeStep, type StepContext, scopeAt} from './step.ts';
import {isChosen} from './tags.ts';

/** What a walk needs beside the play. */
export interface WalkOptions extends Omit<StepContext, 'handlers' | 'notifiers'> {
  /** Every tag met, chosen or not. */
  readonly tags: Set<string>;
  /** Whether tasks are taken yet: `--start-at-task`. */
  readonly start: {isOpen: boolean};
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
  role(
    entry: RoleEntry,
    name: string,
    hosts: readonly HostState[],
    place: Place,
    visit: IncludeVisit = {isInclude: false},
  ): void {
    const {project, problems} = this.#options.play.shared;
    const files = project.role(name);
    if (files === undefined) {
      problems.add(roleNotFound(name, entry.name.at));
      return;
    }
    if (place.includes.includes(`role ${files.path}`) && !visit.isInclude) {
      const hint = 'take one of the dependencies out.';
      problems.add(problem('E_ROLE_LOOP', `the role "${name}" depends on itself`, {at: entry.name.at, hint}));
      return;
    }
    const role = useRole(files, entry, place.sight.role, rolesBelow(files, project), visit.isInclude);
    const inner = inRole({...place, includes: [...place.includes, `role ${files.path}`]}, entry.words, role);
    this.handlers.add(role.key, files.handlers, inner);
    for (const below of files.dependencies) this.role(below, String(below.name.value), hosts, inner);
    if (visit.isInclude || this.#isFirstUse(role, files)) this.#roleTasks(files, visit, entry, hosts, inner);
  }

  /** Places the handlers that tasks since the last flush may have notified. */
  flush(hosts: readonly HostState[]): void {
    const number = this.#number;
    for (const {handler, notifiers} of this.handlers.flush(hosts.map(host => host.name))) {
      this.#number = handler.number - 1;
      this.#notifiers = notifiers;
      const notified = hosts.filter(host => notifiers.has(host.name));
      this.tasks([handler.node], notified, handler.place);
    }
    this.#notifiers = undefined;
    this.#number = number;
  }

  #isFirstUse(role: Role, files: RoleFiles): boolean {
    const isFirst = files.allowDuplicates || !this.#rolesDone.has(role.key);
    this.#rolesDone.add(role.key);
    return isFirst;
  }

  #roleTasks(
    files: RoleFiles,
    {tasksFrom}: IncludeVisit,
    entry: RoleEntry,
    hosts: readonly HostState[],
    place: Place,
  ): void {
    const {project, problems} = this.#options.play.shared;
    const tasks = project.roleTasks(files, tasksFrom);
    if (tasks !== undefined) {
      this.tasks(tasks, hosts, place);
      return;
    }
    const message = `the role "${files.name}" has no tasks/${tasksFrom}`;
    problems.add(problem('E_FILE_NOT_FOUND', message, {at: entry.name.at, hint: 'check tasks_from.'}));
  }

  #node(node: TaskNode, hosts: readonly HostState[], place: Place): void {
    switch (node.type) {
      case 'block':
        this.tasks(node.children, hosts, inside(place, node.words, node.notify));
        break;
      case 'include':
        enterInclude(node, hosts, place, {
          walk: this,
          play: this.#options.play,
          isChosen: tags => this.#isChosen(tags),
        });
        break;
      case 'meta':
        this.#meta(node, hosts, place);
        break;
      case 'step':
        this.#step(node, hosts, place);
        break;
      default:
        unreachable(node);
    }
  }

  #meta(node: MetaNode, hosts: readonly HostState[], place: Place): void {
    const inner = inside(place, node.words);
    if (!this.#isChosen(inner.tags) || node.action === 'noop' || this.#notifiers !== undefined) return;
    const wanted = hosts.filter(host => {
      const scope = scopeAt(host, inner, this.#options.play);
      return inner.when.every(raw => scope.condition(raw) === true);
    });
    if (wanted.length === 0) return;
    if (node.action === 'flush_handlers') {
      this.flush(wanted);
      return;
    }
    const ending = node.action === 'end_host' ? wanted.map(host => host.name) : this.#options.play.batch;
    for (const name of ending) this.#ended.add(name);
  }

  #step(node: StepNode, hosts: readonly HostState[], place: Place): void {
    const inner = inside(place, node.words, node.notify);
    const number = ++this.#number;
    if (!this.#isChosen(inner.tags) || !this.#isStarted(node, inner)) {
      const name = String(node.name?.value ?? node.kind.name);
      if (node.register !== undefined) this.#options.play.shared.unchosen.set(node.register, name);
      return;
    }
    const notifiers = this.#notifiers === undefined ? {} : {notifiers: this.#notifiers};
    placeStep({node, place: inner, number}, hosts, {
      ...this.#options,
      handlers: this.handlers,
      ...notifiers,
    });
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
    if (wanted === name || wanted === `${place.sight.role?.name} : ${name}`) start.isOpen = true;
    return start.isOpen;
  }
}
