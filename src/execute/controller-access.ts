/** The controller's own files as facts of a run, shared by all hosts; each answer kept until something touches what it is about. */
import type {Fact} from '../task/fact.ts';
import {type ControllerProbe, controllerFact} from './controller-probe.ts';
import {FactStore, probeKey} from './facts.ts';
import {Limiter} from './limiter.ts';

/** Answers about the controller. */
export class ControllerAccess {
  readonly #facts = new FactStore();
  readonly #asking = new Map<string, Promise<Fact>>();
  /** One at a time: a release is unpacked once, whoever asks first. */
  readonly #turn = new Limiter(1);
  /** Counts the times at which answers became stale: one that was under way then is not kept. */
  #generation = 0;

  /** The answer. Rejects with `ControllerError` where a path may not be looked at. Equal questions under way are asked once. */
  async ask(probe: ControllerProbe): Promise<Fact> {
    const known = this.#facts.get(probe);
    if (known !== undefined) return known;
    const key = probeKey(probe, undefined);
    const asking = this.#asking.get(key) ?? this.#turn.run(() => this.#ask(probe));
    this.#asking.set(key, asking);
    return asking.finally(() => this.#asking.get(key) === asking && this.#asking.delete(key));
  }

  /** Forgets the answers that touched resources make stale. */
  forget(touched: readonly string[]): void {
    if (!touched.some(touch => touch.startsWith('controller:'))) return;
    this.#facts.forget(touched);
    this.#generation++;
    this.#asking.clear();
  }

  async #ask(probe: ControllerProbe): Promise<Fact> {
    const generation = this.#generation;
    const fact = await controllerFact(probe);
    if (generation === this.#generation) this.#facts.set(probe, fact);
    return fact;
  }
}
