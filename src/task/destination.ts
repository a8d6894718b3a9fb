/** `dest` of `copy` and `template`: a file, or a directory in which the file keeps its name. */

import {baseName, plainPath} from './argument-path.ts';
import type {PathFact} from './fact.ts';
import type {Op} from './op.ts';
import type {Probe} from './probe.ts';

/** Which path is meant, and what is there. */
export interface Destination {
  readonly path: string;
  readonly fact: PathFact;
  /** Makes the directory, where `dest` ends in a slash and nothing is there. */
  readonly before: readonly Op[];
}

/** Asks for `dest`, and for the file of the source's name in it. */
export function destinationProbes(
  dest: string,
  src: string | undefined,
  secret: boolean,
): Readonly<Record<'dest' | 'inside', Probe>> {
  const content = secret ? 'sha256' : 'text';
  const path = plainPath(dest);
  const inside = src === undefined ? path : plainPath(`${path}/${baseName(src)}`);
  return {dest: {kind: 'path', path, content}, inside: {kind: 'path', path: inside, content}};
}

/** As Ansible does: a directory, or a path that ends in a slash, gets the file under its own name. */
export function destinationOf(
  dest: string,
  src: string | undefined,
  facts: {readonly dest: PathFact; readonly inside: PathFact},
): Destination {
  const path = plainPath(dest);
  const isDirectory = facts.dest.exists && facts.dest.type === 'directory';
  if (src === undefined || (!isDirectory && !dest.endsWith('/'))) return {path, fact: facts.dest, before: []};
  const before: readonly Op[] = facts.dest.exists ? [] : [{kind: 'directory', path, parents: true}];
  return {path: plainPath(`${path}/${baseName(src)}`), fact: facts.inside, before};
}
