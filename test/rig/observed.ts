/** What the samples say about the members over time: pure functions from spans. */
import type {ListedRow, SpanRecord} from './records.ts';

/** The figures of an observer. */
export interface Observed {
  /** Most members that were down (nobody listening) at one moment, of those that the cluster listed then. */
  readonly maxDown: number;
  /** How often the members got another leader, or the same one in another term. */
  readonly leaderChanges: number;
  /** Terms from the first seen to the last: elections, also those that no sample met. */
  readonly terms: number;
  readonly maxMembers: number;
  /** Most voters at once in a list that had never started. */
  readonly maxUnstartedVoters: number;
  readonly maxLearners: number;
  readonly clusterIds: readonly string[];
  /** How long each member was certainly down, in milliseconds in all. */
  readonly downMs: Readonly<Record<string, number>>;
}

/** Sums up what was seen. */
export function sumUp(spans: readonly SpanRecord[]): Observed {
  const lists = spans.flatMap(({view}) => (view.up ? [view.members] : []));
  const most = (count: (rows: readonly ListedRow[]) => number) => Math.max(0, ...lists.map(count));
  const terms = spans.flatMap(({view}) => (view.up ? [view.term] : []));
  const led = new Set(spans.flatMap(({view}) => (view.up && view.leader !== '0' ? [view.term] : [])));
  return {
    maxDown: mostDown(spans),
    leaderChanges: Math.max(0, led.size - 1),
    terms: terms.length === 0 ? 0 : Math.max(...terms) - Math.min(...terms),
    maxMembers: most(rows => rows.length),
    maxUnstartedVoters: most(rows => rows.filter(({started, learner}) => !started && !learner).length),
    maxLearners: most(rows => rows.filter(({learner}) => learner).length),
    clusterIds: [...new Set(spans.flatMap(({view}) => (view.up ? [view.cluster] : [])))],
    downMs: downTimes(spans),
  };
}

function isDown({view}: SpanRecord): boolean {
  return !view.up && view.why === 'refused';
}

function downTimes(spans: readonly SpanRecord[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const span of spans) if (isDown(span)) sums[span.member] = (sums[span.member] ?? 0) + span.to - span.from;
  return sums;
}

/** Down together: spans that overlap. The most at once is reached where one of them begins. */
function mostDown(spans: readonly SpanRecord[]): number {
  const down = spans.filter(isDown);
  const counts = down.map(({from}) => {
    const listed = listedAt(spans, from);
    const names = down.filter(one => one.from <= from && from <= one.to && listed.has(one.member));
    return new Set(names.map(({member}) => member)).size;
  });
  return Math.max(0, ...counts);
}

/** The started members that the list seen last names: a host that is not (yet, or any more) a member cannot be down. */
function listedAt(spans: readonly SpanRecord[], t: number): ReadonlySet<string> {
  let best: {readonly at: number; readonly rows: readonly ListedRow[]} = {at: -1, rows: []};
  for (const {from, to, view} of spans) {
    if (!view.up || from > t) continue;
    const at = Math.min(to, t);
    if (at > best.at) best = {at, rows: view.members};
  }
  return new Set(best.rows.filter(({started}) => started).map(({name}) => name));
}
