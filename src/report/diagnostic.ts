/** Draws what is wrong: `file:line:col CODE message`, the line with its place underlined, related places, the next action. */
import type {Diagnostic} from '../base/diagnostic.ts';
import {printable, printableLine} from '../base/printable.ts';
import {formatLocation, type Location, lineAt, positionOf} from '../base/source.ts';
import type {Paint} from './paint.ts';
import {blanksFor, displayWidth} from './width.ts';

/** A source line longer than this (UTF-16 units) is cut around the place. */
const MAX_LINE = 160;
/** Units of context kept before the place in a cut line. */
const CONTEXT = 60;

/** A diagnostic as lines of text, without a final newline. Text from hosts and inventories is made printable. */
export function drawDiagnostic(diagnostic: Diagnostic, paint: Paint): string {
  const {code, severity, message, hint, at, related = []} = diagnostic;
  const place = at === undefined ? '' : `${paint('bold', printableLine(formatLocation(at)))} `;
  const lines = [
    `${place}${paint(severity === 'error' ? 'red' : 'yellow', code)} ${indentRest(printable(message).trim(), '  ')}`,
  ];
  if (at !== undefined) lines.push(...drawPlace(at, paint));
  for (const other of related) {
    lines.push(`  ${paint('bold', printableLine(formatLocation(other.at)))} ${printableLine(other.message)}`);
    lines.push(...drawPlace(other.at, paint));
  }
  if (hint !== undefined) lines.push(`  ${paint('cyan', 'hint:')} ${indentRest(printable(hint).trim(), '        ')}`);
  return lines.join('\n');
}

/** Several diagnostics, an empty line between them. */
export function drawDiagnostics(diagnostics: readonly Diagnostic[], paint: Paint): string {
  return diagnostics.map(diagnostic => drawDiagnostic(diagnostic, paint)).join('\n\n');
}

/** The source line, and `~` under the part that is meant. A tab stays a tab and a wide character counts twice, so that both line up. */
function drawPlace({file, start, end}: Location, paint: Paint): string[] {
  const line = lineAt(file, start);
  if (line.trim() === '') return [];
  const col = Math.min(positionOf(file, start).col - 1, line.length);
  const from = line.length > MAX_LINE && col > CONTEXT ? wholeChar(line, col - CONTEXT) : 0;
  const to = Math.min(line.length, wholeChar(line, from + MAX_LINE));
  const stop = Math.min(to, Math.max(col, col + end - start));
  const before = `${from > 0 ? '…' : ''}${printable(line.slice(from, col))}`;
  const meant = printable(line.slice(col, stop));
  const after = `${printable(line.slice(stop, to))}${to < line.length ? '…' : ''}`;
  const squiggle = '~'.repeat(Math.max(1, displayWidth(meant.trimEnd())));
  return [`    ${before}${meant}${after}`.trimEnd(), `    ${blanksFor(before)}${paint('red', squiggle)}`];
}

/** The nearest index at or before this one that does not split a surrogate pair. */
function wholeChar(text: string, index: number): number {
  const code = text.charCodeAt(index);
  return code >= 0xdc00 && code <= 0xdfff ? index - 1 : index;
}

function indentRest(text: string, indent: string): string {
  return text.replaceAll('\n', `\n${indent}`);
}

/** Diagnostics by file, then place; those without a place last, each group in the order given. Equal ones are kept once. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  const unique = diagnostics.filter(({code, message, at}) => {
    const key = JSON.stringify([code, message, at?.file.path, at?.start]);
    return !seen.has(key) && seen.add(key);
  });
  return unique.sort((a, b) => {
    if (a.at === undefined || b.at === undefined) return Number(a.at === undefined) - Number(b.at === undefined);
    if (a.at.file.path !== b.at.file.path) return a.at.file.path < b.at.file.path ? -1 : 1;
    return a.at.start - b.at.start;
  });
}

/**
 * A GitHub workflow command (`::error file=…,line=…,col=…,title=…::message`): the place is marked in the pull request.
 * @see https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
export function annotation({code, severity, message, hint, at}: Diagnostic): string {
  const properties = [`title=${escapeProperty(code)}`];
  if (at !== undefined) {
    const {line, col} = positionOf(at.file, at.start);
    properties.unshift(`file=${escapeProperty(at.file.path)}`, `line=${line}`, `col=${col}`);
  }
  const text = hint === undefined ? message : `${message}\nhint: ${hint}`;
  return `::${severity} ${properties.join(',')}::${escapeData(printable(text))}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
