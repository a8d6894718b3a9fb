/** Python's truth, equality, order and membership. */
import {typeFailure} from '../failure.ts';
import {lazyEntries} from './lazy.ts';
import type {Meter} from './meter.ts';
import {isDict, isList, LazyMapping, PyFloat, PyTuple, typeName, Undefined, type Value} from './model.ts';
import {asFloat, isInt, isNumber} from './number.ts';
import {nothingOr, undefinedFailure} from './text.ts';

/** Python's `bool(value)`; throws for undefined values. */
export function isTruthy(value: Value): boolean {
  if (value instanceof Undefined) return nothingOr(value, false);
  if (value instanceof PyFloat) return value.value !== 0;
  if (value instanceof PyTuple) return value.items.length > 0;
  if (value instanceof LazyMapping) return value.keys().length > 0;
  if (isList(value)) return value.length > 0;
  if (isDict(value)) return Object.keys(value).length > 0;
  return typeof value === 'number' ? value !== 0 : Boolean(value);
}

/** The entries of a mapping, lazy ones worked out; undefined for anything else. */
export function mappingEntries(value: Value): [string, Value][] | undefined {
  if (isDict(value)) return Object.entries(value);
  if (value instanceof LazyMapping) return lazyEntries(value);
  return undefined;
}

/** Python's `==`; throws for undefined values. */
export function equals(left: Value, right: Value, meter: Meter): boolean {
  meter.step();
  if (left instanceof Undefined) throw undefinedFailure(left);
  if (right instanceof Undefined) throw undefinedFailure(right);
  if (left === right) return true;
  if (isNumber(left) && isNumber(right)) return numberOrder(left, right) === 0;
  if (isList(left) && isList(right)) return sameItems(left, right, meter);
  if (left instanceof PyTuple && right instanceof PyTuple) return sameItems(left.items, right.items, meter);
  const mine = mappingEntries(left);
  const theirs = mine === undefined ? undefined : mappingEntries(right);
  if (mine === undefined || theirs === undefined || mine.length !== theirs.length) return false;
  const others = new Map(theirs);
  return mine.every(([key, value]) => {
    const other = others.get(key);
    return other !== undefined && equals(value, other, meter);
  });
}

function sameItems(left: readonly Value[], right: readonly Value[], meter: Meter): boolean {
  return left.length === right.length && left.every((item, index) => equals(item, right[index] ?? null, meter));
}

/** Below zero, zero or above: numbers compare exactly also where one is a large int. NaN compares as unequal (1). */
function numberOrder(left: number | bigint | boolean | PyFloat, right: number | bigint | boolean | PyFloat): number {
  if (isInt(left) && isInt(right)) {
    const [a, b] = [BigInt(left), BigInt(right)];
    return a < b ? -1 : a > b ? 1 : 0;
  }
  const [a, b] = [asFloat(left), asFloat(right)];
  return a < b ? -1 : a === b ? 0 : 1;
}

/** Order operators. */
export type OrderOperator = '<' | '<=' | '>' | '>=';

/** Python's `<`, `<=`, `>`, `>=`; values of kinds that have no order are an E_TEMPLATE_TYPE. */
export function ordered(operator: OrderOperator, left: Value, right: Value, meter: Meter): boolean {
  if (isNumber(left) && isNumber(right) && (Number.isNaN(asFloat(left)) || Number.isNaN(asFloat(right)))) return false;
  const order = orderOf(operator, left, right, meter);
  switch (operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

/** Below zero, zero or above, as Python orders the two. */
export function orderOf(operator: OrderOperator, left: Value, right: Value, meter: Meter): number {
  meter.step();
  if (left instanceof Undefined) throw undefinedFailure(left);
  if (right instanceof Undefined) throw undefinedFailure(right);
  if (isNumber(left) && isNumber(right)) return numberOrder(left, right);
  if (typeof left === 'string' && typeof right === 'string') return textOrder(left, right);
  const [a, b] = [left instanceof PyTuple ? left.items : left, right instanceof PyTuple ? right.items : right];
  if (isList(a) && isList(b) && isList(left) === isList(right)) return listOrder(operator, a, b, meter);
  throw typeFailure(
    `"${operator}" cannot compare ${typeName(left)} with ${typeName(right)}`,
    'convert one of the two, for example with "| int".',
  );
}

/** By code points, as Python: UTF-16 order differs from it beyond U+FFFF. */
function textOrder(left: string, right: string): number {
  if (left === right) return 0;
  let index = 0;
  while (index < left.length && index < right.length && left.charCodeAt(index) === right.charCodeAt(index)) index++;
  if (index > 0 && (left.charCodeAt(index - 1) & 0xfc00) === 0xd800) index--;
  return (left.codePointAt(index) ?? -1) - (right.codePointAt(index) ?? -1);
}

function listOrder(operator: OrderOperator, left: readonly Value[], right: readonly Value[], meter: Meter): number {
  for (const [index, item] of left.entries()) {
    const other = right[index];
    if (other === undefined) break;
    if (!equals(item, other, meter)) return orderOf(operator, item, other, meter);
  }
  return left.length - right.length;
}

/** Python's `item in container`. */
export function contains(container: Value, item: Value, meter: Meter): boolean {
  if (container instanceof Undefined) throw undefinedFailure(container);
  if (item instanceof Undefined) throw undefinedFailure(item);
  if (typeof container === 'string') {
    if (typeof item !== 'string')
      throw typeFailure(
        `"in" looks for a string in a string, not for ${typeName(item)}`,
        'convert it with "| string".',
      );
    return container.includes(item);
  }
  if (isList(container)) return container.some(other => equals(other, item, meter));
  if (container instanceof PyTuple) return container.items.some(other => equals(other, item, meter));
  const key = keyText(item);
  if (container instanceof LazyMapping) return key !== undefined && container.get(key) !== undefined;
  if (isDict(container)) return key !== undefined && Object.hasOwn(container, key);
  throw typeFailure(`"in" needs a list, a string or a mapping, not ${typeName(container)}`);
}

/** A value as the key of a mapping: numbers, booleans and None in Python's spelling; undefined for what cannot be a key. */
export function keyText(value: Value): string | undefined {
  if (typeof value === 'string') return value;
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'bigint' || typeof value === 'number') return String(value);
  return value instanceof PyFloat ? String(value.value) : undefined;
}
