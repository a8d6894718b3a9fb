/** Values out of a template, as plain data. */
import type {Data} from '../../base/data.ts';
import {TemplateFailure, typeFailure} from '../failure.ts';
import {lazyEntries} from './lazy.ts';
import type {Meter} from './meter.ts';
import {dictOf, isDict, isList, LazyMapping, PyFloat, PyTuple, type Special, Undefined, type Value} from './model.ts';
import {MAX_DEPTH, nothingOr} from './text.ts';

/** The plain data of a value: tuples become lists, lazy mappings are worked out. Throws for undefined values and functions. */
export function toData(value: Value, meter: Meter, depth = 0): Data {
  meter.step();
  if (depth > MAX_DEPTH)
    throw new TemplateFailure('E_TEMPLATE_LIMIT', `a value is nested deeper than ${MAX_DEPTH} levels`);
  if (value === null || typeof value !== 'object') return value;
  if (isList(value)) return value.map(item => toData(item, meter, depth + 1));
  if (isDict(value)) return mapData(Object.entries(value), meter, depth);
  return specialData(value, meter, depth);
}

function mapData(entries: readonly (readonly [string, Value])[], meter: Meter, depth: number): Data {
  return dictOf(entries.map(([key, item]) => [key, toData(item, meter, depth + 1)] as const)) as Record<string, Data>;
}

function specialData(value: Special, meter: Meter, depth: number): Data {
  if (value instanceof Undefined) return nothingOr(value, '');
  if (value instanceof PyFloat) return value.value;
  if (value instanceof PyTuple) return value.items.map(item => toData(item, meter, depth + 1));
  if (value instanceof LazyMapping) return mapData(lazyEntries(value), meter, depth);
  throw typeFailure(`a ${value.typeName} is not a value that can leave a template`, 'call it, or print what it holds.');
}
