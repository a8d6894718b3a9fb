/** `key=value key2="two words"`: Ansible's `parse_kv`, used for `-e` and for free-form arguments. */
import {err, ok, type Result} from '../base/result.ts';

/** One `key=value`; offsets are into the text. */
export interface KeyValue {
  readonly key: string;
  readonly value: string;
  readonly keyStart: number;
  readonly valueStart: number;
  readonly end: number;
}

interface Word {
  readonly start: number;
  readonly end: number;
}

/** Every pair of a text; fails with a sentence about the first word that is none, or an open quote. */
export function splitKeyValues(text: string): Result<readonly KeyValue[], {readonly message: string} & Word> {
  const pairs: KeyValue[] = [];
  const words = splitWords(text);
  if (!words.ok) return words;
  for (const {start, end} of words.value) {
    const word = text.slice(start, end);
    const equals = word.indexOf('=');
    if (equals <= 0) return err({message: `"${word}" is not of the form name=value`, start, end});
    const valueStart = start + equals + 1;
    pairs.push({key: word.slice(0, equals), value: unquote(word.slice(equals + 1)), keyStart: start, valueStart, end});
  }
  return ok(pairs);
}

/** Words separated by white space that is outside quotes and outside `{{ … }}`. */
function splitWords(text: string): Result<readonly Word[], {readonly message: string} & Word> {
  const words: Word[] = [];
  let start = -1;
  let inside: Inside = {quote: '', depth: 0};
  for (let index = 0; index < text.length; index++) {
    if (isOutside(inside) && /\s/.test(text.charAt(index))) {
      if (start !== -1) words.push({start, end: index});
      start = -1;
      continue;
    }
    if (start === -1) start = index;
    inside = step(inside, text, index);
  }
  if (start !== -1) words.push({start, end: text.length});
  if (isOutside(inside)) return ok(words);
  const message = inside.quote === '' ? 'a "{{" has no "}}"' : `a quote (${inside.quote}) is not closed`;
  return err({message, start, end: text.length});
}

/** The quote that is open ('' = none), and how many `{{` are. */
interface Inside {
  readonly quote: string;
  readonly depth: number;
}

function isOutside({quote, depth}: Inside): boolean {
  return quote === '' && depth === 0;
}

function step({quote, depth}: Inside, text: string, index: number): Inside {
  const char = text.charAt(index);
  const isQuote = (char === '"' || char === "'") && text[index - 1] !== '\\';
  if (isQuote && (quote === '' || quote === char)) return {quote: quote === '' ? char : '', depth};
  if (text.startsWith('{{', index)) return {quote, depth: depth + 1};
  if (text.startsWith('}}', index)) return {quote, depth: Math.max(0, depth - 1)};
  return {quote, depth};
}

/** Without the quotes around it, as Ansible does: only where the same quote begins and ends it. */
function unquote(text: string): string {
  const first = text.charAt(0);
  if (text.length < 2 || (first !== '"' && first !== "'") || !text.endsWith(first) || text.at(-2) === '\\') return text;
  return text.slice(1, -1);
}
