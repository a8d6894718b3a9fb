/** Filters that pick, transform and group the elements of a list. */
import {TemplateFailure, typeFailure} from '../failure.ts';
import {member} from '../methods/member.ts';
import {type Args, type Context, named, type Routine} from '../routine.ts';
import {iterate} from '../values/access.ts';
import {equals, isTruthy} from '../values/compare.ts';
import {isDict, isList, PyTuple, Undefined, type Value, valueOr} from '../values/model.ts';
import {ownList} from '../values/owned.ts';
import {folded, keyer, reacher, sortedBy} from './attribute.ts';

/** A group of `groupby`: a tuple whose parts have names. */
class Group extends PyTuple {
  override attribute(name: string): Value | undefined {
    return name === 'grouper' ? this.items[0] : name === 'list' ? this.items[1] : undefined;
  }
}

/** The elements of what `map` and `select` take: nothing at all where the value is empty, None or zero. */
function someElements(input: Value, context: Context): readonly Value[] {
  return isTruthy(input) ? elements(input, context) : [];
}

/** The elements, paid for. */
export function elements(input: Value, {meter}: Context): readonly Value[] {
  const items = iterate(input);
  meter.step(items.length);
  return items;
}

function map(input: Value, args: Args, context: Context): Value {
  const items = someElements(input, context);
  const attribute = args.extra.get('attribute');
  if (attribute !== undefined) {
    const reach = reacher(attribute, args.extra.get('default'));
    return ownList(items.map(reach));
  }
  const [name, ...rest] = args.rest;
  if (typeof name !== 'string') throw typeFailure('it needs the name of a filter, or attribute=…');
  return ownList(items.map(item => context.filter(name, item, {positional: rest, named: args.extra})));
}

function pick(keep: boolean, byAttribute: boolean): Routine['run'] {
  return (input, args, context) => {
    const [first, ...others] = args.rest;
    if (byAttribute && first === undefined) throw typeFailure('it needs the name of an attribute');
    const reach = byAttribute && first !== undefined ? reacher(first) : (item: Value) => item;
    const [name, ...rest] = byAttribute ? others : args.rest;
    const holds = (value: Value): boolean => {
      if (name === undefined) return isTruthy(value);
      if (typeof name !== 'string') throw typeFailure('the name of a test must be a string');
      return context.test(name, value, {positional: rest, named: args.extra});
    };
    return ownList(someElements(input, context).filter(item => holds(reach(item)) === keep));
  };
}

function groupBy(input: Value, args: Args, context: Context): Value {
  const caseSensitive = args.flag(2);
  const reach = reacher(args.need(0), args.get(1));
  const sorted = sortedBy(elements(input, context), item => [folded(reach(item), caseSensitive)], false, context);
  const groups: {key: Value; items: Value[]}[] = [];
  for (const item of sorted) {
    const key = reach(item);
    const last = groups.at(-1);
    if (last !== undefined && equals(folded(last.key, caseSensitive), folded(key, caseSensitive), context.meter))
      last.items.push(item);
    else groups.push({key, items: [item]});
  }
  return ownList(groups.map(({key, items}) => new Group([key, items])));
}

function extreme(sign: 1 | -1): Routine['run'] {
  return (input, args, context) => {
    const items = elements(input, context);
    const [first] = sortedBy(items, keyer(args.get(1), args.flag(0)), sign < 0, context);
    return valueOr(first, () => new Undefined('there is no smallest or largest element: the list is empty'));
  };
}

function unique(input: Value, args: Args, context: Context): Value {
  const items = elements(input, context);
  // Ansible compares elements that Python cannot hash (lists, mappings) as they are, and all others without case.
  const isPlain = items.every(item => !isList(item) && !isDict(item));
  return ownList(distinct(items, keyer(args.get(1), args.flag(0) || !isPlain), context));
}

/** The first of each kind. */
export function distinct(items: readonly Value[], keysOf: (item: Value) => Value[], context: Context): Value[] {
  const seen = new Set<string>();
  const kept: {item: Value; keys: Value[]}[] = [];
  for (const item of items) {
    const keys = keysOf(item);
    const [only] = keys;
    if (keys.length === 1 && typeof only === 'string') {
      if (seen.has(only)) continue;
      seen.add(only);
    } else if (kept.some(other => other.keys.every((key, index) => equals(key, keys[index] ?? null, context.meter))))
      continue;
    kept.push({item, keys});
  }
  return kept.map(({item}) => item);
}

/** Filters by name. */
export const SELECT_FILTERS: readonly (readonly [string, Routine])[] = [
  ...named('map', '* **', map),
  ...named('select', '* **', pick(true, false)),
  ...named('reject', '* **', pick(false, false)),
  ...named('selectattr', '* **', pick(true, true)),
  ...named('rejectattr', '* **', pick(false, true)),
  ...named('groupby', 'attribute default case_sensitive', groupBy),
  ...named('sort', 'reverse case_sensitive attribute', (input, args, context) =>
    ownList(sortedBy(elements(input, context), keyer(args.get(2), args.flag(1)), args.flag(0), context)),
  ),
  ...named('min', 'case_sensitive attribute', extreme(1)),
  ...named('max', 'case_sensitive attribute', extreme(-1)),
  ...named('unique', 'case_sensitive attribute', unique),
  ...named('extract', 'container morekeys', (input, args) => {
    const more = args.get(1);
    const keys = [input, ...(more === undefined || more === null ? [] : isList(more) ? more : [more])];
    return keys.reduce<Value>((target, key) => {
      const value = member(target, key, false);
      if (value === undefined)
        throw new TemplateFailure('E_UNDEFINED', `there is no "${String(key)}" to extract from the value`);
      return value;
    }, args.need(0));
  }),
];
