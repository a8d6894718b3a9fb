/** From an offset in a template to a place in the user's file. */
import type {Location} from '../base/source.ts';

/**
 * The place of `start..end` of `text` inside the location it came from. Exact where the text stands there as it is (template
 * files, plain and simply quoted scalars, block scalars line by line); elsewhere the whole location.
 */
export function narrow(at: Location, text: string, start: number, end: number): Location {
  const source = at.file.text.slice(at.start, at.end);
  const whole = onlyIndex(source, text);
  if (whole !== undefined) return place(at, whole + start, end - start);
  return narrowToLine(at, source, text, start, end) ?? at;
}

/** Block scalars and folded ones: the line of the template, without its indentation, if it stands there once. */
function narrowToLine(at: Location, source: string, text: string, start: number, end: number): Location | undefined {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const lineEnd = text.indexOf('\n', start);
  const line = text.slice(lineStart, lineEnd === -1 ? undefined : lineEnd);
  const indent = line.length - line.trimStart().length;
  const found = line.trim() === '' ? undefined : onlyIndex(source, line.trim());
  if (found === undefined) return undefined;
  const offset = found + start - lineStart - indent;
  return place(at, offset, Math.min(end, lineStart + line.length) - start);
}

function place(at: Location, offset: number, length: number): Location {
  const start = Math.min(at.start + Math.max(0, offset), Math.max(at.start, at.end - 1));
  return {file: at.file, start, end: Math.min(start + Math.max(1, length), Math.max(at.end, start + 1))};
}

function onlyIndex(source: string, text: string): number | undefined {
  const first = source.indexOf(text);
  return first !== -1 && source.indexOf(text, first + 1) === -1 ? first : undefined;
}
