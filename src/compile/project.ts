/** The project's files as the compiler reads them: each once, problems told once. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import type {SourceFile} from '../base/source.ts';
import {entryOf, parseYaml, type YamlNode} from '../base/yaml.ts';
import type {ProjectFiles} from './input.ts';
import type {RoleEntry, TaskNode} from './node.ts';
import {dirname, join} from './paths.ts';
import {readRoles} from './playbook.ts';
import type {Problems} from './problems.ts';
import {NO_VARS, readVars, type VarMap} from './raw.ts';
import {toBoolean} from './read-words.ts';
import {readTasks} from './task-word.ts';

/** A role's folder after reading. */
export interface RoleFiles {
  readonly name: string;
  readonly path: string;
  readonly defaults: VarMap;
  readonly vars: VarMap;
  readonly handlers: readonly TaskNode[];
  readonly dependencies: readonly RoleEntry[];
  readonly allowDuplicates: boolean;
  /** `meta/variables.schema.json`: what its variables may hold. */
  readonly schema?: SourceFile;
}

const EXTENSIONS = ['.yml', '.yaml', ''];

/** Reads playbooks, task files, variable files and roles; a name that is not there gives undefined. */
export class Project {
  readonly files: ProjectFiles;
  readonly #problems: Problems;
  readonly #documents = new Map<string, YamlNode | undefined>();
  readonly #tasks = new Map<string, readonly TaskNode[] | undefined>();
  readonly #vars = new Map<string, VarMap | undefined>();
  readonly #roles = new Map<string, RoleFiles | undefined>();

  constructor(files: ProjectFiles, problems: Problems) {
    this.files = files;
    this.#problems = problems;
  }

  /** The tasks of a file. */
  tasks(path: string): readonly TaskNode[] | undefined {
    return this.#once(this.#tasks, path, () => {
      const node = this.#document(path);
      return node === undefined ? undefined : this.#collect(problems => readTasks(node, dirname(path), problems));
    });
  }

  /** The tasks of the first of some files that exists. */
  firstTasks(paths: readonly string[]): readonly TaskNode[] | undefined {
    for (const path of paths) {
      const tasks = this.tasks(path);
      if (tasks !== undefined) return tasks;
    }
    return undefined;
  }

  /** The variables of a file. */
  vars(path: string, origin: string): VarMap | undefined {
    return this.#once(this.#vars, path, () => {
      const node = this.#document(path);
      return node === undefined ? undefined : this.#collect(problems => readVars(node, origin, problems));
    });
  }

  /** A role by name. */
  role(name: string): RoleFiles | undefined {
    return this.#once(this.#roles, name, () => {
      const path = this.files.rolePath(name);
      return path === undefined ? undefined : this.#readRole(name.split('/').at(-1) ?? name, path);
    });
  }

  /** The tasks of a role: `tasks/main.yml`, or the file that `tasks_from` names; a role without tasks has none. */
  roleTasks(role: RoleFiles, from: string | undefined): readonly TaskNode[] | undefined {
    const path = this.#find(`${role.path}/tasks/${from ?? 'main'}`);
    if (path === undefined) return from === undefined ? [] : undefined;
    return this.tasks(path);
  }

  /** The first of some paths that exists, without reading it. */
  firstExisting(paths: readonly string[]): string | undefined {
    return paths.find(path => this.files.list(dirname(path)).includes(path.slice(path.lastIndexOf('/') + 1)));
  }

  #readRole(name: string, path: string): RoleFiles {
    const meta = this.#main(`${path}/meta`);
    const handlers = this.#main(`${path}/handlers`);
    const schema = this.files.read(`${path}/meta/variables.schema.json`);
    const duplicates = meta && entryOf(meta, 'allow_duplicates')?.value;
    return {
      name,
      path,
      defaults: this.#roleVars(`${path}/defaults`, `role ${name} defaults`),
      vars: this.#roleVars(`${path}/vars`, `role ${name} vars`),
      handlers:
        handlers === undefined ? [] : this.#collect(problems => readTasks(handlers, `${path}/handlers`, problems)),
      dependencies: this.#collect(problems => readRoles(meta && entryOf(meta, 'dependencies')?.value, problems)),
      allowDuplicates: duplicates?.kind === 'scalar' && toBoolean(duplicates.value) === true,
      ...(schema === undefined ? {} : {schema}),
    };
  }

  /** `main.yml` of a role's folder, or every file of a folder `main/`, later names winning. */
  #roleVars(dir: string, origin: string): VarMap {
    const path = this.#find(`${dir}/main`);
    if (path !== undefined) return this.vars(path, origin) ?? NO_VARS;
    const names = [...this.files.list(`${dir}/main`)].filter(name => /\.ya?ml$/.test(name)).sort();
    return new Map(names.flatMap(name => [...(this.vars(join(`${dir}/main`, name), origin) ?? NO_VARS)]));
  }

  #main(dir: string): YamlNode | undefined {
    const path = this.#find(`${dir}/main`);
    return path === undefined ? undefined : this.#document(path);
  }

  #find(path: string): string | undefined {
    const paths = /\.ya?ml$/.test(path) ? [path] : EXTENSIONS.map(extension => path + extension);
    return paths.find(candidate => this.files.read(candidate) !== undefined);
  }

  #document(path: string): YamlNode | undefined {
    return this.#once(this.#documents, path, () => {
      const file = this.files.read(path);
      if (file === undefined) return undefined;
      const parsed = parseYaml(file);
      if (parsed.ok) return parsed.value;
      this.#problems.addAll(parsed.error);
      // Told already: to the reader it is an empty file.
      return {kind: 'scalar', value: null, source: '', quoted: false, at: {file, start: 0, end: 1}};
    });
  }

  #collect<T>(read: (problems: Diagnostic[]) => T): T {
    const problems: Diagnostic[] = [];
    const value = read(problems);
    this.#problems.addAll(problems);
    return value;
  }

  #once<T>(cache: Map<string, T>, key: string, make: () => T): T {
    const known = cache.get(key);
    if (known !== undefined || cache.has(key)) return known as T;
    const value = make();
    cache.set(key, value);
    return value;
  }
}

/** The problem of a role that is not there. */
export function roleNotFound(name: string, at: Diagnostic['at']): Diagnostic {
  const hint =
    'roles are looked for beside the playbook (roles/), in ./roles, and among those shipped with this program.';
  return problem('E_ROLE_NOT_FOUND', `there is no role "${name}"`, {hint, ...(at === undefined ? {} : {at})});
}
