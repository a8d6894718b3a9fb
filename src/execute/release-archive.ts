/** Unpacking an etcd release: three regular files by name, out of an archive that nobody trusts. */
import {createHash, type Hash} from 'node:crypto';
import {createReadStream, createWriteStream} from 'node:fs';
import {open, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {pipeline} from 'node:stream/promises';
import {createGunzip, createGzip} from 'node:zlib';
import {extract, type Header} from 'tar-stream';
import {ok, type Result} from '../base/result.ts';
import {codeOf} from './controller-file.ts';
import type {ReleaseFile} from './release-cache.ts';
import {type Refused, refuse} from './release-source.ts';

/** The binaries that a release may bring; etcdutl is there since 3.5. */
const BINARIES: readonly string[] = ['etcd', 'etcdctl', 'etcdutl'];
const REQUIRED: readonly string[] = ['etcd', 'etcdctl'];
const MAX_FILE_BYTES = 512 * 1024 * 1024;
/** An archive that unpacks to more than this is a bomb. */
const MAX_TOTAL_BYTES = 1024 * 1024 * 1024;

/** `e_machine` of ELF by etcd's words for architectures. */
const ELF_MACHINES: ReadonlyMap<number, string> = new Map([
  [0x03, '386'],
  [0x15, 'ppc64le'],
  [0x16, 's390x'],
  [0x28, 'arm'],
  [0x3e, 'amd64'],
  [0xb7, 'arm64'],
  [0xf3, 'riscv64'],
]);

/** What an archive must turn out to be. */
export interface Expected {
  readonly name: string;
  readonly sha256: string;
  readonly version: string;
  readonly arch: string;
}

/** A refusal on its way out of the streams. */
class ArchiveError extends Error {
  readonly refusal: Refused;

  constructor(refusal: Refused) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

/**
 * Unpacks the binaries of an archive into an empty directory, each with a compressed copy (`etcd.gz`) beside it. Fails with
 * E_ARCHIVE_CORRUPT, E_ARCHIVE_UNSAFE, E_ARCHIVE_INCOMPLETE, E_ARCHIVE_ARCH, E_ARCHIVE_VERSION, E_ARCHIVE_CHECKSUM.
 */
export async function unpackRelease(
  archive: string,
  into: string,
  expected: Expected,
): Promise<Result<ReleaseFile[], Refused>> {
  const hash = createHash('sha256');
  const tar = extract();
  // Its failure reaches the loop below through the stream; here it only must not go unheard.
  const feeding = pipeline(createReadStream(archive), counted(hash), createGunzip(), limited(expected.name), tar);
  feeding.catch(() => undefined);
  const files: ReleaseFile[] = [];
  try {
    for await (const entry of tar) {
      const name = binaryName(entry.header, expected);
      if (name === undefined) {
        entry.resume();
        continue;
      }
      if (files.some(file => file.name === name)) throw unsafe(expected, `${name} is in it twice`);
      files.push(await store(entry as unknown as AsyncIterable<Buffer>, name, into));
    }
    await feeding;
  } catch (error) {
    if (error instanceof ArchiveError) return {ok: false, error: error.refusal};
    if (isFileSystemError(error)) throw error;
    return refuse(
      'E_ARCHIVE_CORRUPT',
      `${expected.name} cannot be unpacked: ${codeOf(error)}`,
      'it is damaged or incomplete: get it again.',
    );
  }
  if (hash.digest('hex') !== expected.sha256) {
    return refuse(
      'E_ARCHIVE_CHECKSUM',
      `${expected.name} changed while it was read`,
      'run again when nobody writes to it.',
    );
  }
  const missing = REQUIRED.filter(name => !files.some(file => file.name === name));
  if (missing.length > 0) {
    return refuse(
      'E_ARCHIVE_INCOMPLETE',
      `${expected.name} holds no ${missing.join(' and no ')}`,
      'give an archive as etcd releases it, with <directory>/etcd and <directory>/etcdctl.',
    );
  }
  for (const {name} of files) {
    const foreign = await machineProblem(join(into, name), name, expected);
    if (foreign !== undefined) return {ok: false, error: foreign};
  }
  await Promise.all(files.map(({name}) => compress(join(into, name))));
  return ok(files);
}

/** Which binary an entry is; undefined = of no interest. Throws for anything that no honest archive holds. */
function binaryName(header: Header, expected: Expected): string | undefined {
  if (header.name.startsWith('/') || header.name.split('/').includes('..')) {
    throw unsafe(expected, `it holds the path ${JSON.stringify(header.name)}`);
  }
  const [top = '', name = '', ...deeper] = header.name.replace(/^(?:\.\/)+/, '').split('/');
  if (deeper.length > 0 || !BINARIES.includes(name)) return undefined;
  if (header.type !== 'file')
    throw unsafe(expected, `${header.name} is not a regular file in it, but a ${header.type}`);
  if (header.size > MAX_FILE_BYTES) throw unsafe(expected, `${header.name} has ${header.size} bytes in it`);
  const named = /^etcd-v(.+)-linux-([a-z0-9]+)$/.exec(top);
  if (named !== null && (named[1] !== expected.version || named[2] !== expected.arch)) {
    const message = `${expected.name} holds ${top}`;
    throw new ArchiveError({
      ok: false,
      code: 'E_ARCHIVE_VERSION',
      message,
      hint: 'the archive was renamed: get the right one, with its own name.',
    });
  }
  return name;
}

async function store(entry: AsyncIterable<Buffer>, name: string, into: string): Promise<ReleaseFile> {
  const hash = createHash('sha256');
  const path = join(into, name);
  await pipeline(entry, counted(hash), createWriteStream(path, {flags: 'wx', mode: 0o700, flush: true}));
  const {size, mtimeMs} = await stat(path);
  return {name, sha256: hash.digest('hex'), sizeBytes: size, mtimeMs};
}

async function compress(path: string): Promise<void> {
  await pipeline(
    createReadStream(path),
    createGzip(),
    createWriteStream(`${path}.gz`, {flags: 'wx', mode: 0o600, flush: true}),
  );
}

/** A binary for another processor is found out here, not by a member that does not start. What is no ELF file is left alone. */
async function machineProblem(path: string, name: string, expected: Expected): Promise<Refused | undefined> {
  await using file = await open(path, 'r');
  const {buffer, bytesRead} = await file.read(Buffer.alloc(20), 0, 20, 0);
  if (bytesRead < 20 || buffer.toString('latin1', 0, 4) !== '\x7fELF') return undefined;
  const machine = buffer[5] === 2 ? buffer.readUInt16BE(18) : buffer.readUInt16LE(18);
  const arch = ELF_MACHINES.get(machine) ?? `machine type ${machine}`;
  if (arch === expected.arch) return undefined;
  const message = `${name} in ${expected.name} is a program for ${arch}`;
  return {ok: false, code: 'E_ARCHIVE_ARCH', message, hint: `get the archive for linux-${expected.arch}.`};
}

function counted(hash: Hash): (chunks: AsyncIterable<Buffer>) => AsyncGenerator<Buffer> {
  return async function* (chunks) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      yield chunk;
    }
  };
}

function limited(archive: string): (chunks: AsyncIterable<Buffer>) => AsyncGenerator<Buffer> {
  return async function* (chunks) {
    let total = 0;
    for await (const chunk of chunks) {
      total += chunk.length;
      if (total > MAX_TOTAL_BYTES) throw unsafe({name: archive}, `it unpacks to more than ${MAX_TOTAL_BYTES} bytes`);
      yield chunk;
    }
  };
}

function unsafe({name}: {readonly name: string}, what: string): ArchiveError {
  return new ArchiveError({
    ok: false,
    code: 'E_ARCHIVE_UNSAFE',
    message: `${name} is refused: ${what}`,
    hint: 'this is not an archive as etcd releases it: get it from a source that you trust.',
  });
}

function isFileSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
