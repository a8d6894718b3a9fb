/** Lines of a text that match an expression, replaced: Ansible's `replace`, line by line. */
import {TemplateFailure} from '../template/failure.ts';
import {compilePattern, expandReplacement} from '../template/regex.ts';

/** Which lines, and what they become (`\1`, `\g<name>` = groups). A Python regular expression. */
export interface LineEdit {
  readonly regexp: string;
  readonly line: string;
}

/** What is wrong with an edit; undefined where nothing is. */
export function patternFault({regexp, line}: LineEdit): string | undefined {
  try {
    compilePattern(regexp, {});
    // Groups of the replacement are checked against those of the expression: an alternative that is empty always matches.
    const match = compilePattern(`(?:${regexp})|`, {}).exec('');
    if (match !== null) expandReplacement(line, match);
    return line.includes('\n') ? '"line" holds a line break' : undefined;
  } catch (error) {
    if (error instanceof TemplateFailure) return error.message;
    throw error;
  }
}

/** The text with every matching line with what matches replaced, and how many matched. Line ends stay as they are. */
export function replaceLines(text: string, {regexp, line}: LineEdit): {readonly text: string; readonly count: number} {
  const pattern = compilePattern(regexp, {});
  let count = 0;
  const lines = text.split('\n').map(old => {
    const end = old.endsWith('\r') ? '\r' : '';
    const bare = end === '' ? old : old.slice(0, -1);
    pattern.lastIndex = 0;
    const match = pattern.exec(bare);
    if (match === null) return old;
    count++;
    return (
      bare.slice(0, match.index) + expandReplacement(line, match) + bare.slice(match.index + match[0].length) + end
    );
  });
  return {text: lines.join('\n'), count};
}
