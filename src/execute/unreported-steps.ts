/** Critical steps that ended while nobody listened: each is told once, and then forgotten on its host. */
import type {Emit} from '../base/event.ts';
import type {StepFact} from '../task/fact.ts';
import {stepUnreported} from './lock-problems.ts';
import type {HostSession} from './session.ts';

/** What was told in this run, by host. */
export class UnreportedSteps {
  readonly #emit: Emit;
  readonly #runId: string;
  /** A check run tells, and leaves the hosts as they are. */
  readonly #check: boolean;
  readonly #told = new Map<HostSession, {readonly as: string | undefined; readonly ids: Set<string>}>();

  constructor(options: {readonly emit: Emit; readonly runId: string; readonly check: boolean}) {
    this.#emit = options.emit;
    this.#runId = options.runId;
    this.#check = options.check;
  }

  /** Tells those that were not told yet. A step at work is waited for elsewhere and told when it has ended; a check run does not wait. */
  tell(session: HostSession, as: string | undefined, steps: readonly StepFact[]): void {
    const told = this.#told.get(session) ?? {as, ids: new Set()};
    this.#told.set(session, told);
    for (const step of steps) {
      if (told.ids.has(step.id) || step.runId === this.#runId || (step.state === 'working' && !this.#check)) continue;
      this.#emit({type: 'diagnostic', diagnostic: stepUnreported(session.name, step)});
      told.ids.add(step.id);
    }
  }

  /** Has the hosts forget them. */
  settle(): Promise<unknown>[] {
    const told = this.#check ? [] : [...this.#told].filter(([, {ids}]) => ids.size > 0);
    this.#told.clear();
    return told.map(([session, {as, ids}]) =>
      session.aside([{verb: 'settle', args: [...ids]}], {as, fence: session.fence}),
    );
  }
}
