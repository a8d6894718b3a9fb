/**
 * Hosts run side by side; people read task by task. Ends of tasks are gathered into rows (one row = one task on all its
 * hosts) and given out in the order of the playbook, equal ends together.
 *
 * A row is settled when every host of its play has ended it; since each host works in the playbook's order, all rows above
 * it are settled then too. What has waited for two ticks is given out before its row is settled, so that a slow host
 * does not hide what the others did.
 */
import type {Event, TaskStatus} from '../base/event.ts';
import {phaseOf} from './phase.ts';

type TaskEnd = Extract<Event, {type: 'task-end'}>;

/** Sums of one phase: how many tasks, on which hosts, with which ends. */
export interface PhaseSum {
  readonly play: string;
  readonly phase: string;
  /** Tasks that were done (or tried) on some host. */
  tasks: number;
  /** Hosts on which some task was done or tried. */
  readonly hosts: Set<string>;
  readonly counts: Map<TaskStatus, number>;
}

/** Takes what the rows give out. */
export interface RowSink {
  /** Ends of one task that have not been given out before. */
  ends(ends: readonly TaskEnd[]): void;
  /** A phase is over. */
  phase(sum: PhaseSum): void;
}

interface Row {
  readonly play: string;
  readonly phase: string;
  readonly ends: TaskEnd[];
  /** How many of `ends` are given out already. */
  given: number;
  /** How many of `ends` had come at the last tick. */
  atTick: number;
}

/** Gathers ends of tasks by row. */
export class Rows {
  readonly #sink: RowSink;
  /** Hosts by play: a row is complete when as many have ended it. */
  readonly #expected = new Map<string, Set<string>>();
  readonly #rows = new Map<string, Row>();
  #sum: PhaseSum | undefined;

  constructor(sink: RowSink) {
    this.#sink = sink;
  }

  /** A play's hosts; plays of one name are one play here. */
  expect(play: string, hosts: readonly string[]): void {
    this.#expected.set(play, new Set([...(this.#expected.get(play) ?? []), ...hosts]));
  }

  end(event: TaskEnd): void {
    const key = rowKey(event);
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = {play: event.task.play, phase: phaseOf(event.task), ends: [], given: 0, atTick: 0};
      this.#rows.set(key, row);
    }
    row.ends.push(event);
    if (row.ends.length >= (this.#expected.get(row.play)?.size ?? 1)) this.#settleUpTo(key);
  }

  /** Gives out what has waited since the last tick. */
  tick(): void {
    for (const row of this.#rows.values()) {
      if (row.atTick > row.given) this.#give(row);
      row.atTick = row.ends.length;
    }
  }

  /** Gives out everything. */
  flush(): void {
    for (const [key, row] of this.#rows) this.#settle(key, row);
    this.#endPhase();
  }

  #settleUpTo(last: string): void {
    for (const [key, row] of this.#rows) {
      this.#settle(key, row);
      if (key === last) return;
    }
  }

  #settle(key: string, row: Row): void {
    this.#rows.delete(key);
    if (this.#sum?.phase !== row.phase || this.#sum.play !== row.play) {
      this.#endPhase();
      this.#sum = {play: row.play, phase: row.phase, tasks: 0, hosts: new Set(), counts: new Map()};
    }
    this.#give(row);
    addRow(this.#sum, row.ends);
  }

  #give(row: Row): void {
    const order = new Map([...(this.#expected.get(row.play) ?? [])].map((host, index) => [host, index]));
    const rank = ({task}: TaskEnd): number => order.get(task.host) ?? order.size;
    const ends = row.ends.slice(row.given).sort((a, b) => rank(a) - rank(b));
    row.given = row.ends.length;
    if (ends.length > 0) this.#sink.ends(ends);
  }

  #endPhase(): void {
    if (this.#sum !== undefined) this.#sink.phase(this.#sum);
    this.#sum = undefined;
  }
}

/** Ids are `<play>/<role>/<number>-<slug>@<host>`: without the host they name the task. */
function rowKey({task}: TaskEnd): string {
  const tail = `@${task.host}`;
  return task.id.endsWith(tail) ? task.id.slice(0, -tail.length) : [task.play, task.role, task.name, task.at].join('/');
}

function addRow(sum: PhaseSum, ends: readonly TaskEnd[]): void {
  const done = ends.filter(({status}) => status !== 'skipped' && status !== 'blocked');
  if (done.length > 0) sum.tasks++;
  for (const {task} of done) sum.hosts.add(task.host);
  for (const {status} of ends) sum.counts.set(status, (sum.counts.get(status) ?? 0) + 1);
}
