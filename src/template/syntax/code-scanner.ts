/** Cuts the inside of one `{{ }}` or `{% %}`. */
import {TemplateFailure} from '../failure.ts';
import {makeFloat, parseInteger} from '../values/number.ts';
import {unescapeString} from './escapes.ts';
import type {Escapes, Token} from './tokens.ts';

const SPACE = /\s+/y;
const STRING = /'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"/y;
const FLOAT = /(?<!\.)(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iy;
const INTEGER = /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy;
const NAME = /[\p{ID_Start}_][\p{ID_Continue}]*/uy;
const OPERATOR = /\/\/|\*\*|==|!=|>=|<=|[-+*/%~()[\]{}<>=.:|,]/y;
const CLOSERS = {block: /[-+]?%\}/y, variable: /-?\}\}/y, expression: /$/y} as const;
const PAIRS: Readonly<Record<string, string>> = {')': '(', ']': '[', '}': '{'};

const TYPES: Readonly<Record<string, string>> = {
  '(': 'left-paren',
  ')': 'right-paren',
  '[': 'left-bracket',
  ']': 'right-bracket',
  '{': 'left-curly',
  '}': 'right-curly',
  ',': 'comma',
  ':': 'colon',
  '~': 'tilde',
  '|': 'pipe',
};

const WORDS: Readonly<Record<string, {type: string; literal: null | boolean}>> = {
  true: {type: 'boolean', literal: true},
  True: {type: 'boolean', literal: true},
  false: {type: 'boolean', literal: false},
  False: {type: 'boolean', literal: false},
  none: {type: 'none', literal: null},
  None: {type: 'none', literal: null},
};

/** Reads tokens from a position on, up to the closing tag. */
export class CodeScanner {
  position: number;
  readonly #text: string;
  readonly #escapes: Escapes;
  readonly #tokens: Token[];
  readonly #open: {readonly char: string; readonly at: number}[] = [];

  constructor(text: string, position: number, escapes: Escapes, tokens: Token[]) {
    this.#text = text;
    this.position = position;
    this.#escapes = escapes;
    this.#tokens = tokens;
  }

  /** Reads to the end of the tag that opened at `start`; gives the closing tag as written (`-%}`). */
  run(kind: 'block' | 'variable' | 'expression', start: number): string {
    for (;;) {
      this.#take(SPACE);
      const at = this.position;
      const closing = this.#open.length === 0 ? this.#take(CLOSERS[kind]) : undefined;
      if (closing !== undefined) {
        this.#push(kind === 'block' ? 'block-end' : 'variable-end', kind === 'block' ? '%}' : '}}', at);
        return closing;
      }
      if (at >= this.#text.length) throw this.#unfinished(kind, start);
      this.#token(at);
    }
  }

  #token(at: number): void {
    const string = this.#take(STRING);
    if (string !== undefined) {
      const literal = this.#escapes === 'python' ? unescapeString(string.slice(1, -1)) : string.slice(1, -1);
      this.#push('string', string, at, literal.replaceAll(/\r\n?/g, '\n'));
      return;
    }
    const float = this.#take(FLOAT);
    if (float !== undefined) {
      this.#push('float', float, at, makeFloat(Number(float.replaceAll('_', ''))));
      return;
    }
    const integer = this.#take(INTEGER);
    if (integer !== undefined) {
      this.#push('int', integer, at, parseInteger(integer, 0) ?? 0);
      return;
    }
    const name = this.#take(NAME);
    if (name !== undefined) {
      this.#name(name, at);
      return;
    }
    const operator = this.#take(OPERATOR);
    if (operator === undefined) throw this.#unexpected(at);
    this.#balance(operator, at);
    this.#push(TYPES[operator] ?? 'operator', operator, at);
  }

  #name(name: string, at: number): void {
    const word = Object.hasOwn(WORDS, name) ? WORDS[name] : undefined;
    if (word === undefined) this.#push('symbol', name, at);
    else this.#push(word.type, name, at, word.literal);
  }

  #balance(operator: string, at: number): void {
    if ('([{'.includes(operator)) this.#open.push({char: operator, at});
    const wanted = PAIRS[operator];
    if (wanted !== undefined && this.#open.pop()?.char !== wanted) throw syntax(`unexpected "${operator}"`, at);
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.position += found.length;
    return found;
  }

  #push(type: string, value: string, at: number, literal?: Token['literal']): void {
    const token = {type, value, lineno: 0 as const, colno: at, end: this.position};
    this.#tokens.push(literal === undefined ? token : {...token, literal});
  }

  #unexpected(at: number): TemplateFailure {
    const char = this.#text[at] ?? '';
    if (char === '"' || char === "'") return syntax(`a string that starts with ${char} is never closed`, at);
    if (/\d/.test(char)) return syntax(`"${/^\w+/.exec(this.#text.slice(at))?.[0] ?? char}" is not a number`, at);
    return syntax(`unexpected character "${char}"`, at);
  }

  #unfinished(kind: string, start: number): TemplateFailure {
    const inner = this.#open.at(-1);
    if (inner !== undefined) return syntax(`"${inner.char}" is never closed`, inner.at);
    const [opener, closer] = kind === 'block' ? ['{%', '%}'] : ['{{', '}}'];
    return syntax(`"${opener}" is never closed by "${closer}"`, start);
  }
}

function syntax(message: string, start: number): TemplateFailure {
  return new TemplateFailure('E_TEMPLATE_SYNTAX', message, {start, end: start + 1});
}
