/** Filters that decide: defaults, booleans, choices. */
import {TemplateFailure} from '../failure.ts';
import {type Args, named, type Routine} from '../routine.ts';
import {equals, isTruthy} from '../values/compare.ts';
import {typeName, Undefined, type Value} from '../values/model.ts';
import {undefinedFailure} from '../values/text.ts';

/** Ansible's words for true. */
const TRUE_WORDS: readonly string[] = ['yes', 'on', '1', 'true'];

function fallback(input: Value, args: Args): Value {
  const isMissing = input instanceof Undefined || (args.flag(1) && !isTruthy(input));
  return isMissing ? args.or(0, '') : input;
}

function mandatory(input: Value, args: Args): Value {
  if (!(input instanceof Undefined)) return input;
  const message = args.get(0) ?? null;
  if (message === null) throw undefinedFailure(input);
  throw new TemplateFailure('E_UNDEFINED', String(message), {hint: input.hint, start: input.start, end: input.end});
}

/** Filters by name. */
export const LOGIC_FILTERS: readonly (readonly [string, Routine])[] = [
  ...named('default d', '? default_value boolean', fallback),
  ...named('mandatory', '? msg', mandatory),
  ...named('bool', '', (input, _args, {meter}) => {
    if (input === null || typeof input === 'boolean') return input;
    if (typeof input === 'string') return TRUE_WORDS.includes(input.toLowerCase());
    return equals(input, 1, meter);
  }),
  ...named('ternary', 'true_val false_val none_val', (input, args) => {
    const none = args.get(2) ?? null;
    if (input === null && none !== null) return none;
    return isTruthy(input) ? args.need(0) : args.need(1);
  }),
  ...named('type_debug', '?', input => typeName(input)),
];
