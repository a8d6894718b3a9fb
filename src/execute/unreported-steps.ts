/** Critical steps that ended while nobody listened: each is told once, and then forgotten on its host. */
import type {Emit} from '../base/event.ts';
import type {StepFact} from '../task/fact.ts';
import {stepUnreported} from './lock-problems.ts';
import {parseRunState} from './run-state.ts';
import type {HostSession} from './session.ts';

/** What was told in this run, by host. */
export class UnreportedSteps {
  readonly #emit: Emit;
  readonly #runId: string;
  /** A check run tells, and leaves the hosts as they are. */
  readonly #check: boolean;
  /** Hosts with a step that was at work when it was looked at. */
  readonly #working = new Map<HostSession, string | undefined>();
  readonly #told = new Map<HostSession, {readonly as: string | undefined; readonly ids: Set<string>}>();

  constructor(options: {readonly emit: Emit; readonly runId: string; readonly check: boolean}) {
    this.#emit = options.emit;
    this.#runId = options.runId;
    this.#check = options.check;
  }

  /** Tells those that were not told yet. One at work is told when it has ended, at the end of the run at the latest; a check run does not wait. */
  tell(session: HostSession, as: string | undefined, steps: readonly StepFact[], isLast = this.#check): void {
    const told = this.#told.get(session) ?? {as, ids: new Set()};
    this.#told.set(session, told);
    this.#working.delete(session);
    for (const step of steps) {
      if (told.ids.has(step.id) || step.runId === this.#runId) continue;
      if (step.state === 'working' && !isLast) {
        this.#working.set(session, as);
        continue;
      }
      this.#emit({type: 'diagnostic', diagnostic: stepUnreported(session.name, step)});
      if (step.state !== 'working') told.ids.add(step.id);
    }
  }

  /** Tells the rest, and has the hosts forget what was told. A host that is lost keeps it for the next run. */
  async settle(): Promise<void> {
    await Promise.allSettled([...this.#working].map(([session, as]) => this.#tellRest(session, as)));
    const told = this.#check ? [] : [...this.#told].filter(([, {ids}]) => ids.size > 0);
    this.#told.clear();
    await Promise.allSettled(
      told.map(([session, {as, ids}]) => session.aside([{verb: 'settle', args: [...ids]}], {as, fence: session.fence})),
    );
  }

  async #tellRest(session: HostSession, as: string | undefined): Promise<void> {
    const [reply] = await session.aside([{verb: 'run-state', args: []}], {as});
    const state = parseRunState(reply?.stdout.toString() ?? '');
    if (state.ok) this.tell(session, as, state.value.steps, true);
  }
}
