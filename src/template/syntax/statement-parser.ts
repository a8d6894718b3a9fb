/** Jinja2's statements: branching and nesting by nunjucks's parser, the rest (tuples, filters on loops, `with`, `do`) here. */
import type {ParserNode} from 'nunjucks/src/parser.js';
import {TemplateFailure} from '../failure.ts';
import {convertBody} from './convert.ts';
import {ExpressionParser} from './expression-parser.ts';
import type {Expression, Parameter, Statement, Target} from './nodes.ts';
import type {Token} from './tokens.ts';

const UNSUPPORTED: ReadonlySet<string> = new Set([
  'include',
  'import',
  'from',
  'extends',
  'block',
  'autoescape',
  'trans',
]);

/** The parser of whole templates. */
export class StatementParser extends ExpressionParser {
  /** Failures that say "the template ends here", to be placed at the block that is open. */
  readonly #endReported = new WeakSet<Error>();

  override parseStatement(): unknown {
    const token = this.peekToken();
    if (token === null) throw this.unexpected('the name of a statement');
    if (this.breakOnBlocks?.includes(token.value)) return null;
    if (token.value === 'if') return this.#branch(token);
    const parse = this.#statement(token);
    this.take();
    return this.#closed(token, () => parse(token));
  }

  /** nunjucks's own `if`, `elif`, `else`; its complaint about an early end names no place. */
  #branch(token: Token): unknown {
    return this.#closed(token, () => this.parseIf());
  }

  /** An end of the template inside a block is the block's fault: the place is where the innermost open one began. */
  #closed<T>(token: Token, parse: () => T): T {
    try {
      return parse();
    } catch (error) {
      const isPlaced = error instanceof TemplateFailure && !this.#endReported.has(error);
      if (isPlaced || error instanceof RangeError || this.peekToken() !== null) throw error;
      const message = `"{% ${token.value} %}" is never closed by "{% end${token.value} %}"`;
      throw new TemplateFailure('E_TEMPLATE_SYNTAX', message, {start: token.colno, end: token.end});
    }
  }

  #statement(token: Token): (token: Token) => Statement {
    switch (token.value) {
      case 'for':
        return () => this.#loop();
      case 'set':
        return from => this.#set(from);
      case 'with':
        return () => this.#with();
      case 'do':
        return () => this.#do();
      case 'macro':
        return () => this.#macro();
      case 'call':
        return () => this.#callBlock();
      case 'filter':
        return from => this.#filterBlock(from);
      default:
        throw this.#unknown(token);
    }
  }

  #unknown(token: Token): TemplateFailure {
    const place = {start: token.colno, end: token.end};
    if (UNSUPPORTED.has(token.value)) {
      return new TemplateFailure('E_TEMPLATE_UNSUPPORTED', `{% ${token.value} %} is not supported`, {
        ...place,
        hint: 'write the text in one template: nothing is loaded from other files.',
      });
    }
    const waiting = this.breakOnBlocks?.map(name => `"${name}"`).join(' or ');
    const hint = waiting === undefined ? undefined : `the block that is open here waits for ${waiting}.`;
    return new TemplateFailure('E_TEMPLATE_SYNTAX', `unknown or misplaced statement "${token.value}"`, {
      ...place,
      hint,
    });
  }

  #endOfTag(): void {
    this.require('block-end', '"%}"');
  }

  /** The statements up to one of these end words; the word itself is left to be read. */
  #body(...ends: string[]): readonly Statement[] {
    this.#endOfTag();
    const body = convertBody(this.parseUntilBlocks(...ends) as ParserNode);
    if (ends.some(end => this.at('symbol', end))) return body;
    const failure = this.unexpected(ends.map(end => `"{% ${end} %}"`).join(' or '));
    this.#endReported.add(failure);
    throw failure;
  }

  #end(): void {
    this.take();
    this.#endOfTag();
  }

  #loop(): Statement {
    const target = this.#target(() => this.at('symbol', 'in'));
    this.require('symbol', '"in"', 'in');
    const over = this.tuple(false, () => this.at('block-end') || this.at('symbol', 'recursive'));
    const filter = this.accept('symbol', 'if') === undefined ? undefined : this.single();
    const recursive = this.accept('symbol', 'recursive') !== undefined;
    const body = this.#body('endfor', 'else');
    const isElse = this.accept('symbol', 'else') !== undefined;
    const otherwise = isElse ? this.#body('endfor') : [];
    this.#end();
    return {kind: 'loop', target, over, filter, recursive, body, otherwise};
  }

  #set(from: Token): Statement {
    const target = this.#target(() => this.at('operator', '=') || this.at('block-end'));
    if (this.accept('operator', '=') !== undefined) {
      const value = this.parseExpression();
      this.#endOfTag();
      return {kind: 'set', target, value};
    }
    const filtered = this.#filterChain();
    const body = this.#body('endset');
    this.#end();
    return {kind: 'set', target, value: filtered({kind: 'capture', body, ...this.span(from)})};
  }

  /** Reads `| a | b(1)` now, applies it to a value later. */
  #filterChain(): (value: Expression) => Expression {
    const hole: Expression = {kind: 'constant', value: null, start: 0, end: 0};
    let chain: Expression = hole;
    while (this.accept('pipe') !== undefined) chain = this.filter(chain);
    const fill = (node: Expression, value: Expression): Expression =>
      node.kind === 'filter' ? {...node, target: fill(node.target, value)} : value;
    return value => fill(chain, value);
  }

  #with(): Statement {
    const bindings: [Target, Expression][] = [];
    while (!this.at('block-end')) {
      if (bindings.length > 0) this.require('comma', '","');
      const target = this.#singleTarget();
      this.require('operator', '"="', '=');
      bindings.push([target, this.single()]);
    }
    const body = this.#body('endwith');
    this.#end();
    return {kind: 'with', bindings, body};
  }

  #do(): Statement {
    const value = this.parseExpression();
    this.#endOfTag();
    return {kind: 'do', value};
  }

  #macro(): Statement {
    const name = this.require('symbol', 'the name of the macro').value;
    this.require('left-paren', '"("');
    const parameters = this.#parameters();
    const body = this.#body('endmacro');
    this.#end();
    return {kind: 'macro', name, parameters, body};
  }

  #callBlock(): Statement {
    const parameters = this.accept('left-paren') === undefined ? [] : this.#parameters();
    const call = this.single();
    if (call.kind !== 'call') throw this.unexpected('a call');
    const body = this.#body('endcall');
    this.#end();
    return {kind: 'call-block', call, parameters, body};
  }

  #parameters(): Parameter[] {
    const parameters: Parameter[] = [];
    while (this.accept('right-paren') === undefined) {
      if (parameters.length > 0) this.require('comma', '","');
      const name = this.require('symbol', 'the name of a parameter').value;
      parameters.push({name, fallback: this.accept('operator', '=') === undefined ? undefined : this.single()});
    }
    return parameters;
  }

  #filterBlock(from: Token): Statement {
    const hole: Expression = {kind: 'constant', value: null, start: from.colno, end: from.end};
    const first = this.filter(hole);
    const rest = this.#filterChain();
    const body = this.#body('endfilter');
    this.#end();
    const capture: Expression = {kind: 'capture', body, ...this.span(from)};
    return {kind: 'output', value: rest(first.kind === 'filter' ? {...first, target: capture} : capture)};
  }

  #target(atEnd: () => boolean): Target {
    const first = this.#singleTarget();
    if (!this.at('comma')) return first;
    const items = [first];
    while (this.accept('comma') !== undefined && !atEnd()) items.push(this.#singleTarget());
    return {kind: 'tuple', items};
  }

  #singleTarget(): Target {
    if (this.accept('left-paren') !== undefined) {
      const inner = this.#target(() => this.at('right-paren'));
      this.require('right-paren', '")"');
      return inner;
    }
    const name = this.require('symbol', 'a name').value;
    if (this.accept('operator', '.') === undefined) return {kind: 'name', name};
    return {kind: 'field', namespace: name, name: this.require('symbol', 'a name after "."').value};
  }
}
