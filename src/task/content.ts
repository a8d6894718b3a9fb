/** That a file has a content and attributes: what `copy` and `template` share. */
import {createHash} from 'node:crypto';
import {problem} from '../base/diagnostic.ts';
import type {Cause, FileDiff} from '../base/event.ts';
import {ok, type Result} from '../base/result.ts';
import {Secret} from '../base/secret.ts';
import {attributeDrift, driftCauses} from './attributes.ts';
import type {PathFact} from './fact.ts';
import type {Attributes, Op} from './op.ts';
import {failure, type Plan, type Refusal} from './task.ts';

/** Above this a file travels on a channel of its own. */
const UPLOAD_BYTES = 1024 * 1024;

/** What a file is to hold. */
export type Wanted =
  | {readonly kind: 'text'; readonly text: string}
  /** A file of the controller's; `text` where it is small and UTF-8. */
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly sha256: string;
      readonly sizeBytes: number;
      readonly text?: string;
    };

/** A file to be, on the host. */
export interface ContentWish {
  readonly path: string;
  readonly wanted: Wanted;
  readonly attributes: Attributes;
  /** Content never shows: no diff. */
  readonly secret: boolean;
  /** `false`: a file that is there keeps its content. */
  readonly force: boolean;
  /** Done before the file is written. */
  readonly before?: readonly Op[];
}

/** Compares what is there with what is wanted. */
export function contentPlan(wish: ContentWish, fact: PathFact): Result<Plan, Refusal> {
  const {path, attributes, before = []} = wish;
  if (fact.exists && fact.type !== 'file' && fact.type !== 'link') return notAFile(path, fact.type);
  const reasons = contentReasons(wish, fact);
  const drift = fact.exists && fact.type === 'file' ? attributeDrift(fact, attributes) : [];
  const causes = [...reasons.map(({cause}) => cause), ...driftCauses(drift)];
  if (reasons.length > 0) {
    const ops: [Op, ...Op[]] =
      before[0] === undefined ? [writeOp(wish)] : [before[0], ...before.slice(1), writeOp(wish)];
    const reason = [...reasons.map(({text}) => text), ...drift].join('; ');
    return ok({kind: 'change', reason, ops, diffs: diffsOf(wish, fact), causes});
  }
  if (drift.length === 0) return ok({kind: 'satisfied', reason: 'already as wanted'});
  return ok({kind: 'change', reason: drift.join('; '), ops: [{kind: 'attributes', path, ...attributes}], causes});
}

function notAFile(path: string, type: string): Result<Plan, Refusal> {
  const what = type === 'directory' ? 'a directory' : 'a special file';
  return failure(
    problem('E_TASK_PATH_TYPE', `${path} is ${what}, not a file`, {hint: 'name the file itself in "dest".'}),
  );
}

function contentReasons(
  {path, wanted, force}: ContentWish,
  fact: PathFact,
): readonly {readonly text: string; readonly cause: Cause}[] {
  if (!fact.exists) return [{text: `${path} is missing`, cause: {code: 'path_missing', detail: path}}];
  if (!force) return [];
  if (fact.type === 'link') {
    const text = `${path} is a link to ${fact.target ?? 'somewhere'}: replaced by a file`;
    return [{text, cause: {code: 'link_in_place', detail: path}}];
  }
  return isSame(wanted, fact) ? [] : [{text: 'content differs', cause: {code: 'content_differs', detail: path}}];
}

function isSame(wanted: Wanted, fact: Extract<PathFact, {exists: true}>): boolean {
  if (wanted.kind === 'text' && fact.text !== undefined) return fact.text === wanted.text;
  return fact.sha256 === sha256Of(wanted);
}

function sha256Of(wanted: Wanted): string {
  return wanted.kind === 'file' ? wanted.sha256 : createHash('sha256').update(wanted.text).digest('hex');
}

function writeOp({path, wanted, attributes, secret}: ContentWish): Op {
  const sha256 = sha256Of(wanted);
  if (wanted.kind === 'text') {
    return {kind: 'write', path, content: secret ? new Secret(wanted.text) : wanted.text, sha256, ...attributes};
  }
  if (wanted.sizeBytes > UPLOAD_BYTES) {
    return {kind: 'upload', path, controllerPath: wanted.path, sha256, sizeBytes: wanted.sizeBytes, ...attributes};
  }
  return {kind: 'write', path, content: {controllerPath: wanted.path}, sha256, ...attributes};
}

/** Both texts where both are known; what is binary, too big or secret is not shown. */
function diffsOf({path, wanted, secret}: ContentWish, fact: PathFact): readonly FileDiff[] {
  const isReadable = !fact.exists || fact.type === 'link' || fact.text !== undefined;
  if (secret || wanted.text === undefined || !isReadable) return [];
  return [{path, before: fact.exists ? fact.text : undefined, after: wanted.text}];
}
