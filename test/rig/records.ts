/** What the rig writes down while it runs: one JSON object a line, appended, in the order things ended. Times are milliseconds since its start. */

/** A member by its name, and where its clients reach it (`10.10.10.10:2379`). */
export interface RigMember {
  readonly name: string;
  readonly address: string;
}

/** A key as a reader saw it; version 0 = it was not there. */
export interface Seen {
  readonly version: number;
  readonly value: string;
  readonly modRevision: number;
}

/** `unknown`: it may or may not have happened. Only a comparison that the cluster answered as false is `fail`. */
export type Outcome = 'ok' | 'fail' | 'unknown';

interface Timed {
  /** When it was sent, and when its answer or error came. */
  readonly t0: number;
  readonly t1: number;
  /** The member it was sent to. */
  readonly at: string;
  readonly outcome: Outcome;
  /** The header's revision: of a write, its own. */
  readonly revision?: number;
  /** Why it is unknown. */
  readonly why?: string;
}

/** A write of a key that was never there before. */
export type PutRecord = Timed & {readonly type: 'put'; readonly key: string; readonly value: string};

/** A write of a register that had version `expects`; `seen`: what was there instead. */
export type CasRecord = Timed & {
  readonly type: 'cas';
  readonly key: string;
  readonly value: string;
  readonly expects: number;
  readonly seen?: Seen;
};

/** A linearizable read of a register. */
export type ReadRecord = Timed & {readonly type: 'read'; readonly key: string; readonly seen?: Seen};

/** A keep-alive of the lease; `ttl` in seconds as answered. */
export type BeatRecord = Timed & {readonly type: 'beat'; readonly ttl?: number};

/** Something the watcher was told. */
export interface WatchRecord {
  readonly type: 'event';
  readonly t: number;
  readonly revision: number;
  readonly kind: 'Put' | 'Delete';
  readonly key: string;
  readonly value: string;
  readonly version: number;
}

/** A row of a member list. `started`: it has told the others its name. */
export interface ListedRow {
  readonly id: string;
  readonly name: string;
  readonly learner: boolean;
  readonly started: boolean;
}

/** What a member said of itself, or why it did not. */
export type MemberView =
  | {
      readonly up: true;
      readonly id: string;
      readonly cluster: string;
      readonly leader: string;
      readonly term: number;
      readonly members: readonly ListedRow[];
    }
  | {readonly up: false; readonly why: string};

/** A member was seen like this from one moment to another; in between every sample said the same. */
export interface SpanRecord {
  readonly type: 'span';
  readonly member: string;
  readonly from: number;
  readonly to: number;
  readonly view: MemberView;
}

/** A key at the end: key, value, mod revision, version. */
export type EndKey = readonly [string, string, number, number];

/** Everything a member holds at the end, read from itself at one revision. */
export interface EndRecord {
  readonly type: 'end';
  readonly member: string;
  readonly cluster: string;
  readonly revision: number;
  /** Absent for a learner, which does not say. */
  readonly hash?: number;
  readonly keys: readonly EndKey[];
  readonly alarms: readonly string[];
  readonly rows: readonly ListedRow[];
  /** `etcd_server_leader_changes_seen_total` of its process, where it could be read. */
  readonly leaderChangesSeen?: number;
}

/** From here on time without a write counts: the clients are at work. `leaseSeconds`: the lease's time to live. */
export interface StartRecord {
  readonly type: 'start';
  readonly t: number;
  readonly leaseSeconds: number;
}

/** The clients have been told to end at `t`; `stallMs`: the longest time in which this process itself did not come to its turn. */
export interface StopRecord {
  readonly type: 'stop';
  readonly t: number;
  readonly stallMs: number;
  /** Seconds the lease still had; 0 or less = it was gone. */
  readonly leaseLeft?: number;
}

/** The end could not be read. */
export interface BrokenRecord {
  readonly type: 'broken';
  readonly why: string;
}

export type RigRecord =
  | StartRecord
  | PutRecord
  | CasRecord
  | ReadRecord
  | BeatRecord
  | WatchRecord
  | SpanRecord
  | StopRecord
  | EndRecord
  | BrokenRecord;

/** The lines of a log; a last line that was cut off by a crash is left out. */
export function parseRecords(text: string): readonly RigRecord[] {
  const lines = text.split('\n');
  return lines.slice(0, -1).map(line => JSON.parse(line) as RigRecord);
}
