/** Which inventory files there are, and the `group_vars` and `host_vars` beside them. */
import {dirname, extname, join} from 'node:path';
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {err, ok, type Result} from '../base/result.ts';
import type {SourceFile} from '../base/source.ts';
import type {VarsFile} from '../inventory/types.ts';
import type {DiskFiles} from './files.ts';
import type {Options} from './options.ts';
import type {World} from './world.ts';

/** Looked for in the current directory, in this order, where neither `-i` nor the environment names one. */
const DEFAULT_PLACES = ['inventory.yml', 'inventory/inventory.yml', 'inventory/hosts.yml', 'hosts.yml', 'pigsty.yml'];
const EXTENSIONS = new Set(['.yml', '.yaml', '.json']);

/** Inventory files in the order in which they override each other. */
export interface InventoryFiles {
  readonly files: readonly SourceFile[];
  /** Directory and file as Ansible's `inventory_dir` and `inventory_file` name them: absolute, of the first `-i`. */
  readonly dir: string;
  readonly file: string;
}

/** Finds and reads the inventory. Fails with `E_INVENTORY_NOT_FOUND`, naming what was looked for. */
export function findInventory(
  {inventory}: Pick<Options, 'inventory'>,
  files: DiskFiles,
  {env, cwd}: Pick<World, 'env' | 'cwd'>,
): Result<InventoryFiles> {
  const sources = inventorySources({inventory}, files, env);
  if (sources.length === 0) {
    const looked = `looked for ETCDCTL_PLAY_INVENTORY and ANSIBLE_INVENTORY in the environment, and ${DEFAULT_PLACES.join(', ')} in ${cwd}`;
    return err([
      problem('E_INVENTORY_NOT_FOUND', `there is no inventory: ${looked}`, {hint: 'name one: -i hosts.yml.'}),
    ]);
  }
  const problems: Diagnostic[] = [];
  const found = sources.flatMap(source => {
    const before = files.problems.length;
    const read = readSource(source, files);
    if (read.length === 0 && files.problems.length === before) problems.push(notFound(source, files));
    return read;
  });
  if (problems.length > 0) return err(problems);
  const [first = ''] = sources;
  const path = files.absolute(first);
  const isDirectory = files.kind(first) === 'directory';
  return ok({
    files: found,
    dir: isInline(first) ? cwd : isDirectory ? path : dirname(path),
    file: isInline(first) ? join(cwd, 'inline') : path,
  });
}

/** What is read as the inventory: `-i`, the environment, or the first of the usual places that is there. */
export function inventorySources(
  {inventory}: Pick<Options, 'inventory'>,
  files: DiskFiles,
  env: World['env'],
): readonly string[] {
  const named = inventory.length > 0 ? inventory : fromEnvironment(env);
  return named.length > 0 ? named : DEFAULT_PLACES.filter(place => files.kind(place) === 'file').slice(0, 1);
}

function notFound(source: string, files: DiskFiles): Diagnostic {
  const isDirectory = files.kind(source) === 'directory';
  const message = isDirectory
    ? `the directory ${source} holds no inventory (.yml, .yaml, .json)`
    : `there is no inventory "${source}"`;
  return problem('E_INVENTORY_NOT_FOUND', message, {
    hint: 'check the path given with -i: it is relative to the current directory.',
  });
}

function fromEnvironment(env: World['env']): readonly string[] {
  const value = env['ETCDCTL_PLAY_INVENTORY'] || env['ANSIBLE_INVENTORY'] || '';
  return value
    .split(',')
    .map(path => path.trim())
    .filter(path => path !== '');
}

/** `-i 10.10.10.10,` or `-i a,b`: hosts without a file. */
export function isInline(source: string): boolean {
  return source.includes(',');
}

function readSource(source: string, files: DiskFiles): SourceFile[] {
  if (isInline(source)) {
    const hosts = source
      .split(',')
      .map(host => host.trim())
      .filter(host => host !== '');
    return [{path: '<-i>', text: `all:\n  hosts:\n${hosts.map(host => `    ${JSON.stringify(host)}:\n`).join('')}`}];
  }
  const paths = files.kind(source) === 'directory' ? files.inside(source).filter(isInventoryFile) : [source];
  return paths.flatMap(path => files.read(path) ?? []);
}

function isInventoryFile(path: string): boolean {
  return EXTENSIONS.has(extname(path));
}

/** `group_vars/` and `host_vars/` beside the inventory and beside the playbooks, a file or a directory of files for each name. */
export function findVarsFiles(
  inventory: InventoryFiles,
  playbooks: readonly SourceFile[],
  files: DiskFiles,
): VarsFile[] {
  const besideInventory = new Set(
    [...inventory.files.filter(file => file.path !== '<-i>').map(file => dirname(file.path)), inventory.dir].map(dir =>
      files.shown(dir),
    ),
  );
  const besidePlaybook = new Set(playbooks.map(playbook => files.shown(dirname(playbook.path))));
  const seen = new Set<string>();
  const found = [
    ...[...besideInventory].flatMap(dir => varsFilesIn(dir, 'inventory', files)),
    ...[...besidePlaybook].flatMap(dir => varsFilesIn(dir, 'playbook', files)),
  ];
  return found.filter(({file}) => !seen.has(file.path) && seen.add(file.path));
}

function varsFilesIn(dir: string, beside: 'inventory' | 'playbook', files: DiskFiles): VarsFile[] {
  return (['group', 'host'] as const).flatMap(kind => {
    const root = join(dir, `${kind}_vars`);
    return files
      .list(root)
      .filter(isVisible)
      .flatMap(entry => {
        const path = join(root, entry);
        const isDirectory = files.kind(path) === 'directory';
        const name = EXTENSIONS.has(extname(entry)) && !isDirectory ? entry.slice(0, -extname(entry).length) : entry;
        return (isDirectory ? filesBelow(path, files) : [path]).flatMap(one => {
          const file = files.read(one);
          return file === undefined ? [] : [{kind, name, file, beside} as const];
        });
      });
  });
}

function filesBelow(dir: string, files: DiskFiles): string[] {
  return files
    .list(dir)
    .filter(isVisible)
    .flatMap(entry => {
      const path = join(dir, entry);
      return files.kind(path) === 'directory' ? filesBelow(path, files) : [path];
    });
}

/** Ansible passes over hidden files and editors' backups. */
function isVisible(name: string): boolean {
  return !name.startsWith('.') && !/~$|\.(?:bak|orig|swp|retry|md|txt)$/.test(name);
}
