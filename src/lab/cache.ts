/** Where the lab keeps what is slow to make: root file systems and release archives. */
import {existsSync, readdirSync} from 'node:fs';
import {mkdir, rename, rm, rmdir} from 'node:fs/promises';
import {homedir} from 'node:os';
import {basename, dirname, join} from 'node:path';

/** The cache directory: `ETCDCTL_PLAY_LAB_CACHE`, else `etcdctl-play/lab` in the user's cache directory. */
export function cacheDir(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const own = env['ETCDCTL_PLAY_LAB_CACHE'];
  if (own !== undefined && own !== '') return own;
  const xdg = env['XDG_CACHE_HOME'];
  return join(xdg !== undefined && xdg !== '' ? xdg : join(homedir(), '.cache'), 'etcdctl-play', 'lab');
}

/**
 * Makes a file or directory once: `build` fills a path beside it, which then gets the final name in one step.
 * A build that is cut off leaves only a `.part-PID` that the next one removes.
 */
export async function buildOnce(path: string, build: (part: string) => Promise<void>): Promise<string> {
  if (existsSync(path)) return path;
  await mkdir(dirname(path), {recursive: true});
  await removeStaleParts(path);
  const part = `${path}.part-${process.pid}`;
  try {
    await build(part);
    await rename(part, path);
  } catch (error) {
    // somebody else was faster: theirs is as good as ours
    if (!existsSync(path)) throw error;
  } finally {
    await rm(part, {recursive: true, force: true});
  }
  return path;
}

/** Removes what the lab has put into the cache, and nothing else: the directory may be one that the user named. */
export async function purgeCache(cache = cacheDir()): Promise<void> {
  const names = existsSync(cache) ? readdirSync(cache) : [];
  for (const name of names.filter(one => one.startsWith('root-') || one === 'etcd' || one === 'labs')) {
    await rm(join(cache, name), {recursive: true, force: true});
  }
  await rmdir(cache).catch(() => {}); // not empty, or not there
}

async function removeStaleParts(path: string): Promise<void> {
  const prefix = `${basename(path)}.part-`;
  for (const name of readdirSync(dirname(path))) {
    if (!name.startsWith(prefix) || existsSync(`/proc/${name.slice(prefix.length)}`)) continue;
    await rm(join(dirname(path), name), {recursive: true, force: true});
  }
}
