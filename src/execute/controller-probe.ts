/** Questions that the controller answers itself: its own files, the PKI of a cluster, an etcd release. */
import {createHash} from 'node:crypto';
import {createReadStream, type Stats} from 'node:fs';
import {lstat, readFile, readlink} from 'node:fs/promises';
import {pipeline} from 'node:stream/promises';
import {unreachable} from '../base/unreachable.ts';
import type {FactTypes, PathFact} from '../task/fact.ts';
import type {Probe} from '../task/probe.ts';
import {codeOf, controllerPath, fileError, octalMode} from './controller-file.ts';
import {pkiFact} from './controller-pki.ts';
import {type ReleaseOptions, releaseFact} from './release.ts';

/** A question to the controller. */
export type ControllerProbe = Extract<Probe, {kind: 'controller-path' | 'pki' | 'release'}>;

/** Texts longer than this are not brought. */
const MAX_TEXT_BYTES = 1_048_576;

/** Whether the controller answers this question itself. */
export function isControllerProbe(probe: Probe): probe is ControllerProbe {
  return probe.kind === 'controller-path' || probe.kind === 'pki' || probe.kind === 'release';
}

/**
 * Answers a question to the controller. A release may take a download; everything else is quick. Rejects with
 * ControllerError only where a path cannot be looked at (no permission): PKI and release say so in their facts.
 */
export async function controllerFact<P extends ControllerProbe>(
  probe: P,
  options?: ReleaseOptions,
): Promise<FactTypes[P['kind']]>;
export async function controllerFact(
  probe: ControllerProbe,
  options: ReleaseOptions = {},
): Promise<FactTypes[ControllerProbe['kind']]> {
  switch (probe.kind) {
    case 'controller-path':
      return pathFact(probe.path, probe.content ?? 'none');
    case 'pki':
      return pkiFact(probe.dir, probe.names);
    case 'release':
      return releaseFact(probe, options);
    default:
      return unreachable(probe);
  }
}

async function pathFact(asked: string, content: 'none' | 'sha256' | 'text'): Promise<PathFact> {
  const path = controllerPath(asked);
  try {
    const stats = await lstat(path);
    const [owner, group] = await Promise.all([nameOf('/etc/passwd', stats.uid), nameOf('/etc/group', stats.gid)]);
    return {
      exists: true,
      type: typeOf(stats),
      mode: octalMode(stats.mode),
      owner,
      group,
      uid: stats.uid,
      gid: stats.gid,
      sizeBytes: stats.size,
      mtime: Math.floor(stats.mtimeMs / 1000),
      ...(stats.isSymbolicLink() ? {target: await readlink(path)} : {}),
      ...(stats.isFile() ? await contentOf(path, content) : {}),
    };
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return {exists: false};
    throw fileError('read', asked, error);
  }
}

async function contentOf(path: string, content: 'none' | 'sha256' | 'text'): Promise<{sha256?: string; text?: string}> {
  if (content === 'none') return {};
  if (content === 'sha256') {
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    return {sha256: hash.digest('hex')};
  }
  const bytes = await readFile(path);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (bytes.length > MAX_TEXT_BYTES) return {sha256};
  try {
    return {sha256, text: new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes)};
  } catch {
    return {sha256};
  }
}

function typeOf(stats: Stats): 'file' | 'directory' | 'link' | 'other' {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'link' : 'other';
}

/** The name of a numeric id; the number itself where the file knows none (a directory service, a container). */
async function nameOf(database: '/etc/passwd' | '/etc/group', id: number): Promise<string> {
  const text = await readFile(database, 'utf8').catch(() => '');
  const line = text.split('\n').find(entry => entry.split(':')[2] === String(id));
  return line?.split(':')[0] ?? String(id);
}
