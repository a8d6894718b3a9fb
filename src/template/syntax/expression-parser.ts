/**
 * Jinja2's expressions on top of nunjucks's parser: nunjucks has other precedences (`10 * 3 // 4`, `a ~ b is c`), no tuples,
 * no slices, no chained inline `if`, no `*args`, so every level of its grammar is overridden here. Nodes are our own.
 */
import nunjucks from 'nunjucks/src/parser.js';
import {TemplateFailure} from '../failure.ts';
import type {Arguments, BinaryOperator, CompareOperator, Expression} from './nodes.ts';
import type {Token} from './tokens.ts';

const TAGS = {VARIABLE_START: '{{', VARIABLE_END: '}}', COMMENT_START: '{#', COMMENT_END: '#}'};
const COMPARE: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);
const TEST_ARGUMENT: ReadonlySet<string> = new Set([
  'symbol',
  'string',
  'int',
  'float',
  'boolean',
  'none',
  'left-paren',
  'left-bracket',
  'left-curly',
]);
const NOT_ARGUMENTS: ReadonlySet<string> = new Set(['else', 'or', 'and', 'if', 'is', 'in', 'not', 'recursive']);

/** The parser of expressions; `statement-parser.ts` adds the statements. */
export class ExpressionParser extends nunjucks.Parser<Token> {
  readonly #tokens: readonly Token[];
  #lastEnd = 0;

  constructor(tokens: readonly Token[]) {
    let next = 0;
    super({tags: TAGS, nextToken: () => tokens[next++] ?? null});
    this.#tokens = tokens;
  }

  /** Takes the next token; the end of the template is a syntax error here. */
  protected take(): Token {
    const token = this.nextToken();
    if (token === null) throw this.unexpected();
    this.#lastEnd = token.end;
    return token;
  }

  /** Takes the next token if it is of this type (and value). */
  protected accept(type: string, value?: string): Token | undefined {
    const token = this.peekToken();
    return token?.type === type && (value === undefined || token.value === value) ? this.take() : undefined;
  }

  /** Takes a token of this type, or fails naming what was found. */
  protected require(type: string, wanted: string, value?: string): Token {
    const token = this.accept(type, value);
    if (token === undefined) throw this.unexpected(wanted);
    return token;
  }

  /** Whether the next token is of this type (and value). */
  protected at(type: string, value?: string): boolean {
    const token = this.peekToken();
    return token?.type === type && (value === undefined || token.value === value);
  }

  /** E_TEMPLATE_SYNTAX at the next token. */
  protected unexpected(wanted?: string): TemplateFailure {
    const token = this.peekToken();
    const found = token === null ? 'the end of the template' : `"${token.value}"`;
    const end = this.#tokens.at(-1)?.end ?? 0;
    const message = wanted === undefined ? `unexpected ${found}` : `${wanted} is needed here, not ${found}`;
    return new TemplateFailure('E_TEMPLATE_SYNTAX', message, {start: token?.colno ?? end, end: token?.end ?? end + 1});
  }

  /** The stretch from a token or node to what was read last. */
  protected span(from: {readonly start?: number; readonly colno?: number}): {start: number; end: number} {
    return {start: from.start ?? from.colno ?? 0, end: this.#lastEnd};
  }

  override parseExpression(): Expression {
    return this.tuple(true, () => this.at('variable-end') || this.at('block-end'));
  }

  /** One or more expressions with commas between; more than one (or a comma) make a tuple. */
  protected tuple(withIf: boolean, atEnd: () => boolean): Expression {
    const first = this.single(withIf);
    if (!this.at('comma')) return first;
    const items = [first];
    while (this.accept('comma') !== undefined && !atEnd()) items.push(this.single(withIf));
    return {kind: 'tuple', items, ...this.span(first)};
  }

  protected single(withIf = true): Expression {
    return withIf ? this.conditional() : this.or();
  }

  private conditional(): Expression {
    let node = this.or();
    while (this.accept('symbol', 'if') !== undefined) {
      const condition = this.or();
      const otherwise = this.accept('symbol', 'else') === undefined ? undefined : this.conditional();
      node = {kind: 'if', condition, then: node, otherwise, ...this.span(node)};
    }
    return node;
  }

  private or(): Expression {
    let left = this.and();
    while (this.accept('symbol', 'or') !== undefined)
      left = {kind: 'logic', operator: 'or', left, right: this.and(), ...this.span(left)};
    return left;
  }

  private and(): Expression {
    let left = this.not();
    while (this.accept('symbol', 'and') !== undefined)
      left = {kind: 'logic', operator: 'and', left, right: this.not(), ...this.span(left)};
    return left;
  }

  private not(): Expression {
    const token = this.accept('symbol', 'not');
    if (token === undefined) return this.compare();
    const operand = this.not();
    return {kind: 'unary', operator: 'not', operand, ...this.span(token)};
  }

  private compare(): Expression {
    const first = this.sum();
    const rest: {operator: CompareOperator; value: Expression}[] = [];
    for (let operator = this.compareOperator(); operator !== undefined; operator = this.compareOperator()) {
      rest.push({operator, value: this.sum()});
    }
    return rest.length === 0 ? first : {kind: 'compare', first, rest, ...this.span(first)};
  }

  private compareOperator(): CompareOperator | undefined {
    const token = this.peekToken();
    if (token?.type === 'operator' && COMPARE.has(token.value)) return this.take().value as CompareOperator;
    if (this.accept('symbol', 'in') !== undefined) return 'in';
    if (this.accept('symbol', 'not') === undefined) return undefined;
    this.require('symbol', '"in" after "not"', 'in');
    return 'not in';
  }

  private sum(): Expression {
    return this.leftAssociative(['+', '-'], () => this.concatenation());
  }

  private concatenation(): Expression {
    return this.leftAssociative(['~'], () =>
      this.leftAssociative(['*', '/', '//', '%'], () => this.leftAssociative(['**'], () => this.unary())),
    );
  }

  private leftAssociative(operators: readonly BinaryOperator[], operand: () => Expression): Expression {
    let left = operand();
    for (;;) {
      const token = this.peekToken();
      const operator = operators.find(
        candidate => candidate === token?.value && (token.type === 'operator' || token.type === 'tilde'),
      );
      if (operator === undefined) return left;
      this.take();
      left = {kind: 'binary', operator, left, right: operand(), ...this.span(left)};
    }
  }

  private unary(withFilters = true): Expression {
    const sign = this.accept('operator', '-') ?? this.accept('operator', '+');
    let node = this.primaryOrSigned(sign);
    node = this.postfix(node);
    return withFilters ? this.filtersAndTests(node) : node;
  }

  private primaryOrSigned(sign: Token | undefined): Expression {
    if (sign === undefined) return this.primary();
    const operand = this.unary(false);
    return {kind: 'unary', operator: sign.value === '-' ? '-' : '+', operand, ...this.span(sign)};
  }

  private primary(): Expression {
    const token = this.take();
    switch (token.type) {
      case 'symbol':
        return {kind: 'name', name: token.value, ...this.span(token)};
      case 'string':
        return this.strings(token);
      case 'int':
      case 'float':
      case 'boolean':
      case 'none':
        return {kind: 'constant', value: token.literal ?? null, ...this.span(token)};
      case 'left-paren':
        return this.parenthesized(token);
      case 'left-bracket':
        return {kind: 'list', items: this.items('right-bracket'), ...this.span(token)};
      case 'left-curly':
        return {kind: 'dict', pairs: this.pairs(), ...this.span(token)};
      default:
        this.pushToken(token);
        throw this.unexpected('an expression');
    }
  }

  /** Strings that follow each other are one. */
  private strings(first: Token): Expression {
    let value = String(first.literal ?? '');
    for (let next = this.accept('string'); next !== undefined; next = this.accept('string'))
      value += String(next.literal ?? '');
    return {kind: 'constant', value, ...this.span(first)};
  }

  private parenthesized(open: Token): Expression {
    if (this.accept('right-paren') !== undefined) return {kind: 'tuple', items: [], ...this.span(open)};
    const inner = this.tuple(true, () => this.at('right-paren'));
    this.require('right-paren', '")"');
    return {...inner, ...this.span(open)};
  }

  private items(closer: string): Expression[] {
    const items: Expression[] = [];
    while (this.accept(closer) === undefined) {
      if (items.length > 0) {
        this.require('comma', '","');
        if (this.accept(closer) !== undefined) break;
      }
      items.push(this.conditional());
    }
    return items;
  }

  private pairs(): [Expression, Expression][] {
    const pairs: [Expression, Expression][] = [];
    while (this.accept('right-curly') === undefined) {
      if (pairs.length > 0) {
        this.require('comma', '","');
        if (this.accept('right-curly') !== undefined) break;
      }
      const key = this.conditional();
      this.require('colon', '":"');
      pairs.push([key, this.conditional()]);
    }
    return pairs;
  }

  private postfix(start: Expression): Expression {
    let node = start;
    for (;;) {
      if (this.accept('operator', '.') !== undefined) node = this.dotted(node);
      else if (this.accept('left-bracket') !== undefined) node = this.subscript(node);
      else if (this.accept('left-paren') !== undefined)
        node = {kind: 'call', target: node, args: this.arguments(), ...this.span(node)};
      else return node;
    }
  }

  private dotted(target: Expression): Expression {
    const token = this.take();
    if (token.type === 'int') {
      const key: Expression = {kind: 'constant', value: token.literal ?? null, ...this.span(token)};
      return {kind: 'item', target, key, ...this.span(target)};
    }
    if (!['symbol', 'boolean', 'none'].includes(token.type)) {
      this.pushToken(token);
      throw this.unexpected('a name after "."');
    }
    return {kind: 'attribute', target, name: token.value, ...this.span(target)};
  }

  private subscript(target: Expression): Expression {
    const from = this.at('colon') ? undefined : this.conditional();
    if (this.accept('colon') === undefined) {
      this.require('right-bracket', '"]"');
      if (from === undefined) throw this.unexpected('an index');
      return {kind: 'item', target, key: from, ...this.span(target)};
    }
    const bound = () => (this.at('colon') || this.at('right-bracket') ? undefined : this.conditional());
    const to = bound();
    const step = this.accept('colon') === undefined ? undefined : bound();
    this.require('right-bracket', '"]"');
    return {kind: 'slice', target, from, to, step, ...this.span(target)};
  }

  /** The arguments of a call after its "(". */
  protected arguments(): Arguments {
    const positional: {value: Expression; spread: boolean}[] = [];
    const named: {name: string | undefined; value: Expression}[] = [];
    let first = true;
    while (this.accept('right-paren') === undefined) {
      if (!first) {
        this.require('comma', '"," or ")"');
        if (this.accept('right-paren') !== undefined) break;
      }
      first = false;
      if (this.accept('operator', '*') !== undefined) positional.push({value: this.conditional(), spread: true});
      else if (this.accept('operator', '**') !== undefined) named.push({name: undefined, value: this.conditional()});
      else this.argument(positional, named);
    }
    return {positional, named};
  }

  private argument(
    positional: {value: Expression; spread: boolean}[],
    named: {name: string | undefined; value: Expression}[],
  ): void {
    const value = this.conditional();
    if (value.kind === 'name' && this.accept('operator', '=') !== undefined) {
      named.push({name: value.name, value: this.conditional()});
    } else if (named.length > 0) {
      throw new TemplateFailure('E_TEMPLATE_SYNTAX', 'an argument without a name stands after one with a name', {
        start: value.start,
        end: value.end,
      });
    } else positional.push({value, spread: false});
  }

  private filtersAndTests(start: Expression): Expression {
    let node = start;
    for (;;) {
      if (this.accept('pipe') !== undefined) node = this.filter(node);
      else if (this.accept('symbol', 'is') !== undefined) node = this.test(node);
      else if (this.accept('left-paren') !== undefined)
        node = {kind: 'call', target: node, args: this.arguments(), ...this.span(node)};
      else return node;
    }
  }

  /** One filter after its "|". */
  protected filter(target: Expression): Expression {
    const token = this.require('symbol', 'the name of a filter');
    const name = this.dottedName(token);
    const place = this.span(token);
    const args = this.accept('left-paren') === undefined ? {positional: [], named: []} : this.arguments();
    return {kind: 'filter', name, target, args, ...place};
  }

  private dottedName(first: Token): string {
    let name = first.value;
    while (this.accept('operator', '.') !== undefined) name += `.${this.require('symbol', 'a name').value}`;
    return name;
  }

  private test(target: Expression): Expression {
    const negated = this.accept('symbol', 'not') !== undefined;
    const token = this.take();
    if (!['symbol', 'boolean', 'none'].includes(token.type)) {
      this.pushToken(token);
      throw this.unexpected('the name of a test');
    }
    const name = this.dottedName(token);
    const place = this.span(token);
    return {kind: 'test', name, target, args: this.testArguments(), negated, ...place};
  }

  private testArguments(): Arguments {
    if (this.accept('left-paren') !== undefined) return this.arguments();
    const token = this.peekToken();
    const isArgument =
      token !== null && TEST_ARGUMENT.has(token.type) && !(token.type === 'symbol' && NOT_ARGUMENTS.has(token.value));
    if (!isArgument) return {positional: [], named: []};
    return {positional: [{value: this.postfix(this.primary()), spread: false}], named: []};
  }
}
