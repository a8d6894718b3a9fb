/** Evaluates expressions, with Python's meaning. */
import {LocatedFailure, TemplateFailure} from '../failure.ts';
import {member} from '../methods/member.ts';
import type {Expression} from '../syntax/nodes.ts';
import {sliceOf} from '../values/access.ts';
import {contains, equals, isTruthy, keyText, ordered} from '../values/compare.ts';
import {dictOf, PyTuple, Undefined, type Value, valueOr} from '../values/model.ts';
import {signed} from '../values/number.ts';
import {ownDict, ownList} from '../values/owned.ts';
import {str, undefinedFailure} from '../values/text.ts';
import {binary} from './binary.ts';
import {callValue, evaluateArguments} from './call.ts';
import {GLOBALS} from './globals.ts';
import {missingMember, missingName} from './missing.ts';
import type {Scope} from './scope.ts';
import {capture} from './statement.ts';

/** The value of an expression. Failures without a place get this expression's. */
export function evaluate(node: Expression, scope: Scope): Value {
  scope.environment.meter.step();
  try {
    return evaluateNode(node, scope);
  } catch (error) {
    if (error instanceof TemplateFailure || error instanceof LocatedFailure) throw error.placed(node.start, node.end);
    throw error;
  }
}

type Of<K extends Expression['kind']> = Extract<Expression, {readonly kind: K}>;

function evaluateNode(node: Expression, scope: Scope): Value {
  const {meter} = scope.environment;
  switch (node.kind) {
    case 'constant':
      return node.value;
    case 'name':
      return name(node, scope);
    case 'list':
      return ownList(node.items.map(item => evaluate(item, scope)));
    case 'tuple':
      return new PyTuple(node.items.map(item => evaluate(item, scope)));
    case 'dict':
      return dictLiteral(node, scope);
    case 'attribute':
    case 'item':
      return reach(node, scope);
    case 'slice':
      return slice(node, scope);
    case 'call':
      return callValue(evaluate(node.target, scope), evaluateArguments(node.args, scope), scope);
    case 'filter':
      return scope.environment.filter(node.name, evaluate(node.target, scope), evaluateArguments(node.args, scope));
    case 'test':
      return (
        scope.environment.test(node.name, evaluate(node.target, scope), evaluateArguments(node.args, scope)) !==
        node.negated
      );
    case 'unary':
      return unary(node, scope);
    case 'binary':
      return binary(node.operator, evaluate(node.left, scope), evaluate(node.right, scope), meter);
    case 'logic':
      return logic(node, scope);
    case 'compare':
      return compare(node, scope);
    case 'if':
      return inlineIf(node, scope);
    case 'capture':
      return capture(node.body, scope);
  }
}

function name(node: Of<'name'>, scope: Scope): Value {
  const value = lookUp(node.name, scope);
  if (value === undefined) return missingName(node, scope.environment);
  // A variable whose own template lacks something: the place of its use is here.
  if (value instanceof Undefined && value.cause instanceof LocatedFailure) {
    return new Undefined(value.message, {cause: value.cause.placed(node.start, node.end)});
  }
  return value;
}

/** Names of the template, then variables, then functions. None is a value: `??` would pass over it. */
function lookUp(wanted: string, scope: Scope): Value | undefined {
  const local = scope.local(wanted);
  if (local !== undefined) return local;
  const variable = scope.environment.variable(wanted);
  return variable === undefined ? GLOBALS.get(wanted) : variable;
}

function dictLiteral(node: Of<'dict'>, scope: Scope): Value {
  const pairs = node.pairs.map(([keyNode, valueNode]): [string, Value] => {
    const key = evaluate(keyNode, scope);
    if (key instanceof Undefined) throw undefinedFailure(key);
    const text = keyText(key);
    if (text === undefined)
      throw new TemplateFailure('E_TEMPLATE_TYPE', 'this value cannot be a key', {
        start: keyNode.start,
        end: keyNode.end,
      });
    return [text, evaluate(valueNode, scope)];
  });
  return ownDict(dictOf(pairs));
}

function reach(node: Of<'attribute'> | Of<'item'>, scope: Scope): Value {
  const target = evaluate(node.target, scope);
  const key = node.kind === 'attribute' ? node.name : evaluate(node.key, scope);
  return valueOr(member(target, key, node.kind === 'attribute'), () =>
    missingMember(node, target, key, scope.environment),
  );
}

function slice(node: Of<'slice'>, scope: Scope): Value {
  const bound = (part: Expression | undefined) => (part === undefined ? null : evaluate(part, scope));
  return sliceOf(evaluate(node.target, scope), bound(node.from), bound(node.to), bound(node.step));
}

function unary(node: Of<'unary'>, scope: Scope): Value {
  const value = evaluate(node.operand, scope);
  if (value instanceof Undefined) throw undefinedFailure(value);
  return node.operator === 'not' ? !isTruthy(value) : signed(node.operator, value);
}

/** Python's `and` and `or` give one of the two values, not a truth value. */
function logic(node: Of<'logic'>, scope: Scope): Value {
  const left = evaluate(node.left, scope);
  const decides = isTruthy(left) === (node.operator === 'or');
  return decides ? left : evaluate(node.right, scope);
}

/** `a < b < c` holds when both comparisons do. */
function compare(node: Of<'compare'>, scope: Scope): Value {
  const {meter} = scope.environment;
  let left = evaluate(node.first, scope);
  for (const {operator, value} of node.rest) {
    const right = evaluate(value, scope);
    let holds: boolean;
    if (operator === '==' || operator === '!=') holds = equals(left, right, meter) === (operator === '==');
    else if (operator === 'in' || operator === 'not in') holds = contains(right, left, meter) === (operator === 'in');
    else holds = ordered(operator, left, right, meter);
    if (!holds) return false;
    left = right;
  }
  return true;
}

function inlineIf(node: Of<'if'>, scope: Scope): Value {
  if (isTruthy(evaluate(node.condition, scope))) return evaluate(node.value, scope);
  if (node.otherwise !== undefined) return evaluate(node.otherwise, scope);
  return new Undefined('the inline "if" has no "else", and its condition is false', {
    start: node.start,
    end: node.end,
    hint: 'add "else" with a value for this case.',
    isNothing: true,
  });
}

/** A value as output shows it: None is nothing. */
export function outputText(value: Value, scope: Scope): string {
  return value === null ? '' : str(value, scope.environment.meter);
}
