/** Judges the history of writes and reads: pure functions from records to sentences, none = nothing is wrong. */
import type {CasRecord, EndRecord, PutRecord, ReadRecord, RigRecord} from './records.ts';

type Operation = PutRecord | CasRecord | ReadRecord;

/** Everything that a client did to keys, by the time it was sent. */
export function operationsOf(records: readonly RigRecord[]): readonly Operation[] {
  return records
    .filter((record): record is Operation => ['put', 'cas', 'read'].includes(record.type))
    .sort((a, b) => a.t0 - b.t0);
}

/** Acknowledged writes that a member does not hold, or not as they were acknowledged. */
export function lostWrites(operations: readonly Operation[], ends: readonly EndRecord[]): readonly string[] {
  const acknowledged = operations.filter((one): one is PutRecord => one.type === 'put' && one.outcome === 'ok');
  return ends.flatMap(({member, keys}) => {
    const held = new Map(keys.map(row => [row[0], row]));
    return acknowledged.flatMap(({key, value, revision, t1}) => {
      const row = held.get(key);
      const what = `${key} (acknowledged at ${t1} ms, revision ${revision})`;
      if (row === undefined) return [`${member} has lost ${what}`];
      if (row[1] !== value) return [`${member} holds another value of ${what}`];
      if (row[2] !== revision) return [`${member} holds ${what} at revision ${row[2]}`];
      return [];
    });
  });
}

/** Keys of the workload that a member holds and nobody wrote like this. */
export function strangeKeys(operations: readonly Operation[], ends: readonly EndRecord[]): readonly string[] {
  const written = new Set(operations.flatMap(one => (one.type === 'read' ? [] : [`${one.key} ${one.value}`])));
  const refused = new Set(operations.flatMap(one => (one.type === 'put' && one.outcome === 'fail' ? [one.key] : [])));
  return [
    ...[...refused].map(key => `${key} was there before its only writer wrote it`),
    ...ends.flatMap(({member, keys}) =>
      keys
        .filter(([key, value]) => !written.has(`${key} ${value}`))
        .map(([key]) => `${member} holds ${key} with a value that nobody wrote`),
    ),
  ];
}

/**
 * Revisions go with time: no two acknowledged writes share one, and whoever begins after an answer came (a linearizable read,
 * too, whose header has the store's revision) gets no older one.
 */
export function revisionOrder(operations: readonly Operation[]): readonly string[] {
  const done = operations.filter(one => one.outcome === 'ok' && one.revision !== undefined);
  const problems: string[] = [];
  const owners = new Map<number, string>();
  for (const one of done.filter(({type}) => type !== 'read')) {
    const revision = one.revision ?? 0;
    const other = owners.get(revision);
    if (other !== undefined) problems.push(`${one.key} and ${other} were both written at revision ${revision}`);
    owners.set(revision, one.key);
  }
  const answered = done.filter(({type}) => type !== 'read').sort((a, b) => a.t1 - b.t1);
  let newest = 0;
  let next = 0;
  for (const one of done) {
    for (let write = answered[next]; write !== undefined && write.t1 < one.t0; write = answered[++next])
      newest = Math.max(newest, write.revision ?? 0);
    const isOld = one.type === 'read' ? (one.revision ?? 0) < newest : (one.revision ?? 0) <= newest;
    if (!isOld) continue;
    const what = one.type === 'read' ? 'a stale read' : 'a write behind its time';
    problems.push(
      `${what} of ${one.key} at ${one.at}: revision ${one.revision}, begun at ${one.t0} ms when ${newest} was acknowledged`,
    );
  }
  return problems;
}
