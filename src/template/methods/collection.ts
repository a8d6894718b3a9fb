/** Methods of Python's `dict`, `list` and `tuple` that templates use. Only values made in the template itself may be changed. */
import {typeFailure} from '../failure.ts';
import {type Args, type Routine, type Routines, routine} from '../routine.ts';
import {iterate} from '../values/access.ts';
import {contains, equals, keyText, mappingEntries} from '../values/compare.ts';
import {fromResult} from '../values/lazy.ts';
import {Callable, dictOf, isDict, isList, LazyMapping, PyTuple, type Value, valueOr} from '../values/model.ts';
import {isOwn, ownDict, ownList} from '../values/owned.ts';
import {invoke} from './string.ts';

/** The method of a mapping, list or tuple, bound to it; undefined where the value has no such method. */
export function collectionMethod(target: Value, name: string): Callable | undefined {
  const table =
    isDict(target) || target instanceof LazyMapping
      ? DICT
      : isList(target)
        ? LIST
        : target instanceof PyTuple
          ? TUPLE
          : undefined;
  const method = table?.get(name);
  return method && new Callable(name, (args, meter) => invoke(method, target, args, meter));
}

function entriesOf(target: Value): [string, Value][] {
  return mappingEntries(target) ?? [];
}

function getKey(target: Value, key: Value): Value | undefined {
  const name = keyText(key);
  if (name === undefined) return undefined;
  if (target instanceof LazyMapping) {
    const found = target.get(name);
    return found && fromResult(found);
  }
  return isDict(target) && Object.hasOwn(target, name) ? target[name] : undefined;
}

function keyOf(args: Args): string {
  const name = keyText(args.need(0));
  if (name === undefined) throw typeFailure('this value cannot be a key');
  return name;
}

function indexOf(items: readonly Value[], args: Args, context: Parameters<Routine['run']>[2]): number {
  const found = items.findIndex(item => equals(item, args.need(0), context.meter));
  if (found < 0) throw typeFailure('the value is not in the list');
  return found;
}

const DICT: Routines = new Map<string, Routine>([
  ['items', routine('', target => ownList(entriesOf(target).map(entry => new PyTuple(entry))))],
  [
    'keys',
    routine('', target =>
      ownList(target instanceof LazyMapping ? target.keys() : entriesOf(target).map(([key]) => key)),
    ),
  ],
  ['values', routine('', target => ownList(entriesOf(target).map(([, value]) => value)))],
  ['get', routine('key default', (target, args) => valueOr(getKey(target, args.need(0)), () => args.or(1, null)))],
  ['copy', routine('', target => ownDict(dictOf(entriesOf(target))))],
  [
    'update',
    routine('other **', (target, args) => {
      const more = args.get(0) === undefined ? [] : pairsOf(args.need(0));
      Object.assign(changeableDict(target), dictOf(more), dictOf(args.extra));
      return null;
    }),
  ],
  [
    'setdefault',
    routine('key default', (target, args) => {
      const map = changeableDict(target);
      const key = keyOf(args);
      if (!Object.hasOwn(map, key)) map[key] = args.or(1, null);
      return map[key] ?? null;
    }),
  ],
  [
    'pop',
    routine('key default', (target, args) => {
      const map = changeableDict(target);
      const found = getKey(map, args.need(0));
      const value = found === undefined ? args.get(1) : found;
      if (value === undefined) throw typeFailure(`the mapping has no key "${keyOf(args)}"`);
      delete map[keyOf(args)];
      return value;
    }),
  ],
]);

const TUPLE: Routines = new Map<string, Routine>([
  ['index', routine('value', (target, args, context) => indexOf(iterate(target), args, context))],
  [
    'count',
    routine(
      'value',
      (target, args, context) => iterate(target).filter(item => equals(item, args.need(0), context.meter)).length,
    ),
  ],
]);

const LIST: Routines = new Map<string, Routine>([
  ...TUPLE,
  ['copy', routine('', target => ownList([...iterate(target)]))],
  [
    'append',
    routine('value', (target, args, context) => {
      const list = changeableList(target);
      context.meter.step();
      list.push(args.need(0));
      return null;
    }),
  ],
  [
    'extend',
    routine('values', (target, args, context) => {
      const more = iterate(args.need(0));
      context.meter.step(more.length);
      const list = changeableList(target);
      for (const item of [...more]) list.push(item);
      return null;
    }),
  ],
  [
    'insert',
    routine('index value', (target, args, context) => {
      const list = changeableList(target);
      context.meter.step(list.length);
      list.splice(args.int(0), 0, args.need(1));
      return null;
    }),
  ],
  [
    'pop',
    routine('index', (target, args) => {
      const [removed] = changeableList(target).splice(args.int(0, -1), 1);
      if (removed === undefined) throw typeFailure('there is no such element to pop');
      return removed;
    }),
  ],
  [
    'remove',
    routine('value', (target, args, context) => {
      if (!contains(target, args.need(0), context.meter)) throw typeFailure('the value is not in the list');
      changeableList(target).splice(indexOf(iterate(target), args, context), 1);
      return null;
    }),
  ],
  [
    'reverse',
    routine('', target => {
      changeableList(target).reverse();
      return null;
    }),
  ],
]);

function pairsOf(value: Value): [string, Value][] {
  const entries = mappingEntries(value);
  if (entries === undefined) throw typeFailure('"update" needs a mapping');
  return entries;
}

const UNCHANGEABLE = 'build a new value instead: lists with "+", mappings with "| combine(...)".';

function changeableList(target: Value): Value[] {
  if (!isList(target) || !isOwn(target))
    throw typeFailure('a list that comes from a variable cannot be changed in a template', UNCHANGEABLE);
  return target as Value[];
}

function changeableDict(target: Value): Record<string, Value> {
  if (!isDict(target) || !isOwn(target))
    throw typeFailure('a mapping that comes from a variable cannot be changed in a template', UNCHANGEABLE);
  return target as Record<string, Value>;
}
