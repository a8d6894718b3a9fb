/** A command line as a list of words, as Ansible's `command` splits it: quotes and backslashes, no shell. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {err, ok, type Result} from '../base/result.ts';

/** Splits like Python's `shlex.split`. Fails with `E_TASK_COMMAND` on an open quote. */
export function commandWords(text: string): Result<readonly string[], Diagnostic> {
  const words: string[] = [];
  let word: string | undefined;
  let rest = text;
  while (rest !== '') {
    const blank = /^\s+/.exec(rest);
    if (blank !== null) {
      if (word !== undefined) words.push(word);
      word = undefined;
      rest = rest.slice(blank[0].length);
      continue;
    }
    const piece = nextPiece(rest);
    if (piece === undefined) {
      const hint = 'close the quote, or write the words as a list in "argv".';
      return err(
        problem('E_TASK_COMMAND', `the command has a quote or backslash that does not end: ${rest.slice(0, 40)}`, {
          hint,
        }),
      );
    }
    word = (word ?? '') + piece.text;
    rest = rest.slice(piece.length);
  }
  return ok(word === undefined ? words : [...words, word]);
}

/** Plain characters, one escaped character, or one quoted stretch; undefined where a quote or backslash has no end. */
function nextPiece(rest: string): {readonly text: string; readonly length: number} | undefined {
  const plain = /^[^\s'"\\]+/.exec(rest);
  if (plain !== null) return {text: plain[0], length: plain[0].length};
  const single = /^'([^']*)'/.exec(rest);
  if (single !== null) return {text: single[1] ?? '', length: single[0].length};
  const double = /^"((?:[^"\\]|\\[\s\S])*)"/.exec(rest);
  if (double !== null) return {text: (double[1] ?? '').replace(/\\(["\\])/g, '$1'), length: double[0].length};
  const escaped = /^\\([\s\S])/.exec(rest);
  return escaped === null ? undefined : {text: escaped[1] ?? '', length: 2};
}
