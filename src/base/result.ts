/** Expected failures are values, not exceptions; a thrown error is a bug in this program. */
import type {Diagnostic} from './diagnostic.ts';

/** Either a value or what went wrong (by default: every problem found, never just the first). */
export type Result<T, E = readonly Diagnostic[]> =
  | {readonly ok: true; readonly value: T}
  | {readonly ok: false; readonly error: E};

/** Wraps a value as a success. */
export function ok<T>(value: T): {readonly ok: true; readonly value: T} {
  return {ok: true, value};
}

/** Wraps a failure. */
export function err<E>(error: E): {readonly ok: false; readonly error: E} {
  return {ok: false, error};
}

/** All values, or all problems of all failures together. */
export function collect<T>(results: Iterable<Result<T>>): Result<T[]> {
  const values: T[] = [];
  const problems: Diagnostic[] = [];
  for (const result of results) {
    if (result.ok) values.push(result.value);
    else problems.push(...result.error);
  }
  return problems.length > 0 ? err(problems) : ok(values);
}
