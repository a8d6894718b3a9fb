/** Rewrites a Python pattern for JavaScript's `u` mode. */
import {TemplateFailure, typeFailure} from './failure.ts';

const CLASSES: Readonly<Record<string, string>> = {
  d: '\\p{Nd}',
  w: '\\p{L}\\p{N}_',
  s: '\\s',
  D: '\\P{Nd}',
  S: '\\S',
  W: '\\W',
};
const CONTROLS: Readonly<Record<string, string>> = {n: '\\n', r: '\\r', t: '\\t', f: '\\f', v: '\\v', a: '\\x07'};
const END = '(?![\\s\\S])';

/** Translates one pattern. */
export class PatternTranslator {
  readonly #pattern: string;
  #position = 0;
  #ignoreCase: boolean;
  #multiline: boolean;
  #dotAll = false;

  constructor(pattern: string, flags: {readonly ignoreCase?: boolean; readonly multiline?: boolean}) {
    this.#pattern = pattern;
    this.#ignoreCase = flags.ignoreCase ?? false;
    this.#multiline = flags.multiline ?? false;
  }

  run(): {readonly source: string; readonly ignoreCase: boolean} {
    this.#inlineFlags();
    let source = '';
    while (this.#position < this.#pattern.length) source += this.#next();
    return {source, ignoreCase: this.#ignoreCase};
  }

  /** `(?im)` at the start. */
  #inlineFlags(): void {
    const match = /^\(\?([aiLmsux]+)\)/.exec(this.#pattern);
    if (match === null) return;
    const flags = match[1] ?? '';
    if (flags.includes('x')) throw unsupported('verbose patterns "(?x)"');
    this.#ignoreCase ||= flags.includes('i');
    this.#multiline ||= flags.includes('m');
    this.#dotAll = flags.includes('s');
    this.#position = match[0].length;
  }

  #next(): string {
    const char = this.#pattern[this.#position] ?? '';
    switch (char) {
      case '\\':
        return this.#escape(false);
      case '[':
        return this.#class();
      case '(':
        return this.#group();
      case '{':
        return this.#brace();
      default:
        this.#position++;
        return this.#plain(char);
    }
  }

  #plain(char: string): string {
    switch (char) {
      case '.':
        return this.#dotAll ? '[\\s\\S]' : '[^\\n]';
      case '^':
        return this.#multiline ? '(?<![^\\n])' : '(?<![\\s\\S])';
      case '$':
        return this.#multiline ? `(?=\\n|${END})` : `(?=\\n?${END})`;
      case '}':
      case ']':
        return `\\${char}`;
      case '*':
      case '+':
      case '?':
        if (this.#pattern[this.#position] === '+') throw unsupported(`possessive "${char}+"`);
        return char;
      default:
        return char;
    }
  }

  #group(): string {
    const rest = this.#pattern.slice(this.#position);
    const named = /^\(\?P<(\w+)>/.exec(rest);
    if (named !== null) return this.#skip(named[0], `(?<${named[1]}>`);
    const reference = /^\(\?P=(\w+)\)/.exec(rest);
    if (reference !== null) return this.#skip(reference[0], `\\k<${reference[1]}>`);
    const comment = /^\(\?#[^)]*\)/.exec(rest);
    if (comment !== null) return this.#skip(comment[0], '');
    const known = /^\((?:\?:|\?=|\?!|\?<=|\?<!)?(?!\?)/.exec(rest);
    if (known === null) throw unsupported(`the group "${rest.slice(0, 4)}…"`);
    return this.#skip(known[0], known[0]);
  }

  #brace(): string {
    const match = /^\{(\d*)(,?)(\d*)\}/.exec(this.#pattern.slice(this.#position));
    const isQuantifier = match !== null && this.#position > 0 && (match[1] !== '' || match[3] !== '');
    if (!isQuantifier) return this.#skip('{', '\\{');
    return this.#skip(match[0], `{${match[1] === '' ? '0' : match[1]}${match[2]}${match[3]}}`);
  }

  #class(): string {
    this.#position++;
    let source = '[';
    if (this.#pattern[this.#position] === '^') source += this.#skip('^', '^');
    if (this.#pattern[this.#position] === ']') source += this.#skip(']', '\\]');
    while (this.#pattern[this.#position] !== ']') {
      const char = this.#pattern[this.#position];
      if (char === undefined) throw typeFailure(`the pattern "${this.#pattern}" has a "[" that is never closed`);
      source +=
        char === '\\'
          ? this.#escape(true)
          : this.#skip(char, char === '[' || char === '-' ? this.#classChar(char) : char);
    }
    return source + this.#skip(']', ']');
  }

  /** A hyphen that cannot be a range (after a class, at an end) would be an error in `u` mode. */
  #classChar(char: string): string {
    if (char === '[') return '\\[';
    const before = this.#pattern.slice(0, this.#position);
    const isLiteral =
      /(?:\[\^?|\\[dwsDWS])$/.test(before) ||
      this.#pattern[this.#position + 1] === ']' ||
      /^-\\[dwsDWS]/.test(this.#pattern.slice(this.#position));
    return isLiteral ? '\\-' : '-';
  }

  #escape(inClass: boolean): string {
    const rest = this.#pattern.slice(this.#position + 1);
    const char = rest[0];
    if (char === undefined) throw typeFailure(`the pattern "${this.#pattern}" ends with a single backslash`);
    const code = /^(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8}))/.exec(rest);
    if (code !== null) return this.#skip(`\\${code[0]}`, `\\u{${code[1] ?? code[2] ?? code[3]}}`);
    const octal = /^(?:0[0-7]{0,2}|[1-3][0-7]{2})/.exec(rest);
    if (octal !== null) return this.#skip(`\\${octal[0]}`, `\\u{${Number.parseInt(octal[0], 8).toString(16)}}`);
    const reference = /^[1-9]\d?/.exec(rest);
    if (reference !== null && !inClass) return this.#skip(`\\${reference[0]}`, `(?:\\${reference[0]})`);
    return this.#skip(`\\${char}`, this.#escaped(char, inClass));
  }

  #escaped(char: string, inClass: boolean): string {
    const set = Object.hasOwn(CLASSES, char) ? CLASSES[char] : undefined;
    if (set !== undefined) return inClass || !'dw'.includes(char) ? set : `[${set}]`;
    const control = Object.hasOwn(CONTROLS, char) ? CONTROLS[char] : undefined;
    if (control !== undefined) return control;
    if (char === 'b') return inClass ? '\\x08' : '\\b';
    if (char === 'B' && !inClass) return '\\B';
    if (char === 'A' && !inClass) return '(?<![\\s\\S])';
    if (char === 'Z' && !inClass) return END;
    if (/[a-zA-Z0-9]/.test(char)) throw typeFailure(`"\\${char}" means nothing in a regular expression`);
    if (char === '-') return inClass ? '\\-' : '-';
    return /[\^$\\.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char;
  }

  #skip(read: string, write: string): string {
    this.#position += read.length;
    return write;
  }
}

function unsupported(what: string): TemplateFailure {
  return new TemplateFailure('E_TEMPLATE_UNSUPPORTED', `regular expressions with ${what} are not supported`, {
    hint: 'write the pattern without it.',
  });
}
