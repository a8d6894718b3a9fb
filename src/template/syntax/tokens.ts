/**
 * The tokens of a template, cut as Jinja2's own lexer cuts them (braces are balanced, whitespace control and
 * `trim_blocks` are applied here), in the shape that nunjucks's parser reads.
 */
import {TemplateFailure} from '../failure.ts';
import type {PyFloat} from '../values/model.ts';
import {CodeScanner} from './code-scanner.ts';

/** One token; types are nunjucks's. `colno` is the offset in the text. */
export interface Token {
  readonly type: string;
  readonly value: string;
  readonly lineno: 0;
  readonly colno: number;
  readonly end: number;
  /** The value of a string or number. */
  readonly literal?: null | boolean | number | bigint | string | PyFloat;
}

/** What follows a tag: keep all, drop one newline (`trim_blocks`), drop all white space (`-%}`). */
type Trim = 'keep' | 'newline' | 'all';

/** Whether backslashes in strings mean something: nowhere inside `{{ }}` for values out of YAML (Ansible doubles them there). */
export type Escapes = 'python' | 'raw-in-output';

const OPENER = /\{%|\{\{|\{#/g;
const RAW_BEGIN = /\{%[-+]?\s*raw\s*(-?)%\}/y;
const RAW_END = /\{%([-+]?)\s*endraw\s*([-+]?)%\}/g;

/** Cuts a whole template. Throws E_TEMPLATE_SYNTAX. */
export function tokenizeTemplate(text: string, escapes: Escapes): Token[] {
  return new TemplateLexer(text, escapes).run();
}

/** Cuts a bare expression (`when`) as if it stood in `{{ }}`; strings have Python's escapes. Throws E_TEMPLATE_SYNTAX. */
export function tokenizeExpression(text: string): Token[] {
  const tokens: Token[] = [tag('variable-start', '{{', 0, 0)];
  const scanner = new CodeScanner(text, 0, 'python', tokens);
  scanner.run('expression', 0);
  return tokens;
}

function tag(type: string, value: string, colno: number, end: number): Token {
  return {type, value, lineno: 0, colno, end};
}

class TemplateLexer {
  readonly #text: string;
  readonly #escapes: Escapes;
  readonly #tokens: Token[] = [];
  #position = 0;
  #trim: Trim = 'keep';

  constructor(text: string, escapes: Escapes) {
    this.#text = text;
    this.#escapes = escapes;
  }

  run(): Token[] {
    while (this.#position < this.#text.length) {
      OPENER.lastIndex = this.#position;
      const opener = OPENER.exec(this.#text);
      if (opener === null) {
        this.#data(this.#position, this.#text.length, false);
        break;
      }
      const start = opener.index;
      this.#data(this.#position, start, this.#text[start + 2] === '-');
      if (opener[0] === '{#') this.#comment(start);
      else this.#code(start, opener[0]);
    }
    return this.#tokens;
  }

  /** Literal text between two tags. */
  #data(start: number, end: number, stripEnd: boolean): void {
    let data = this.#text.slice(start, end);
    if (this.#trim === 'newline') data = data.replace(/^\r?\n/, '');
    if (this.#trim === 'all') data = data.trimStart();
    if (stripEnd) data = data.trimEnd();
    this.#trim = 'keep';
    if (data !== '') this.#tokens.push(tag('data', data.replaceAll(/\r\n?/g, '\n'), start, end));
  }

  #comment(start: number): void {
    const close = this.#text.indexOf('#}', start + 2);
    if (close === -1) throw unclosed('a comment "{#" is never closed by "#}"', start);
    const sign = close > start + 2 ? this.#text[close - 1] : '';
    this.#trim = sign === '-' ? 'all' : sign === '+' ? 'keep' : 'newline';
    this.#position = close + 2;
  }

  #code(start: number, opener: string): void {
    const isBlock = opener === '{%';
    if (isBlock && this.#raw(start)) return;
    const signed = /[-+]/.test(this.#text[start + 2] ?? '') && (isBlock || this.#text[start + 2] === '-');
    this.#tokens.push(tag(isBlock ? 'block-start' : 'variable-start', opener, start, start + 2));
    const escapes = isBlock ? 'python' : this.#escapes;
    const scanner = new CodeScanner(this.#text, start + (signed ? 3 : 2), escapes, this.#tokens);
    const closing = scanner.run(isBlock ? 'block' : 'variable', start);
    this.#position = scanner.position;
    if (closing.startsWith('-')) this.#trim = 'all';
    else this.#trim = isBlock && !closing.startsWith('+') ? 'newline' : 'keep';
  }

  /** `{% raw %}…{% endraw %}` becomes literal text. */
  #raw(start: number): boolean {
    RAW_BEGIN.lastIndex = start;
    const begin = RAW_BEGIN.exec(this.#text);
    if (begin === null) return false;
    RAW_END.lastIndex = RAW_BEGIN.lastIndex;
    const end = RAW_END.exec(this.#text);
    if (end === null) throw unclosed('"{% raw %}" is never closed by "{% endraw %}"', start);
    this.#trim = begin[1] === '-' ? 'all' : 'keep';
    this.#data(start + begin[0].length, end.index, end[1] === '-');
    this.#trim = end[2] === '-' ? 'all' : end[2] === '+' ? 'keep' : 'newline';
    this.#position = end.index + end[0].length;
    return true;
  }
}

function unclosed(message: string, start: number): TemplateFailure {
  return new TemplateFailure('E_TEMPLATE_SYNTAX', message, {
    start,
    end: start + 2,
    hint: 'close it, or write it as {{ "{#" }} if it is meant as text.',
  });
}
