/** One at a time, across processes: so that thirty hosts or two controllers do not unpack the same archive side by side. */
import {mkdir, open, rm, stat, utimes} from 'node:fs/promises';
import {dirname} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {codeOf} from './controller-file.ts';

const BEAT_MS = 2_000;
/** A lock whose holder has not touched it for so long was left behind. */
const STALE_MS = 15_000;
const POLL_MS = 50;

/** Runs an action while holding a lock file. It saves work and does not guard anything: what it protects must be safe without it. */
export async function withFileLock<T>(path: string, action: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), {recursive: true, mode: 0o700});
  while (!(await take(path))) {
    if (await isStale(path)) await rm(path, {force: true});
    else await sleep(POLL_MS);
  }
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, BEAT_MS);
  try {
    return await action();
  } finally {
    clearInterval(beat);
    await rm(path, {force: true});
  }
}

async function take(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx', 0o600)).close();
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function isStale(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats !== undefined && Date.now() - stats.mtimeMs > STALE_MS;
}
