/** JSON as Python's `json` writes and reads it: ints of any size keep every digit. */
import {TemplateFailure, typeFailure} from '../failure.ts';
import {mappingEntries} from './compare.ts';
import type {Meter} from './meter.ts';
import {dictOf, isList, PyFloat, PyTuple, typeName, Undefined, type Value} from './model.ts';
import {isFloat, isInt, makeFloat, makeInt} from './number.ts';
import {floatText, MAX_DEPTH, undefinedFailure} from './text.ts';

/** How to write. */
export interface JsonStyle {
  /** Spaces per level; undefined = all on one line. */
  readonly indent: number | undefined;
  readonly sortKeys: boolean;
  /** Write other characters than ASCII as `\u…`. */
  readonly ascii: boolean;
}

/** A value as JSON. */
export function toJson(value: Value, style: JsonStyle, meter: Meter, depth = 0): string {
  meter.step();
  if (depth > MAX_DEPTH) throw new TemplateFailure('E_TEMPLATE_LIMIT', 'the value is nested too deeply');
  if (value instanceof Undefined) throw undefinedFailure(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return jsonString(value, style, meter);
  if (isInt(value)) return String(value);
  if (isFloat(value)) return jsonFloat(value instanceof PyFloat ? value.value : value);
  const inner = (item: Value) => toJson(item, style, meter, depth + 1);
  const items = isList(value) ? value : value instanceof PyTuple ? value.items : undefined;
  if (items !== undefined) return enclosed('[', items.map(inner), ']', style, depth, meter);
  const entries = mappingEntries(value);
  if (entries === undefined) throw typeFailure(`a ${typeName(value)} has no form in JSON`);
  const ordered = style.sortKeys ? entries.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)) : entries;
  return enclosed(
    '{',
    ordered.map(([key, item]) => `${jsonString(key, style, meter)}: ${inner(item)}`),
    '}',
    style,
    depth,
    meter,
  );
}

function enclosed(
  open: string,
  parts: readonly string[],
  close: string,
  style: JsonStyle,
  depth: number,
  meter: Meter,
): string {
  if (parts.length === 0) return open + close;
  if (style.indent === undefined) return open + parts.join(', ') + close;
  meter.text((style.indent * (depth + 1) + 2) * (parts.length + 1));
  const margin = `\n${' '.repeat(style.indent * (depth + 1))}`;
  return `${open}${margin}${parts.join(`,${margin}`)}\n${' '.repeat(style.indent * depth)}${close}`;
}

function jsonString(text: string, style: JsonStyle, meter: Meter): string {
  meter.text(text.length);
  const json = JSON.stringify(text);
  return style.ascii
    ? json.replaceAll(/[\x7f-\uffff]/g, char =>
        char === '\x7f' ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
      )
    : json;
}

function jsonFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return floatText(value);
}

/** Numbers that JavaScript would change: long ints, floats that look like ints. */
const DELICATE = /"(?:[^"\\]|\\.)*"|-?\d+\.\d+(?:[eE][-+]?\d+)?|-?\d+[eE][-+]?\d+|-?\d{16,}/g;
const MARK = '\u0000number:';

/** A JSON text as a value; anything else is an E_TEMPLATE_TYPE. */
export function parseJson(text: string): Value {
  if (text.includes('\\u0000number:')) throw typeFailure('the text is not plain JSON');
  const marked = text.replaceAll(DELICATE, whole => (whole.startsWith('"') ? whole : JSON.stringify(MARK + whole)));
  try {
    return revive(JSON.parse(marked));
  } catch (error) {
    if (error instanceof TemplateFailure) throw error;
    throw typeFailure(`not valid JSON: ${jsonReason(text)}`);
  }
}

/** The engine's own message about the text as it is, without the text in it: it may be long or secret. */
function jsonReason(text: string): string {
  try {
    JSON.parse(text);
    return 'a number is written wrongly';
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    return (
      /at position \d+/.exec(message)?.[0] ??
      (text.trim() === '' ? 'the text is empty' : 'the text ends early or has a wrong character')
    );
  }
}

function revive(value: unknown): Value {
  if (typeof value === 'string') return value.startsWith(MARK) ? reviveNumber(value.slice(MARK.length)) : value;
  if (Array.isArray(value)) return value.map(revive);
  if (typeof value === 'object' && value !== null)
    return dictOf(Object.entries(value).map(([key, item]) => [key, revive(item)] as const));
  return value as null | boolean | number;
}

function reviveNumber(text: string): Value {
  return /^-?\d+$/.test(text) ? makeInt(BigInt(text)) : makeFloat(Number(text));
}
