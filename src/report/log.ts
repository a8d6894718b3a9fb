/** The run's log: every event with its time, as JSON lines in a file. */
import type {Event} from '../base/event.ts';
import {eventToJson} from './json.ts';
import type {Reporter, Write} from './reporter.ts';

/** Everything, traces of all levels too, each line beginning with `time` (ISO 8601, UTC). `now` gives the time of writing. */
export function createLogReporter(write: Write, now: () => Date): Reporter {
  return {
    on(event: Event) {
      write(`${JSON.stringify({time: now().toISOString(), ...eventToJson(event, true)})}\n`);
    },
    close() {},
  };
}
