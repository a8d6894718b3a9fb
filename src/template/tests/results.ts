/** Tests on registered results. */
import {typeFailure} from '../failure.ts';
import {named, type Routine} from '../routine.ts';
import {isTruthy} from '../values/compare.ts';
import {isDict, isList, typeName, type Value} from '../values/model.ts';

function field(result: Value, key: string): Value {
  if (!isDict(result)) throw typeFailure(`a registered result is needed here, not ${typeName(result)}`);
  return Object.hasOwn(result, key) ? (result[key] ?? null) : false;
}

function has(key: string): (result: Value) => boolean {
  return result => isTruthy(field(result, key));
}

function hasNot(key: string): (result: Value) => boolean {
  return result => !isTruthy(field(result, key));
}

/** A loop's result is changed when one of its items is. */
function isChanged(result: Value): boolean {
  const own = field(result, 'changed');
  if (isDict(result) && !Object.hasOwn(result, 'changed') && isList(result.results)) {
    return result.results.some(item => isDict(item) && isTruthy(item.changed ?? false));
  }
  return isTruthy(own);
}

/** `started` and `finished` hold for tasks that were not asynchronous. */
function asynchronous(key: string): (result: Value) => boolean {
  return result => {
    const value = field(result, key);
    return isDict(result) && Object.hasOwn(result, key) ? value === 1 || value === true : true;
  };
}

/** Tests by name. */
export const RESULT_TESTS: readonly (readonly [string, Routine])[] = [
  ...named('failed failure', '', has('failed')),
  ...named('succeeded success successful', '', hasNot('failed')),
  ...named('changed change', '', isChanged),
  ...named('skipped skip', '', has('skipped')),
  ...named('unreachable', '', has('unreachable')),
  ...named('reachable', '', hasNot('unreachable')),
  ...named('started', '', asynchronous('started')),
  ...named('finished', '', asynchronous('finished')),
];
