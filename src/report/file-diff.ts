/** The difference between a file as it is and as it will be, as `diff -u` shows it. The only file that knows the `diff` package. */
import {structuredPatch} from 'diff';
import type {FileDiff} from '../base/event.ts';
import {printable} from '../base/printable.ts';
import type {Paint, Style} from './paint.ts';

/** Files that differ in more lines than this are not compared line by line: it would take too long and nobody would read it. */
const MAX_EDITS = 1500;
const STYLES: Readonly<Record<string, Style>> = {'+': 'green', '-': 'red', '\\': 'dim'};

/** A unified diff with three lines of context, without a final newline; '' where nothing differs. */
export function drawFileDiff({path, before, after}: FileDiff, paint: Paint): string {
  if (before === after) return '';
  const patch = structuredPatch('', '', before ?? '', after ?? '', undefined, undefined, {
    context: 3,
    maxEditLength: MAX_EDITS,
  });
  const lines = [
    paint('bold', `--- ${before === undefined ? '/dev/null' : `before: ${printable(path)}`}`),
    paint('bold', `+++ ${after === undefined ? '/dev/null' : `after: ${printable(path)}`}`),
  ];
  if (patch === undefined)
    return [...lines, `too different to show: ${lineCount(before)} before, ${lineCount(after)} after`].join('\n');
  for (const hunk of patch.hunks) {
    lines.push(paint('cyan', `@@ -${range(hunk.oldStart, hunk.oldLines)} +${range(hunk.newStart, hunk.newLines)} @@`));
    for (const line of hunk.lines) lines.push(paintLine(printable(line), paint));
  }
  return lines.join('\n');
}

function range(start: number, count: number): string {
  if (count === 0) return `${start - 1},0`;
  return count === 1 ? `${start}` : `${start},${count}`;
}

function paintLine(line: string, paint: Paint): string {
  const style = STYLES[line.charAt(0)];
  return style === undefined ? line : paint(style, line);
}

function lineCount(text: string | undefined): string {
  if (text === undefined) return 'no file';
  const count = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  return `${count} line${count === 1 ? '' : 's'}`;
}
