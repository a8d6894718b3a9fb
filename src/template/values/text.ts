/** Values as text, as Python's `str()` and `repr()` write them. */
import {TemplateFailure} from '../failure.ts';
import {lazyEntries} from './lazy.ts';
import type {Meter} from './meter.ts';
import {
  isDict,
  isList,
  LazyMapping,
  Namespace,
  PyFloat,
  PyTuple,
  type Special,
  Undefined,
  type Value,
} from './model.ts';

/** Nested deeper than this is refused. */
export const MAX_DEPTH = 200;

/** The failure that an undefined value causes where it is used. */
export function undefinedFailure(value: Undefined): Error {
  return (
    value.cause ??
    new TemplateFailure('E_UNDEFINED', value.message, {hint: value.hint, start: value.start, end: value.end})
  );
}

/** What an undefined value counts as where it counts as nothing; any other is an E_UNDEFINED. */
export function nothingOr<T>(value: Undefined, nothing: T): T {
  if (value.isNothing) return nothing;
  throw undefinedFailure(value);
}

/** Python's `str(value)`: `True`, `None`, `5.0`, `['a', 1]`. Throws for undefined values. */
export function str(value: Value, meter: Meter): string {
  if (typeof value === 'string') return value;
  const text = repr(value, meter);
  meter.text(text.length);
  return text;
}

/** Python's `repr(value)`: strings in quotes. */
export function repr(value: Value, meter: Meter, depth = 0): string {
  meter.step();
  if (depth > MAX_DEPTH)
    throw new TemplateFailure('E_TEMPLATE_LIMIT', `a value is nested deeper than ${MAX_DEPTH} levels`);
  if (value === null) return 'None';
  switch (typeof value) {
    case 'boolean':
      return value ? 'True' : 'False';
    case 'bigint':
      return value.toString();
    case 'number':
      return Number.isSafeInteger(value) ? String(value) : floatText(value);
    case 'string':
      meter.text(value.length);
      return quoted(value);
  }
  const inner = (item: Value) => repr(item, meter, depth + 1);
  if (isList(value)) return `[${value.map(inner).join(', ')}]`;
  if (isDict(value)) return dictText(Object.entries(value), inner);
  return specialText(value, inner);
}

function dictText(entries: readonly (readonly [string, Value])[], inner: (item: Value) => string): string {
  return `{${entries.map(([key, item]) => `${inner(key)}: ${inner(item)}`).join(', ')}}`;
}

function specialText(value: Special, inner: (item: Value) => string): string {
  if (value instanceof Undefined) return nothingOr(value, '');
  if (value instanceof PyFloat) return floatText(value.value);
  if (value instanceof PyTuple) {
    const [first, ...rest] = value.items;
    return rest.length === 0 && first !== undefined ? `(${inner(first)},)` : `(${value.items.map(inner).join(', ')})`;
  }
  if (value instanceof LazyMapping) return dictText(lazyEntries(value), inner);
  if (value instanceof Namespace) return `<Namespace ${dictText([...value.fields], inner)}>`;
  return `<${value.typeName}>`;
}

/** Python's `repr(float)`: `5.0`, `1e-05`, `1e+16`, `inf`. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  if (value === 0) return '0.0';
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 16) {
    const sign = exponent < 0 ? '-' : '+';
    return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const plain =
    exponent < 0 ? value.toFixed(Math.min(100, mantissa.replace(/[-.]/g, '').length - 1 - exponent)) : String(value);
  return plain.includes('.') ? plain : `${plain}.0`;
}

const ESCAPES: Readonly<Record<string, string>> = {'\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\'};

/** A string as a Python literal. */
export function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = text.replaceAll(/[\\\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}|'/gu, char => {
    if (char === "'") return quote === "'" ? "\\'" : "'";
    return ESCAPES[char] ?? codeEscape(char);
  });
  return quote + body + quote;
}

function codeEscape(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
