/** Builds labs, and finds those that earlier processes have built. */
import {existsSync} from 'node:fs';
import {mkdir} from 'node:fs/promises';
import {cacheDir} from './cache.ts';
import {downLab} from './down.ts';
import {LabError} from './error.ts';
import {clientKeyPath, makeKey} from './keys.ts';
import {Lab} from './lab.ts';
import {checkName, labDir} from './names.ts';
import {makeNetwork, makeReachable} from './network.ts';
import {ensureRoot} from './root.ts';
import type {RootOptions} from './root-recipe.ts';
import {type HostOptions, type LabState, newHost, readState, writeState} from './state.ts';

/** What to build. */
export interface LabOptions extends RootOptions {
  /** Unique on the machine; two labs may use the same addresses, each has its own network. */
  readonly name: string;
  /** How many (h1, h2, …), or each by name or options. */
  readonly hosts: number | readonly (string | HostOptions)[];
  /** The first three numbers of the addresses; by default 10.10.10. */
  readonly prefix?: string;
  /** Lets programs of the machine itself reach the hosts, not only those in the lab's namespace. */
  readonly reachable?: boolean;
  readonly cache?: string;
  readonly say?: (text: string) => void;
}

/** Builds a lab and waits until every host takes logins; on failure nothing stays behind. */
export async function createLab(options: LabOptions): Promise<Lab> {
  const {name, prefix = '10.10.10', reachable = false, cache = cacheDir(), say = () => {}} = options;
  checkName('lab', name);
  const dir = labDir(cache, name);
  if (existsSync(dir)) throw new LabError(`a lab "${name}" is already there (${dir}): take it down first`);
  const root = await ensureRoot(options, say, cache);
  await downLab(name, cache); // what a crash may have left elsewhere
  try {
    await mkdir(dir, {recursive: true});
    let state: LabState = {name, cache, dir, prefix, root, reachable, hosts: []};
    const wanted = typeof options.hosts === 'number' ? Array.from({length: options.hosts}, () => ({})) : options.hosts;
    for (const one of wanted) state = {...state, hosts: [...state.hosts, newHost(state, one)]};
    await writeState(state);
    await makeKey(clientKeyPath(dir), 'ed25519', `lab ${name}`);
    await makeNetwork(name, prefix);
    if (reachable) await makeReachable(name, prefix);
    const lab = new Lab(state);
    await lab.start(state.hosts);
    return lab;
  } catch (error) {
    await downLab(name, cache);
    throw error;
  }
}

/** The lab of this name that an earlier process has built, or undefined. */
export async function openLab(name: string, cache = cacheDir()): Promise<Lab | undefined> {
  const state = await readState(labDir(cache, name));
  return state === undefined ? undefined : new Lab(state);
}
