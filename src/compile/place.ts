/** What a task takes from around it: play, role, blocks, includes. */
import type {TaskNode, Words} from './node.ts';
import type {Raw, VarMap} from './raw.ts';
import type {Role} from './role.ts';
import type {InheritedWord} from './word-list.ts';

/** The variables that a place sees, innermost layers first. Places that see the same share the object, and with it rendered values. */
export interface Sight {
  /** Block and task variables. */
  readonly vars: readonly VarMap[];
  /** Parameters of includes and roles: stronger than registered results. */
  readonly params: readonly VarMap[];
  readonly role?: Role;
}

/** A place in a play. */
export interface Place {
  readonly sight: Sight;
  readonly tags: readonly string[];
  readonly when: readonly Raw[];
  readonly inherited: ReadonlyMap<InheritedWord, Raw>;
  /** `environment` of everything around, outermost first. */
  readonly environment: readonly Raw[];
  readonly notify: readonly Raw[];
  /** A handler: runs only if something changed. */
  readonly isHandler?: boolean;
  /** Files being included, outermost first. */
  readonly includes: readonly string[];
}

/** What is seen outside of any play. */
export const NOWHERE: Sight = {vars: [], params: []};

/** The place of a play's own tasks. The play's variables are a layer of their own and not in here. */
export function playPlace(words: Words): Place {
  const start: Place = {
    sight: {vars: [], params: []},
    tags: [],
    when: [],
    inherited: new Map(),
    environment: [],
    notify: [],
    includes: [],
  };
  return inside(start, {...words, vars: new Map()});
}

/** The place inside a block, an import, or a task itself. */
export function inside(place: Place, words: Words, notify: readonly Raw[] = []): Place {
  const {sight} = place;
  const environment = words.inherited.get('environment');
  return {
    ...place,
    sight: words.vars.size === 0 ? sight : {...sight, vars: [words.vars, ...sight.vars]},
    tags: [...new Set([...place.tags, ...words.tags])],
    when: [...place.when, ...words.when],
    inherited: words.inherited.size === 0 ? place.inherited : new Map([...place.inherited, ...words.inherited]),
    environment: environment === undefined ? place.environment : [...place.environment, environment],
    notify: notify.length === 0 ? place.notify : [...place.notify, ...notify],
  };
}

/** The place of the tasks that `include_…` brings in: only `apply` and the variables go to them, not the include's own words. */
export function included(place: Place, apply: Words, params: VarMap, file: string): Place {
  const inner = inside(place, apply);
  const {sight} = inner;
  return {
    ...inner,
    sight: params.size === 0 ? sight : {...sight, params: [params, ...sight.params]},
    includes: [...place.includes, file],
  };
}

/** The place of a role's tasks. */
export function inRole(place: Place, words: Words, role: Role): Place {
  const inner = inside(place, {...words, vars: new Map()});
  const params = role.params.size === 0 ? inner.sight.params : [...inner.sight.params, role.params];
  return {...inner, sight: {...inner.sight, params, role}};
}

/** The directories where relative names of a task are looked for, best first. */
export function searchDirs(
  place: Place,
  node: TaskNode,
  playDir: string,
  folder: 'templates' | 'files' | 'tasks' | 'vars',
): readonly string[] {
  const {role: own} = place.sight;
  const roles = own === undefined ? [] : [own, ...[...own.chain].reverse()];
  const dirs = [
    ...roles.flatMap(role => [`${role.path}/${folder}`, role.path]),
    `${node.dir}/${folder}`,
    node.dir,
    `${playDir}/${folder}`,
    playDir,
  ];
  return [...new Set(dirs)];
}
