/** `stat`: what a path is, for `register`. */
import {type Data, dataMap} from '../base/data.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import {ok} from '../base/result.ts';
import {pathProblems, plainPath} from './argument-path.ts';
import type {PathFact} from './fact.ts';
import type {Probe} from './probe.ts';
import {settle} from './settle.ts';
import {defineKind, failure} from './task.ts';

interface Args {
  readonly path: string;
  readonly get_checksum?: boolean;
}

type Probes = Readonly<Record<string, Probe>>;

/** Ansible's `stat`; links are not followed, checksums are SHA-256. */
export const statKind = defineKind<Args, Probes>({
  name: 'stat',
  summary:
    'Tells what a path is: the registered result has stat.exists, stat.isdir, stat.mode, stat.checksum and so on.',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['path'],
    properties: {
      path: {type: 'string', description: 'Absolute path on the host.'},
      get_checksum: {type: 'boolean', description: 'false: no checksum.'},
      checksum_algorithm: {enum: ['sha256']},
      follow: {enum: [false]},
    },
  },
  lint: problemsOf,
  probe(args): Probes {
    if (problemsOf(args).length > 0) return {};
    return {path: {kind: 'path', path: plainPath(args.path), content: args.get_checksum === false ? 'none' : 'sha256'}};
  },
  plan(args, facts, context) {
    const problems = problemsOf(args);
    if (problems.length > 0) return failure(...problems);
    const fact = facts.path as PathFact;
    const path = plainPath(args.path);
    const reason = fact.exists ? `${path} is a ${fact.type}` : `${path} does not exist`;
    return settle(ok({kind: 'satisfied', reason, result: dataMap([['stat', statOf(path, fact)]])}), context);
  },
});

function problemsOf({path}: Args): readonly Diagnostic[] {
  return plainPath(path) === '/' && path.startsWith('/') ? [] : pathProblems('path', path);
}

function statOf(path: string, fact: PathFact): Data {
  if (!fact.exists) return dataMap([['exists', false]]);
  return dataMap([
    ['exists', true],
    ['path', path],
    ['isreg', fact.type === 'file'],
    ['isdir', fact.type === 'directory'],
    ['islnk', fact.type === 'link'],
    ['mode', fact.mode],
    ['pw_name', fact.owner],
    ['gr_name', fact.group],
    ['uid', fact.uid],
    ['gid', fact.gid],
    ['size', fact.sizeBytes],
    ['mtime', fact.mtime],
    ...(fact.target === undefined ? [] : [['lnk_target', fact.target] as const]),
    ...(fact.sha256 === undefined ? [] : [['checksum', fact.sha256] as const]),
  ]);
}
