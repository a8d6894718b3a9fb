/** Reads the project's files: the only place where the controller's disk becomes `SourceFile`s. */
import {createHash} from 'node:crypto';
import {readdirSync, readFileSync, statSync} from 'node:fs';
import {isAbsolute, join, relative, resolve} from 'node:path';
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import type {SourceFile} from '../base/source.ts';

/** A file of a project that is larger than this is a mistake. */
const MAX_BYTES = 10_000_000;
const BOM = '\ufeff';

/** Each file once, by the path that messages show. What exists but cannot be read is kept in `problems`. */
export class DiskFiles {
  readonly problems: Diagnostic[] = [];
  readonly #cwd: string;
  readonly #files = new Map<string, SourceFile | undefined>();

  constructor(cwd: string) {
    this.#cwd = cwd;
  }

  /** A path as messages show it: relative to the current directory for what lies in it, else absolute. */
  shown(path: string): string {
    const absolute = this.absolute(path);
    const short = relative(this.#cwd, absolute);
    return short === '' || short.startsWith('..') || isAbsolute(short) ? absolute : short;
  }

  /** sha256 of the text of each file that was read, by path, in order. */
  sums(): Record<string, string> {
    const read = [...this.#files].flatMap(([path, file]) => (file === undefined ? [] : [[path, file.text] as const]));
    return Object.fromEntries(
      read
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([path, text]) => [path, createHash('sha256').update(text).digest('hex')]),
    );
  }

  absolute(path: string): string {
    return resolve(this.#cwd, path);
  }

  /** The file, or undefined where there is none (a directory is none) or it cannot be read (then a problem is kept). */
  read(path: string): SourceFile | undefined {
    const shown = this.shown(path);
    if (!this.#files.has(shown)) this.#files.set(shown, this.#load(shown));
    return this.#files.get(shown);
  }

  /** Names in a directory, sorted; none where there is no directory. */
  list(dir: string): readonly string[] {
    try {
      return readdirSync(this.absolute(dir)).sort();
    } catch {
      // Not a directory, or not ours to read: for the caller it holds nothing.
      return [];
    }
  }

  kind(path: string): 'file' | 'directory' | undefined {
    try {
      const stat = statSync(this.absolute(path), {throwIfNoEntry: false});
      return stat?.isDirectory() ? 'directory' : stat === undefined ? undefined : 'file';
    } catch {
      // Behind a directory that is not ours to enter: the same as absent.
      return undefined;
    }
  }

  /** Paths of the files below a directory's name, joined with `/`. */
  inside(dir: string): string[] {
    return this.list(dir).map(name => join(dir, name));
  }

  #load(shown: string): SourceFile | undefined {
    const path = this.absolute(shown);
    try {
      const stat = statSync(path, {throwIfNoEntry: false});
      if (stat === undefined || stat.isDirectory()) return undefined;
      if (!stat.isFile()) return this.#refuse('E_FILE_UNREADABLE', `${shown} is not a regular file`, 'name a file.');
      if (stat.size > MAX_BYTES) {
        const size = `${(stat.size / 1e6).toFixed(1)} MB`;
        return this.#refuse(
          'E_FILE_TOO_LARGE',
          `${shown} has ${size}; files of a project have at most 10 MB`,
          'is it the file you mean?',
        );
      }
      const text = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(readFileSync(path));
      return {path: shown, text: text.startsWith(BOM) ? text.slice(1) : text};
    } catch (error) {
      if (error instanceof TypeError)
        return this.#refuse('E_FILE_ENCODING', `${shown} is not UTF-8 text`, 'save it as UTF-8.');
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'ENOTDIR' || code === 'ENAMETOOLONG') return undefined;
      return this.#refuse(
        'E_FILE_UNREADABLE',
        `${shown} cannot be read: ${(error as Error).message}`,
        'check its owner and mode.',
      );
    }
  }

  #refuse(code: `E_${string}`, message: string, hint: string): undefined {
    this.problems.push(problem(code, message, {hint}));
    return undefined;
  }
}

/** `~/x` as the shell means it. */
export function expandHome(path: string, home: string): string {
  return path === '~' || path.startsWith('~/') ? home + path.slice(1) : path;
}
