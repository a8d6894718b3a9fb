/** Judges the registers: each is a counter of versions, so its history is linearizable when versions go with time and each has one writer. */
import type {CasRecord, EndRecord, ReadRecord, RigRecord, Seen} from './records.ts';

/** A register was at this version somewhere between t0 and t1. */
interface Sight extends Seen {
  readonly t0: number;
  readonly t1: number;
  readonly isWrite: boolean;
  readonly who: string;
}

/** What is wrong with the registers' histories. */
export function registerProblems(records: readonly RigRecord[]): readonly string[] {
  const uses = records.filter((one): one is CasRecord | ReadRecord => one.type === 'cas' || one.type === 'read');
  const ends = records.filter((one): one is EndRecord => one.type === 'end');
  return [...new Set(uses.map(({key}) => key))].flatMap(key => {
    const own = uses.filter(use => use.key === key);
    const sights = [...own.flatMap(sightOf), ...ends.flatMap(end => lastSight(end, key, own))];
    return [...contradictions(key, sights), ...backwards(key, sights), ...strangers(key, sights, own)];
  });
}

function sightOf(use: CasRecord | ReadRecord): readonly Sight[] {
  const {t0, t1, at, outcome} = use;
  if (use.type === 'cas' && outcome === 'ok') {
    const modRevision = use.revision ?? 0;
    return [{t0, t1, isWrite: true, who: `a write at ${at}`, version: use.expects + 1, value: use.value, modRevision}];
  }
  if (outcome === 'unknown' || use.seen === undefined) return [];
  return [{t0, t1, isWrite: false, who: `a read at ${at}`, ...use.seen}];
}

/** What a member holds at the end was read after everything else. */
function lastSight(end: EndRecord, key: string, uses: readonly (CasRecord | ReadRecord)[]): readonly Sight[] {
  const after = uses.reduce((last, {t1}) => Math.max(last, t1), 0) + 1;
  const [, value = '', modRevision = 0, version = 0] = end.keys.find(([name]) => name === key) ?? [];
  return [{t0: after, t1: after, isWrite: false, who: `the end at ${end.member}`, version, value, modRevision}];
}

/** A version has one value and one revision, and one acknowledged writer. */
function contradictions(key: string, sights: readonly Sight[]): readonly string[] {
  const first = new Map<number, Sight>();
  const writers = new Set<number>();
  return sights.flatMap(sight => {
    const {version} = sight;
    const known = first.get(version) ?? sight;
    first.set(version, known);
    const isTwice = sight.isWrite && writers.has(version);
    if (sight.isWrite) writers.add(version);
    if (isTwice) return [`${key}: two writes were acknowledged for version ${version}`];
    if (known.value === sight.value && known.modRevision === sight.modRevision) return [];
    return [
      `${key}: version ${version} is "${known.value}" at revision ${known.modRevision} for ${known.who} and "${sight.value}" at ${sight.modRevision} for ${sight.who}`,
    ];
  });
}

/** Nobody sees an older version than one that was seen, or written, before he began. */
function backwards(key: string, sights: readonly Sight[]): readonly string[] {
  const begun = [...sights].sort((a, b) => a.t0 - b.t0);
  const ended = [...sights].sort((a, b) => a.t1 - b.t1);
  const problems: string[] = [];
  let newest = 0;
  let next = 0;
  for (const sight of begun) {
    for (let other = ended[next]; other !== undefined && other.t1 < sight.t0; other = ended[++next])
      newest = Math.max(newest, other.version);
    const isOld = sight.isWrite ? sight.version <= newest : sight.version < newest;
    if (isOld)
      problems.push(`${key}: ${sight.who}, begun at ${sight.t0} ms, saw version ${sight.version} after ${newest}`);
  }
  return problems;
}

/** What is seen has been written, at least perhaps, by somebody who expected the version before. */
function strangers(
  key: string,
  sights: readonly Sight[],
  uses: readonly (CasRecord | ReadRecord)[],
): readonly string[] {
  const written = new Set(
    uses.flatMap(use => (use.type === 'cas' && use.outcome !== 'fail' ? [`${use.expects + 1} ${use.value}`] : [])),
  );
  const strange = sights.filter(({version, value}) => version > 0 && !written.has(`${version} ${value}`));
  const named = new Map(strange.map(({version, value, who}) => [`${version} ${value}`, who]));
  return [...named].map(
    ([what, who]) => `${key}: ${who} saw version ${what.replace(' ', ' with "')}" that nobody wrote`,
  );
}
