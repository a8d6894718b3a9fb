/** The verdict on a run under the ledger, from its log alone. */

import {registerProblems} from './check-registers.ts';
import {endProblems, leaseProblems, watchProblems} from './check-rest.ts';
import {lostWrites, operationsOf, revisionOrder, strangeKeys} from './check-writes.ts';
import {type Observed, sumUp} from './observed.ts';
import type {EndRecord, RigRecord, SpanRecord, StartRecord, StopRecord} from './records.ts';

/** What is to be held against an operation that ran under the ledger, and its figures. */
export interface Verdict {
  /** Acknowledged writes that are gone or changed on a member: one sentence each. */
  readonly lost: readonly string[];
  /** Everything that is wrong, the lost writes among it. */
  readonly problems: readonly string[];
  readonly operations: number;
  readonly acknowledgedWrites: number;
  /** Operations of which nobody can say whether they happened. */
  readonly unknown: number;
  /** The longest time without an acknowledged write of any client, in milliseconds. */
  readonly gapMs: number;
  /** When that began, in milliseconds since the start of the rig. */
  readonly gapAt: number;
  /** The longest time in which the rig itself did not come to its turn: a gap that is not longer says nothing. */
  readonly stallMs: number;
  readonly leaderChanges: number;
  /** What each member's own counter of leader changes says at the end (it begins anew with its process). */
  readonly leaderChangesSeen: Readonly<Record<string, number>>;
  readonly observed: Observed;
}

/** Judges the records of a log that is complete. */
export function judge(records: readonly RigRecord[]): Verdict {
  const operations = operationsOf(records);
  const ends = records.filter((one): one is EndRecord => one.type === 'end');
  const observed = sumUp(records.filter((one): one is SpanRecord => one.type === 'span'));
  const lost = lostWrites(operations, ends);
  const stop = records.find((one): one is StopRecord => one.type === 'stop');
  const writes = operations.filter(({type, outcome}) => type !== 'read' && outcome === 'ok');
  return {
    lost,
    problems: [
      ...completeness(records, ends),
      ...lost,
      ...strangeKeys(operations, ends),
      ...revisionOrder(operations),
      ...registerProblems(records),
      ...watchProblems(records),
      ...leaseProblems(records),
      ...endProblems(records),
      ...(observed.clusterIds.length <= 1 ? [] : [`more than one cluster was seen: ${observed.clusterIds.join(', ')}`]),
    ],
    operations: operations.length,
    acknowledgedWrites: writes.length,
    unknown: operations.filter(({outcome}) => outcome === 'unknown').length,
    ...longestGap(
      records,
      writes.map(({t1}) => t1),
    ),
    stallMs: stop?.stallMs ?? 0,
    leaderChanges: observed.leaderChanges,
    leaderChangesSeen: Object.fromEntries(
      ends.flatMap(({member, leaderChangesSeen}) =>
        leaderChangesSeen === undefined ? [] : [[member, leaderChangesSeen]],
      ),
    ),
    observed,
  };
}

/** A log that says nothing proves nothing. */
function completeness(records: readonly RigRecord[], ends: readonly EndRecord[]): readonly string[] {
  const has = (type: RigRecord['type']) => records.some(one => one.type === type);
  return [
    ...(has('start') && has('stop') ? [] : ['the log is not complete: the workload did not begin or did not end']),
    ...(ends.length > 0 ? [] : ['nothing was read at the end']),
    ...(records.some(one => one.type === 'put' && one.outcome === 'ok') ? [] : ['no write was ever acknowledged']),
  ];
}

/** Between the answers to acknowledged writes, from where time counts to where the clients were told to end. */
function longestGap(records: readonly RigRecord[], answers: readonly number[]): {gapMs: number; gapAt: number} {
  const start = records.find((one): one is StartRecord => one.type === 'start');
  const stop = records.find((one): one is StopRecord => one.type === 'stop');
  if (start === undefined || stop === undefined) return {gapMs: 0, gapAt: 0};
  let gapMs = 0;
  let gapAt = 0;
  let last = start.t;
  const counted = answers.filter(t => t > start.t && t < stop.t).sort((a, b) => a - b);
  for (const t of [...counted, stop.t]) {
    if (t - last > gapMs) [gapMs, gapAt] = [Math.round(t - last), last];
    last = t;
  }
  return {gapMs, gapAt};
}

/** The figures in one line. */
export function figures(verdict: Verdict): string {
  const {operations, acknowledgedWrites, unknown, lost, gapMs, gapAt, stallMs, leaderChanges, observed} = verdict;
  return [
    `${operations} operations, ${acknowledgedWrites} writes acknowledged, ${unknown} unknown, ${lost.length} lost`,
    `longest gap ${gapMs} ms (at ${Math.round(gapAt)} ms; the rig itself stalled ${stallMs} ms)`,
    `${leaderChanges} leader changes, at most ${observed.maxDown} down at once`,
  ].join('; ');
}
