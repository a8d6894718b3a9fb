/** Methods of Python's `str` that templates use. */
import {typeFailure} from '../failure.ts';
import {Args, NO_ARGUMENTS, type Routine, type Routines, routine} from '../routine.ts';
import {iterate} from '../values/access.ts';
import {formatBraces} from '../values/format-braces.ts';
import type {Meter} from '../values/meter.ts';
import {type CallArguments, Callable, PyTuple, Undefined, type Value} from '../values/model.ts';
import {
  capitalize,
  lines,
  padded,
  replaceCount,
  splitOn,
  splitSpaces,
  strip,
  swapCase,
  titleCase,
} from '../values/string-tools.ts';
import {str, undefinedFailure} from '../values/text.ts';

/** The method of a string, bound to it; undefined where strings have no such method. */
export function stringMethod(target: string, name: string): Callable | undefined {
  const method = METHODS.get(name);
  return method && new Callable(`str.${name}`, (args, meter) => invoke(method, target, args, meter));
}

/** Runs a method: undefined arguments are errors, filters and tests cannot be reached from here. */
export function invoke(method: Routine, target: Value, args: CallArguments = NO_ARGUMENTS, meter: Meter): Value {
  meter.step();
  for (const value of [...args.positional, ...args.named.values()])
    if (value instanceof Undefined) throw undefinedFailure(value);
  const noNames = () => {
    throw typeFailure('not available in a method');
  };
  return method.run(target, new Args(method, args, meter), {meter, filter: noNames, test: noNames});
}

/** A method that takes the string. */
function onText(signature: string, run: (text: string, args: Args, meter: Meter) => Value): Routine {
  return routine(signature, (input, args, context) => run(String(input), args, context.meter));
}

/** Whether a string is made of one class of characters, and not empty. */
function all(pattern: RegExp): Routine {
  return onText('', text => pattern.test(text));
}

function limitOf(args: Args, index: number): number {
  const given = args.get(index) === undefined ? -1 : args.int(index);
  return given < 0 ? Number.POSITIVE_INFINITY : given;
}

/** `startswith(('a', 'b'))` takes a tuple too. */
function affixes(args: Args): string[] {
  const given = args.need(0);
  const list = given instanceof PyTuple ? given.items : [given];
  return list.map(item => {
    if (typeof item !== 'string') throw typeFailure('a string is needed here');
    return item;
  });
}

function position(text: string, found: number): number {
  return found < 0 ? -1 : Array.from(text.slice(0, found)).length;
}

function split(fromEnd: boolean): Routine {
  return onText('sep maxsplit', (text, args, meter) => {
    const separator = args.get(0) ?? null;
    const limit = limitOf(args, 1);
    meter.step(text.length / 8);
    return separator === null ? splitSpaces(text, limit, fromEnd) : splitOn(text, args.text(0), limit, fromEnd);
  });
}

function partition(fromEnd: boolean): Routine {
  return onText('sep', (text, args) => {
    const separator = args.text(0);
    const at = fromEnd ? text.lastIndexOf(separator) : text.indexOf(separator);
    if (at < 0) return new PyTuple(fromEnd ? ['', '', text] : [text, '', '']);
    return new PyTuple([text.slice(0, at), separator, text.slice(at + separator.length)]);
  });
}

function pad(side: 'left' | 'right' | 'both'): Routine {
  return onText('width fillchar', (text, args, meter) => {
    meter.text(Math.max(0, args.int(0)));
    return padded(text, args.int(0), args.text(1, ' '), side);
  });
}

const METHODS: Routines = new Map<string, Routine>([
  ['upper', onText('', text => text.toUpperCase())],
  ['lower', onText('', text => text.toLowerCase())],
  ['casefold', onText('', text => text.toLowerCase())],
  ['capitalize', onText('', capitalize)],
  ['title', onText('', titleCase)],
  ['swapcase', onText('', swapCase)],
  ['strip', onText('chars', (text, args) => strip(text, args.get(0) ?? null, 'both'))],
  ['lstrip', onText('chars', (text, args) => strip(text, args.get(0) ?? null, 'left'))],
  ['rstrip', onText('chars', (text, args) => strip(text, args.get(0) ?? null, 'right'))],
  ['startswith', onText('prefix', (text, args) => affixes(args).some(prefix => text.startsWith(prefix)))],
  ['endswith', onText('suffix', (text, args) => affixes(args).some(suffix => text.endsWith(suffix)))],
  [
    'removeprefix',
    onText('prefix', (text, args) => (text.startsWith(args.text(0)) ? text.slice(args.text(0).length) : text)),
  ],
  [
    'removesuffix',
    onText('suffix', (text, args) =>
      args.text(0) !== '' && text.endsWith(args.text(0)) ? text.slice(0, -args.text(0).length) : text,
    ),
  ],
  ['find', onText('sub', (text, args) => position(text, text.indexOf(args.text(0))))],
  ['rfind', onText('sub', (text, args) => position(text, text.lastIndexOf(args.text(0))))],
  [
    'index',
    onText('sub', (text, args) => {
      const found = position(text, text.indexOf(args.text(0)));
      if (found < 0) throw typeFailure(`"${args.text(0)}" is not in the string`);
      return found;
    }),
  ],
  [
    'count',
    onText('sub', (text, args) =>
      args.text(0) === '' ? Array.from(text).length + 1 : text.split(args.text(0)).length - 1,
    ),
  ],
  [
    'replace',
    onText('old new count', (text, args, meter) =>
      replaceCount(text, args.text(0), args.text(1), limitOf(args, 2), meter),
    ),
  ],
  ['split', split(false)],
  ['rsplit', split(true)],
  ['splitlines', onText('keepends', (text, args) => lines(text, args.flag(0)))],
  ['partition', partition(false)],
  ['rpartition', partition(true)],
  [
    'join',
    onText('iterable', (text, args, meter) => {
      const items = iterate(args.need(0));
      const wrong = items.findIndex(item => typeof item !== 'string');
      if (wrong >= 0)
        throw typeFailure(
          `"join" needs strings: element ${wrong} is ${str(items[wrong] ?? null, meter)}`,
          'use "| map(\'string\')" or the filter "join".',
        );
      meter.text(items.reduce<number>((sum, item) => sum + String(item).length + text.length, 0));
      return items.join(text);
    }),
  ],
  ['format', onText('* **', (text, args, meter) => formatBraces(text, args.rest, args.extra, meter))],
  [
    'zfill',
    onText('width', (text, args, meter) => {
      meter.text(Math.max(0, args.int(0)));
      const sign = /^[-+]/.exec(text)?.[0] ?? '';
      return sign + text.slice(sign.length).padStart(args.int(0) - sign.length, '0');
    }),
  ],
  ['ljust', pad('right')],
  ['rjust', pad('left')],
  ['center', pad('both')],
  ['isdigit', all(/^\p{Nd}+$/u)],
  ['isdecimal', all(/^\p{Nd}+$/u)],
  ['isnumeric', all(/^\p{N}+$/u)],
  ['isalpha', all(/^\p{L}+$/u)],
  ['isalnum', all(/^[\p{L}\p{N}]+$/u)],
  ['isspace', all(/^\s+$/u)],
  ['isidentifier', all(/^[\p{ID_Start}_]\p{ID_Continue}*$/u)],
  ['islower', onText('', text => text === text.toLowerCase() && text !== text.toUpperCase())],
  ['isupper', onText('', text => text === text.toUpperCase() && text !== text.toLowerCase())],
]);
