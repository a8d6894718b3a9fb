/** Where playbooks and roles are looked for: what was named, the current directory, then those that come with the program. */
import {basename, dirname, isAbsolute, join} from 'node:path';
import {problem} from '../base/diagnostic.ts';
import {nearestName} from '../base/names.ts';
import {err, ok, type Result} from '../base/result.ts';
import type {SourceFile} from '../base/source.ts';
import type {DiskFiles} from './files.ts';

const EXTENSIONS = ['', '.yml', '.yaml'];

/** The playbook of this name. Fails with `E_PLAYBOOK_NOT_FOUND`, naming every place and the nearest name. */
export function findPlaybook(name: string, files: DiskFiles, packageDir: string): Result<SourceFile> {
  // A path that names its directory is looked for there and nowhere else.
  const isPath = isAbsolute(name) || name.startsWith('./') || name.startsWith('../');
  const dirs = isPath ? [''] : ['', 'playbooks', join(packageDir, 'playbooks')];
  const places = dirs.map(dir => join(dir, name));
  for (const place of places) {
    for (const extension of EXTENSIONS) {
      const file = files.kind(place + extension) === 'file' ? files.read(place + extension) : undefined;
      if (file !== undefined) return ok(file);
    }
  }
  const searched = isPath ? [dirname(name)] : ['.', 'playbooks', join(packageDir, 'playbooks')];
  const known = searched.flatMap(dir => files.list(dir)).filter(candidate => /\.ya?ml$/.test(candidate));
  const near = nearestName(basename(name), known);
  const shipped = files.list(join(packageDir, 'playbooks')).filter(candidate => /\.ya?ml$/.test(candidate));
  const hint =
    near !== undefined ? `did you mean ${near}?` : `those that come with the program: ${shipped.join(', ') || 'none'}.`;
  const where = places.map(place => files.shown(place)).join(', ');
  return err([problem('E_PLAYBOOK_NOT_FOUND', `there is no playbook "${name}"; looked for ${where}`, {hint})]);
}

/** Directories that hold roles, nearest first: beside each playbook, the current directory, the program's own. */
export function roleDirs(playbooks: readonly SourceFile[], files: DiskFiles, packageDir: string): string[] {
  const beside = playbooks.map(playbook => join(dirname(playbook.path), 'roles'));
  return [...new Set([...beside, 'roles', join(packageDir, 'roles')].map(dir => files.shown(dir)))];
}

/** The directory of a role, by name or by path. */
export function findRole(name: string, dirs: readonly string[], files: DiskFiles): string | undefined {
  if (isAbsolute(name) || name.startsWith('./') || name.startsWith('../'))
    return files.kind(name) === 'directory' ? files.shown(name) : undefined;
  return dirs.map(dir => join(dir, name)).find(path => files.kind(path) === 'directory');
}
