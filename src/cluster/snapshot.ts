/** Saves a member's snapshot as a file on the controller: whole and verified, or not there at all. */
import {createHash} from 'node:crypto';
import {type FileHandle, mkdir, open, rename, rm} from 'node:fs/promises';
import {dirname} from 'node:path';
import {err, ok, type Result} from '../base/result.ts';
import type {SnapshotResponse} from './api.ts';
import type {Channel} from './channel.ts';
import {type EtcdFailure, errorText} from './failure.ts';
import {RPC} from './rpc.ts';

/** A saved snapshot. */
export interface SavedSnapshot {
  readonly path: string;
  /** Of the file, with its 32 bytes of checksum. */
  readonly sizeBytes: number;
  /** Of the whole file, lower-case hex. */
  readonly sha256: string;
  /** Revision of the store when the snapshot began; '' where the server does not say (before 3.6). */
  readonly revision: string;
}

/** etcd sends the database (pages of 512 bytes or more) and then its sha256. */
const CHECKSUM_BYTES = 32;
const PAGE_BYTES = 512;

/**
 * Streams the snapshot into `<path>.part` (0600), compares the checksum that etcd sends last, syncs, renames. A failure leaves
 * no file. `idleTimeoutMs`: how long to wait for the next piece.
 */
export async function saveSnapshot(
  channel: Channel,
  path: string,
  idleTimeoutMs: number,
  signal?: AbortSignal,
): Promise<Result<SavedSnapshot, EtcdFailure>> {
  const part = `${path}.part`;
  let file: FileHandle | undefined;
  try {
    await mkdir(dirname(path), {recursive: true, mode: 0o700});
    await rm(part, {force: true});
    file = await open(part, 'wx', 0o600);
    const received = await receive(channel, file, idleTimeoutMs, signal);
    if (received.ok) {
      await file.sync();
      await file.close();
      await rename(part, path);
      await syncDirectory(dirname(path));
      return ok({path, ...received.value});
    }
    await discard(file, part);
    return received;
  } catch (error) {
    if (file !== undefined) await discard(file, part);
    return err({reason: 'error', message: `cannot write ${part}: ${errorText(error)}`});
  }
}

async function receive(
  channel: Channel,
  file: FileHandle,
  idleTimeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Result<Omit<SavedSnapshot, 'path'>, EtcdFailure>> {
  const stream = channel.stream(RPC.snapshot, {});
  const stop = () => stream.cancel();
  let idle = false;
  const timer = setTimeout(() => {
    idle = true;
    stop();
  }, idleTimeoutMs);
  signal?.addEventListener('abort', stop, {once: true});
  if (signal?.aborted) stop();
  const sum = new TrailingSum();
  let revision = '';
  try {
    for await (const piece of stream as AsyncIterable<SnapshotResponse>) {
      timer.refresh();
      if (piece.header !== null && piece.header.revision !== '0') revision ||= piece.header.revision;
      sum.add(piece.blob);
      await writeAll(file, piece.blob);
    }
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw error;
    if (idle) return err({reason: 'timeout', message: `the snapshot stood still for ${idleTimeoutMs / 1000} s`});
    if (signal?.aborted) return err({reason: 'error', message: 'interrupted'});
    return err(channel.failure(error));
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
    stop();
  }
  const wrong = sum.fault();
  return wrong === undefined
    ? ok({sizeBytes: sum.sizeBytes, sha256: sum.sha256(), revision})
    : err({reason: 'error', message: wrong});
}

/** `write` may take less than it is given. */
async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.length; ) offset += (await file.write(bytes, offset)).bytesWritten;
}

async function discard(file: FileHandle, part: string): Promise<void> {
  await file.close().catch(() => undefined);
  await rm(part, {force: true}).catch(() => undefined);
}

async function syncDirectory(dir: string): Promise<void> {
  const handle = await open(dir, 'r');
  await handle.sync().finally(() => handle.close());
}

/** Hashes everything but the last 32 bytes, which must be that hash. */
export class TrailingSum {
  readonly #body = createHash('sha256');
  readonly #whole = createHash('sha256');
  #tail: Buffer = Buffer.alloc(0);
  sizeBytes = 0;

  add(bytes: Uint8Array): void {
    this.sizeBytes += bytes.length;
    this.#whole.update(bytes);
    const all = Buffer.concat([this.#tail, bytes]);
    const bodyLength = Math.max(0, all.length - CHECKSUM_BYTES);
    this.#body.update(all.subarray(0, bodyLength));
    this.#tail = all.subarray(bodyLength);
  }

  /** What is wrong with what came; undefined where the checksum holds. Call once. */
  fault(): string | undefined {
    if (this.sizeBytes % PAGE_BYTES !== CHECKSUM_BYTES)
      return `the snapshot ends too early (${this.sizeBytes} bytes, no checksum at the end)`;
    return this.#body.digest().equals(this.#tail)
      ? undefined
      : 'the snapshot does not match its checksum: it was damaged on the way';
  }

  /** Of everything. Call once. */
  sha256(): string {
    return this.#whole.digest('hex');
  }
}
