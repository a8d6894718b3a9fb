/** What all clients of the workload have in common: a member of their own until it fails them, a time limit, a pace. */
import {performance} from 'node:perf_hooks';
import type {Fleet} from './fleet.ts';
import type {RigRecord} from './records.ts';
import {type Connection, trouble} from './wire.ts';

/** What an operation cost, and how it went. */
export type Tried<R> = {readonly t0: number; readonly t1: number; readonly at: string} & (
  | {readonly reply: R}
  | {readonly reply: undefined; readonly why: string}
);

/** What the clients share. */
export interface Stage {
  readonly fleet: Fleet;
  readonly prefix: string;
  /** Milliseconds since the rig's start. */
  now(): number;
  write(record: RigRecord): void;
  readonly stopping: AbortSignal;
}

/** A call that takes longer is given up: it may still happen. */
export const OPERATION_TIMEOUT_MS = 700;

/** One client. It stays with its member until an operation fails, and then goes on with the next at once. */
export class Actor {
  readonly stage: Stage;
  #place: number;

  constructor(stage: Stage, place: number) {
    this.stage = stage;
    this.#place = place;
  }

  /** The member it talks to. */
  get at(): string {
    const {voters} = this.stage.fleet;
    return voters[this.#place % voters.length] ?? '';
  }

  /** Goes on with the next member. */
  rotate(): void {
    this.#place += 1;
  }

  /** One operation; an error of any kind rotates. */
  async attempt<R>(operation: (connection: Connection) => Promise<R>): Promise<Tried<R>> {
    const {fleet, now} = this.stage;
    const at = this.at;
    const t0 = now();
    try {
      const reply = await operation(fleet.to(at));
      return {t0, t1: now(), at, reply};
    } catch (error) {
      this.rotate();
      return {t0, t1: now(), at, reply: undefined, why: trouble(error)};
    }
  }

  /** Repeats a step until the end, `paceMs` from start to start. After a failure it goes on at once, once per member. */
  async loop(paceMs: number, step: () => Promise<boolean>): Promise<void> {
    const {stopping} = this.stage;
    for (let failures = 0; !stopping.aborted; ) {
      const started = performance.now();
      failures = (await step()) ? 0 : failures + 1;
      const isFree = failures > 0 && failures < this.stage.fleet.voters.length;
      if (!isFree) await pause(paceMs - (performance.now() - started), stopping);
    }
  }
}

/** Waits; not at all where the time is over, and no longer than until the signal. */
export function pause(ms: number, stopping: AbortSignal): Promise<void> {
  if (ms <= 0 || stopping.aborted) return Promise.resolve();
  return new Promise(resolve => {
    const end = () => {
      clearTimeout(timer);
      stopping.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    stopping.addEventListener('abort', end);
  });
}
