/** Operators between two values. */
import {typeFailure} from '../failure.ts';
import type {BinaryOperator} from '../syntax/nodes.ts';
import {formatPercent} from '../values/format-percent.ts';
import type {Meter} from '../values/meter.ts';
import {isList, PyTuple, typeName, Undefined, type Value} from '../values/model.ts';
import {arithmetic, isInt, isNumber} from '../values/number.ts';
import {ownList} from '../values/owned.ts';
import {str, undefinedFailure} from '../values/text.ts';

/** `left operator right` as Python computes it; kinds that do not go together are an E_TEMPLATE_TYPE. */
export function binary(operator: BinaryOperator, left: Value, right: Value, meter: Meter): Value {
  if (left instanceof Undefined) throw undefinedFailure(left);
  if (right instanceof Undefined) throw undefinedFailure(right);
  if (operator === '~') return joinTexts(str(left, meter), str(right, meter), meter);
  if (isNumber(left) && isNumber(right)) return arithmetic(operator, left, right);
  if (operator === '+') return added(left, right, meter) ?? refuse(operator, left, right);
  if (operator === '*')
    return repeated(left, right, meter) ?? repeated(right, left, meter) ?? refuse(operator, left, right);
  if (operator === '%' && typeof left === 'string') return formatPercent(left, right, meter);
  return refuse(operator, left, right);
}

function refuse(operator: string, left: Value, right: Value): never {
  const isTextAndNumber =
    (typeof left === 'string' && isNumber(right)) || (isNumber(left) && typeof right === 'string');
  const hint = isTextAndNumber
    ? operator === '+'
      ? 'join texts with "~", or convert with "| int" or "| string".'
      : 'convert the text with "| int" or "| float".'
    : undefined;
  throw typeFailure(`"${operator}" does not work between ${typeName(left)} and ${typeName(right)}`, hint);
}

function joinTexts(left: string, right: string, meter: Meter): string {
  meter.text(left.length + right.length);
  return left + right;
}

function added(left: Value, right: Value, meter: Meter): Value | undefined {
  if (typeof left === 'string' && typeof right === 'string') return joinTexts(left, right, meter);
  if (isList(left) && isList(right)) {
    meter.step(left.length + right.length);
    return ownList([...left, ...right]);
  }
  if (left instanceof PyTuple && right instanceof PyTuple) {
    meter.step(left.items.length + right.items.length);
    return new PyTuple([...left.items, ...right.items]);
  }
  return undefined;
}

function repeated(value: Value, count: Value, meter: Meter): Value | undefined {
  if (!isInt(count)) return undefined;
  const times = Math.max(0, Number(count));
  if (typeof value === 'string') {
    meter.text(value.length * times);
    return value.repeat(times);
  }
  const items = isList(value) ? value : value instanceof PyTuple ? value.items : undefined;
  if (items === undefined) return undefined;
  meter.step(items.length * times);
  const all: Value[] = Array.from({length: items.length * times}, (_, index) => items[index % items.length] ?? null);
  return isList(value) ? ownList(all) : new PyTuple(all);
}
