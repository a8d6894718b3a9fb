/** Counters of a run, host by host, and the last lines of every text view. */
import {type Event, EXIT} from '../base/event.ts';
import {unreachable} from '../base/unreachable.ts';
import type {Paint, Style} from './paint.ts';

/** Counters of one host. `unreachable` is 0 or 1. */
export interface HostCount {
  ok: number;
  changed: number;
  unreachable: number;
  failed: number;
  skipped: number;
  ignored: number;
  refused: number;
  blocked: number;
}

type TaskEnd = Extract<Event, {type: 'task-end'}>;
type RunEnd = Extract<Event, {type: 'run-end'}>;

/** Counts events as they come. */
export class RecapCounter {
  readonly #hosts = new Map<string, HostCount>();
  readonly #lost = new Set<string>();

  /** Counters by host: those of the run in the inventory's order, then `localhost` where tasks ran on the controller. */
  get hosts(): ReadonlyMap<string, Readonly<HostCount>> {
    return this.#hosts;
  }

  /** Whether the loss of the host has been told by an event of its own. */
  isLost(host: string): boolean {
    return this.#lost.has(host);
  }

  on(event: Event): void {
    if (event.type === 'host-unreachable') this.#lost.add(event.host);
    if (event.type === 'run-start') for (const host of event.hosts) this.#of(host);
    else if (event.type === 'host-unreachable') this.#of(event.host).unreachable = 1;
    else if (event.type === 'task-end') count(this.#of(event.task.host), event);
  }

  #of(host: string): HostCount {
    let counters = this.#hosts.get(host);
    if (counters === undefined) {
      counters = {ok: 0, changed: 0, unreachable: 0, failed: 0, skipped: 0, ignored: 0, refused: 0, blocked: 0};
      this.#hosts.set(host, counters);
    }
    return counters;
  }
}

/** As Ansible counts: a change is also an ok, an ignored failure too. */
function count(host: HostCount, {status, ignored}: TaskEnd): void {
  switch (status) {
    case 'changed':
      host.ok++;
      host.changed++;
      return;
    case 'ok':
    case 'undecided':
      host.ok++;
      return;
    case 'failed':
      if (ignored) {
        host.ok++;
        host.ignored++;
      } else host.failed++;
      return;
    case 'skipped':
    case 'refused':
    case 'blocked':
      host[status]++;
      return;
    case 'unreachable':
      host.unreachable = 1;
      return;
    default:
      unreachable(status);
  }
}

/**
 * Ansible's recap lines (`host : ok=1 changed=0 …`, columns aligned). A refusal counts as failed there, since Ansible has no
 * word for it.
 */
export function recapLines(hosts: ReadonlyMap<string, Readonly<HostCount>>, paint: Paint): string[] {
  const column = Math.max(26, ...[...hosts.keys()].map(host => host.length));
  return [...hosts].map(([host, counters]) => {
    const failed = counters.failed + counters.refused;
    const bad = failed + counters.unreachable > 0;
    const cells = [
      cell('ok', counters.ok, 'green', paint),
      cell('changed', counters.changed, 'yellow', paint),
      cell('unreachable', counters.unreachable, 'red', paint),
      cell('failed', failed, 'red', paint),
      cell('skipped', counters.skipped, 'cyan', paint),
      cell('rescued', 0, 'green', paint),
      cell('ignored', counters.ignored, 'blue', paint),
    ];
    const name = paint(bad ? 'red' : counters.changed > 0 ? 'yellow' : 'green', host);
    return `${name}${' '.repeat(column - host.length)} : ${cells.join(' ').trimEnd()}`;
  });
}

function cell(name: string, value: number, style: Style, paint: Paint): string {
  const text = `${name}=${value}`;
  return `${value === 0 ? text : paint(style, text)}${' '.repeat(Math.max(0, 4 - `${value}`.length))}`;
}

/** The closing lines of a run: what was done where, how long it took, what the exit code means, how to go on. */
export function closingLines(
  hosts: ReadonlyMap<string, Readonly<HostCount>>,
  end: RunEnd,
  check: boolean,
  paint: Paint,
): string[] {
  const counters = [...hosts.values()];
  const changed = counters.reduce((sum, host) => sum + host.changed, 0);
  const on = counters.filter(host => host.changed > 0).length;
  const what =
    changed === 0
      ? 'changed=0 on every host'
      : `changed=${changed} on ${on} of ${hosts.size} host${hosts.size === 1 ? '' : 's'}`;
  const mode = check ? ' (check mode: nothing was really changed)' : '';
  const troubles = (['failed', 'refused', 'unreachable', 'blocked'] as const).flatMap(key => {
    const many = counters.filter(host => host[key] > 0).length;
    return many === 0 ? [] : [`${TROUBLE[key]} ${many} host${many === 1 ? '' : 's'}`];
  });
  const lines = [`${[what, ...troubles, formatDuration(end.durationMs)].join(', ')}${mode}`];
  const meaning = EXIT_MEANING[end.exitCode];
  if (end.exitCode !== EXIT.done)
    lines.push(paint('red', `exit code ${end.exitCode}${meaning === undefined ? '' : `: ${meaning}`}`));
  if (end.hint !== undefined) lines.push(`${paint('cyan', 'hint:')} ${end.hint}`);
  return lines;
}

const TROUBLE = {
  failed: 'failed on',
  refused: 'refused on',
  unreachable: 'could not reach',
  blocked: 'tasks not tried on',
} as const;

const EXIT_MEANING: Readonly<Record<number, string>> = {
  [EXIT.badInput]: 'the input has mistakes; no host was touched',
  [EXIT.failed]: 'a task failed',
  [EXIT.refused]: 'a safety rule refused a task',
  [EXIT.unreachable]: 'a host could not be reached',
  [EXIT.interrupted]: 'interrupted',
};

/** `0.9 s`, `75.0 s`, `12 min 5 s`, `2 h 3 min`. */
export function formatDuration(durationMs: number): string {
  const seconds = Math.round(durationMs / 1000);
  if (durationMs < 119_950) return `${(durationMs / 1000).toFixed(1)} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}
