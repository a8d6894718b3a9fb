/** `{% macro %}` and `{% call %}`. */
import {typeFailure} from '../failure.ts';
import {freeNamesOf} from '../free-names.ts';
import type {Parameter, Statement} from '../syntax/nodes.ts';
import {type CallArguments, Callable, dictOf, PyTuple, Undefined, type Value, valueOr} from '../values/model.ts';
import {callValue, evaluateArguments} from './call.ts';
import {evaluate} from './expression.ts';
import type {Scope} from './scope.ts';
import {Output, run} from './statement.ts';

/** Defines a macro in a scope. */
export function defineMacro(statement: Extract<Statement, {readonly kind: 'macro'}>, scope: Scope): void {
  scope.set(statement.name, macro(statement.name, statement.parameters, statement.body, scope));
}

/** Calls what a `{% call %}` names, its body at hand as `caller()`. */
export function runCallBlock(statement: Extract<Statement, {readonly kind: 'call-block'}>, scope: Scope): Value {
  const {call} = statement;
  if (call.kind !== 'call') return evaluate(call, scope);
  const args = evaluateArguments(call.args, scope);
  const caller = macro('caller', statement.parameters, statement.body, scope);
  return callValue(
    evaluate(call.target, scope),
    {positional: args.positional, named: new Map([...args.named, ['caller', caller]])},
    scope,
  );
}

function macro(name: string, parameters: readonly Parameter[], body: readonly Statement[], scope: Scope): Callable {
  const used = new Set(freeNamesOf(body).names);
  const run = (args: CallArguments): string => callMacro(name, {parameters, body, used}, args, scope);
  return new Callable(name, run, new Map<string, Value>([['name', name]]));
}

interface Definition {
  readonly parameters: readonly Parameter[];
  readonly body: readonly Statement[];
  /** Names the body uses: `varargs`, `kwargs` and `caller` are allowed only where it does. */
  readonly used: ReadonlySet<string>;
}

function callMacro(name: string, definition: Definition, args: CallArguments, outer: Scope): string {
  const {parameters, used} = definition;
  const scope = outer.child();
  const fallback = (parameter: Parameter): Value =>
    parameter.fallback === undefined
      ? new Undefined(`the parameter "${parameter.name}" was not provided`)
      : evaluate(parameter.fallback, scope);
  for (const [index, parameter] of parameters.entries()) {
    const named = () => valueOr(args.named.get(parameter.name), () => fallback(parameter));
    scope.set(parameter.name, valueOr(args.positional[index], named));
  }
  const surplus = args.positional.slice(parameters.length);
  if (surplus.length > 0 && !used.has('varargs'))
    throw typeFailure(`the macro "${name}" takes at most ${parameters.length} argument(s)`);
  if (args.named.has('caller') && !used.has('caller'))
    throw typeFailure(`the macro "${name}" does not use caller()`, 'call it without {% call %}.');
  const known = new Set([...parameters.map(parameter => parameter.name), 'caller']);
  const extra = [...args.named].filter(([key]) => !known.has(key));
  if (extra[0] !== undefined && !used.has('kwargs'))
    throw typeFailure(`the macro "${name}" has no parameter "${extra[0][0]}"`);
  scope.set('varargs', new PyTuple(surplus));
  scope.set('kwargs', dictOf(extra));
  scope.set('caller', args.named.get('caller') ?? new Undefined('"caller" is only known inside a {% call %}'));
  const output = new Output();
  run(definition.body, scope, output);
  return output.text(scope.environment.meter);
}
