/** What the lanes of a run have in common. */
import type {Emit} from '../base/event.ts';
import type {Validators} from '../task/validators.ts';
import type {DecideEnvironment} from './decide.ts';
import type {Registered} from './late.ts';
import type {Mutexes} from './limiter.ts';
import type {Outcomes} from './outcome.ts';
import type {RunLock} from './run-lock.ts';

/** What all lanes of a run share. */
export interface LaneEnvironment extends DecideEnvironment {
  readonly outcomes: Outcomes;
  readonly mutexes: Mutexes;
  readonly lock: RunLock;
  readonly registered: Registered;
  readonly validators: Validators;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly monotonicMs: () => number;
}
