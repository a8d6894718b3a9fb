/** Filters on whole lists: sets, joins, cuts. */
import {typeFailure} from '../failure.ts';
import {type Args, type Context, named, type Routine} from '../routine.ts';
import {iterate, lengthOf, sequenceOf} from '../values/access.ts';
import {equals, mappingEntries} from '../values/compare.ts';
import {isDict, isList, PyTuple, typeName, Undefined, type Value, valueOr} from '../values/model.ts';
import {arithmetic, isNumber, smallInt} from '../values/number.ts';
import {ownList} from '../values/owned.ts';
import {str} from '../values/text.ts';
import {reacher} from './attribute.ts';
import {distinct, elements} from './select.ts';

const same = (item: Value): Value[] => [item];

/** Union, intersection, difference: order kept, doubles dropped, case counts. */
function setFilter(
  pick: (mine: readonly Value[], other: readonly Value[], context: Context) => readonly Value[],
): Routine['run'] {
  return (input, args, context) => {
    const other = args.need(0);
    return ownList(distinct(pick(listOf(input, context), listOf(other, context), context), same, context));
  };
}

function listOf(value: Value, context: Context): readonly Value[] {
  if (typeof value === 'string' || isDict(value) || sequenceOf(value) !== undefined) return elements(value, context);
  throw typeFailure(`a list is needed here, not ${typeName(value)}`);
}

/** Membership in a list: by hash for strings, by equality for the rest. */
function among(list: readonly Value[], {meter}: Context): (item: Value) => boolean {
  const strings = new Set(list.filter(item => typeof item === 'string'));
  const rest = list.filter(item => typeof item !== 'string');
  return item => (typeof item === 'string' ? strings.has(item) : rest.some(other => equals(item, other, meter)));
}

function flatten(items: readonly Value[], levels: number, skipNulls: boolean, context: Context): Value[] {
  const flat: Value[] = [];
  context.meter.step(items.length);
  for (const item of items) {
    if (skipNulls && (item === null || item === 'None' || item === 'null')) continue;
    const inner = isList(item) ? item : item instanceof PyTuple ? item.items : undefined;
    // One by one: spreading a long list into push() would overflow the stack.
    if (inner !== undefined && levels > 0)
      for (const one of flatten(inner, levels - 1, skipNulls, context)) flat.push(one);
    else flat.push(item);
  }
  return flat;
}

function batch(input: Value, args: Args, context: Context): Value {
  const size = args.int(0);
  if (size < 1) throw typeFailure('the size of a batch must be at least 1');
  const items = elements(input, context);
  const rows: Value[][] = [];
  for (let index = 0; index < items.length; index += size) rows.push(items.slice(index, index + size));
  const fill = args.get(1) ?? null;
  const last = rows.at(-1);
  if (fill !== null && last !== undefined) {
    context.meter.step(size);
    while (last.length < size) last.push(fill);
  }
  return ownList(rows);
}

function sliceInto(input: Value, args: Args, context: Context): Value {
  const count = args.int(0);
  if (count < 1) throw typeFailure('the number of slices must be at least 1');
  const items = elements(input, context);
  context.meter.step(count);
  const fill = args.get(1) ?? null;
  const [size, larger] = [Math.floor(items.length / count), items.length % count];
  let start = 0;
  return ownList(
    Array.from({length: count}, (_, index) => {
      const end = start + size + (index < larger ? 1 : 0);
      const part = items.slice(start, end);
      start = end;
      return fill !== null && index >= larger && larger > 0 ? [...part, fill] : part;
    }),
  );
}

function join(input: Value, args: Args, context: Context): Value {
  const attribute = args.get(1) ?? null;
  const reach = attribute === null ? (item: Value) => item : reacher(attribute);
  const texts = elements(input, context).map(item => str(reach(item), context.meter));
  const separator = args.text(0, '');
  context.meter.text(texts.reduce((sum, text) => sum + text.length + separator.length, 0));
  return texts.join(separator);
}

function sum(input: Value, args: Args, context: Context): Value {
  const attribute = args.get(0) ?? null;
  const reach = attribute === null ? (item: Value) => item : reacher(attribute);
  return elements(input, context).reduce<Value>(
    (total, item) => {
      const value = reach(item);
      if (isList(total) && isList(value)) {
        context.meter.step(total.length);
        return ownList(total.concat(value));
      }
      if (!isNumber(value))
        throw typeFailure(
          `only numbers can be added up, not ${value instanceof Undefined ? 'undefined values' : typeName(value)}`,
        );
      return arithmetic('+', total, value);
    },
    args.or(1, 0),
  );
}

function zip(longest: boolean): Routine['run'] {
  return (input, args, context) => {
    const lists = [input, ...args.rest].map(list => elements(list, context));
    const fill = args.extra.get('fillvalue') ?? null;
    const lengths = lists.map(list => list.length);
    const length = longest ? Math.max(...lengths) : Math.min(...lengths);
    context.meter.step(length * lists.length);
    return ownList(Array.from({length}, (_, index) => new PyTuple(lists.map(list => list[index] ?? fill))));
  };
}

function product(input: Value, args: Args, context: Context): Value {
  const once = [input, ...args.rest].map(list => elements(list, context));
  const repeat = smallInt(args.extra.get('repeat') ?? 1, 'repeat');
  const size = once.reduce((total, list) => total * list.length, 1) ** Math.max(0, repeat);
  context.meter.step(size * once.length * Math.max(1, repeat));
  const lists = Array.from({length: Math.max(0, repeat)}, () => once).flat();
  let rows: Value[][] = [[]];
  for (const list of lists) rows = rows.flatMap(row => list.map(item => [...row, item]));
  return ownList(rows.map(row => new PyTuple(row)));
}

function subelements(input: Value, args: Args, context: Context): Value {
  const list = isDict(input) ? Object.values(input) : elements(input, context);
  const path = args.need(0);
  const steps = isList(path) ? path.map(String) : String(path).split('.');
  const isMissingFine = args.flag(1);
  const rows: Value[] = [];
  for (const element of list) {
    const value = steps.reduce<Value | undefined>((target, step) => {
      if (target === undefined) return undefined;
      if (!isDict(target)) throw typeFailure(`"${step}" needs a mapping, not ${typeName(target)}`);
      return Object.hasOwn(target, step) ? target[step] : undefined;
    }, element);
    if (value === undefined && isMissingFine) continue;
    if (!isList(value))
      throw typeFailure(
        value === undefined ? `an element has no "${steps.join('.')}"` : `"${steps.join('.')}" must be a list`,
      );
    for (const item of value) rows.push(new PyTuple([element, item]));
  }
  return ownList(rows);
}

function edge(index: 0 | -1): Routine['run'] {
  return (input, _args, context) =>
    valueOr(
      elements(input, context).at(index),
      () => new Undefined('the list is empty: it has no first or last element'),
    );
}

/** Filters by name. */
export const LIST_FILTERS: readonly (readonly [string, Routine])[] = [
  ...named('first', '', edge(0)),
  ...named('last', '', edge(-1)),
  ...named('length count', '', input => lengthOf(input)),
  ...named('list', '', (input, _args, context) => ownList([...elements(input, context)])),
  ...named('join', 'd attribute', join),
  ...named('sum', 'attribute start', sum),
  ...named('reverse', '', (input, _args, context) => {
    const reversed = [...elements(input, context)].reverse();
    return typeof input === 'string' ? reversed.join('') : ownList(reversed);
  }),
  ...named('batch', 'linecount fill_with', batch),
  ...named('slice', 'slices fill_with', sliceInto),
  ...named('flatten', 'levels skip_nulls', (input, args, context) => {
    const levels = args.get(0) ?? null;
    return ownList(
      flatten(
        iterate(input),
        levels === null ? Number.POSITIVE_INFINITY : smallInt(levels, 'levels'),
        args.flag(1, true),
        context,
      ),
    );
  }),
  ...named('union', 'b', (input, args, context) => {
    for (const value of [input, args.need(0)]) if (isDict(value)) throw typeFailure('a list is needed here, not dict');
    return setFilter((mine, other) => [...mine, ...other])(input, args, context);
  }),
  ...named(
    'intersect',
    'b',
    setFilter((mine, other, context) => mine.filter(among(other, context))),
  ),
  ...named(
    'difference',
    'b',
    setFilter((mine, other, context) => {
      const isOther = among(other, context);
      return mine.filter(item => !isOther(item));
    }),
  ),
  ...named(
    'symmetric_difference',
    'b',
    setFilter((mine, other, context) => {
      const [isMine, isOther] = [among(mine, context), among(other, context)];
      return [...mine, ...other].filter(item => isMine(item) !== isOther(item));
    }),
  ),
  ...named('zip', '*', zip(false)),
  ...named('zip_longest', '* **', zip(true)),
  ...named('product', '* **', product),
  ...named('subelements', 'subelements skip_missing', subelements),
  ...named('items', '', input => {
    const entries = mappingEntries(input);
    if (entries === undefined) throw typeFailure('it needs a mapping');
    return ownList(entries.map(entry => new PyTuple(entry)));
  }),
];
