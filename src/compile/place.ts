/** What a task takes from around it: play, role, blocks, includes. */
import type {TaskNode, Words} from './node.ts';
import type {Raw, VarMap} from './raw.ts';
import type {Role} from './role.ts';
import type {InheritedWord} from './word-list.ts';

/** A place in a play; innermost first where order matters in lists of variables. */
export interface Place {
  readonly tags: readonly string[];
  readonly when: readonly Raw[];
  /** Block and task variables, innermost first. */
  readonly vars: readonly VarMap[];
  /** Parameters of includes and roles, innermost first: stronger than registered results. */
  readonly params: readonly VarMap[];
  readonly inherited: ReadonlyMap<InheritedWord, Raw>;
  /** `environment` of everything around, outermost first. */
  readonly environment: readonly Raw[];
  readonly notify: readonly Raw[];
  readonly role?: Role;
  /** A handler: runs only if something changed. */
  readonly isHandler?: boolean;
  /** Files being included, outermost first. */
  readonly includes: readonly string[];
}

/** The place of a play's own tasks. The play's variables are a layer of their own and not in here. */
export function playPlace(words: Words): Place {
  const start: Place = {
    tags: [],
    when: [],
    vars: [],
    params: [],
    inherited: new Map(),
    environment: [],
    notify: [],
    includes: [],
  };
  return inside(start, {...words, vars: new Map()});
}

/** The place inside a block, an import, or a task itself. */
export function inside(place: Place, words: Words, notify: readonly Raw[] = []): Place {
  const environment = words.inherited.get('environment');
  return {
    ...place,
    tags: [...new Set([...place.tags, ...words.tags])],
    when: [...place.when, ...words.when],
    vars: words.vars.size === 0 ? place.vars : [words.vars, ...place.vars],
    inherited: words.inherited.size === 0 ? place.inherited : new Map([...place.inherited, ...words.inherited]),
    environment: environment === undefined ? place.environment : [...place.environment, environment],
    notify: notify.length === 0 ? place.notify : [...place.notify, ...notify],
  };
}

/** The place of the tasks that `include_…` brings in: only `apply` and the variables go to them, not the include's own words. */
export function included(place: Place, apply: Words, params: VarMap, file: string): Place {
  const inner = inside(place, apply);
  return {
    ...inner,
    params: params.size === 0 ? inner.params : [params, ...inner.params],
    includes: [...place.includes, file],
  };
}

/** The place of a role's tasks. */
export function inRole(place: Place, words: Words, role: Role): Place {
  const inner = inside(place, {...words, vars: new Map()});
  return {...inner, role, params: role.params.size === 0 ? inner.params : [...inner.params, role.params]};
}

/** The directories where relative names of a task are looked for, best first. */
export function searchDirs(
  place: Place,
  node: TaskNode,
  playDir: string,
  folder: 'templates' | 'files' | 'tasks' | 'vars',
): readonly string[] {
  const roles = place.role === undefined ? [] : [place.role, ...[...place.role.chain].reverse()];
  const dirs = [
    ...roles.flatMap(role => [`${role.path}/${folder}`, role.path]),
    `${node.dir}/${folder}`,
    node.dir,
    `${playDir}/${folder}`,
    playDir,
  ];
  return [...new Set(dirs)];
}
