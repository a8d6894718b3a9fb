/** What every view of a run has in common: events go in, text goes to `write`, nothing else is touched. */
import type {Event} from '../base/event.ts';

/** One view of a run: a screen, a pipe, a file. */
export interface Reporter {
  /** Takes the next event. */
  on(event: Event): void;
  /** Called now and then (see each reporter for how often) so that a reporter without a clock can show what is pending. */
  tick?(): void;
  /** The run is over or was cut short: shows what is still held back and leaves the terminal as it was. */
  close(): void;
}

/** Where a reporter's text goes: whole lines, each ending in a newline (the live view's own control sequences apart). */
export type Write = (text: string) => void;
