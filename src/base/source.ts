/** A text that the user wrote, and places in it. */

/** A file of the user's, or a text that stands for one (`<extra-vars>`). */
export interface SourceFile {
  /** As shown to the user: relative to the working directory where that is shorter. */
  readonly path: string;
  readonly text: string;
}

/** A stretch of a source file: UTF-16 offsets, `end` exclusive. */
export interface Location {
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
}

/** A place as people write it: both numbers count from 1. */
export interface Position {
  readonly line: number;
  readonly col: number;
}

/** Where an offset stands in its file. */
export function positionOf(file: SourceFile, offset: number): Position {
  const before = file.text.slice(0, offset);
  const lastBreak = before.lastIndexOf('\n');
  let line = 1;
  for (const char of before) if (char === '\n') line++;
  return {line, col: offset - lastBreak};
}

/** `file:line:col` of a location's start. */
export function formatLocation(at: Location): string {
  const {line, col} = positionOf(at.file, at.start);
  return `${at.file.path}:${line}:${col}`;
}

/** The whole line in which an offset stands, without its line break. */
export function lineAt(file: SourceFile, offset: number): string {
  const start = file.text.lastIndexOf('\n', offset - 1) + 1;
  const end = file.text.indexOf('\n', offset);
  return file.text.slice(start, end === -1 ? undefined : end).replace(/\r$/, '');
}
