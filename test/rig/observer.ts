/** The observer alone: looks at every member all the time, also while there is no cluster yet, and changes nothing. */
import type {Lab} from '../../src/lab/lab.ts';
import {type Observed, sumUp} from './observed.ts';
import type {SpanRecord} from './records.ts';
import {type RigOptions, startRig} from './rig.ts';

/** Eyes that are open. */
export interface Observer {
  readonly log: string;
  /** Ends the watching and sums up what was seen. */
  observed(): Promise<Observed>;
}

/** Starts watching the members of a lab. */
export async function startObserver(
  lab: Lab,
  work: {readonly dir: string},
  options: RigOptions = {},
): Promise<Observer> {
  const rig = await startRig(lab, work.dir, options);
  return {
    log: rig.log,
    observed: async () => sumUp((await rig.end()).filter((one): one is SpanRecord => one.type === 'span')),
  };
}
