/** A file of the controller on its way to hosts: compressed once, sent many times. */
import {randomBytes} from 'node:crypto';
import {createReadStream, createWriteStream} from 'node:fs';
import {mkdir, open, rm} from 'node:fs/promises';
import {join} from 'node:path';
import type {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {createGzip} from 'node:zlib';
import {codeOf, controllerPath, fileError} from './controller-file.ts';
import {cacheRoot} from './release-cache.ts';

/**
 * The gzip-compressed bytes of a file and how many they are. Files of an unpacked release are kept compressed beside it; any
 * other is compressed into a temporary file that is gone once the stream is read. Rejects with ControllerError.
 */
export async function openUpload(
  path: string,
  cache = cacheRoot(),
): Promise<{readonly stream: Readable; readonly sizeBytes: number}> {
  const source = controllerPath(path);
  try {
    if (source.startsWith(join(cache, 'releases/'))) {
      const kept = await openCounted(`${source}.gz`).catch(error => {
        if (codeOf(error) !== 'ENOENT') throw error;
      });
      if (kept !== undefined) return kept;
    }
    return await compressed(source, cache);
  } catch (error) {
    throw fileError('read', path, error);
  }
}

async function compressed(source: string, cache: string): Promise<{stream: Readable; sizeBytes: number}> {
  const dir = join(cache, 'uploads');
  await mkdir(dir, {recursive: true, mode: 0o700});
  const temporary = join(dir, `${process.pid}-${randomBytes(6).toString('hex')}.gz.part`);
  try {
    await pipeline(createReadStream(source), createGzip(), createWriteStream(temporary, {flags: 'wx', mode: 0o600}));
    return await openCounted(temporary);
  } finally {
    // The open descriptor keeps the bytes until they are sent; nothing is left behind after a crash later on.
    await rm(temporary, {force: true});
  }
}

async function openCounted(path: string): Promise<{stream: Readable; sizeBytes: number}> {
  const file = await open(path, 'r');
  const {size} = await file.stat();
  return {stream: file.createReadStream(), sizeBytes: size};
}
