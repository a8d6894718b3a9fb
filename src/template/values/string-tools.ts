/** Python's string operations, shared by methods and filters. */
import {typeFailure} from '../failure.ts';
import type {Meter} from './meter.ts';
import type {Value} from './model.ts';

/** First character upper, the rest lower. */
export function capitalize(text: string): string {
  const [first = '', ...rest] = Array.from(text);
  return first.toUpperCase() + rest.join('').toLowerCase();
}

/** Python's `str.title`: every run of letters starts upper. */
export function titleCase(text: string): string {
  return text.replaceAll(/\p{L}+/gu, capitalize);
}

/** Upper becomes lower and the other way round. */
export function swapCase(text: string): string {
  return Array.from(text, char => (char === char.toUpperCase() ? char.toLowerCase() : char.toUpperCase())).join('');
}

/** Takes white space, or any of `chars`, off one or both ends. */
export function strip(text: string, chars: Value, side: 'left' | 'right' | 'both'): string {
  if (chars !== null && typeof chars !== 'string') throw typeFailure('the characters to strip must be a string');
  const isStripped = (char: string) => (chars === null ? /\s/.test(char) : chars.includes(char));
  const letters = Array.from(text);
  let start = 0;
  let end = letters.length;
  if (side !== 'right') while (start < end && isStripped(letters[start] ?? '')) start++;
  if (side !== 'left') while (end > start && isStripped(letters[end - 1] ?? '')) end--;
  return letters.slice(start, end).join('');
}

/** `split()` without a separator: at runs of white space, none at the ends. */
export function splitSpaces(text: string, limit: number, fromEnd: boolean): string[] {
  const words: string[] = [];
  let rest = fromEnd ? text.trimEnd() : text.trimStart();
  while (rest !== '') {
    const found = words.length < limit ? (fromEnd ? /\s+\S*$/ : /\s+/).exec(rest) : null;
    if (found === null || (fromEnd && rest.slice(0, found.index) === '')) {
      words.push(fromEnd ? rest.trimStart() : limit === words.length ? rest : rest);
      break;
    }
    words.push(fromEnd ? found[0].trimStart() : rest.slice(0, found.index));
    rest = fromEnd ? rest.slice(0, found.index) : rest.slice(found.index + found[0].length);
  }
  return fromEnd ? words.reverse() : words;
}

/** `split(separator, limit)`; an empty separator is an error. */
export function splitOn(text: string, separator: string, limit: number, fromEnd: boolean): string[] {
  if (separator === '') throw typeFailure('the separator must not be empty');
  const parts = text.split(separator);
  if (parts.length - 1 <= limit) return parts;
  if (fromEnd) return [parts.slice(0, parts.length - limit).join(separator), ...parts.slice(parts.length - limit)];
  return [...parts.slice(0, limit), parts.slice(limit).join(separator)];
}

/** Ends of lines in Python: more than the usual two. */
const LINE_END = /\r\n|[\n\r\v\f\x85\u2028\u2029]/;

/** `splitlines`. */
export function lines(text: string, keepEnds: boolean): string[] {
  const pieces = text.split(new RegExp(`(${LINE_END.source})`));
  const all: string[] = [];
  for (let index = 0; index < pieces.length; index += 2)
    all.push((pieces[index] ?? '') + (keepEnds ? (pieces[index + 1] ?? '') : ''));
  if (all.at(-1) === '') all.pop();
  return all;
}

/** Fills up to a width. */
export function padded(text: string, width: number, fill: string, side: 'left' | 'right' | 'both'): string {
  const missing = Math.max(0, width - Array.from(text).length);
  if (side === 'left') return fill.repeat(missing) + text;
  if (side === 'right') return text + fill.repeat(missing);
  const left = Math.floor(missing / 2) + (missing % 2 === 1 && width % 2 === 1 ? 1 : 0);
  return fill.repeat(left) + text + fill.repeat(missing - left);
}

/** Replaces the first `limit` occurrences. */
export function replaceCount(text: string, old: string, replacement: string, limit: number, meter: Meter): string {
  const parts = old === '' ? ['', ...Array.from(text), ''] : text.split(old);
  meter.text(text.length + (parts.length - 1) * replacement.length);
  if (parts.length - 1 <= limit) return parts.join(replacement);
  return [...parts.slice(0, limit), parts.slice(limit).join(old)].join(replacement);
}
