/** Files that tasks name: templates to read, files to copy. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import type {SourceFile} from '../base/source.ts';
import {isTemplate} from '../template/templar.ts';
import {isAbsolute, join} from './paths.ts';
import type {Raw} from './raw.ts';
import type {Scope} from './scope.ts';

/** The template that `src` names; undefined after a problem. */
export function findTemplate(src: string, raw: Raw, dirs: readonly string[], scope: Scope): SourceFile | undefined {
  const paths = isAbsolute(src) ? [src] : dirs.map(dir => join(dir, src));
  for (const path of paths) {
    const file = scope.play.shared.project.files.read(path);
    if (file !== undefined) return file;
  }
  scope.problem(fileNotFound(src, raw, paths, 'template'));
  return undefined;
}

/** The controller's path of a file to copy: an absolute one as it is, others where the project has them. */
export function findFile(src: string, raw: Raw, dirs: readonly string[], scope: Scope): string | undefined {
  if (isAbsolute(src) || src.startsWith('~')) return src;
  const paths = dirs.map(dir => join(dir, src));
  const found = scope.play.shared.project.firstExisting(paths);
  // The trailing slash means "what is in the directory" and must not get lost.
  if (found !== undefined) return src.endsWith('/') ? `${found}/` : found;
  // A name made of variables may be of a file that an earlier task will write: the run will tell.
  if (isTemplate(String(raw.value))) return src;
  scope.problem(fileNotFound(src, raw, paths, 'file'));
  return undefined;
}

function fileNotFound(src: string, raw: Raw, paths: readonly string[], what: string): Diagnostic {
  return problem('E_FILE_NOT_FOUND', `there is no ${what} "${src}"`, {
    at: raw.at,
    hint: `looked for ${paths.join(', ')}.`,
  });
}
