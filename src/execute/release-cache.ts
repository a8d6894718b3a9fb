/** What is remembered of releases: checksums of known archives, and unpacked binaries. Losing it costs time, nothing else. */
import {createHash, randomBytes} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {mkdir, open, readdir, readFile, rename, rm, stat} from 'node:fs/promises';
import {homedir} from 'node:os';
import {isAbsolute, join} from 'node:path';
import {pipeline} from 'node:stream/promises';
import type {Result} from '../base/result.ts';
import {codeOf, syncDirectory, writeWhole} from './controller-file.ts';

/** One unpacked binary. */
export interface ReleaseFile {
  readonly name: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Of the file, to notice that somebody touched it. */
  readonly mtimeMs: number;
}

/** What an unpacked release is: `manifest.json` beside its binaries. */
export interface Manifest {
  readonly format: 1;
  readonly version: string;
  readonly arch: string;
  readonly archive: string;
  readonly files: readonly ReleaseFile[];
}

/** Leftovers of interrupted runs are removed after this time. */
const LEFTOVER_MS = 86_400_000;

/** `$XDG_CACHE_HOME/etcdctl-play`, or `~/.cache/etcdctl-play`. */
export function cacheRoot(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const base = environment['XDG_CACHE_HOME'];
  return join(base !== undefined && isAbsolute(base) ? base : join(homedir(), '.cache'), 'etcdctl-play');
}

/** The directory of an unpacked release. */
export function releaseDir(cache: string, archiveSha256: string): string {
  return join(cache, 'releases', archiveSha256);
}

/** The manifest of an unpacked release whose files are all as they were; undefined = it must be unpacked (again). */
export async function readManifest(dir: string): Promise<Manifest | undefined> {
  const manifest = parseManifest(await readFile(join(dir, 'manifest.json'), 'utf8').catch(() => ''));
  for (const file of manifest?.files ?? []) {
    const stats = await stat(join(dir, file.name)).catch(() => undefined);
    if (stats === undefined || !stats.isFile() || stats.size !== file.sizeBytes || stats.mtimeMs !== file.mtimeMs)
      return undefined;
  }
  return manifest;
}

function parseManifest(text: string): Manifest | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'format' in value && value.format === 1
      ? (value as Manifest)
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Puts a release into the cache: `fill` writes its files into an empty directory, which then takes its final name at once;
 * where it fails, nothing stays.
 * Of two controllers that do the same, one wins and both are right.
 */
export async function addRelease<T, E>(
  dir: string,
  fill: (into: string) => Promise<Result<T, E>>,
): Promise<Result<T, E>> {
  const releases = join(dir, '..');
  await mkdir(releases, {recursive: true, mode: 0o700});
  await removeLeftovers(releases);
  const part = `${dir}.${process.pid}-${randomBytes(6).toString('hex')}.part`;
  try {
    await mkdir(part, {mode: 0o700});
    const filled = await fill(part);
    if (!filled.ok) return filled;
    await syncDirectory(part);
    await replaceDirectory(part, dir);
    await syncDirectory(releases);
    return filled;
  } finally {
    await rm(part, {recursive: true, force: true});
  }
}

async function replaceDirectory(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(codeOf(error))) throw error;
    // Another controller was faster, or the one that is there was damaged.
    if ((await readManifest(to)) !== undefined) return;
    await rename(to, `${from}.old.part`);
    await rename(from, to);
    await rm(`${from}.old.part`, {recursive: true, force: true});
  }
}

async function removeLeftovers(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    if (!name.endsWith('.part')) continue;
    const stats = await stat(join(dir, name)).catch(() => undefined);
    if (stats !== undefined && Date.now() - stats.mtimeMs > LEFTOVER_MS)
      await rm(join(dir, name), {recursive: true, force: true});
  }
}

/** SHA-256 of a file, lower-case hex. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** Identity of a file's content without reading it: path, size, times, inode; undefined = there is no such file. */
export async function fileIdentity(path: string): Promise<string | undefined> {
  try {
    await using file = await open(path, 'r');
    const {size, mtimeNs, ctimeNs, ino, dev} = await file.stat({bigint: true});
    return [path, size, mtimeNs, ctimeNs, ino, dev].join(' ');
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** The checksum remembered for an identity (of a file, or a URL). */
export async function recall(cache: string, identity: string): Promise<string | undefined> {
  const text = await readFile(memoryPath(cache, identity), 'utf8').catch(() => '');
  return /^[0-9a-f]{64}$/.test(text) ? text : undefined;
}

/** Remembers a checksum for an identity. */
export async function remember(cache: string, identity: string, sha256: string): Promise<void> {
  await writeWhole(memoryPath(cache, identity), sha256);
}

function memoryPath(cache: string, identity: string): string {
  return join(cache, 'checksums', createHash('sha256').update(identity).digest('hex'));
}
