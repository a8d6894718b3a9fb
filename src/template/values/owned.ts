/** Which lists and mappings were made by the template itself: only those may its methods change. */
import type {Value, ValueMap} from './model.ts';

const OWN = Symbol('made in the template');

/** Marks a fresh list as the template's own. */
export function ownList(items: Value[]): Value[] {
  Object.defineProperty(items, OWN, {value: true});
  return items;
}

/** Marks a fresh mapping as the template's own. */
export function ownDict(map: Record<string, Value>): Record<string, Value> {
  Object.defineProperty(map, OWN, {value: true});
  return map;
}

/** Whether the template made this value. */
export function isOwn(value: readonly Value[] | ValueMap): boolean {
  return OWN in value;
}
