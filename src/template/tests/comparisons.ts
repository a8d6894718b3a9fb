/** Tests that compare a value with another. */
import {typeFailure} from '../failure.ts';
import {named, type Routine} from '../routine.ts';
import {iterate} from '../values/access.ts';
import {contains, equals, isTruthy, type OrderOperator, ordered} from '../values/compare.ts';
import {Special, type Value} from '../values/model.ts';
import {arithmetic, isNumber} from '../values/number.ts';

function order(names: string, operator: OrderOperator): (readonly [string, Routine])[] {
  return named(names, 'other', (value, args, {meter}) => ordered(operator, value, args.need(0), meter));
}

function remainder(value: Value, divisor: Value): Value {
  if (!isNumber(value)) throw typeFailure('a number is needed here', 'convert it with "| int".');
  return arithmetic('%', value, divisor);
}

/** `sameas`: None, booleans and other single values; lists and mappings only as the very same one. */
function isSame(value: Value, other: Value): boolean {
  if (value instanceof Special && other instanceof Special) return value === other;
  return value === other && typeof value === typeof other;
}

/** Tests by name. */
export const COMPARISON_TESTS: readonly (readonly [string, Routine])[] = [
  ...named('eq equalto ==', 'other', (value, args, {meter}) => equals(value, args.need(0), meter)),
  ...named('ne !=', 'other', (value, args, {meter}) => !equals(value, args.need(0), meter)),
  ...order('lt lessthan <', '<'),
  ...order('le <=', '<='),
  ...order('gt greaterthan >', '>'),
  ...order('ge >=', '>='),
  ...named('in', 'seq', (value, args, {meter}) => contains(args.need(0), value, meter)),
  ...named('contains', 'value', (value, args, {meter}) => contains(value, args.need(0), meter)),
  ...named('sameas', '? other', (value, args) => isSame(value, args.need(0))),
  ...named('odd', '', (value, _args, {meter}) => equals(remainder(value, 2), 1, meter)),
  ...named('even', '', (value, _args, {meter}) => equals(remainder(value, 2), 0, meter)),
  ...named('divisibleby', 'num', (value, args, {meter}) => equals(remainder(value, args.need(0)), 0, meter)),
  ...named('subset issubset', 'other', (value, args, {meter}) =>
    iterate(value).every(item => contains([...iterate(args.need(0))], item, meter)),
  ),
  ...named('superset issuperset', 'other', (value, args, {meter}) =>
    iterate(args.need(0)).every(item => contains([...iterate(value)], item, meter)),
  ),
  ...named('all', '', value => iterate(value).every(isTruthy)),
  ...named('any', '', value => iterate(value).some(isTruthy)),
];
