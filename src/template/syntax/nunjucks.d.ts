/** The part of nunjucks 3.2 that is used: the statement parser. It is fed with our own tokens (`tokens.ts`). */
declare module 'nunjucks/src/parser.js' {
  /** What the parser reads; `lineno` is always 0 here and `colno` is the offset in the text. */
  export interface ParserToken {
    readonly type: string;
    readonly value: string;
    readonly lineno: number;
    readonly colno: number;
  }

  export interface TokenSource<T extends ParserToken> {
    nextToken(): T | null;
    readonly tags: {
      readonly VARIABLE_START: string;
      readonly VARIABLE_END: string;
      readonly COMMENT_START: string;
      readonly COMMENT_END: string;
    };
  }

  /** A node of nunjucks's own: the ones that `convert.ts` meets. */
  export interface ParserNode {
    readonly typename: string;
    readonly lineno: number;
    readonly colno: number;
    /** NodeList, Output. */
    readonly children?: readonly unknown[];
    /** TemplateData. */
    readonly value?: unknown;
    /** If. */
    readonly cond?: unknown;
    readonly body?: unknown;
    readonly else_?: unknown;
  }

  export class Parser<T extends ParserToken> {
    constructor(tokens: TokenSource<T>);
    breakOnBlocks: readonly string[] | null;
    nextToken(): T | null;
    peekToken(): T | null;
    pushToken(token: T | null): void;
    skip(type: string): boolean;
    skipValue(type: string, value: string): boolean;
    skipSymbol(name: string): boolean;
    fail(message: string, lineno?: number, colno?: number): never;
    advanceAfterBlockEnd(name?: string): T;
    parseAsRoot(): ParserNode;
    parseIf(): ParserNode;
    parseUntilBlocks(...names: string[]): ParserNode;
    parseStatement(): unknown;
    parseExpression(): unknown;
  }

  const module: {readonly Parser: typeof Parser};
  export default module;
}
