/** Python's `'%s: %05.1f' % (a, b)`: also the filter `format`. */
import {typeFailure} from '../failure.ts';
import {formatSpec} from './format-spec.ts';
import type {Meter} from './meter.ts';
import {isDict, PyTuple, type Value} from './model.ts';
import {smallInt} from './number.ts';
import {repr} from './text.ts';

const CONVERSION = /%(?:\(([^)]*)\))?([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+)?)?([hlL]?)([\s\S]?)/g;

/** The text with its conversions filled in; too many or too few arguments are an E_TEMPLATE_TYPE. */
export function formatPercent(format: string, argument: Value, meter: Meter): string {
  const values = argument instanceof PyTuple ? argument.items : [argument];
  let used = 0;
  let usesKeys = false;
  const take = (): Value => {
    const value = values[used++];
    if (value === undefined) throw typeFailure('not enough arguments for the format string');
    return value;
  };
  const text = format.replaceAll(CONVERSION, (whole: string, key, flags, width, precision, _size, type: string) => {
    if (type === '%' && key === undefined) return '%';
    const hasPrecision = /\.(?:\*|\d*)[hlL]?[\s\S]$/.test(whole.slice(1 + (flags ?? '').length)) && whole.includes('.');
    const widthValue = width === '*' ? smallInt(take(), 'the width') : Number(width ?? 0);
    const precisionValue =
      precision === '*' ? smallInt(take(), 'the precision') : hasPrecision ? Number(precision ?? 0) : undefined;
    if (key !== undefined) usesKeys = true;
    const value = key === undefined ? take() : namedValue(argument, key);
    return convert(value, {flags, width: widthValue, precision: precisionValue, type}, meter);
  });
  if (used < values.length && !usesKeys && !(isDict(argument) && used === 0))
    throw typeFailure('not all arguments are used by the format string');
  meter.text(text.length);
  return text;
}

function namedValue(argument: Value, key: string): Value {
  const value = isDict(argument) && Object.hasOwn(argument, key) ? argument[key] : undefined;
  if (value === undefined) throw typeFailure(`the format string names "${key}", which is not given`);
  return value;
}

interface Conversion {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly type: string;
}

function convert(value: Value, {flags, width, precision, type}: Conversion, meter: Meter): string {
  if (!/^[diouxXeEfFgGcrsa]$/.test(type))
    throw typeFailure(`"%${type}" is not a known conversion`, 'write "%%" for a percent sign.');
  const isText = /[srac]/.test(type);
  const align = flags.includes('-') ? '<' : flags.includes('0') && !isText ? '=' : '>';
  return formatSpec(
    type === 'r' || type === 'a' ? repr(value, meter) : value,
    {
      type: isText ? 's' : type,
      fill: align === '=' ? '0' : ' ',
      align,
      sign: flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '',
      alternate: flags.includes('#'),
      width,
      group: '',
      precision,
    },
    meter,
  );
}
