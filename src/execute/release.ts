/** An etcd release on the controller: found or downloaded, verified, unpacked once. A second run only looks. */
import {createHash, randomBytes} from 'node:crypto';
import {createWriteStream} from 'node:fs';
import {mkdir, readFile, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {ok, type Result} from '../base/result.ts';
import type {ReleaseFact} from '../task/fact.ts';
import type {ReleaseArgs} from '../task/probe.ts';
import {codeOf, writeWhole} from './controller-file.ts';
import {withFileLock} from './file-lock.ts';
import {
  addRelease,
  cacheRoot,
  fileIdentity,
  hashFile,
  type Manifest,
  readManifest,
  recall,
  releaseDir,
  remember,
} from './release-cache.ts';
import {type DownloadOptions, download, downloadText} from './release-download.ts';
import {
  checksumFor,
  checksumsBeside,
  placeText,
  type Refused,
  type ReleaseSource,
  refuse,
  releaseSource,
} from './release-source.ts';

/** How a release is got. */
export interface ReleaseOptions {
  /** Default: `cacheRoot()`. */
  readonly cache?: string;
  readonly onProgress?: (text: string) => void;
  readonly signal?: AbortSignal;
  /** Longest silence of a server; default 30 s. */
  readonly idleMs?: number;
}

const MAX_ARCHIVE_BYTES = 512 * 1024 * 1024;
const MAX_SUMS_BYTES = 1024 * 1024;

/** Where a release is, what is in it, or why there is none: failures of disk and network are facts, too. */
export async function releaseFact(args: ReleaseArgs, options: ReleaseOptions = {}): Promise<ReleaseFact> {
  const cache = options.cache ?? cacheRoot();
  const source = releaseSource(args);
  if (!source.ok) return source.error;
  try {
    const known = await knownRelease(source.value, cache);
    if (known !== undefined) return known;
    const lock = join(cache, 'locks', createHash('sha256').update(placeText(source.value.at)).digest('hex'));
    // Whoever waited for the lock finds the release in the cache.
    return await withFileLock(
      lock,
      async () => (await knownRelease(source.value, cache)) ?? (await newRelease(source.value, cache, options)),
    );
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    const path = 'path' in error ? ` (${String(error.path)})` : '';
    const hint = `check the permissions of ${placeText(source.value.at)} and that there is space in ${cache}; XDG_CACHE_HOME moves the cache.`;
    return {
      ok: false,
      code: 'E_RELEASE_CACHE',
      message: `cannot prepare ${source.value.name} on the controller: ${codeOf(error)}${path}`,
      hint,
    };
  }
}

/** The answer without reading or downloading an archive; undefined = that takes work. */
async function knownRelease(source: ReleaseSource, cache: string): Promise<ReleaseFact | undefined> {
  if (source.at.kind === 'url') {
    const sha256 = source.sha256 ?? (await recall(cache, source.at.url.href));
    return sha256 === undefined ? undefined : unpackedRelease(source, sha256, cache);
  }
  const identity = await fileIdentity(source.at.path);
  if (identity === undefined) {
    return refuse(
      'E_ARCHIVE_MISSING',
      `there is no archive at ${source.at.path} on the controller`,
      'correct etcd_archive, or set etcd_version to have it downloaded.',
    ).error;
  }
  const expected = await expectedChecksum(source, {});
  if (!expected.ok) return expected.error;
  const actual = await recall(cache, identity);
  if (actual === undefined) return undefined;
  return actual === expected.value ? unpackedRelease(source, actual, cache) : mismatch(source, expected.value, actual);
}

async function unpackedRelease(source: ReleaseSource, sha256: string, cache: string): Promise<ReleaseFact | undefined> {
  const dir = releaseDir(cache, sha256);
  const manifest = await readManifest(dir);
  if (manifest === undefined || manifest.archive !== source.name) return undefined;
  return factOf(source, sha256, dir, manifest);
}

function factOf(
  source: ReleaseSource,
  archiveSha256: string,
  dir: string,
  {version, arch, files}: Manifest,
): ReleaseFact {
  const binaries = files.map(({name, sha256, sizeBytes}) => ({name, path: join(dir, name), sha256, sizeBytes}));
  return {ok: true, version, arch, archive: placeText(source.at), archiveSha256, files: binaries};
}

async function newRelease(source: ReleaseSource, cache: string, options: ReleaseOptions): Promise<ReleaseFact> {
  const expected = await expectedChecksum(source, options);
  if (!expected.ok) return expected.error;
  if (source.at.kind === 'url') return downloadedRelease(source, source.at.url, expected.value, cache, options);
  // Before the content is read: a change in between makes the memory useless, not wrong.
  const identity = await fileIdentity(source.at.path);
  const actual = await hashFile(source.at.path);
  if (identity !== undefined) await remember(cache, identity, actual);
  if (actual !== expected.value) return mismatch(source, expected.value, actual);
  options.onProgress?.(`unpacking ${source.name}`);
  return (await unpackedRelease(source, actual, cache)) ?? unpack(source, source.at.path, actual, cache);
}

async function downloadedRelease(
  source: ReleaseSource,
  url: URL,
  expected: string,
  cache: string,
  options: ReleaseOptions,
): Promise<ReleaseFact> {
  const known = await unpackedRelease(source, expected, cache);
  if (known !== undefined) {
    await remember(cache, url.href, expected);
    return known;
  }
  const dir = join(cache, 'downloads');
  await mkdir(dir, {recursive: true, mode: 0o700});
  const part = join(dir, `${source.name}.${process.pid}-${randomBytes(6).toString('hex')}.part`);
  try {
    const sink = createWriteStream(part, {flags: 'wx', mode: 0o600});
    const result = await download(url, sink, downloadOptions(options, MAX_ARCHIVE_BYTES));
    if (!result.ok) return result.error;
    if (!result.value.found) {
      const hint = 'check version and architecture, and that etcd_release_url is the directory above v<version>.';
      return refuse('E_DOWNLOAD', `there is no ${placeText(source.at)} (status ${result.value.status})`, hint).error;
    }
    if (result.value.sha256 !== expected) return mismatch(source, expected, result.value.sha256);
    options.onProgress?.(`unpacking ${source.name}`);
    const fact = await unpack(source, part, expected, cache);
    if (fact.ok) await remember(cache, url.href, expected);
    return fact;
  } finally {
    await rm(part, {force: true});
  }
}

async function unpack(source: ReleaseSource, archive: string, sha256: string, cache: string): Promise<ReleaseFact> {
  const dir = releaseDir(cache, sha256);
  // Loaded only here: most runs unpack nothing.
  const {unpackRelease} = await import('./release-archive.ts');
  const {name, version, arch} = source;
  const added = await addRelease(dir, async (into): Promise<Result<undefined, Refused>> => {
    const unpacked = await unpackRelease(archive, into, {name, sha256, version, arch});
    if (!unpacked.ok) return unpacked;
    const manifest: Manifest = {format: 1, version, arch, archive: name, files: unpacked.value};
    await writeWhole(join(into, 'manifest.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
    return ok(undefined);
  });
  if (!added.ok) return added.error;
  const manifest = await readManifest(dir);
  if (manifest === undefined) throw new Error(`Internal error: ${dir} was unpacked but does not read back`);
  return factOf(source, sha256, dir, manifest);
}

/** What the archive's SHA-256 must be: the one given, or that of `SHA256SUMS` beside it. */
async function expectedChecksum(
  source: ReleaseSource,
  {onProgress: _, ...quiet}: ReleaseOptions,
): Promise<Result<string, Refused>> {
  if (source.sha256 !== undefined) return ok(source.sha256);
  const at = checksumsBeside(source.at);
  const sums =
    at.kind === 'file' ? await readSums(at.path) : await downloadText(at.url, downloadOptions(quiet, MAX_SUMS_BYTES));
  if (!sums.ok) return sums;
  const found = sums.value === undefined ? undefined : checksumFor(source.name, sums.value);
  if (found !== undefined) return ok(found);
  const why = sums.value === undefined ? `there is no ${placeText(at)}` : `${placeText(at)} does not name it`;
  return refuse(
    'E_ARCHIVE_UNVERIFIED',
    `${source.name} cannot be verified: ${why}`,
    'put the SHA256SUMS of the release beside the archive, or give its checksum (etcd_archive_sha256).',
  );
}

async function readSums(path: string): Promise<Result<string | undefined, Refused>> {
  try {
    return ok(await readFile(path, 'utf8'));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return ok(undefined);
    throw error;
  }
}

function mismatch(source: ReleaseSource, expected: string, actual: string): Refused {
  const message = `${source.name} has SHA-256 ${actual}, but it must be ${expected}`;
  return {
    ok: false,
    code: 'E_ARCHIVE_CHECKSUM',
    message,
    hint: 'the archive is damaged, changed, or of another release: get it again and compare. Nothing was unpacked.',
  };
}

function downloadOptions({onProgress, signal, idleMs}: ReleaseOptions, maxBytes: number): DownloadOptions {
  return {
    maxBytes,
    ...(onProgress && {onProgress}),
    ...(signal && {signal}),
    ...(idleMs === undefined ? {} : {idleMs}),
  };
}
