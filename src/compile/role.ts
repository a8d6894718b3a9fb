/** A role in its place in a play: parameters, conditions, and the variables that its tasks see. */
import type {RoleEntry} from './node.ts';
import type {Project, RoleFiles} from './project.ts';
import type {VarMap} from './raw.ts';

/** A role as used by one entry of a play or by one include. */
export interface Role {
  readonly name: string;
  readonly path: string;
  /** The roles that brought this one in, nearest last. */
  readonly chain: readonly Role[];
  readonly files: RoleFiles;
  /** Defaults of the roles above and its own; its own win. */
  readonly defaults: VarMap;
  /** Variables of the roles above, its dependencies', those of its entry, its `vars/`: the last wins. */
  readonly vars: VarMap;
  /** Parameters written beside `role:`, with those of the roles above. */
  readonly params: VarMap;
  /** Brought in by `include_role` or `import_role`. */
  readonly isIncluded: boolean;
  /** What makes two uses of a role the same use: Ansible runs the second only if the role allows it. */
  readonly key: string;
}

/** Puts a role in its place. */
export function useRole(
  files: RoleFiles,
  entry: Pick<RoleEntry, 'words' | 'params'>,
  above: Role | undefined,
  dependencies: readonly RoleFiles[],
  isIncluded = false,
): Role {
  return {
    name: files.name,
    path: files.path,
    chain: above === undefined ? [] : [...above.chain, above],
    files,
    isIncluded,
    defaults: merged(above?.defaults, ...dependencies.map(role => role.defaults), files.defaults),
    vars: merged(above?.vars, ...dependencies.map(role => role.vars), entry.words.vars, files.vars),
    params: merged(above?.params, entry.params),
    key: JSON.stringify([
      files.path,
      [...entry.params.values()].map(({name, value}) => [name, value]),
      [...entry.words.vars.values()].map(({name, value}) => [name, value]),
      entry.words.when.map(({value}) => value),
    ]),
  };
}

/** One layer out of several: later ones win. */
export function merged(...layers: readonly (VarMap | undefined)[]): VarMap {
  return new Map(layers.flatMap(layer => (layer === undefined ? [] : [...layer])));
}

/** The roles that a role depends on, and those that they depend on, in the order in which they run. */
export function rolesBelow(
  files: RoleFiles,
  project: Project,
  seen: ReadonlySet<string> = new Set(),
): readonly RoleFiles[] {
  return files.dependencies.flatMap(entry => {
    const below = project.role(String(entry.name.value));
    if (below === undefined || seen.has(below.path)) return [];
    return [...rolesBelow(below, project, new Set([...seen, files.path])), below];
  });
}
