/** nunjucks's parser, fed with our tokens: taking and requiring tokens, places, syntax errors. */
import nunjucks from 'nunjucks/src/parser.js';
import {TemplateFailure} from '../failure.ts';
import type {Token} from './tokens.ts';

const TAGS = {VARIABLE_START: '{{', VARIABLE_END: '}}', COMMENT_START: '{#', COMMENT_END: '#}'};

/** What all levels of the grammar use. */
export class TokenParser extends nunjucks.Parser<Token> {
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
}
