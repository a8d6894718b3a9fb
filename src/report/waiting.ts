/** What the run is waiting for: a view without a moving picture says so when a wait gets long. */
import type {Event, TaskRef} from '../base/event.ts';
import {printableLine} from '../base/printable.ts';
import {titleOf} from './phase.ts';

/** Ticks (seconds) after which a wait is told for the first time, and again. */
const FIRST_TICKS = 10;
const AGAIN_TICKS = 30;
/** Waits told at one tick. */
const MAX_LINES = 3;

interface Wait {
  readonly task: TaskRef;
  text: string;
  ticks: number;
}

/** Tasks under way, and what each said last. */
export class Waiting {
  readonly #waits = new Map<string, Wait>();

  on(event: Event): void {
    if (event.type === 'task-start') this.#waits.set(event.task.id, {task: event.task, text: '', ticks: 0});
    else if (event.type === 'task-end') this.#waits.delete(event.task.id);
    else if (event.type === 'task-progress') {
      const wait = this.#waits.get(event.task.id);
      if (wait === undefined) this.#waits.set(event.task.id, {task: event.task, text: event.text, ticks: 0});
      else wait.text = event.text;
    }
  }

  /** Waits that have something to say, newest last: `10.10.10.10: waits for a leader`. */
  get texts(): readonly {readonly task: TaskRef; readonly text: string}[] {
    return [...this.#waits.values()].filter(wait => wait.text !== '');
  }

  /** Lines to print now: waits that have lasted for 10 ticks, then every 30. */
  tick(): string[] {
    const due: Wait[] = [];
    for (const wait of this.#waits.values()) {
      wait.ticks++;
      if (wait.ticks >= FIRST_TICKS && (wait.ticks - FIRST_TICKS) % AGAIN_TICKS === 0) due.push(wait);
    }
    const lines = due.slice(0, MAX_LINES).map(({task, text, ticks}) => {
      return `waiting: [${task.host}] ${printableLine(titleOf(task))}, ${ticks} s${text === '' ? '' : ` — ${printableLine(text)}`}`;
    });
    return due.length > MAX_LINES ? [...lines, `waiting: ${due.length - MAX_LINES} more`] : lines;
  }
}
