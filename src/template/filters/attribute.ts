/** `attribute='a.b.0'`: how filters reach into the elements of a list. */
import {member} from '../methods/member.ts';
import type {Context} from '../routine.ts';
import {equals, orderOf} from '../values/compare.ts';
import {typeName, Undefined, type Value} from '../values/model.ts';

/** Gives the value at a dotted path; `fallback` where a step is missing, else an undefined value that says which. */
export function reacher(path: Value, fallback?: Value): (item: Value) => Value {
  const steps = stepsOf(path);
  return item => {
    let value = item;
    for (const step of steps) {
      const next = member(value, step, false);
      if (next === undefined || next instanceof Undefined) {
        if (fallback !== undefined) return fallback;
        return (
          next ??
          new Undefined(`an element of type ${typeName(value)} has no attribute "${String(step)}"`, {
            hint: 'give a default, or take only those that have it with "selectattr(…, \'defined\')".',
          })
        );
      }
      value = next;
    }
    return value;
  };
}

function stepsOf(path: Value): (string | number)[] {
  if (typeof path === 'number') return [path];
  return String(path)
    .split('.')
    .map(step => (/^\d+$/.test(step) ? Number(step) : step));
}

/** What elements are compared by: an attribute (several with commas), case ignored unless asked. */
export function keyer(attribute: Value | undefined, caseSensitive: boolean): (item: Value) => Value[] {
  const reach =
    attribute === undefined || attribute === null
      ? [(item: Value) => item]
      : String(attribute)
          .split(',')
          .map(path => reacher(path));
  return item => reach.map(one => folded(one(item), caseSensitive));
}

/** Lower case, where case does not count. */
export function folded(value: Value, caseSensitive: boolean): Value {
  return typeof value === 'string' && !caseSensitive ? value.toLowerCase() : value;
}

/** Sorts stably by keys; values of kinds that have no order are an E_TEMPLATE_TYPE. */
export function sortedBy(
  items: readonly Value[],
  keysOf: (item: Value) => Value[],
  reverse: boolean,
  {meter}: Context,
): Value[] {
  const keyed = items.map(item => ({item, keys: keysOf(item)}));
  const compare = (a: readonly Value[], b: readonly Value[]): number => {
    for (const [index, key] of a.entries()) {
      const other = b[index] ?? null;
      if (!equals(key, other, meter)) return orderOf('<', key, other, meter);
    }
    return 0;
  };
  keyed.sort((a, b) => (reverse ? compare(b.keys, a.keys) : compare(a.keys, b.keys)));
  return keyed.map(({item}) => item);
}
