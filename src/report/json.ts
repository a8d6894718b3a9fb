/** Events as JSON, one a line: the stable form for programs (docs/output.md). */
import type {Diagnostic} from '../base/diagnostic.ts';
import type {Event} from '../base/event.ts';
import {type Location, positionOf} from '../base/source.ts';
import type {Reporter, Write} from './reporter.ts';

/** Number of the form below; it grows only when a field changes its meaning or goes away. */
export const JSON_SCHEMA = 1;

/** Settings of the JSON view. */
export interface JsonOptions {
  /** `--diff`: contents of files before and after. Without it `diffs` is empty. */
  readonly diff: boolean;
  /** `-v`: traces up to this level. */
  readonly verbosity: number;
}

/** One event per line. */
export function createJsonReporter(write: Write, {diff, verbosity}: JsonOptions): Reporter {
  return {
    on(event) {
      if (event.type === 'trace' && event.level > verbosity) return;
      write(`${JSON.stringify(eventToJson(event, diff))}\n`.replace(INVISIBLE, escaped));
    },
    close() {},
  };
}

/** Characters that JSON may hold as they are, but that could act on a terminal. */
const INVISIBLE = /[\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** An event as plain data: places as `{file, line, col}`, absent things left out. */
export function eventToJson(event: Event, diff: boolean): Readonly<Record<string, unknown>> {
  switch (event.type) {
    case 'run-start':
      return {...event, schema: JSON_SCHEMA};
    case 'task-end':
      return {...event, diffs: diff ? event.diffs : [], diagnostics: event.diagnostics.map(diagnosticToJson)};
    case 'diagnostic':
    case 'host-unreachable':
      return {...event, diagnostic: diagnosticToJson(event.diagnostic)};
    default:
      return {...event};
  }
}

/** A diagnostic without the text of its file. */
export function diagnosticToJson({
  code,
  severity,
  message,
  hint,
  at,
  related,
}: Diagnostic): Readonly<Record<string, unknown>> {
  return {
    code,
    severity,
    message,
    ...(hint === undefined ? {} : {hint}),
    ...(at === undefined ? {} : {at: placeToJson(at)}),
    ...(related === undefined
      ? {}
      : {related: related.map(other => ({message: other.message, at: placeToJson(other.at)}))}),
  };
}

function placeToJson({file, start}: Location): Readonly<Record<string, unknown>> {
  return {file: file.path, ...positionOf(file, start)};
}
