/** Parts that several answers of an agent have in common. */
import {err, ok, type Result} from '../base/result.ts';

/** A fact, or in one line why there is none. */
export type Read<T> = Result<T, string>;

/** The first `count` lines, and what follows them. */
export function takeLines(bytes: Buffer, count: number): [lines: string[], rest: Buffer] {
  const lines: string[] = [];
  let start = 0;
  while (lines.length < count) {
    const end = bytes.indexOf(0x0a, start);
    if (end === -1) break;
    lines.push(bytes.toString('utf8', start, end));
    start = end + 1;
  }
  return [lines, bytes.subarray(start)];
}

/** Names in a directory, sorted. NUL ends every word: names may hold anything else. */
export function parseList(stdout: Buffer): Read<{exists: boolean; names: string[]}> {
  const text = stdout.toString();
  if (text === 'absent') return ok({exists: false, names: []});
  const words = text.split('\0');
  if (words.shift() !== 'present' || words.pop() !== '') return err('its answer is not understood');
  return ok({exists: true, names: words.sort()});
}
