/** One play: its roles read, its variables checked, its tasks placed batch by batch. */
import {type Beyond, conditionsOf} from './beyond-limit.ts';
import type {HostState} from './host-state.ts';
import type {CompiledPlay} from './input.ts';
import {NO_WORDS, type Play, type RoleEntry} from './node.ts';
import {inRole, NOWHERE, type Place, playPlace} from './place.ts';
import {barePlay, type PlayScope, type Shared, weakLayers} from './play-scope.ts';
import {type RoleFiles, roleNotFound} from './project.ts';
import {merged, rolesBelow, useRole} from './role.ts';
import {Scope} from './scope.ts';
import {batchesOf} from './serial.ts';
import {type Declared, declaredBy, validateVariables} from './validate-variables.ts';
import {varsFilesOf} from './vars-files.ts';
import {Walk, type WalkOptions} from './walk.ts';

/** A play with its hosts, ready to be placed. */
export interface PlayRun {
  readonly play: Play;
  /** Unique: `etcd`, `etcd-2`. */
  readonly id: string;
  readonly name: string;
  readonly hosts: readonly string[];
  /** Hosts outside `-l`, and when they are worked on. */
  readonly beyond?: Beyond;
}

/** What the plays of a run share while they are placed. */
export interface PlayContext extends Pick<WalkOptions, 'builder' | 'tags' | 'start' | 'touched'> {
  readonly shared: Shared;
}

/** The scope of a play for all its hosts; `batch` is filled in batch by batch. */
export function playScope({play, name, hosts}: PlayRun, shared: Shared): PlayScope {
  const all = rolesOf(play, shared).flatMap(({files}) =>
    files === undefined ? [] : [...rolesBelow(files, shared.project), files],
  );
  const vars = play.words.vars;
  const layers = {
    vars,
    roleVars: merged(...all.map(role => role.vars)),
    roleDefaults: merged(...all.map(role => role.defaults)),
  };
  const bare: PlayScope = {
    ...barePlay(shared),
    name,
    hosts,
    batch: hosts,
    dir: play.dir,
    playbookDir: shared.input.playbookDir?.(play.playbook) ?? play.dir,
    roles: all.map(role => role.name),
    layers: weakLayers({...layers, varsFiles: () => new Map()}),
  };
  return {...bare, layers: weakLayers({...layers, varsFiles: varsFilesOf(play, bare)})};
}

/** Places a play's tasks. */
export function compilePlay(run: PlayRun, scope: PlayScope, context: PlayContext): CompiledPlay {
  const {shared, builder} = context;
  const {play, id, name} = run;
  const place = playPlace(play.words);
  const start = builder.size;
  checkRoles(run, scope, place);
  const conditions = conditionsOf(run, builder, shared);
  batchesFor(run, scope).forEach((batch, index) => {
    if (index > 0) builder.barrier(name, id, 'serial', maxFailPercentage(play));
    const hosts = batch.map(host => hostOf(shared, host));
    placeBatch(run, {...context, play: {...scope, batch}, playId: id, conditions}, hosts, place);
    for (const host of shared.hosts.values()) host.scopes.clear();
  });
  return {name, hosts: run.hosts, tasks: builder.idsFrom(start)};
}

function placeBatch({play}: PlayRun, options: WalkOptions, hosts: readonly HostState[], place: Place): void {
  const walk = new Walk(options);
  const {shared} = options.play;
  for (const {entry, files} of rolesOf(play, shared))
    if (files !== undefined) addHandlers(walk, entry, files, place, shared);
  walk.handlers.add('play', play.handlers, place);
  walk.tasks(play.preTasks, hosts, place);
  walk.flush(hosts);
  for (const {entry, name} of rolesOf(play, shared)) walk.role(entry, name, hosts, place);
  walk.tasks(play.tasks, hosts, place);
  walk.flush(hosts);
  walk.tasks(play.postTasks, hosts, place);
  walk.flush(hosts);
}

/** All handlers of a play's roles are known from its start: a task may notify a role that comes later. */
function addHandlers(walk: Walk, entry: RoleEntry, files: RoleFiles, place: Place, shared: Shared): void {
  if (place.includes.includes(`role ${files.path}`)) return;
  const role = useRole(files, entry, place.sight.role, rolesBelow(files, shared.project));
  const inner = inRole({...place, includes: [...place.includes, `role ${files.path}`]}, entry.words, role);
  for (const dependency of files.dependencies) {
    const below = shared.project.role(String(dependency.name.value));
    if (below !== undefined) addHandlers(walk, dependency, below, inner, shared);
  }
  walk.handlers.add(role.key, files.handlers, inner);
}

/** A play's roles; one that is not there is told when it is placed. */
function rolesOf(
  play: Play,
  shared: Pick<Shared, 'project'>,
): readonly {readonly entry: RoleEntry; readonly name: string; readonly files: RoleFiles | undefined}[] {
  return play.roles.map(entry => {
    const name = String(entry.name.value);
    return {entry, name, files: shared.project.role(name)};
  });
}

/** Roles that a play's own tasks import (`import_role`) by a plain name: their variables are checked like those of `roles`. */
function importedRoles(play: Play, {project}: Pick<Shared, 'project'>): ReturnType<typeof rolesOf> {
  const nodes = [...play.preTasks, ...play.tasks, ...play.postTasks].filter(node => node.type === 'include');
  const names = new Map(
    nodes
      .filter(({what, isImport, target}) => what === 'role' && isImport && !String(target.value).includes('{{'))
      .map(({target}) => [String(target.value), target]),
  );
  return [...names].flatMap(([name, target]) => {
    const files = project.role(name);
    return files === undefined
      ? []
      : [{entry: {name: target, words: NO_WORDS, params: new Map(), at: target.at}, name, files}];
  });
}

/** Checks variables against what the roles declare. */
function checkRoles({play, hosts}: PlayRun, scope: PlayScope, place: Place): void {
  const {shared} = scope;
  for (const {entry, files, name} of [...rolesOf(play, shared), ...importedRoles(play, shared)]) {
    if (files === undefined) {
      shared.problems.add(roleNotFound(name, entry.name.at));
      continue;
    }
    for (const role of [...rolesBelow(files, shared.project), files]) {
      const inner = inRole(place, entry.words, useRole(role, entry, undefined, rolesBelow(role, shared.project)));
      validateVariables(
        declaredBy(role, shared.problems),
        hosts.map(host => hostOf(shared, host)),
        scope,
        inner,
      );
    }
  }
}

/** What the roles of a play declare. */
export function declaredIn(play: Play, shared: Pick<Shared, 'project' | 'problems'>): readonly Declared[] {
  const listed = play.roles.flatMap(entry => shared.project.role(String(entry.name.value)) ?? []);
  const files = new Set([...listed, ...importedRoles(play, shared).flatMap(role => role.files ?? [])]);
  return [...files].flatMap(role =>
    [...rolesBelow(role, shared.project), role].map(one => declaredBy(one, shared.problems)),
  );
}

function batchesFor({play, hosts}: PlayRun, scope: PlayScope): readonly (readonly string[])[] {
  const {serial} = play;
  if (serial === undefined || hosts.length === 0) return [hosts];
  const first = hostOf(scope.shared, hosts[0] ?? '');
  const value = new Scope(first, scope, NOWHERE).render(serial);
  if (value === undefined) return [hosts];
  const batches = batchesOf(hosts, value, serial.at);
  if (batches.ok) return batches.value;
  scope.shared.problems.addAll(batches.error);
  return [hosts];
}

function maxFailPercentage({maxFailPercentage: raw}: Play): number | undefined {
  const value = Number(raw?.value);
  return raw === undefined || !Number.isFinite(value) ? undefined : value;
}

function hostOf(shared: Shared, name: string): HostState {
  const host = shared.hosts.get(name);
  if (host === undefined) throw new Error(`Internal error: no host ${name}`);
  return host;
}
