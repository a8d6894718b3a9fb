/** Judges what the watcher was told, the lease, and what the members hold at the end. */
import type {
  BeatRecord,
  CasRecord,
  EndRecord,
  PutRecord,
  RigRecord,
  StartRecord,
  StopRecord,
  WatchRecord,
} from './records.ts';

/** The watcher gets every revision of the prefix once and in order: all that is held at the end, and all that was acknowledged. */
export function watchProblems(records: readonly RigRecord[]): readonly string[] {
  const events = records.filter((one): one is WatchRecord => one.type === 'event');
  const problems: string[] = [];
  let last = 0;
  for (const {revision, key, kind} of events) {
    if (revision <= last) problems.push(`the watcher got revision ${revision} (${key}) after ${last}`);
    if (kind === 'Delete') problems.push(`the watcher saw ${key} being deleted at revision ${revision}`);
    last = Math.max(last, revision);
  }
  const told = new Map(events.map(event => [event.revision, `${event.key} ${event.value}`]));
  const due = new Map<number, string>();
  for (const one of records) {
    if (one.type === 'end') for (const [key, value, revision] of one.keys) due.set(revision, `${key} ${value}`);
    if (isAcknowledged(one)) due.set(one.revision ?? 0, `${one.key} ${one.value}`);
  }
  for (const [revision, what] of [...due].sort(([a], [b]) => a - b)) {
    const [key] = what.split(' ');
    if (!told.has(revision)) problems.push(`the watcher was not told of ${key} at revision ${revision}`);
    else if (told.get(revision) !== what)
      problems.push(`the watcher was told something else at revision ${revision} than ${key}`);
  }
  return problems;
}

function isAcknowledged(one: RigRecord): one is PutRecord | CasRecord {
  return (one.type === 'put' || one.type === 'cas') && one.outcome === 'ok';
}

/** The lease lives as long as it was kept alive in time. */
export function leaseProblems(records: readonly RigRecord[]): readonly string[] {
  const start = records.find((one): one is StartRecord => one.type === 'start');
  const stop = records.find((one): one is StopRecord => one.type === 'stop');
  const beats = records.filter((one): one is BeatRecord => one.type === 'beat');
  if (start === undefined || stop === undefined) return [];
  const isDead = beats.some(({outcome}) => outcome === 'fail') || (stop.leaseLeft ?? 1) <= 0;
  const kept = beats.filter(({outcome}) => outcome === 'ok').map(({t1}) => t1);
  const times = [start.t, ...kept, stop.t];
  const longest = Math.max(0, ...times.slice(1).map((time, index) => time - (times[index] ?? 0)));
  if (longest >= start.leaseSeconds * 1000)
    return [`the lease of ${start.leaseSeconds} s could not be kept alive for ${longest} ms`];
  return isDead ? ['the lease is gone although it was kept alive'] : [];
}

/** All members hold the same, belong to one cluster, list the same members, and raise no alarm. */
export function endProblems(records: readonly RigRecord[]): readonly string[] {
  const ends = records.filter((one): one is EndRecord => one.type === 'end');
  const said = (what: string, values: readonly string[]) =>
    new Set(values).size <= 1
      ? []
      : [`the members differ in ${what}: ${ends.map(({member}, i) => `${member} ${values[i]}`).join(', ')}`];
  const hashed = ends.filter(({hash}) => hash !== undefined);
  const hashes = new Set(hashed.map(({hash}) => hash));
  return [
    ...records.flatMap(one => (one.type === 'broken' ? [one.why] : [])),
    ...(hashes.size <= 1
      ? []
      : [`the members' hashes differ: ${hashed.map(({member, hash}) => `${member} ${hash}`).join(', ')}`]),
    ...said(
      'the cluster id',
      ends.map(({cluster}) => cluster),
    ),
    ...said(
      'the member list',
      ends.map(({rows}) => rows.map(row => `${row.name}${row.learner ? ' (learner)' : ''}=${row.id}`).join(' ')),
    ),
    ...ends.flatMap(({member, alarms}) => [...new Set(alarms)].map(alarm => `${member} raises an alarm: ${alarm}`)),
  ];
}
