/** Numbers and texts in a given width and precision: Python's `%` conversions and `{:…}` specifications share this. */
import {typeFailure} from '../failure.ts';
import type {Meter} from './meter.ts';
import type {Value} from './model.ts';
import {asFloat, isFloat, isInt, isNumber} from './number.ts';
import {floatText, str} from './text.ts';

/** One conversion. */
export interface Spec {
  /** `s d i u f F e E g G x X o b c r a %`, or '' for the value's own way. */
  readonly type: string;
  readonly fill: string;
  /** `<`, `>`, `^`, `=`, or '' for the type's own way. */
  readonly align: string;
  /** `+`, ` ` or ''. */
  readonly sign: string;
  readonly alternate: boolean;
  readonly width: number;
  readonly group: string;
  readonly precision: number | undefined;
}

const MAX_WIDTH = 100_000;

/** A value as the specification wants it. */
export function formatSpec(value: Value, spec: Spec, meter: Meter): string {
  if (spec.width > MAX_WIDTH || (spec.precision ?? 0) > MAX_WIDTH)
    throw typeFailure(`a width of more than ${MAX_WIDTH} is refused`);
  meter.text(spec.width + (spec.precision ?? 0));
  const type =
    spec.type === ''
      ? isNumber(value) && typeof value !== 'boolean'
        ? isInt(value)
          ? 'd'
          : 'repr'
        : 's'
      : spec.type;
  if (type === 's') return align(clip(str(value, meter), spec.precision), spec, '<');
  const {sign, digits} = numeric(value, type, spec);
  return alignNumber(sign, digits, spec);
}

function clip(text: string, precision: number | undefined): string {
  return precision === undefined ? text : Array.from(text).slice(0, precision).join('');
}

function numeric(value: Value, type: string, spec: Spec): {sign: string; digits: string} {
  if (!isNumber(value))
    throw typeFailure(`"${spec.type}" formats a number, not a text`, 'convert it with "| int" or "| float".');
  const isNegative = asFloat(value) < 0 || Object.is(asFloat(value), -0);
  const sign = isNegative ? '-' : spec.sign;
  return {sign, digits: grouped(magnitude(value, type, spec), spec.group)};
}

function magnitude(value: number | bigint | boolean | Parameters<typeof asFloat>[0], type: string, spec: Spec): string {
  const radix = {x: 16, X: 16, o: 8, b: 2, d: 10, i: 10, u: 10}[type];
  if (radix === undefined) return floatMagnitude(Math.abs(asFloat(value)), type, spec.precision);
  if (isFloat(value) && radix !== 10) throw typeFailure(`"${type}" formats a whole number`);
  const whole = isInt(value) ? BigInt(value) : BigInt(Math.trunc(asFloat(value)));
  const text = (whole < 0n ? -whole : whole).toString(radix).padStart(spec.precision ?? 0, '0');
  const prefix = spec.alternate ? ({x: '0x', X: '0X', o: '0o', b: '0b'}[type] ?? '') : '';
  return prefix + (type === 'X' ? text.toUpperCase() : text);
}

function floatMagnitude(value: number, type: string, precision: number | undefined): string {
  if (!Number.isFinite(value)) return floatText(value);
  switch (type) {
    case 'f':
    case 'F':
      return value.toFixed(Math.min(precision ?? 6, 100));
    case '%':
      return `${(value * 100).toFixed(Math.min(precision ?? 6, 100))}%`;
    case 'e':
    case 'E': {
      const text = exponential(value, precision ?? 6);
      return type === 'E' ? text.toUpperCase() : text;
    }
    case 'g':
    case 'G': {
      const text = general(value, precision ?? 6);
      return type === 'G' ? text.toUpperCase() : text;
    }
    case 'repr':
      return precision === undefined ? floatText(value) : general(value, precision);
    default:
      throw typeFailure(`"${type}" is not a known conversion`);
  }
}

function exponential(value: number, precision: number): string {
  return value.toExponential(Math.min(precision, 100)).replace(/e([-+])(\d)$/, 'e$10$2');
}

function general(value: number, precision: number): string {
  const digits = Math.min(Math.max(precision, 1), 100);
  const exponent = Number(value.toExponential(digits - 1).split('e')[1]);
  const text =
    exponent < -4 || exponent >= digits
      ? exponential(value, digits - 1)
      : value.toFixed(Math.max(0, digits - 1 - exponent));
  return text.replace(/(\.\d*?)0+(?=e|$)/, '$1').replace(/\.(?=e|$)/, '');
}

function grouped(digits: string, separator: string): string {
  return separator === '' ? digits : digits.replace(/^\d+/, whole => whole.replaceAll(/\B(?=(?:\d{3})+$)/g, separator));
}

function align(text: string, spec: Spec, natural: string): string {
  const missing = Math.max(0, spec.width - Array.from(text).length);
  const side = spec.align === '' ? natural : spec.align;
  if (side === '^') return spec.fill.repeat(Math.floor(missing / 2)) + text + spec.fill.repeat(Math.ceil(missing / 2));
  return side === '<' ? text + spec.fill.repeat(missing) : spec.fill.repeat(missing) + text;
}

function alignNumber(sign: string, digits: string, spec: Spec): string {
  if (spec.align !== '=') return align(sign + digits, spec, '>');
  const prefix = /^0[xXob]/.exec(digits)?.[0] ?? '';
  return sign + prefix + digits.slice(prefix.length).padStart(spec.width - sign.length - prefix.length, spec.fill);
}
