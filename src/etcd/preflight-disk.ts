/** Whether directories have room, can be written, and let programs run. Pure. */
import {type Diagnostic, problem, warning} from '../base/diagnostic.ts';
import {formatBytes} from './member-table.ts';
import type {DirectoryFact, FilesystemFact} from './preflight-facts.ts';

/** What a host's directories have to offer. */
export interface DiskNeeds {
  readonly host: string;
  /** Bytes that will be written, by directory; directories of one file system are summed up. */
  readonly bytes: ReadonlyMap<string, number>;
  /** Where binaries will be run from; undefined = they are there already. */
  readonly programs?: string;
  /** A member is about to be made or installed: without room that would fail half-way. Otherwise this is a warning. */
  readonly isFirst: boolean;
}

/** A run makes some 30 files, etcd some more. */
const MIN_INODES = 200;

/** Everything that speaks against writing there. */
export function diskProblems(fact: FilesystemFact, needs: DiskNeeds): readonly Diagnostic[] {
  return [...roomProblems(fact, needs), ...writeProblems(fact, needs), ...programProblems(fact, needs)];
}

function roomProblems({directories}: FilesystemFact, {host, bytes, isFirst}: DiskNeeds): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const group of mounts(directories).values()) {
    const [{mount, freeBytes, freeInodes} = {} as DirectoryFact] = group;
    const names = group.map(({path}) => path).join(', ');
    const needed = group.reduce((sum, {path}) => sum + (bytes.get(path) ?? 0), 0);
    const short: string[] = [];
    if (freeBytes !== undefined && freeBytes < needed)
      short.push(`${formatBytes(freeBytes)} free of ${formatBytes(needed)} needed`);
    if (freeInodes !== undefined && freeInodes < MIN_INODES) short.push(`${freeInodes} inodes free`);
    if (short.length === 0) continue;
    const message = `${host}: ${mount ?? names} has ${short.join(' and ')} (for ${names})`;
    const hint = `make room there, put a larger disk there, or set the directories to another one. Needed are the binaries, twice what the data directory holds, and etcd_preflight_free_bytes.`;
    found.push(isFirst ? problem('E_PREFLIGHT_DISK', message, {hint}) : warning('W_PREFLIGHT_DISK', message, {hint}));
  }
  return found;
}

/** Directories by their file system; one whose file system is not known stands alone. */
function mounts(directories: readonly DirectoryFact[]): Map<string, DirectoryFact[]> {
  const groups = new Map<string, DirectoryFact[]>();
  for (const directory of directories) {
    const key = directory.mount ?? `?${directory.path}`;
    groups.set(key, [...(groups.get(key) ?? []), directory]);
  }
  return groups;
}

function writeProblems({directories}: FilesystemFact, {host, isFirst}: DiskNeeds): Diagnostic[] {
  const closed = directories.filter(({writable}) => !writable);
  const places = [...new Set(closed.map(({path, nearest}) => (path === nearest ? path : `${nearest} (for ${path})`)))];
  if (places.length === 0) return [];
  const message = `${host}: no files can be made in ${places.join(', ')}`;
  const hint =
    'is it mounted read-only (findmnt -T DIRECTORY), or immutable (lsattr -d DIRECTORY)? After a disk error the kernel mounts read-only: see dmesg.';
  // A member that runs may need nothing written there.
  return [isFirst ? problem('E_PREFLIGHT_WRITE', message, {hint}) : warning('W_PREFLIGHT_WRITE', message, {hint})];
}

function programProblems({options, directories}: FilesystemFact, {host, programs}: DiskNeeds): Diagnostic[] {
  if (programs === undefined || !options.includes('noexec')) return [];
  const mount = directories.find(({path}) => path === programs)?.mount ?? 'its file system';
  return [
    problem('E_PREFLIGHT_NOEXEC', `${host}: no program can run from ${programs}: ${mount} is mounted noexec`, {
      hint: 'mount it without noexec, or set etcd_install_dir to a directory on another file system.',
    }),
  ];
}
