/** Plays as written, before hosts: what `--list-tasks` and `--list-tags` show. */

import {taskPaths} from './include.ts';
import {type IncludeNode, NO_WORDS, type Play, type RoleEntry, type TaskNode} from './node.ts';
import {included, inRole, inside, NOWHERE, type Place, playPlace} from './place.ts';
import type {Project} from './project.ts';
import {rolesBelow, useRole} from './role.ts';
import {isChosen, type TagChoice} from './tags.ts';

/** A task as written. */
export interface TaskOutline {
  readonly role?: string;
  /** As written: templates are not rendered. */
  readonly name: string;
  readonly tags: readonly string[];
  /** Chosen by `-t` and `--skip-tags`. */
  readonly isChosen: boolean;
  /** Brought in by `include_…`, which Ansible's lists do not look into. */
  readonly isIncluded: boolean;
}

/** A play as written. */
export interface PlayOutline {
  readonly playbook: string;
  readonly name: string;
  readonly pattern: readonly string[];
  readonly hosts: readonly string[];
  readonly tags: readonly string[];
  readonly tasks: readonly TaskOutline[];
}

/** Draws the outline of a play; files whose names are templates are not entered. */
export function outlineOf(play: Play, hosts: readonly string[], project: Project, choice: TagChoice): PlayOutline {
  const drawer = new Drawer(play.dir, project, choice);
  const place = playPlace(play.words);
  drawer.tasks(play.preTasks, place);
  for (const entry of play.roles) drawer.role(entry, place, undefined);
  drawer.tasks(play.tasks, place);
  drawer.tasks(play.postTasks, place);
  const pattern = Array.isArray(play.hosts.value) ? play.hosts.value.map(String) : [String(play.hosts.value)];
  return {playbook: play.playbook, name: play.name, pattern, hosts, tags: play.words.tags, tasks: drawer.found};
}

class Drawer {
  readonly found: TaskOutline[] = [];
  readonly #dir: string;
  readonly #project: Project;
  readonly #choice: TagChoice;
  /** How many `include_…` deep. */
  #depth = 0;

  constructor(dir: string, project: Project, choice: TagChoice) {
    this.#dir = dir;
    this.#project = project;
    this.#choice = choice;
  }

  tasks(nodes: readonly TaskNode[], place: Place): void {
    for (const node of nodes) {
      if (node.type === 'block') this.tasks(node.children, inside(place, node.words));
      else if (node.type === 'include') this.#include(node, place);
      else if (node.type === 'meta') this.#add(String(node.name?.value ?? 'meta'), inside(place, node.words));
      else this.#add(String(node.name?.value ?? node.kind.name), inside(place, node.words));
    }
  }

  role(entry: RoleEntry, place: Place, tasksFrom: string | undefined): void {
    const files = this.#project.role(String(entry.name.value));
    if (files === undefined || place.includes.includes(files.path)) return;
    const role = useRole(files, entry, place.sight.role, rolesBelow(files, this.#project));
    const inner = inRole({...place, includes: [...place.includes, files.path]}, entry.words, role);
    for (const dependency of files.dependencies) this.role(dependency, inner, undefined);
    this.tasks(this.#project.roleTasks(files, tasksFrom) ?? [], inner);
  }

  #include(node: IncludeNode, place: Place): void {
    const target = String(node.target.value);
    const own = inside(place, node.words);
    const word = `${node.isImport ? 'import' : 'include'}_${node.what}`;
    // Ansible does not put the role's name before that of an include_role.
    const outside = {...own, sight: NOWHERE};
    if (!node.isImport) this.#add(String(node.name?.value ?? word), node.what === 'role' ? outside : own);
    if (target.includes('{{') || place.includes.length > 20) return;
    const inner = node.isImport
      ? {...own, includes: [...own.includes, target]}
      : included(place, node.apply, new Map(), target);
    if (!node.isImport) this.#depth++;
    this.#enter(node, target, place, inner);
    if (!node.isImport) this.#depth--;
  }

  #enter(node: IncludeNode, target: string, place: Place, inner: Place): void {
    if (node.what === 'role') {
      const from = node.tasksFrom === undefined ? undefined : String(node.tasksFrom.value);
      this.role({name: node.target, words: NO_WORDS, params: new Map(), at: node.at}, inner, from);
    } else if (!place.includes.includes(target)) {
      const paths = taskPaths(node, target, place, {dir: this.#dir});
      this.tasks(this.#project.firstTasks(paths) ?? [], inner);
    }
  }

  #add(name: string, place: Place): void {
    const tags = [...place.tags].sort();
    this.found.push({
      ...(place.sight.role === undefined ? {} : {role: place.sight.role.name}),
      name,
      tags,
      isChosen: isChosen(tags, this.#choice),
      isIncluded: this.#depth > 0,
    });
  }
}
