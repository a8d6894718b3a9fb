/**
 * Control groups of a lab: one per host, because hosts in the same group would share one tree of units, and one for
 * the commands run in the lab's namespace. What is in them is ours, so taking a lab down never kills a stranger.
 */
import {existsSync, readdirSync, readFileSync, rmdirSync, writeFileSync} from 'node:fs';
import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import {eventually} from './command.ts';
import {LabError} from './error.ts';

const BASE = '/sys/fs/cgroup';

/** The hierarchies in which systemd keeps processes: the unified one, or with older settings two side by side. */
function hierarchies(): readonly string[] {
  if (existsSync(join(BASE, 'cgroup.controllers'))) return [BASE];
  return ['unified', 'systemd'].map(name => join(BASE, name)).filter(path => existsSync(join(path, 'cgroup.procs')));
}

/** The group's name on the machine; `part` is a host's name, or `run` for commands. */
export function cgroupName(lab: string, part: string): string {
  return `etcdctl-play.${lab}.${part}`;
}

/** Makes a group and returns the files into which a process writes its id to join it. */
export async function makeCgroup(name: string): Promise<readonly string[]> {
  const paths = hierarchies().map(base => join(base, name));
  if (paths.length === 0) throw new LabError(`${BASE} holds no control groups, which systemd-nspawn needs`);
  for (const path of paths) await mkdir(path, {recursive: true});
  return paths.map(path => join(path, 'cgroup.procs'));
}

/** The groups of a lab that exist, as paths: all of them, or one part's. */
export function cgroupsOf(lab: string, part?: string): readonly string[] {
  const wanted = (name: string) => (part === undefined ? ownedBy(lab, name) : name === cgroupName(lab, part));
  return hierarchies().flatMap(base =>
    readdirSync(base)
      .filter(wanted)
      .map(name => join(base, name)),
  );
}

/** Lab names may hold dots, so `a` must not claim the groups of `a.b`: a part never holds a dot. */
function ownedBy(lab: string, name: string): boolean {
  const start = cgroupName(lab, '');
  return name.startsWith(start) && !name.slice(start.length).includes('.');
}

/** The processes in a group and all groups below it. */
export function pidsIn(path: string): readonly number[] {
  return treeOf(path).flatMap(dir => {
    try {
      const pids = readFileSync(join(dir, 'cgroup.procs'), 'utf8').split('\n').map(Number);
      return pids.filter(pid => pid > 0); // 0: of a process namespace that cannot be seen from here
    } catch {
      return []; // removed in between
    }
  });
}

/** SIGKILL for everything in these groups until they are empty, then removes them. */
export async function endCgroups(paths: readonly string[]): Promise<void> {
  for (const path of paths) setFrozen(path, false);
  const killed = (spare: (pid: number) => boolean, timeoutMs: number) =>
    eventually(() => {
      const pids = paths.flatMap(pidsIn);
      for (const pid of pids) if (!spare(pid)) kill(pid);
      return pids.length === 0;
    }, timeoutMs);
  // systemd-nspawn ends by itself when its host has, and tidies up; one that does not is killed like the others
  const empty = (await killed(isNspawn, 3000)) || (await killed(() => false, 10_000));
  if (!empty)
    throw new LabError(`processes survive SIGKILL in ${paths.join(', ')}: ${paths.flatMap(pidsIn).join(' ')}`);
  const gone = await eventually(() => paths.every(removeTree), 5000);
  if (!gone) throw new LabError(`cannot remove the control groups ${paths.join(', ')}`);
}

function isNspawn(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8') === 'systemd-nspawn\n';
  } catch {
    return false;
  }
}

/** Stops or resumes every process of a group at once, as a paused virtual machine; false where the kernel cannot. */
export function setFrozen(path: string, frozen: boolean): boolean {
  const file = join(path, 'cgroup.freeze');
  if (!existsSync(file)) return false;
  writeFileSync(file, frozen ? '1' : '0');
  return true;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it ended by itself in between
  }
}

function removeTree(path: string): boolean {
  try {
    for (const dir of [...treeOf(path)].reverse()) rmdirSync(dir);
    return true;
  } catch {
    return !existsSync(path);
  }
}

/** A group and the groups below it, parents first. */
function treeOf(path: string): readonly string[] {
  try {
    const children = readdirSync(path, {withFileTypes: true}).filter(entry => entry.isDirectory());
    return [path, ...children.flatMap(entry => treeOf(join(path, entry.name)))];
  } catch {
    return [];
  }
}
