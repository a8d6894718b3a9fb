/** Python's numbers: ints without bounds, floats that stay floats, bools that count as 0 and 1. */
import {typeFailure} from '../failure.ts';
import {limit} from './meter.ts';
import {PyFloat, type Value} from './model.ts';

/** Ints of more bits than this are refused. */
const MAX_BITS = 65_536;

/** Whether a value is an int (bools are ints in Python). */
export function isInt(value: Value): value is number | bigint | boolean {
  return (
    typeof value === 'bigint' ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && Number.isSafeInteger(value))
  );
}

/** Whether a value is a float. */
export function isFloat(value: Value): value is number | PyFloat {
  return value instanceof PyFloat || (typeof value === 'number' && !Number.isSafeInteger(value));
}

/** Whether a value counts as a number. */
export function isNumber(value: Value): value is number | bigint | boolean | PyFloat {
  return isInt(value) || isFloat(value);
}

/** A number as a JavaScript float. */
export function asFloat(value: number | bigint | boolean | PyFloat): number {
  return value instanceof PyFloat ? value.value : Number(value);
}

/** A float value, wrapped where it would look like an int. */
export function makeFloat(value: number): number | PyFloat {
  return Number.isSafeInteger(value) ? new PyFloat(value) : value;
}

/** An int value: a plain number where that is exact. */
export function makeInt(value: bigint | number): number | bigint {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value + 0 : BigInt(value);
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

/** A JavaScript integer out of an int value: for counts, widths, indices. `what` names the argument in the error. */
export function smallInt(value: Value, what: string): number {
  if (isInt(value) && Math.abs(Number(value)) <= Number.MAX_SAFE_INTEGER) return Number(value);
  throw typeFailure(`${what} must be a whole number`);
}

/** Binary operators on numbers. */
export type NumericOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**';

/** The result of an arithmetic operator on two numbers, as Python gives it. */
export function arithmetic(operator: NumericOperator, left: Value, right: Value): Value {
  if (!isNumber(left) || !isNumber(right)) throw typeFailure(`"${operator}" needs two numbers`);
  if (isInt(left) && isInt(right) && operator !== '/' && !(operator === '**' && Number(right) < 0)) {
    return integerArithmetic(operator, BigInt(left), BigInt(right));
  }
  return makeFloat(floatArithmetic(operator, asFloat(left), asFloat(right)));
}

function integerArithmetic(operator: Exclude<NumericOperator, '/'>, a: bigint, b: bigint): Value {
  switch (operator) {
    case '+':
      return makeInt(a + b);
    case '-':
      return makeInt(a - b);
    case '*':
      if (bits(a) + bits(b) > MAX_BITS) throw limit('the product is too large');
      return makeInt(a * b);
    case '//':
      return makeInt(floorDivide(a, b));
    case '%':
      return makeInt(a - floorDivide(a, b) * b);
    case '**':
      if (bits(a) * Number(b) > MAX_BITS) throw limit('the power is too large');
      return makeInt(a ** b);
  }
}

function bits(value: bigint): number {
  return value.toString(16).length * 4;
}

function floorDivide(a: bigint, b: bigint): bigint {
  if (b === 0n) throw typeFailure('division by zero');
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

function floatArithmetic(operator: NumericOperator, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '**':
      return a ** b;
    default:
      return floatDivision(operator, a, b);
  }
}

function floatDivision(operator: '/' | '//' | '%', a: number, b: number): number {
  if (b === 0) throw typeFailure('division by zero');
  if (operator === '/') return a / b;
  const rest = a % b;
  const modulo = rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
  return operator === '%' ? modulo : Math.floor((a - modulo) / b + 0.5);
}

/** `-x` and `+x`. */
export function signed(operator: '-' | '+', value: Value): Value {
  if (!isNumber(value)) throw typeFailure(`"${operator}" needs a number`);
  if (isInt(value)) return makeInt(operator === '-' ? -BigInt(value) : BigInt(value));
  return makeFloat(operator === '-' ? -asFloat(value) : asFloat(value));
}

/** Python's `int(text, base)`, or undefined where the text is no such int. Underscores between digits are allowed. */
export function parseInteger(text: string, base = 10): number | bigint | undefined {
  const match = /^\s*([-+]?)(?:0([xob]))?([0-9a-z]+(?:_[0-9a-z]+)*)\s*$/i.exec(text);
  if (match === null) return undefined;
  const prefixBase = {x: 16, o: 8, b: 2}[(match[2] ?? '').toLowerCase()];
  if (prefixBase !== undefined && base !== prefixBase && base !== 0) return undefined;
  const radix = prefixBase ?? (base === 0 ? 10 : base);
  let result = 0n;
  for (const digit of (match[3] ?? '').replaceAll('_', '')) {
    const value = Number.parseInt(digit, 36);
    if (Number.isNaN(value) || value >= radix) return undefined;
    result = result * BigInt(radix) + BigInt(value);
  }
  return makeInt(match[1] === '-' ? -result : result);
}

/** Python's `float(text)`, or undefined where the text is no number. */
export function parseFloatText(text: string): number | undefined {
  const trimmed = text.trim().replaceAll(/(?<=\d)_(?=\d)/g, '');
  if (/^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(trimmed)) return Number(trimmed);
  const word = /^([-+]?)(inf|infinity|nan)$/i.exec(trimmed);
  if (word === null) return undefined;
  if (word[2]?.toLowerCase() === 'nan') return Number.NaN;
  return word[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** Rounds half to even, as Python's `round`. */
export function roundHalfEven(value: number, digits: number): number {
  if (!Number.isFinite(value)) return value;
  if (digits > 15) return value;
  if (digits >= 0) {
    const scaled = value * 10 ** digits;
    const floor = Math.floor(scaled);
    // toFixed sees the exact binary value, so only a true tie is left to decide here.
    if (scaled - floor === 0.5 && digits === 0) return floor % 2 === 0 ? floor : floor + 1;
    return Number(value.toFixed(digits));
  }
  const factor = 10 ** -digits;
  return roundHalfEven(value / factor, 0) * factor;
}
