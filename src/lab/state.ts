/** The lab's memory on disk, so that a later process can use it or take it down. */
import {readFile, rename, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {LabError} from './error.ts';
import {addressesOf, checkName, FIRST_HOST} from './names.ts';

/** One host of a lab. */
export interface LabHost {
  readonly name: string;
  readonly address: string;
  readonly address6: string;
  /** The last number of its address, 10 and up; also in its machine, cable and directory names. */
  readonly index: number;
  /** Small file systems of its own: path inside the host to size (`/var/lib/etcd: 64M`). */
  readonly tmpfs: Readonly<Record<string, string>>;
}

/** Everything that has to be known of a lab; process ids are not in here, because control groups know them better. */
export interface LabState {
  readonly name: string;
  readonly cache: string;
  readonly dir: string;
  readonly prefix: string;
  readonly root: string;
  readonly reachable: boolean;
  readonly hosts: readonly LabHost[];
}

/** What to give one host beyond its name. */
export interface HostOptions {
  readonly name?: string;
  /** Small file systems: path inside the host to size (`/var/lib/etcd: 64M`). */
  readonly tmpfs?: Readonly<Record<string, string>>;
}

const FILE = 'lab.state';

/** Writes the state in one step. */
export async function writeState(state: LabState): Promise<void> {
  const part = join(state.dir, `.${FILE}.part`);
  await writeFile(part, `${JSON.stringify(state, null, 2)}\n`);
  await rename(part, join(state.dir, FILE));
}

/** The state of the lab in this directory, or undefined. */
export async function readState(dir: string): Promise<LabState | undefined> {
  const text = await readFile(join(dir, FILE), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as LabState);
}

/** The next host of a lab: the next address, and by default the next name h1, h2, … */
export function newHost(state: LabState, wanted: string | HostOptions): LabHost {
  const options = typeof wanted === 'string' ? {name: wanted} : wanted;
  const index = Math.max(FIRST_HOST - 1, ...state.hosts.map(host => host.index)) + 1;
  const name = options.name ?? `h${state.hosts.length + 1}`;
  checkName('host', name);
  if (state.hosts.some(host => host.name === name)) throw new LabError(`two hosts are called "${name}"`);
  if (index > 250) throw new LabError('a lab holds at most 241 hosts');
  const {v4, v6} = addressesOf(state.prefix, index);
  return {name, address: v4, address6: v6, index, tmpfs: options.tmpfs ?? {}};
}
