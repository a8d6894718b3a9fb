/** Filters on numbers and sizes. */
import {typeFailure} from '../failure.ts';
import {type Args, named, type Routine} from '../routine.ts';
import {PyFloat, typeName, type Value} from '../values/model.ts';
import {
  asFloat,
  isInt,
  isNumber,
  makeFloat,
  makeInt,
  parseFloatText,
  parseInteger,
  roundHalfEven,
  signed,
} from '../values/number.ts';
import {str} from '../values/text.ts';

/** Powers of two, largest first. */
const UNITS: readonly (readonly [string, number])[] = [
  ['Y', 80],
  ['Z', 70],
  ['E', 60],
  ['P', 50],
  ['T', 40],
  ['G', 30],
  ['M', 20],
  ['K', 10],
  ['B', 0],
];

function number(value: Value): number | bigint | boolean | PyFloat {
  if (!isNumber(value))
    throw typeFailure(`a number is needed here, not ${typeName(value)}`, 'convert it with "| int" or "| float".');
  return value;
}

function toInt(input: Value, args: Args): Value {
  const fallback = args.or(0, 0);
  if (typeof input === 'string') {
    const parsed = parseInteger(input, args.int(1, 10));
    if (parsed !== undefined) return parsed;
    const float = parseFloatText(input);
    return float === undefined || !Number.isFinite(float) ? fallback : makeInt(BigInt(Math.trunc(float)));
  }
  if (!isNumber(input)) return fallback;
  if (isInt(input)) return makeInt(BigInt(input));
  const float = asFloat(input);
  return Number.isFinite(float) ? makeInt(BigInt(Math.trunc(float))) : fallback;
}

function toFloat(input: Value, args: Args): Value {
  const fallback = args.or(0, new PyFloat(0));
  if (isNumber(input)) return makeFloat(asFloat(input));
  const parsed = typeof input === 'string' ? parseFloatText(input) : undefined;
  return parsed === undefined ? fallback : makeFloat(parsed);
}

function round(input: Value, args: Args): Value {
  const value = number(input);
  const precision = args.int(0, 0);
  const method = args.text(1, 'common');
  if (method === 'common') {
    if (isInt(value) && precision >= 0) return makeInt(BigInt(value));
    const rounded = roundHalfEven(asFloat(value), precision);
    return isInt(value) ? makeInt(rounded) : makeFloat(rounded);
  }
  if (method !== 'ceil' && method !== 'floor')
    throw typeFailure(`"${method}" is no way to round`, 'common, ceil and floor are.');
  const factor = 10 ** precision;
  const scaled = asFloat(value) * factor;
  return makeFloat((method === 'ceil' ? Math.ceil(scaled) : Math.floor(scaled)) / factor);
}

function logarithm(input: Value, args: Args): Value {
  const value = asFloat(number(input));
  if (value <= 0) throw typeFailure('only numbers above zero have a logarithm');
  const base = args.get(0);
  if (base === undefined) return makeFloat(Math.log(value));
  const baseValue = asFloat(number(base));
  return makeFloat(baseValue === 10 ? Math.log10(value) : Math.log(value) / Math.log(baseValue));
}

function power(base: number, exponent: number): Value {
  const result = base ** exponent;
  if (Number.isNaN(result) && !Number.isNaN(base)) throw typeFailure('a number below zero has no such root');
  return makeFloat(result);
}

function humanReadable(input: Value, args: Args): Value {
  const size = asFloat(number(input));
  const isBits = args.flag(0);
  const unit = args.get(1) ?? null;
  const found = UNITS.find(([letter, power]) =>
    unit === null ? size >= 2 ** power : String(unit).toUpperCase() === letter,
  ) ?? ['B', 0];
  const [letter, power] = found;
  const base = isBits ? 'bits' : 'Bytes';
  return `${(size / 2 ** power).toFixed(2)} ${power === 0 ? base : letter + base[0]}`;
}

function humanToBytes(input: Value, args: Args): Value {
  const text = isNumber(input) ? String(asFloat(input)) : String(input);
  const match = /^\s*(\d*\.?\d*)\s*([A-Za-z]+)?/.exec(text);
  const amount = parseFloatText(match?.[1] ?? '');
  if (amount === undefined) throw typeFailure(`"${text}" is not a size`, 'write it as 512M or 8G.');
  const given = match?.[2] ?? args.get(0) ?? null;
  if (given === null) return makeInt(roundHalfEven(amount, 0));
  const unit = String(given);
  const isBits = args.flag(1);
  const power = UNITS.find(([letter]) => letter === unit[0]?.toUpperCase())?.[1];
  const [letter, word] = isBits ? ['b', 'bit'] : ['B', 'byte'];
  const isKnown = power !== undefined && (unit.length === 1 || unit.toLowerCase().includes(word) || unit[1] === letter);
  if (!isKnown)
    throw typeFailure(
      `"${text}" has an unknown unit "${unit}"`,
      `units are ${UNITS.map(([one]) => one).join(', ')}, with or without "${letter}".`,
    );
  return makeInt(roundHalfEven(amount * 2 ** power, 0));
}

function fileSize(input: Value, args: Args): Value {
  const size = typeof input === 'string' ? (parseFloatText(input) ?? Number.NaN) : asFloat(number(input));
  if (Number.isNaN(size)) throw typeFailure('a number is needed here');
  const isBinary = args.flag(0);
  const base = isBinary ? 1024 : 1000;
  if (size === 1) return '1 Byte';
  if (size < base) return `${Math.trunc(size)} Bytes`;
  const letters = ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];
  const index = Math.min(letters.length, Math.floor(Math.log(size) / Math.log(base)));
  const letter = letters[index - 1] ?? 'Y';
  return `${(size / base ** index).toFixed(1)} ${isBinary ? `${letter.toUpperCase()}iB` : `${letter}B`}`;
}

/** Filters by name. */
export const NUMBER_FILTERS: readonly (readonly [string, Routine])[] = [
  ...named('int', 'default base', toInt),
  ...named('float', 'default', toFloat),
  ...named('abs', '', input => (asFloat(number(input)) < 0 ? signed('-', input) : signed('+', input))),
  ...named('round', 'precision method', round),
  ...named('pow', 'y', (input, args) => power(asFloat(number(input)), asFloat(number(args.need(0))))),
  ...named('root', 'base', (input, args) => power(asFloat(number(input)), 1 / asFloat(number(args.or(0, 2))))),
  ...named('log', 'base', logarithm),
  ...named('human_readable', 'isbits unit', humanReadable),
  ...named('human_to_bytes', 'default_unit isbits', humanToBytes),
  ...named('filesizeformat', 'binary', fileSize),
  ...named('string', '', (input, _args, {meter}) => str(input, meter)),
];
