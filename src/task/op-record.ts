/** An operation as a plan file keeps it: all of its data, but no secret. */
import {Secret} from '../base/secret.ts';
import {type Plain, plain} from '../plan/canonical.ts';
import type {PlannedOp} from '../plan/saved-plan.ts';
import {describeOp, type Op} from './op.ts';

/** What is kept of an operation whose task says `no_log`. */
const SHOWN_FIELDS: readonly string[] = ['kind', 'path', 'unit', 'verb', 'name'];

/** One operation in words and as data. `noLog`: only what it is about. */
export function opRecord(op: Op, noLog: boolean): PlannedOp {
  const data = plain(withoutSecretSums(op)) as {readonly [key: string]: Plain};
  if (!noLog) return {text: describeOp(op), op: data};
  const shown = Object.fromEntries(Object.entries(data).filter(([field]) => SHOWN_FIELDS.includes(field)));
  return {text: op.kind === 'command' ? 'run a command (hidden by no_log)' : describeOp(op), op: shown};
}

/** A checksum beside its content tells nothing new; beside a masked one it would help to guess it. Contents of files of the controller keep theirs. */
function withoutSecretSums(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecretSums);
  if (value === null || typeof value !== 'object' || value instanceof Secret) return value;
  const isText = 'content' in value && (typeof value.content === 'string' || value.content instanceof Secret);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([field]) => !(isText && field === 'sha256'))
      .map(([field, part]) => [field, withoutSecretSums(part)]),
  );
}
