/** Calls: of macros, methods and global functions. Nothing else can be called. */
import {typeFailure} from '../failure.ts';
import type {Arguments} from '../syntax/nodes.ts';
import {iterate} from '../values/access.ts';
import {mappingEntries} from '../values/compare.ts';
import {type CallArguments, Callable, typeName, Undefined, type Value} from '../values/model.ts';
import {undefinedFailure} from '../values/text.ts';
import {evaluate} from './expression.ts';
import type {Scope} from './scope.ts';

/** Calls a value. */
export function callValue(target: Value, args: CallArguments, scope: Scope): Value {
  if (target instanceof Undefined) throw undefinedFailure(target);
  if (!(target instanceof Callable)) throw typeFailure(`a value of type ${typeName(target)} cannot be called`);
  return target.call(args, scope.environment.meter);
}

/** The values of a call's arguments. */
export function evaluateArguments(args: Arguments, scope: Scope): CallArguments {
  if (args.positional.length === 0 && args.named.length === 0) return {positional: [], named: new Map()};
  const positional = args.positional.flatMap(({value, spread}) => {
    const given = evaluate(value, scope);
    return spread ? [...iterate(given)] : [given];
  });
  const named = new Map<string, Value>();
  for (const {name, value} of args.named) {
    const given = evaluate(value, scope);
    if (name !== undefined) named.set(name, given);
    else for (const [key, item] of spreadEntries(given)) named.set(key, item);
  }
  scope.environment.meter.step(positional.length + named.size);
  return {positional, named};
}

function spreadEntries(value: Value): [string, Value][] {
  if (value instanceof Undefined) throw undefinedFailure(value);
  const entries = mappingEntries(value);
  if (entries === undefined) throw typeFailure(`"**" needs a mapping, not ${typeName(value)}`);
  return entries;
}
