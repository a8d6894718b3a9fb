/** What live members say; `task/fact.ts` calls it `EtcdFact`. */

/** What a member says of itself, or why it says nothing. Ids are 16 lower-case hex digits. */
export type MemberState = LiveState | SilentState;

/** A member that answers. */
export interface LiveState {
  readonly reachable: true;
  readonly memberId: string;
  readonly clusterId: string;
  readonly version: string;
  /** '' = it knows no leader. */
  readonly leaderId: string;
  /** Decimal, 64 bits. */
  readonly raftIndex: string;
  readonly raftAppliedIndex: string;
  readonly raftTerm: string;
  readonly dbSizeBytes: number;
  /** What of it is not free; absent = not told. */
  readonly dbSizeInUseBytes?: number;
  readonly isLearner: boolean;
  /** Alarms and complaints, in etcd's words. */
  readonly errors: readonly string[];
  /** Its own view of the member list; empty where it would not tell (a learner never does). */
  readonly members: readonly ListedMember[];
  /** Why `members` is empty, where it is. */
  readonly membersError?: string;
  /** A linearizable read went through quorum. */
  readonly linearizable: boolean;
  readonly linearizableError?: string;
  readonly latencyMs: number;
  /** The certificate that it showed in the handshake; absent over plain http. */
  readonly served?: {readonly fingerprint256: string; readonly notAfterMs: number};
}

/** A member that does not answer. */
export interface SilentState {
  readonly reachable: false;
  readonly reason: 'refused' | 'timeout' | 'tls' | 'no-route' | 'no-credentials' | 'tunnel' | 'error';
  readonly message: string;
}

/** A row of a member list. */
export interface ListedMember {
  readonly id: string;
  /** '' = never started. */
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  readonly isLearner: boolean;
}

/** What must hold of a healthy cluster beside the rules that always do: the fields that are given. */
export interface Expectation {
  readonly clusterId?: string;
  /** Member name -> member id. */
  readonly memberIds?: Readonly<Record<string, string>>;
  /** The unit that is named, and whose journal is shown, for a member that does not come up. */
  readonly unit?: string;
  /** Codes of problems that were there before and are not waited for: alarms, a member that never started. */
  readonly tolerate?: readonly string[];
  /** Leader and term before. Where they are other ones now, they must stay as they are for 3 s: an election may not be over. */
  readonly before?: {readonly leaderId: string; readonly term: string};
}

/** A cluster in numbers, from the answers of one moment. */
export interface ClusterSummary {
  /** The id most members give; undefined where none answers. */
  readonly clusterId: string | undefined;
  /** Name of the leader, where the members agree on one. */
  readonly leader: string | undefined;
  /** Members asked, and how many of them answer. */
  readonly asked: number;
  readonly answering: number;
  readonly voters: number;
  /** Voters that answer, belong to the cluster, know the leader and read through quorum. */
  readonly healthyVoters: number;
  readonly learners: number;
  readonly quorum: number;
  /** How many more healthy voters may be lost before the cluster stops. */
  readonly spare: number;
  /** Versions seen, oldest first. */
  readonly versions: readonly string[];
}

/** Answers by member name, in the order to show them. */
export type States = ReadonlyMap<string, MemberState>;

/** The members that answer. */
export function liveStates(states: States): ReadonlyMap<string, LiveState> {
  const live = new Map<string, LiveState>();
  for (const [name, state] of states) if (state.reachable) live.set(name, state);
  return live;
}

/** The commonest value and everyone's, by value: for "who says what". Ties go to the value seen first. */
export function majority<T>(values: ReadonlyMap<string, T>): {
  readonly value: T | undefined;
  readonly groups: ReadonlyMap<T, readonly string[]>;
} {
  const groups = new Map<T, string[]>();
  for (const [name, value] of values) groups.set(value, [...(groups.get(value) ?? []), name]);
  let best: [T, string[]] | undefined;
  for (const group of groups) if (best === undefined || group[1].length > best[1].length) best = group;
  return {value: best?.[0], groups};
}
