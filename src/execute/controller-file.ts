/** Files of the controller: read without surprises, written whole or not at all. */
import {createHash, randomBytes} from 'node:crypto';
import {constants} from 'node:fs';
import {link, mkdir, open, readFile, rename, rm} from 'node:fs/promises';
import {homedir} from 'node:os';
import {basename, dirname, join, resolve} from 'node:path';
import {type Diagnostic, problem} from '../base/diagnostic.ts';

/** A file of the controller could not be read or written; `diagnostic` says which, why, and what to do. */
export class ControllerError extends Error {
  readonly diagnostic: Diagnostic;

  constructor(diagnostic: Diagnostic, options?: ErrorOptions) {
    super(diagnostic.message, options);
    this.name = 'ControllerError';
    this.diagnostic = diagnostic;
  }
}

/** An absolute path: `~` is the home directory, anything else is relative to the working directory. */
export function controllerPath(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : resolve(path);
}

/** A whole file and its SHA-256 (lower-case hex). Symbolic links are followed. Rejects with ControllerError. */
export async function readControllerFile(path: string): Promise<{readonly bytes: Buffer; readonly sha256: string}> {
  try {
    const bytes = await readFile(controllerPath(path));
    return {bytes, sha256: createHash('sha256').update(bytes).digest('hex')};
  } catch (error) {
    throw fileError('read', path, error);
  }
}

/** What a small file holds and its mode (four octal digits); undefined = there is none; an error in words where it cannot be read. */
export type SmallFile = {readonly text: string; readonly mode: string} | {readonly error: string} | undefined;

/** More than this is no certificate and no key. */
const SMALL_FILE_BYTES = 1_048_576;

/** Reads a certificate or key. With `links: false` a symbolic link is an error: it could point to anybody's file. */
export async function readSmallFile(path: string, options: {readonly links: boolean}): Promise<SmallFile> {
  // A named pipe in the place of a file would otherwise block for ever.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | (options.links ? 0 : constants.O_NOFOLLOW);
  try {
    await using file = await open(path, flags);
    const stats = await file.stat();
    if (!stats.isFile()) return {error: `${path} is not a regular file`};
    if (stats.size > SMALL_FILE_BYTES) return {error: `${path} is too big (${stats.size} bytes)`};
    return {text: await file.readFile('utf8'), mode: octalMode(stats.mode)};
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (code === 'ELOOP') return {error: `${path} is a symbolic link, which is not followed for private keys`};
    return {error: `${path} cannot be read (${code})`};
  }
}

/** How a file is written. */
export interface WriteOptions {
  /** Permission bits; default 0600. */
  readonly mode?: number;
  /** Whether an existing file is replaced (default) or is an error (`EEXIST`). */
  readonly replace?: boolean;
}

/**
 * Writes a file whole or not at all: temporary name (0600) in the same directory, fsync, rename, fsync of the directory.
 * Missing directories are made with mode 0700. A symbolic link in the file's place is replaced, never followed.
 * Throws the file system's error.
 */
export async function writeWhole(
  path: string,
  bytes: string | Uint8Array,
  {mode = 0o600, replace = true}: WriteOptions = {},
): Promise<void> {
  const dir = dirname(path);
  await mkdir(dir, {recursive: true, mode: 0o700});
  const temporary = join(dir, `.${basename(path)}.${process.pid}-${randomBytes(6).toString('hex')}.part`);
  try {
    await writeNew(temporary, bytes, mode);
    if (replace) {
      await rename(temporary, path);
    } else {
      // A link, unlike a rename, fails where something is there already.
      await link(temporary, path);
      await rm(temporary);
    }
    await syncDirectory(dir);
  } catch (error) {
    await rm(temporary, {force: true});
    throw error;
  }
}

async function writeNew(path: string, bytes: string | Uint8Array, mode: number): Promise<void> {
  await using file = await open(path, 'wx', 0o600);
  await file.writeFile(bytes);
  await file.chmod(mode);
  await file.sync();
}

/** Makes a rename in a directory last through a power failure. */
export async function syncDirectory(path: string): Promise<void> {
  await using dir = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  await dir.sync();
}

/** `0640` from the bits of a stat. */
export function octalMode(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}

/** `ENOENT`, `EACCES` … of a file system error, or its message. */
export function codeOf(error: unknown): string {
  if (error instanceof Error) return 'code' in error ? String(error.code) : error.message;
  return String(error);
}

/** A file system error as a ControllerError with a remedy. */
export function fileError(verb: 'read' | 'write', path: string, error: unknown): ControllerError {
  if (error instanceof ControllerError) return error;
  const code = codeOf(error);
  const hints: Readonly<Record<string, string>> = {
    ENOENT: 'check the path: relative ones count from the working directory.',
    EACCES: 'check owner and mode of the file and of the directories above it.',
    EEXIST: 'it is never overwritten: move it away if it is not needed.',
    ENOSPC: 'free some space on this machine.',
    EROFS: 'the file system is mounted read-only.',
  };
  const hint = hints[code];
  const words = problem(
    'E_CONTROLLER_FILE',
    `cannot ${verb} ${path} on the controller (${code})`,
    hint === undefined ? {} : {hint},
  );
  return new ControllerError(words, {cause: error});
}
