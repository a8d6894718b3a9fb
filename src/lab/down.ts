/** Takes labs down, also half-made ones and those of a process that has died. */
import {existsSync, readdirSync} from 'node:fs';
import {rm} from 'node:fs/promises';
import {join} from 'node:path';
import {cacheDir} from './cache.ts';
import {cgroupsOf, endCgroups} from './cgroup.ts';
import {labDir, labTag, netnsName} from './names.ts';
import {removeNetwork} from './network.ts';

/** Ends every process of the lab and removes its groups, namespace, cables and files; does nothing where there is none. */
export async function downLab(name: string, cache = cacheDir()): Promise<void> {
  await endCgroups(cgroupsOf(name));
  await removeNetwork(name);
  await rm(labDir(cache, name), {recursive: true, force: true});
  await removePropagation(labTag(name));
}

/** What is still there of a lab, as sentences; empty after `downLab`. */
export function remainsOf(name: string, cache = cacheDir()): readonly string[] {
  const remains = cgroupsOf(name).map(path => `control group ${path}`);
  const netns = `/run/netns/${netnsName(name)}`;
  if (existsSync(netns)) remains.push(`network namespace ${netns}`);
  if (existsSync(labDir(cache, name))) remains.push(`directory ${labDir(cache, name)}`);
  return remains;
}

/** The names of the labs that exist. */
export function labNames(cache = cacheDir()): readonly string[] {
  const dir = join(cache, 'labs');
  return existsSync(dir) ? readdirSync(dir).sort() : [];
}

/** systemd-nspawn leaves an empty directory per machine for mounts that are handed in while it runs. */
async function removePropagation(tag: string): Promise<void> {
  const dir = '/run/systemd/nspawn/propagate';
  if (!existsSync(dir)) return;
  for (const name of readdirSync(dir)) {
    if (name.startsWith(`${tag}-`)) await rm(join(dir, name), {recursive: true, force: true});
  }
}
