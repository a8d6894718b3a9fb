/** The part of etcd's API used here, in TypeScript, as the proto loader gives it: names as in the .proto files, 64-bit numbers as decimal text. */

/** In every reply. */
export interface ResponseHeader {
  readonly cluster_id: string;
  readonly member_id: string;
  readonly revision: string;
  readonly raft_term: string;
}

/** A member as etcd lists it. */
export interface Member {
  readonly ID: string;
  readonly name: string;
  readonly peerURLs: readonly string[];
  readonly clientURLs: readonly string[];
  readonly isLearner: boolean;
}

/** Reply of every call that changes or lists members. */
export interface MembersResponse {
  readonly header: ResponseHeader | null;
  /** The member added; only in the reply to `MemberAdd`. */
  readonly member?: Member | null;
  readonly members: readonly Member[];
}

export interface StatusResponse {
  readonly header: ResponseHeader | null;
  readonly version: string;
  readonly dbSize: string;
  readonly leader: string;
  readonly raftIndex: string;
  readonly raftTerm: string;
  readonly raftAppliedIndex: string;
  readonly errors: readonly string[];
  readonly dbSizeInUse: string;
  readonly isLearner: boolean;
}

export interface AlarmResponse {
  readonly alarms: readonly {readonly memberID: string; readonly alarm: string}[];
}

export interface HashKVResponse {
  readonly header: ResponseHeader | null;
  readonly hash: number;
  readonly compact_revision: string;
}

export interface RangeResponse {
  readonly header: ResponseHeader | null;
  readonly kvs: readonly {readonly key: Buffer; readonly value: Buffer; readonly mod_revision: string}[];
  readonly count: string;
}

export interface SnapshotResponse {
  readonly header: ResponseHeader | null;
  readonly remaining_bytes: string;
  readonly blob: Buffer;
  /** Version of the server; '' before 3.6. */
  readonly version: string;
}
