/** How PyYAML writes a string: plain where it reads back as a string, else in single, else in double quotes; folded at a width. */

/** Where a scalar is written. */
export interface ScalarPlace {
  readonly column: number;
  readonly width: number;
  /** Indentation of continued lines. */
  readonly indent: number;
  readonly isKey: boolean;
  readonly isFlow: boolean;
}

/** Texts that YAML 1.1 would read as something other than a string: PyYAML's implicit resolvers. */
const IMPLICIT: readonly RegExp[] = [
  /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
  /^(?:~|null|Null|NULL|)$/,
  /^(?:<<|=)$/,
  /^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/,
  /^(?:[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  /^(?:\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?)$/,
];

const BREAKS = '\n\x85\u2028\u2029';

/** The text of a string scalar. */
export function writeScalar(text: string, place: ScalarPlace): string {
  const traits = analyze(text);
  const isPlain =
    !IMPLICIT.some(pattern => pattern.test(text)) &&
    text !== '' &&
    (place.isFlow ? traits.flowPlain : traits.blockPlain) &&
    !(place.isKey && traits.multiline);
  if (isPlain) return folded(text, place);
  if (traits.singleQuoted && !(place.isKey && traits.multiline)) return singleQuoted(text, place);
  return doubleQuoted(text, place);
}

interface Traits {
  readonly multiline: boolean;
  readonly flowPlain: boolean;
  readonly blockPlain: boolean;
  readonly singleQuoted: boolean;
}

/** What the characters of a text allow (PyYAML's `analyze_scalar`). */
function analyze(text: string): Traits {
  const isSpecial = Array.from(text).some(
    char => !/[\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/u.test(char),
  );
  const hasBreak = new RegExp(`[${BREAKS}]`).test(text);
  const hasEdgeSpace = /^[ \n\x85\u2028\u2029]|[ \n\x85\u2028\u2029]$/.test(text);
  const breakSpace = /[\n\x85\u2028\u2029] /.test(text);
  const spaceBreak = / [\n\x85\u2028\u2029]/.test(text);
  const documentMark = /^(?:---|\.\.\.)/.test(text);
  const blockIndicator =
    documentMark ||
    /^[#,[\]{}&*!|>'"%@`]/.test(text) ||
    /^[?:-](?:[\s\0]|$)/.test(text) ||
    /:(?:[ \t\r\n\0\x85\u2028\u2029]|$)/.test(text.slice(1)) ||
    /[ \t\r\n\0\x85\u2028\u2029]#/.test(text);
  const flowIndicator = blockIndicator || /^[?:]/.test(text) || /[,?[\]{}:]/.test(text.slice(1));
  const anyPlain = !hasEdgeSpace && !breakSpace && !spaceBreak && !isSpecial && !hasBreak;
  return {
    multiline: hasBreak,
    flowPlain: anyPlain && !flowIndicator,
    blockPlain: anyPlain && !blockIndicator,
    singleQuoted: !breakSpace && !spaceBreak && !isSpecial,
  };
}

/** Breaks at single spaces once the line is longer than the width; keys are never broken. */
function folded(text: string, place: ScalarPlace, start = place.column): string {
  if (place.isKey) return text;
  let column = start;
  let result = '';
  for (const piece of text.split(/( +)/)) {
    const isSingleSpace = piece === ' ';
    const isInside = result !== '' && result.length < text.length;
    if (isSingleSpace && column > place.width && isInside) {
      result += `\n${' '.repeat(place.indent)}`;
      column = place.indent;
    } else {
      result += piece;
      column += piece.length;
    }
  }
  return result;
}

function singleQuoted(text: string, place: ScalarPlace): string {
  const escaped = text.replaceAll("'", "''");
  if (!new RegExp(`[${BREAKS}]`).test(text)) return `'${folded(escaped, place, place.column + 1)}'`;
  // A line break is written as an empty line, so that folding gives it back.
  const lines = escaped.split('\n');
  const margin = ' '.repeat(place.indent);
  let result = `'${lines[0] ?? ''}`;
  for (const [index, line] of lines.slice(1).entries()) {
    const isFirstOfRun = index === 0 || lines[index] !== '';
    result += `${isFirstOfRun ? '\n' : ''}\n${line === '' && index < lines.length - 2 ? '' : margin}${line}`;
  }
  return `${result}'`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1b': 'e',
  '"': '"',
  '\\': '\\',
  '\x85': 'N',
  '\xa0': '_',
  '\u2028': 'L',
  '\u2029': 'P',
};

function doubleQuoted(text: string, place: ScalarPlace): string {
  let column = place.column + 1;
  let result = '"';
  const letters = Array.from(text);
  for (const [index, char] of letters.entries()) {
    const isFold =
      char === ' ' &&
      index > 0 &&
      index < letters.length - 1 &&
      !place.isKey &&
      column > place.width &&
      letters[index - 1] !== ' ';
    if (isFold) {
      const margin = ' '.repeat(place.indent);
      result += `\n${margin}${letters[index + 1] === ' ' ? '\\' : ''}`;
      column = place.indent;
      continue;
    }
    const piece = escapedChar(char);
    result += piece;
    column += piece.length;
  }
  return `${result}"`;
}

function escapedChar(char: string): string {
  const known = Object.hasOwn(ESCAPES, char) ? ESCAPES[char] : undefined;
  if (known !== undefined) return `\\${known}`;
  if (/[\x20-\x7e\xa1-\ud7ff\ue000-\ufefe\uff00-\ufffd]/u.test(char)) return char;
  const code = char.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
