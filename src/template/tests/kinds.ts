/** Tests of what a value is. */
import {named, type Routine} from '../routine.ts';
import {sequenceOf} from '../values/access.ts';
import {isTruthy} from '../values/compare.ts';
import {Callable, isDict, LazyMapping, Undefined, type Value} from '../values/model.ts';
import {asFloat, isFloat, isInt, isNumber} from '../values/number.ts';

/** What is undefined is of no kind: no error, as in Jinja2. */
function kind(names: string, holds: (value: Value) => boolean): (readonly [string, Routine])[] {
  return named(names, '?', holds);
}

function isMapping(value: Value): boolean {
  return isDict(value) || value instanceof LazyMapping;
}

/** Tests by name. */
export const KIND_TESTS: readonly (readonly [string, Routine])[] = [
  ...named('defined', '?', value => !(value instanceof Undefined)),
  ...named('undefined', '?', value => value instanceof Undefined),
  ...kind('none', value => value === null),
  ...kind('string', value => typeof value === 'string'),
  ...kind('number', isNumber),
  ...kind('integer', value => typeof value !== 'boolean' && isInt(value)),
  ...kind('float', isFloat),
  ...kind('boolean', value => typeof value === 'boolean'),
  ...kind('true', value => value === true),
  ...kind('false', value => value === false),
  ...kind('mapping', isMapping),
  ...kind('sequence', value => sequenceOf(value) !== undefined || isMapping(value)),
  ...named('iterable', '', value => sequenceOf(value) !== undefined || isMapping(value)),
  ...kind('callable', value => value instanceof Callable),
  ...kind('nan isnan', value => isNumber(value) && Number.isNaN(asFloat(value))),
  ...named('truthy', 'convert_bool', (value, args) => isTruthy(converted(value, args.flag(0)))),
  ...named('falsy', 'convert_bool', (value, args) => !isTruthy(converted(value, args.flag(0)))),
];

/** Words that Ansible takes as booleans, where asked. */
function converted(value: Value, convert: boolean): Value {
  if (!convert || typeof value !== 'string') return value;
  const word = value.trim().toLowerCase();
  if (['y', 'yes', 'on', '1', 'true', 't', '1.0'].includes(word)) return true;
  return ['n', 'no', 'off', '0', 'false', 'f', '0.0'].includes(word) ? false : value;
}
