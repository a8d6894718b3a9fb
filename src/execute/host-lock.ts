/** Takes the lock of one host, waiting for what is still at work there. */
import {setTimeout as sleep} from 'node:timers/promises';
import type {Diagnostic} from '../base/diagnostic.ts';
import type {RunStateFact} from '../task/fact.ts';
import {ConnectionError, type Reply, type Request} from '../transport/connection.ts';
import {busyText, lockBusy, lockFailed, lockHeld} from './lock-problems.ts';
import type {RunIdentity} from './run-identity.ts';
import {parseRunState} from './run-state.ts';
import type {HostSession} from './session.ts';

/** What came of it. */
export type HostLock =
  /** `before`: what the lock held until now. */
  | {readonly kind: 'locked'; readonly before: RunStateFact['lock'] | undefined; readonly steps: RunStateFact['steps']}
  /** This run must not go on. */
  | {readonly kind: 'refused'; readonly diagnostic: Diagnostic}
  /** The host cannot be reached, or our user there may change nothing that needs a lock. */
  | {readonly kind: 'left-out'; readonly why: string};

/** How long to wait, and whom to tell. */
export interface LockWait {
  readonly signal: AbortSignal;
  readonly monotonicMs: () => number;
  readonly progress: (text: string) => void;
}

/** Exit codes of the verb `lock`. */
const BUSY = 75;
const HELD = 76;
const NOT_ALLOWED = 77;
/** A step that is at work ends by itself: a unit has 180 s at most. */
const BUSY_SECONDS = 300;
const PAUSE_MS = 500;

/** Locks a host for a run, or says why not. */
export async function lockHost(
  session: HostSession,
  as: string | undefined,
  {runId, leaseSeconds, who, since, command}: RunIdentity,
  {signal, monotonicMs, progress}: LockWait,
): Promise<HostLock> {
  const requests: Request[] = [
    {verb: 'lock', args: [runId, String(leaseSeconds), who, since, command], timeoutSeconds: 30},
    {verb: 'run-state', args: [], timeoutSeconds: 30},
  ];
  const startMs = monotonicMs();
  let told = '';
  for (;;) {
    const answer = await session.using(connection => connection.run(requests, {as})).catch(whyLost);
    if (typeof answer === 'string') return {kind: 'left-out', why: answer};
    const [reply, after] = answer as [Reply, Reply];
    const parsed = parseRunState(after.stdout.toString());
    const state: RunStateFact = parsed.ok ? parsed.value : {lock: {state: 'held', idleSeconds: 0}, steps: []};
    if (reply.rc === 0) {
      const before = parseRunState(`lock ${reply.stdout.toString()}`);
      return {kind: 'locked', before: before.ok ? before.value.lock : undefined, steps: state.steps};
    }
    if (reply.rc === NOT_ALLOWED) return {kind: 'left-out', why: 'it takes root to lock a host'};
    if (reply.rc === HELD) return {kind: 'refused', diagnostic: lockHeld(session.name, state.lock)};
    if (reply.rc !== BUSY) return {kind: 'refused', diagnostic: lockFailed(session.name, reply.stderr)};
    const waited = (monotonicMs() - startMs) / 1000;
    if (waited >= BUSY_SECONDS || signal.aborted)
      return {kind: 'refused', diagnostic: lockBusy(session.name, state, waited)};
    const text = busyText(session.name, state);
    if (text !== told) progress(text);
    told = text;
    await sleep(PAUSE_MS, undefined, {signal}).catch(() => undefined);
  }
}

function whyLost(error: unknown): string {
  if (error instanceof ConnectionError) return error.diagnostic.message;
  throw error;
}
