/** Filters on mappings. */
import {typeFailure} from '../failure.ts';
import {type Args, type Context, named, type Routine} from '../routine.ts';
import {iterate} from '../values/access.ts';
import {contains, equals, keyText, mappingEntries} from '../values/compare.ts';
import {
  dictOf,
  isDict,
  isList,
  LazyMapping,
  PyTuple,
  typeName,
  Undefined,
  type Value,
  type ValueMap,
} from '../values/model.ts';
import {ownDict, ownList} from '../values/owned.ts';
import {undefinedFailure} from '../values/text.ts';
import {folded, sortedBy} from './attribute.ts';
import {elements} from './select.ts';

const MERGES: readonly string[] = ['replace', 'keep', 'append', 'prepend', 'append_rp', 'prepend_rp'];

function mapping(value: Value): ValueMap {
  if (isDict(value)) return value;
  const entries = value instanceof LazyMapping ? mappingEntries(value) : undefined;
  if (entries === undefined) throw typeFailure(`a mapping is needed here, not ${typeName(value)}`);
  return dictOf(entries);
}

function combine(input: Value, args: Args, context: Context): Value {
  const unknown = [...args.extra.keys()].find(key => key !== 'recursive' && key !== 'list_merge');
  if (unknown !== undefined)
    throw typeFailure(`unknown argument "${unknown}"`, 'recursive and list_merge are the only ones.');
  const merge = String(args.extra.get('list_merge') ?? 'replace');
  if (!MERGES.includes(merge))
    throw typeFailure(`list_merge cannot be "${merge}"`, `it is one of: ${MERGES.join(', ')}.`);
  const recursive = args.extra.get('recursive') === true;
  const maps = [input, ...args.rest].flatMap(term => (isList(term) ? term : [term])).filter(term => term !== null);
  for (const map of maps) if (map instanceof Undefined) throw undefinedFailure(map);
  const [last = dictOf(), ...before] = maps.reverse().map(mapping);
  const top = dictOf(Object.entries(last));
  return ownDict(before.reduce((high, low) => merged(low, high, recursive, merge, context), top));
}

/** `high` over `low`, keys in the order of `low` and then of `high`. */
function merged(
  low: ValueMap,
  high: ValueMap,
  recursive: boolean,
  merge: string,
  context: Context,
): Record<string, Value> {
  const result = dictOf(Object.entries(low));
  for (const [key, value] of Object.entries(high)) {
    context.meter.step();
    const below = Object.hasOwn(result, key) ? result[key] : undefined;
    if (recursive && isDict(below) && isDict(value)) result[key] = merged(below, value, recursive, merge, context);
    else if (isList(below) && isList(value)) result[key] = mergedLists(below, value, merge, context);
    else result[key] = value;
  }
  return result;
}

function mergedLists(low: readonly Value[], high: readonly Value[], merge: string, {meter}: Context): readonly Value[] {
  const lowOnly = () => low.filter(item => !high.some(other => equals(item, other, meter)));
  meter.step(low.length + high.length);
  switch (merge) {
    case 'keep':
      return low;
    case 'append':
      return [...low, ...high];
    case 'prepend':
      return [...high, ...low];
    case 'append_rp':
      return [...lowOnly(), ...high];
    case 'prepend_rp':
      return [...high, ...lowOnly()];
    default:
      return high;
  }
}

function toItems(input: Value, args: Args): Value {
  const [keyName, valueName] = [args.text(0, 'key'), args.text(1, 'value')];
  return ownList(
    Object.entries(mapping(input)).map(([key, value]) =>
      dictOf([
        [keyName, key],
        [valueName, value],
      ]),
    ),
  );
}

function fromItems(input: Value, args: Args, context: Context): Value {
  const [keyName, valueName] = [args.text(0, 'key'), args.text(1, 'value')];
  if (typeof input === 'string' || isDict(input)) throw typeFailure(`a list is needed here, not ${typeName(input)}`);
  const pairs = elements(input, context).map((item): [string, Value] => {
    const map = mapping(item);
    const [key, value] = [map[keyName], map[valueName]];
    const name = key === undefined ? undefined : keyText(key);
    if (name === undefined || value === undefined)
      throw typeFailure(`every element needs the keys "${keyName}" and "${valueName}"`);
    return [name, value];
  });
  return ownDict(dictOf(pairs));
}

function dictSort(input: Value, args: Args, context: Context): Value {
  const by = args.text(1, 'key');
  if (by !== 'key' && by !== 'value') throw typeFailure('a mapping is sorted by "key" or by "value"');
  const pairs = Object.entries(mapping(input)).map(entry => new PyTuple(entry));
  const keyOf = (pair: Value) => [
    folded((pair instanceof PyTuple ? pair.items[by === 'key' ? 0 : 1] : null) ?? null, args.flag(0)),
  ];
  return ownList(sortedBy(pairs, keyOf, args.flag(2), context));
}

function rekey(input: Value, args: Args, context: Context): Value {
  const name = args.text(0);
  const mode = args.text(1, 'error');
  const items = isDict(input) ? Object.values(input) : iterate(input);
  const result = dictOf();
  for (const item of items) {
    context.meter.step();
    const key = mapping(item)[name];
    const text = key === undefined ? undefined : keyText(key);
    if (text === undefined) throw typeFailure(`an element has no "${name}" to be its key`);
    if (mode === 'error' && contains(result, text, context.meter))
      throw typeFailure(`"${text}" is the key of more than one element`);
    result[text] = item;
  }
  return ownDict(result);
}

/** Filters by name. */
export const DICT_FILTERS: readonly (readonly [string, Routine])[] = [
  ...named('combine', '* **', combine),
  ...named('dict2items', 'key_name value_name', toItems),
  ...named('items2dict', 'key_name value_name', fromItems),
  ...named('dictsort', 'case_sensitive by reverse', dictSort),
  ...named('rekey_on_member', 'key duplicates', rekey),
];
