/** What is known of a host: answers to probes, each until an operation touches what it depends on. */
import type {Fact} from '../task/fact.ts';
import type {Probe} from '../task/probe.ts';
import {asks, overlaps} from '../task/probe.ts';

interface Known {
  readonly probe: Probe;
  readonly fact: Fact;
}

/** The same question asked by the same user has the same key, whichever task asks. */
export function probeKey(probe: Probe, as: string | undefined): string {
  return `${as ?? ''} ${JSON.stringify(probe, sortedKeys)}`;
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Answers of one host, or of the controller, or of all etcd members. */
export class FactStore {
  readonly #known = new Map<string, Known>();
  #generation = 0;

  /** Grows whenever answers may have become stale. */
  get generation(): number {
    return this.#generation;
  }

  get(probe: Probe, as?: string): Fact | undefined {
    return this.#known.get(probeKey(probe, as))?.fact;
  }

  set(probe: Probe, fact: Fact, as?: string): void {
    this.#known.set(probeKey(probe, as), {probe, fact});
  }

  /** Forgets every answer that one of the touched resources makes stale. */
  forget(touched: readonly string[]): void {
    this.#generation++;
    for (const [key, {probe}] of this.#known) {
      if (isTouched(probe, touched)) this.#known.delete(key);
    }
  }
}

/** Whether any of the touched resources makes the answer to a probe stale. */
export function isTouched(probe: Probe, touched: readonly string[]): boolean {
  return touched.length > 0 && asks(probe).some(ask => touched.some(touch => overlaps(touch, ask)));
}
