/** The tree of a template, as the evaluator walks it. Places are UTF-16 offsets in the template's text. */
import type {PyFloat} from '../values/model.ts';

/** A stretch of the template. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type BinaryOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**' | '~';
export type CompareOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in';

/** Arguments of a call; `*list` and `**mapping` are `spread` ones. */
export interface Arguments {
  readonly positional: readonly {readonly value: Expression; readonly spread: boolean}[];
  /** A missing name marks `**mapping`. */
  readonly named: readonly {readonly name: string | undefined; readonly value: Expression}[];
}

export type Expression = Span &
  (
    | {readonly kind: 'constant'; readonly value: null | boolean | number | bigint | string | PyFloat}
    | {readonly kind: 'name'; readonly name: string}
    | {readonly kind: 'list' | 'tuple'; readonly items: readonly Expression[]}
    | {readonly kind: 'dict'; readonly pairs: readonly (readonly [Expression, Expression])[]}
    | {readonly kind: 'attribute'; readonly target: Expression; readonly name: string}
    | {readonly kind: 'item'; readonly target: Expression; readonly key: Expression}
    | {
        readonly kind: 'slice';
        readonly target: Expression;
        readonly from: Expression | undefined;
        readonly to: Expression | undefined;
        readonly step: Expression | undefined;
      }
    | {readonly kind: 'call'; readonly target: Expression; readonly args: Arguments}
    | {readonly kind: 'filter'; readonly name: string; readonly target: Expression; readonly args: Arguments}
    | {
        readonly kind: 'test';
        readonly name: string;
        readonly target: Expression;
        readonly args: Arguments;
        readonly negated: boolean;
      }
    | {readonly kind: 'unary'; readonly operator: '-' | '+' | 'not'; readonly operand: Expression}
    | {
        readonly kind: 'binary';
        readonly operator: BinaryOperator;
        readonly left: Expression;
        readonly right: Expression;
      }
    | {readonly kind: 'logic'; readonly operator: 'and' | 'or'; readonly left: Expression; readonly right: Expression}
    | {
        readonly kind: 'compare';
        readonly first: Expression;
        readonly rest: readonly {readonly operator: CompareOperator; readonly value: Expression}[];
      }
    | {
        readonly kind: 'if';
        readonly condition: Expression;
        readonly value: Expression;
        readonly otherwise: Expression | undefined;
      }
    /** The text that a block writes: `{% filter %}`, `{% set x %}…{% endset %}`. */
    | {readonly kind: 'capture'; readonly body: readonly Statement[]}
  );

/** What an assignment assigns to. */
export type Target =
  | {readonly kind: 'name'; readonly name: string}
  | {readonly kind: 'tuple'; readonly items: readonly Target[]}
  | {readonly kind: 'field'; readonly namespace: string; readonly name: string};

/** A parameter of a macro. */
export interface Parameter {
  readonly name: string;
  readonly fallback: Expression | undefined;
}

export type Statement =
  | {readonly kind: 'text'; readonly text: string}
  | {readonly kind: 'output'; readonly value: Expression}
  | {readonly kind: 'do'; readonly value: Expression}
  | {
      readonly kind: 'branch';
      readonly condition: Expression;
      readonly body: readonly Statement[];
      readonly otherwise: readonly Statement[];
    }
  | {
      readonly kind: 'loop';
      readonly target: Target;
      readonly over: Expression;
      readonly filter: Expression | undefined;
      readonly recursive: boolean;
      readonly body: readonly Statement[];
      readonly otherwise: readonly Statement[];
    }
  | {readonly kind: 'set'; readonly target: Target; readonly value: Expression}
  | {
      readonly kind: 'with';
      readonly bindings: readonly (readonly [Target, Expression])[];
      readonly body: readonly Statement[];
    }
  | {
      readonly kind: 'macro';
      readonly name: string;
      readonly parameters: readonly Parameter[];
      readonly body: readonly Statement[];
    }
  | {
      readonly kind: 'call-block';
      readonly call: Expression;
      readonly parameters: readonly Parameter[];
      readonly body: readonly Statement[];
    };
