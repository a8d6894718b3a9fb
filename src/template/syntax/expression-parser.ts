/**
 * Jinja2's expressions on top of nunjucks's parser: nunjucks has other precedences (`10 * 3 // 4`, `a ~ b is c`), no tuples,
 * no slices, no chained inline `if`, no `*args`, so every level of its grammar is overridden here. Nodes are our own.
 */
import type {BinaryOperator, CompareOperator, Expression} from './nodes.ts';
import {OperandParser} from './operand-parser.ts';
import type {Token} from './tokens.ts';

const COMPARE: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);

/** The parser of expressions; `statement-parser.ts` adds the statements. */
export class ExpressionParser extends OperandParser {
  override parseExpression(): Expression {
    return this.tuple(true, () => this.at('variable-end') || this.at('block-end'));
  }

  /** One or more expressions with commas between; more than one (or a comma) make a tuple. */
  protected override tuple(withIf: boolean, atEnd: () => boolean): Expression {
    const first = this.single(withIf);
    if (!this.at('comma')) return first;
    const items = [first];
    while (this.accept('comma') !== undefined && !atEnd()) items.push(this.single(withIf));
    return {kind: 'tuple', items, ...this.span(first)};
  }

  protected single(withIf = true): Expression {
    return withIf ? this.conditional() : this.or();
  }

  protected override conditional(): Expression {
    let node = this.or();
    while (this.accept('symbol', 'if') !== undefined) {
      const condition = this.or();
      const otherwise = this.accept('symbol', 'else') === undefined ? undefined : this.conditional();
      node = {kind: 'if', condition, value: node, otherwise, ...this.span(node)};
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
}
