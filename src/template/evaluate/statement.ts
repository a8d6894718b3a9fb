/** Runs statements and collects what they write. */
import {LocatedFailure, TemplateFailure, typeFailure} from '../failure.ts';
import type {Statement, Target} from '../syntax/nodes.ts';
import {iterate} from '../values/access.ts';
import {isTruthy} from '../values/compare.ts';
import {limit, MAX_TEXT, type Meter} from '../values/meter.ts';
import {Namespace, type Value} from '../values/model.ts';
import {evaluate, outputText} from './expression.ts';
import {runLoop} from './loop.ts';
import {defineMacro, runCallBlock} from './macro.ts';
import type {Scope} from './scope.ts';

/** What a template has written so far. */
export class Output {
  readonly #parts: string[] = [];
  #length = 0;

  write(text: string): void {
    this.#length += text.length;
    if (this.#length > MAX_TEXT) throw limit(`the template writes more than ${MAX_TEXT} characters`);
    this.#parts.push(text);
  }

  text(meter: Meter): string {
    meter.text(this.#length);
    return this.#parts.join('');
  }
}

/** Runs a body and gives the text it writes. */
export function capture(body: readonly Statement[], scope: Scope): string {
  const output = new Output();
  run(body, scope.child(), output);
  return output.text(scope.environment.meter);
}

/** Runs statements in a scope. A missing variable in one output does not keep the others from being checked. */
export function run(body: readonly Statement[], scope: Scope, output: Output): void {
  for (const statement of body) {
    scope.environment.meter.step();
    try {
      runOne(statement, scope, output);
    } catch (error) {
      if (statement.kind !== 'output' || !scope.environment.keep(error)) throw error;
    }
  }
}

function runOne(statement: Statement, scope: Scope, output: Output): void {
  switch (statement.kind) {
    case 'text':
      output.write(statement.text);
      return;
    case 'output':
      output.write(written(statement, scope));
      return;
    case 'do':
      evaluate(statement.value, scope);
      return;
    case 'branch':
      run(isTruthyAt(statement.condition, scope) ? statement.body : statement.otherwise, scope, output);
      return;
    case 'loop':
      runLoop(statement, scope, output);
      return;
    case 'set':
      assign(statement.target, evaluate(statement.value, scope), scope);
      return;
    case 'with':
      runWith(statement, scope, output);
      return;
    case 'macro':
      defineMacro(statement, scope);
      return;
    case 'call-block':
      output.write(outputText(runCallBlock(statement, scope), scope));
      return;
  }
}

/** The text of an output; a value that cannot be written (an undefined one) fails at its expression. */
function written(statement: Extract<Statement, {readonly kind: 'output'}>, scope: Scope): string {
  const {value} = statement;
  return atPlace(value, () => outputText(evaluate(value, scope), scope));
}

function isTruthyAt(condition: Extract<Statement, {readonly kind: 'branch'}>['condition'], scope: Scope): boolean {
  return atPlace(condition, () => isTruthy(evaluate(condition, scope)));
}

/** Runs something that belongs to a node: failures without a place get the node's. */
export function atPlace<T>(node: {readonly start: number; readonly end: number}, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof TemplateFailure || error instanceof LocatedFailure) throw error.placed(node.start, node.end);
    throw error;
  }
}

function runWith(statement: Extract<Statement, {readonly kind: 'with'}>, scope: Scope, output: Output): void {
  const inner = scope.child();
  // Each binding sees the names outside, not its neighbours (Jinja2 since 2.9).
  for (const [target, value] of statement.bindings) assign(target, evaluate(value, scope), inner);
  run(statement.body, inner, output);
}

/** Assigns a value to a name, several names, or a field of a namespace. */
export function assign(target: Target, value: Value, scope: Scope): void {
  if (target.kind === 'name') {
    scope.set(target.name, value);
    return;
  }
  if (target.kind === 'field') {
    const namespace = scope.local(target.namespace);
    if (!(namespace instanceof Namespace))
      throw typeFailure(`only fields of a namespace() can be set, and "${target.namespace}" is none`);
    namespace.fields.set(target.name, value);
    return;
  }
  const items = iterate(value);
  if (items.length !== target.items.length)
    throw typeFailure(`${items.length} value(s) cannot be given to ${target.items.length} names`);
  for (const [index, part] of target.items.entries()) assign(part, items[index] ?? null, scope);
}
