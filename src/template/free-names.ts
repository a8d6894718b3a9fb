/** Which variables, filters and tests a template names, without evaluating it. */

import type {Arguments, Expression, Parameter, Statement, Target} from './syntax/nodes.ts';
import {parseExpression, parseTemplate} from './syntax/parse.ts';

/** Names in order of their first use. */
export interface FreeNames {
  /** Variables that the template does not set itself; global functions (`range`) are among them. */
  readonly names: string[];
  readonly filters: string[];
  readonly tests: string[];
}

/** The undeclared names of a template or a bare expression; nothing for a text that does not parse (rendering it says why). */
export function freeNames(text: string, mode: 'text' | 'expression'): FreeNames {
  try {
    const body: readonly Statement[] =
      mode === 'text' ? parseTemplate(text, 'python') : [{kind: 'output', value: parseExpression(text)}];
    return freeNamesOf(body);
  } catch {
    return {names: [], filters: [], tests: []};
  }
}

/** The undeclared names of parsed statements. */
export function freeNamesOf(body: readonly Statement[]): FreeNames {
  const walker = new Walker();
  walker.body(body, new Set());
  return {names: [...walker.names], filters: [...walker.filters], tests: [...walker.tests]};
}

/** Walks the tree with the set of names declared so far; blocks of their own (loops, macros) work on a copy. */
class Walker {
  readonly names = new Set<string>();
  readonly filters = new Set<string>();
  readonly tests = new Set<string>();

  body(statements: readonly Statement[], declared: Set<string>): void {
    for (const statement of statements) this.#statement(statement, declared);
  }

  #statement(statement: Statement, declared: Set<string>): void {
    switch (statement.kind) {
      case 'text':
        return;
      case 'output':
      case 'do':
        this.#expression(statement.value, declared);
        return;
      case 'branch':
        this.#expression(statement.condition, declared);
        this.body(statement.body, declared);
        this.body(statement.otherwise, declared);
        return;
      case 'loop':
        this.#loop(statement, declared);
        return;
      case 'set':
        this.#expression(statement.value, declared);
        this.#declare(statement.target, declared);
        return;
      case 'with':
        this.#with(statement, declared);
        return;
      case 'macro':
        declared.add(statement.name);
        this.#macro(statement.parameters, statement.body, declared);
        return;
      case 'call-block':
        this.#expression(statement.call, declared);
        this.#macro(statement.parameters, statement.body, declared);
        return;
    }
  }

  #loop(loop: Extract<Statement, {readonly kind: 'loop'}>, declared: Set<string>): void {
    this.#expression(loop.over, declared);
    const inner = new Set([...declared, 'loop']);
    this.#declare(loop.target, inner);
    if (loop.filter !== undefined) this.#expression(loop.filter, inner);
    this.body(loop.body, inner);
    this.body(loop.otherwise, new Set(declared));
  }

  #with(statement: Extract<Statement, {readonly kind: 'with'}>, declared: Set<string>): void {
    const inner = new Set(declared);
    for (const [target, value] of statement.bindings) {
      this.#expression(value, declared);
      this.#declare(target, inner);
    }
    this.body(statement.body, inner);
  }

  #macro(parameters: readonly Parameter[], body: readonly Statement[], declared: ReadonlySet<string>): void {
    const inner = new Set([...declared, 'varargs', 'kwargs', 'caller']);
    for (const parameter of parameters) {
      if (parameter.fallback !== undefined) this.#expression(parameter.fallback, inner);
      inner.add(parameter.name);
    }
    this.body(body, inner);
  }

  #declare(target: Target, declared: Set<string>): void {
    if (target.kind === 'name') declared.add(target.name);
    else if (target.kind === 'tuple') for (const item of target.items) this.#declare(item, declared);
    else if (!declared.has(target.namespace)) this.names.add(target.namespace);
  }

  #expression(node: Expression, declared: ReadonlySet<string>): void {
    if (node.kind === 'name' && !declared.has(node.name)) this.names.add(node.name);
    if (node.kind === 'filter') this.filters.add(node.name);
    if (node.kind === 'test') this.tests.add(node.name);
    if (node.kind === 'capture') this.body(node.body, new Set(declared));
    for (const child of childrenOf(node)) this.#expression(child, declared);
  }
}

function childrenOf(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case 'constant':
    case 'name':
    case 'capture':
      return [];
    case 'list':
    case 'tuple':
      return node.items;
    case 'dict':
      return node.pairs.flat();
    case 'attribute':
      return [node.target];
    case 'item':
      return [node.target, node.key];
    case 'slice':
      return [node.target, node.from, node.to, node.step].filter(part => part !== undefined);
    case 'call':
    case 'filter':
    case 'test':
      return [node.target, ...argumentsOf(node.args)];
    case 'unary':
      return [node.operand];
    case 'binary':
    case 'logic':
      return [node.left, node.right];
    case 'compare':
      return [node.first, ...node.rest.map(part => part.value)];
    case 'if':
      return [node.condition, node.value, node.otherwise].filter(part => part !== undefined);
  }
}

function argumentsOf(args: Arguments): Expression[] {
  return [...args.positional.map(part => part.value), ...args.named.map(part => part.value)];
}
