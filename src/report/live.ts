/**
 * The view for a person at a terminal: the plain view scrolls by, and below it one line per phase under way counts hosts.
 *
 *     changed: [10.10.10.10] etcd : conf | render etcd.conf — content differs      (stays)
 *     ⠹ conf         57/100 hosts   3 changed                                       (redrawn)
 *       10.10.10.11: waits for a leader
 *
 * Drawn only at `tick`, at most one write each, so that its cost does not grow with the number of events.
 */
import type {Event} from '../base/event.ts';
import {printableLine} from '../base/printable.ts';
import type {Paint} from './paint.ts';
import {Phases} from './phases.ts';
import type {Reporter, Write} from './reporter.ts';
import {TextReporter, type TextReporterOptions} from './text.ts';
import {Waiting} from './waiting.ts';
import {padTo, truncate} from './width.ts';

/** Settings of the live view; the size is asked at every drawing, since a window may be resized. */
export interface LiveReporterOptions extends TextReporterOptions {
  readonly size: () => {readonly columns: number; readonly rows: number};
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;
/** Ticks per second: the plain view below wants one a second. */
const TICKS_PER_SECOND = 10;
/** Waits shown at once. */
const MAX_WAITS = 3;

/** The live view. `tick` is to be called ten times a second. */
export class LiveReporter implements Reporter {
  readonly #write: Write;
  readonly #text: TextReporter;
  readonly #paint: Paint;
  readonly #size: LiveReporterOptions['size'];
  readonly #phases = new Phases();
  readonly #waiting = new Waiting();
  #ticks = 0;
  /** Lines of the moving part that are on the screen now. */
  #drawn = 0;
  #over = false;

  constructor(write: Write, options: LiveReporterOptions) {
    this.#write = write;
    this.#paint = options.paint;
    this.#size = options.size;
    this.#text = new TextReporter(text => this.#scroll(text), options);
  }

  on(event: Event): void {
    this.#phases.on(event);
    this.#waiting.on(event);
    this.#text.on(event);
    if (event.type === 'run-end') this.close();
  }

  tick(): void {
    if (this.#over) return;
    // The plain view's own notes about long waits are not wanted here: the moving part shows them.
    if (++this.#ticks % TICKS_PER_SECOND === 0) this.#text.tickRows();
    const lines = this.#draw();
    this.#write(this.#erasure() + lines.map(line => `${line}\n`).join(''));
    this.#drawn = lines.length;
  }

  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#text.close();
    this.#scroll('');
  }

  /** Text that stays: the moving part makes room and comes back at the next tick. */
  #scroll(text: string): void {
    const all = this.#erasure() + text;
    this.#drawn = 0;
    if (all !== '') this.#write(all);
  }

  /** Up to the first moving line, then clear to the end of the screen. */
  #erasure(): string {
    return this.#drawn === 0 ? '' : `\u001b[${this.#drawn}A\r\u001b[J`;
  }

  #draw(): string[] {
    const {columns, rows} = this.#size();
    const spinner = SPINNER[this.#ticks % SPINNER.length] ?? '';
    const lines = this.#phases.current().map(({name, done, hosts, counts}) => {
      const detail = counts.map(([status, count]) => `${count} ${status}`).join(', ');
      const text = `${padTo(printableLine(name), 12)} ${padTo(`${done}/${hosts} hosts`, 15)} ${detail}`;
      return `${this.#paint('cyan', spinner)} ${truncate(text, columns - 3).trimEnd()}`;
    });
    const waits = this.#waiting.texts.slice(-MAX_WAITS).map(({task, text}) => {
      return this.#paint('dim', truncate(`  ${task.host}: ${printableLine(text)}`, columns - 1));
    });
    // A moving part taller than the screen could not be erased.
    return [...lines, ...waits].slice(0, Math.max(0, rows - 2));
  }
}
