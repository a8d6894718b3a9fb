/** Draws how one task ended on the hosts where it ended alike. */
import type {Cause, Event, TaskStatus} from '../base/event.ts';
import {printable, printableLine} from '../base/printable.ts';
import {drawDiagnostic} from './diagnostic.ts';
import {drawFileDiff} from './file-diff.ts';
import type {Paint, Style} from './paint.ts';
import {titleOf} from './phase.ts';

type TaskEnd = Extract<Event, {type: 'task-end'}>;

/** What a text view shows. */
export interface TextOptions {
  readonly paint: Paint;
  /** A check run: operations and what they are for are shown without `-v`. */
  readonly check?: boolean;
  /** 0 = changes and failures; 1 = every end, every operation, every host by name; 2 and 3 = traces. */
  readonly verbosity: number;
  /** `--diff`: files before and after. */
  readonly diff: boolean;
}

/** Ansible's words for how a task ends. */
const WORDS: Readonly<Record<TaskStatus, string>> = {
  ok: 'ok',
  changed: 'changed',
  skipped: 'skipping',
  failed: 'failed',
  refused: 'refused',
  unreachable: 'unreachable',
  blocked: 'not tried',
  undecided: 'undecided',
};

/** The colour of each end. */
export const STATUS_STYLES: Readonly<Record<TaskStatus, Style>> = {
  ok: 'green',
  changed: 'yellow',
  skipped: 'cyan',
  failed: 'red',
  refused: 'magenta',
  unreachable: 'red',
  blocked: 'dim',
  undecided: 'blue',
};

/** Host names shown in full before "and 97 more". */
const MAX_HOSTS = 5;
/** Ends that are worth a line without `-v`. */
const SHOWN: ReadonlySet<TaskStatus> = new Set<TaskStatus>([
  'changed',
  'failed',
  'refused',
  'unreachable',
  'undecided',
]);

/** The ends of one task as text, equal ones on one line with all their hosts; '' where there is nothing to show. */
export function drawEnds(ends: readonly TaskEnd[], options: TextOptions): string {
  const groups = new Map<string, {end: TaskEnd; hosts: string[]}>();
  for (const end of ends) {
    if (!isShown(end, options)) continue;
    const text = drawRest(end, options);
    const key = JSON.stringify([end.status, end.ignored, end.reason, text]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, {end, hosts: [end.task.host]});
    else group.hosts.push(end.task.host);
  }
  return [...groups.values()].map(({end, hosts}) => drawHead(end, hosts, options) + drawRest(end, options)).join('');
}

function isShown({status, output, diagnostics, causes = []}: TaskEnd, {verbosity, check}: TextOptions): boolean {
  return (
    verbosity > 0 ||
    (check === true && causes.length > 0) ||
    SHOWN.has(status) ||
    output !== undefined ||
    diagnostics.length > 0
  );
}

/** `changed: [10.10.10.10] etcd : conf | render etcd.conf — content differs`. */
function drawHead(
  {task, status, reason, ignored, diagnostics}: TaskEnd,
  hosts: readonly string[],
  {paint, verbosity}: TextOptions,
): string {
  // "and 1 more" would take as much room as the name.
  const isLong = verbosity === 0 && hosts.length > MAX_HOSTS + 1;
  const names = isLong
    ? `${hosts.slice(0, MAX_HOSTS).join(', ')} and ${hosts.length - MAX_HOSTS} more`
    : hosts.join(', ');
  const word = ignored ? `${WORDS[status]} (ignored)` : WORDS[status];
  // What went wrong follows whole, as a diagnostic.
  const isSaid = reason === '' || (diagnostics.length > 0 && isFailure(status));
  const why = isSaid ? '' : ` — ${printableLine(reason)}`;
  const place = task.at !== undefined && isFailure(status) ? paint('dim', ` (${task.at})`) : '';
  return `${paint(STATUS_STYLES[status], `${word}: [${names}]`)} ${printableLine(titleOf(task))}${why}${place}\n`;
}

function isFailure(status: TaskStatus): boolean {
  return status === 'failed' || status === 'refused';
}

/** Operations (`-v`, `--check`), restart classes, diffs (`--diff`), output and diagnostics, each below the head. */
function drawRest(end: TaskEnd, {paint, verbosity, diff, check}: TextOptions): string {
  const {ops, diffs, output, diagnostics, causes = []} = end;
  const blocks: string[] = [];
  if (verbosity > 0 || check === true) {
    blocks.push(...ops.map(op => `  ${printableLine(op.text)}`));
    blocks.push(...causes.flatMap(restartLine).map(line => paint('dim', `  ${line}`)));
  }
  if (diff) blocks.push(...diffs.map(one => drawFileDiff(one, paint)).filter(text => text !== ''));
  if (output !== undefined && output !== '') blocks.push(indent(printable(output).trimEnd()));
  blocks.push(...diagnostics.map(diagnostic => indent(drawDiagnostic(diagnostic, paint))));
  return blocks.map(block => `${block}\n`).join('');
}

/** Whether a changed option restarts its member. */
function restartLine({detail, restart}: Cause): string[] {
  if (restart === undefined) return [];
  return [printableLine(restart ? `${detail}: restarts the member` : `${detail}: never restarts the member`)];
}

/** Every line two columns to the right. */
export function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
