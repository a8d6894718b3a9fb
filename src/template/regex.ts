/** Python's regular expressions on JavaScript's engine. */
import {TemplateFailure, typeFailure} from './failure.ts';
import {PatternTranslator} from './regex-translate.ts';
import {limit, type Meter} from './values/meter.ts';

/** Texts longer than this are not searched. */
const MAX_SUBJECT = 1024 * 1024;
/** A group of one repeated atom that is repeated itself, `(a+)+`: takes exponential time on a text that does not match. */
const EXPONENTIAL = /\((?:\?:|\?P<\w+>)?(?:\\.|\[(?:\\.|[^\]\\])*\]|[^()[\]\\|])[+*]\??\)(?:[+*]|\{\d*,)/;

/** Flags that filters and tests take as arguments. */
export interface RegexFlags {
  readonly ignoreCase?: boolean;
  readonly multiline?: boolean;
}

/** A compiled pattern (with the `g` flag, `d` not); what Python can and this cannot is E_TEMPLATE_UNSUPPORTED. */
export function compilePattern(
  pattern: string,
  flags: RegexFlags,
  mode: 'search' | 'match' | 'fullmatch' = 'search',
): RegExp {
  if (EXPONENTIAL.test(pattern)) throw limit(`the pattern "${pattern}" repeats a repetition: it could take forever`);
  const translated = new PatternTranslator(pattern, flags).run();
  const source =
    mode === 'search' ? translated.source : `(?:${translated.source})${mode === 'fullmatch' ? '(?![\\s\\S])' : ''}`;
  try {
    return new RegExp(source, `u${mode === 'search' ? 'g' : 'y'}${translated.ignoreCase ? 'i' : ''}`);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^Invalid regular expression: .*: /, '') : '';
    throw typeFailure(`"${pattern}" is not a valid regular expression: ${reason}`);
  }
}

/** Pays for a search in a text. */
export function paySearch(subject: string, meter: Meter): void {
  if (subject.length > MAX_SUBJECT) throw limit(`a text of more than ${MAX_SUBJECT} characters is not searched`);
  meter.step(1 + Math.ceil(subject.length / 16));
}

/** A replacement text of Python's `re.sub`: `\1`, `\g<1>`, `\g<name>`, `\n`. */
export function expandReplacement(replacement: string, match: RegExpExecArray): string {
  return replacement.replaceAll(
    /\\(?:g<([^>]*)>|([1-9]\d?)|([\s\S]))|\\$/g,
    (whole, named?: string, digits?: string, char?: string) => {
      if (named !== undefined) return groupOf(match, /^\d+$/.test(named) ? Number(named) : named);
      if (digits !== undefined) return groupOf(match, Number(digits));
      return escapedChar(whole, char);
    },
  );
}

/** The text of a group ('' where it took no part); a group that does not exist is an E_TEMPLATE_TYPE. */
export function groupOf(match: RegExpExecArray, group: number | string): string {
  if (typeof group === 'number') {
    if (group >= match.length) throw typeFailure(`the pattern has no group ${group}`);
    return match[group] ?? '';
  }
  if (match.groups === undefined || !Object.hasOwn(match.groups, group))
    throw typeFailure(`the pattern has no group "${group}"`);
  return match.groups[group] ?? '';
}

const CHARS: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  f: '\f',
  v: '\v',
  b: '\b',
  '\\': '\\',
  '0': '\0',
};

function escapedChar(whole: string, char: string | undefined): string {
  if (char === undefined) throw typeFailure('the replacement ends with a single backslash');
  const known = Object.hasOwn(CHARS, char) ? CHARS[char] : undefined;
  if (known !== undefined) return known;
  if (/[a-zA-Z]/.test(char))
    throw new TemplateFailure('E_TEMPLATE_TYPE', `"${whole}" means nothing in a replacement`, {
      hint: 'groups are \\1 or \\g<name>.',
    });
  return whole;
}
