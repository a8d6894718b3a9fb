/** Jinja2's operands: literals, names, items and slices, calls with all kinds of arguments, filters, tests. */
import {TemplateFailure} from '../failure.ts';
import type {Arguments, Expression} from './nodes.ts';
import {TokenParser} from './token-parser.ts';
import type {Token} from './tokens.ts';

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

/** Everything between two operators. */
export abstract class OperandParser extends TokenParser {
  /** A whole expression, inline `if` included. */
  protected abstract conditional(): Expression;

  /** One or more expressions with commas between; more than one (or a comma) make a tuple. */
  protected abstract tuple(withIf: boolean, atEnd: () => boolean): Expression;

  protected primary(): Expression {
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

  protected postfix(start: Expression): Expression {
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

  protected filtersAndTests(start: Expression): Expression {
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
