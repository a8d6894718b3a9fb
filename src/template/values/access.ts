/** Reaching into values: items, attributes, slices, iteration. Only own keys; nothing of JavaScript shows through. */
import {typeFailure} from '../failure.ts';
import {keyText, mappingEntries} from './compare.ts';
import {fromResult} from './lazy.ts';
import {isDict, isList, LazyMapping, PyTuple, typeName, Undefined, type Value} from './model.ts';
import {isInt, smallInt} from './number.ts';
import {nothingOr, undefinedFailure} from './text.ts';

/** `target[key]` without falling back to attributes; undefined where there is no such item. */
export function ownItem(target: Value, key: Value): Value | undefined {
  if (key instanceof Undefined) throw undefinedFailure(key);
  if (isDict(target) || target instanceof LazyMapping) {
    const name = keyText(key);
    if (name === undefined) return undefined;
    if (target instanceof LazyMapping) {
      const found = target.get(name);
      return found === undefined ? undefined : fromResult(found);
    }
    return Object.hasOwn(target, name) ? target[name] : undefined;
  }
  const items = sequenceOf(target);
  if (items === undefined || !isInt(key)) return undefined;
  const index = Number(key);
  return items[index < 0 ? items.length + index : index];
}

/** The elements of a list, tuple or string (by code points); undefined for anything else. */
export function sequenceOf(value: Value): readonly Value[] | undefined {
  if (isList(value)) return value;
  if (value instanceof PyTuple) return value.items;
  return typeof value === 'string' ? Array.from(value) : undefined;
}

/** What a loop goes over: elements of a sequence, keys of a mapping. Throws for what cannot be iterated. */
export function iterate(value: Value): readonly Value[] {
  if (value instanceof Undefined) return nothingOr(value, []);
  const items = sequenceOf(value) ?? mappingEntries(value)?.map(([key]) => key);
  if (items === undefined)
    throw typeFailure(`${typeName(value)} cannot be looped over`, 'a list, a string or a mapping is needed here.');
  return items;
}

/** Python's `len(value)`. */
export function lengthOf(value: Value): number {
  if (value instanceof Undefined) throw undefinedFailure(value);
  if (value instanceof LazyMapping) return value.keys().length;
  const items = sequenceOf(value);
  if (items !== undefined) return items.length;
  if (isDict(value)) return Object.keys(value).length;
  throw typeFailure(`${typeName(value)} has no length`);
}

/** `value[start:stop:step]` with Python's negative and missing bounds. */
export function sliceOf(value: Value, start: Value, stop: Value, step: Value): Value {
  if (value instanceof Undefined) throw undefinedFailure(value);
  const items = sequenceOf(value);
  if (items === undefined)
    throw typeFailure(`${typeName(value)} cannot be sliced`, 'a list or a string is needed here.');
  const stride = step === null ? 1 : smallInt(step, 'the step of a slice');
  if (stride === 0) throw typeFailure('the step of a slice must not be zero');
  const length = items.length;
  const bound = (given: Value, missing: number): number => {
    if (given === null) return missing;
    const index = smallInt(given, 'the bound of a slice');
    const [low, high] = stride > 0 ? [0, length] : [-1, length - 1];
    return Math.min(Math.max(index < 0 ? index + length : index, low), high);
  };
  const from = bound(start, stride > 0 ? 0 : length - 1);
  const to = bound(stop, stride > 0 ? length : -1);
  const picked: Value[] = [];
  for (let index = from; stride > 0 ? index < to : index > to; index += stride) picked.push(items[index] ?? null);
  if (typeof value === 'string') return picked.join('');
  return value instanceof PyTuple ? new PyTuple(picked) : picked;
}
