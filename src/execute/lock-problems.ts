/** What a locked, lost or taken-over host means, in words. */
import {type Diagnostic, problem, warning} from '../base/diagnostic.ts';
import {printableLine} from '../base/printable.ts';
import type {LockOwner, RunStateFact, StepFact} from '../task/fact.ts';

/** Another run is at work: nothing may be changed. */
export function lockHeld(host: string, {owner, idleSeconds}: RunStateFact['lock']): Diagnostic {
  const message = `${host} is locked by ${ownerText(owner)}; last heard of ${seconds(idleSeconds)} ago`;
  return problem('E_LOCK_HELD', message, {hint: HELD_HINT});
}

/** The same, seen by a check run. */
export function lockSeen(host: string, {owner}: RunStateFact['lock']): Diagnostic {
  return warning(
    'W_LOCK_HELD',
    `${host} is locked by ${ownerText(owner)}: what this check finds may be about to change`,
    {
      hint: 'check again when that run has ended.',
    },
  );
}

/** An operation of a run that is gone does not come to its end. */
export function lockBusy(host: string, {lock, steps}: RunStateFact, waitedSeconds: number): Diagnostic {
  const message = `${host} is still at work with ${workText(steps)} of ${ownerText(lock.owner)}, after ${seconds(waitedSeconds)} of waiting`;
  return problem('E_LOCK_HELD', message, {
    hint: 'look at the host (systemctl list-jobs), then run the same command again.',
  });
}

/** What a run waits for before it gets a lock. */
export function busyText(host: string, {steps}: RunStateFact): string {
  return `${host} is still at work with ${workText(steps)} of an earlier run`;
}

/** The host cannot be locked at all. */
export function lockFailed(host: string, said: string): Diagnostic {
  return problem('E_LOCK', `${host} cannot be locked: ${printableLine(said).slice(0, 500) || 'no reason given'}`, {
    hint: 'a run changes a host only while it has its lock in /run/etcdctl-play: mend what the message names.',
  });
}

/** A run that was not heard of for too long has lost a host to another. `text`: the lock as it is now. */
export function lockLost(host: string, text: string): Diagnostic {
  const isFree = text.startsWith('\n');
  const lines = (isFree ? text.slice(1) : text).split('\n').map(line => printableLine(line).slice(0, 500));
  const [runId = '', who = '', since = '', command = ''] = lines;
  const owner = runId === '' ? 'another run' : ownerText({runId, who, since, command});
  const by = isFree || runId === '' ? `${owner}, which has ended` : owner;
  return problem('E_LOCK_LOST', `${host}: this run was superseded by ${by}; nothing more was changed on this host`, {
    hint: 'this run was not heard of for longer than its lease (asleep, stopped, cut off): wait for the other run, then run the same command again.',
  });
}

/** A lock that was left behind. */
export function lockTakenOver(host: string, state: string, idleSeconds: number, owner: LockOwner): Diagnostic {
  const why = state === 'gone' ? 'its connection has ended' : `it was last heard of ${seconds(idleSeconds)} ago`;
  return warning('W_LOCK_TAKEN_OVER', `${host}: the lock of ${ownerText(owner)} was taken over: ${why}`, {
    hint: 'if that run comes back to life, it is refused everything; what it began is looked at afresh.',
  });
}

/** A host of the cluster that is not part of the run could not be locked. */
export function peerNotLocked(host: string, cluster: string, why: string): Diagnostic {
  return warning(
    'W_LOCK_PEER',
    `${host}, of cluster ${cluster} but not of this run, was not locked: ${printableLine(why).slice(0, 500)}`,
    {hint: 'see to it that no other run is at work there now.'},
  );
}

/** A critical step that ended while nobody listened. */
export function stepUnreported(host: string, {title, runId, state, words}: StepFact): Diagnostic {
  const said = words === '' ? '' : `: ${words}`;
  const ends: Readonly<Record<StepFact['state'], string>> = {
    working: 'it is still at work',
    done: 'it was done',
    failed: `it failed${said}`,
    down: 'the host went down in the middle of it',
    broken: `its process was ended in the middle of it${said}`,
  };
  return warning('W_STEP_UNREPORTED', `${host}: run ${runId} lost its connection during "${title}"; ${ends[state]}`, {
    hint: 'this run looks at the host as it is now and goes on from there.',
  });
}

function ownerText(owner: LockOwner | undefined): string {
  if (owner === undefined) return 'another run';
  const {runId, who, since, command} = owner;
  return `run ${runId} of ${who || 'somebody'}, since ${since || 'a time unknown'} (clock of that controller): ${command || 'command unknown'}`;
}

function workText(steps: readonly StepFact[]): string {
  const titles = steps.filter(({state}) => state === 'working').map(({title}) => `"${title}"`);
  return titles.length === 0 ? 'an operation' : titles.join(', ');
}

function seconds(count: number): string {
  return `${Math.max(0, Math.round(count))} s`;
}

const HELD_HINT =
  'wait until that run has ended, then run the same command again. If it is dead, its lock frees itself; docs/locking.md says when.';
