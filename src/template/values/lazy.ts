/** Values out of a lazy mapping: its failures travel on as they are. */
import type {Data} from '../../base/data.ts';
import type {Result} from '../../base/result.ts';
import {LocatedFailure} from '../failure.ts';
import {type LazyMapping, Undefined, type Value} from './model.ts';

/** The value of a result. One that failed for want of a variable is undefined (so that `default` helps); other failures are thrown on. */
export function fromResult(result: Result<Data | LazyMapping> | undefined): Value {
  if (result === undefined) return null;
  if (result.ok) return result.value;
  const failure = new LocatedFailure(result.error);
  if (failure.isUndefined) return new Undefined(failure.message, {cause: failure});
  throw failure;
}

/** All entries of a lazy mapping, worked out. */
export function lazyEntries(mapping: LazyMapping): [string, Value][] {
  return mapping.keys().map(key => [key, fromResult(mapping.get(key))]);
}
