/** What all lanes of a run share. */
import type {Emit} from '../base/event.ts';
import type {Validators} from '../task/validators.ts';
import type {DecideEnvironment} from './decide.ts';
import type {Gate} from './gate.ts';
import type {Registered} from './late.ts';
import type {Outcomes} from './outcome.ts';
import type {RunLock} from './run-lock.ts';

/** What all lanes of a run share. */
export interface LaneEnvironment extends DecideEnvironment {
  readonly outcomes: Outcomes;
  readonly gate: Gate;
  readonly lock: RunLock;
  /** There is work for a quiet host after all: from now on it is one of the run's. */
  readonly wake: (host: string) => void;
  readonly registered: Registered;
  readonly validators: Validators;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly monotonicMs: () => number;
}
