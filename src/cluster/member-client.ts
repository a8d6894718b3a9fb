/** The calls to one member, typed. None is repeated by itself; every one has a deadline. */
import {ok, type Result} from '../base/result.ts';
import type {ListedMember, MemberState} from '../etcd/facts.ts';
import {idFromDecimal, idToDecimal} from '../etcd/identity.ts';
import type {Channel} from './channel.ts';
import type {EtcdFailure} from './failure.ts';
import {RPC, type Rpc} from './rpc.ts';
import {type SavedSnapshot, saveSnapshot} from './snapshot.ts';
import {askStatus, listedMembers} from './status.ts';

/** The answer to a call, or why there is none. */
export type Answer<T> = Promise<Result<T, EtcdFailure>>;

/** A snapshot that does not move for this long has failed. */
const SNAPSHOT_IDLE_MS = 30_000;
/** Defragmenting rewrites the whole database and holds the member up meanwhile. */
const DEFRAGMENT_TIMEOUT_MS = 600_000;

/** A connection to one member. Ids are 16 hex digits. Always `close` it: an open one keeps the process alive. */
export class EtcdClient {
  readonly #channel: Channel;
  readonly #timeoutMs: number;
  readonly #firstTimeoutMs: number;

  /** `firstTimeoutMs`: what connecting has left of the first question's time. */
  constructor(channel: Channel, timeoutMs: number, firstTimeoutMs: number) {
    this.#channel = channel;
    this.#timeoutMs = timeoutMs;
    this.#firstTimeoutMs = firstTimeoutMs;
  }

  /** What the member says of itself. Never rejects: a member that does not answer is an answer too. */
  status(): Promise<MemberState> {
    return askStatus(this.#channel, this.#firstTimeoutMs);
  }

  /** The member list as a majority knows it (from 3.5 on; 3.4 gives the member's own view). */
  async memberList(): Answer<readonly ListedMember[]> {
    const answer = await this.#call(RPC.memberList, {linearizable: true});
    return answer.ok ? ok(listedMembers(answer.value.members)) : answer;
  }

  /** Adds a member; gives its id. It counts at once (a learner has no vote), so its etcd must be started next. */
  async memberAdd(
    peerUrls: readonly string[],
    isLearner: boolean,
  ): Answer<{readonly id: string; readonly members: readonly ListedMember[]}> {
    const answer = await this.#call(RPC.memberAdd, {peerURLs: peerUrls, isLearner});
    if (!answer.ok) return answer;
    return ok({id: idFromDecimal(answer.value.member?.ID ?? '0'), members: listedMembers(answer.value.members)});
  }

  /** Removes a member for good: its id never comes back. */
  async memberRemove(id: string): Answer<readonly ListedMember[]> {
    const answer = await this.#call(RPC.memberRemove, {ID: idToDecimal(id)});
    return answer.ok ? ok(listedMembers(answer.value.members)) : answer;
  }

  /** Gives a learner its vote. Fails with `FAILED_PRECONDITION` while it has not caught up. */
  async memberPromote(id: string): Answer<readonly ListedMember[]> {
    const answer = await this.#call(RPC.memberPromote, {ID: idToDecimal(id)});
    return answer.ok ? ok(listedMembers(answer.value.members)) : answer;
  }

  /** Gives a member other peer URLs. Never for a learner: etcd before 3.6.12 then takes it for a voter that cannot be promoted. */
  async memberUpdate(id: string, peerUrls: readonly string[]): Answer<readonly ListedMember[]> {
    const answer = await this.#call(RPC.memberUpdate, {ID: idToDecimal(id), peerURLs: peerUrls});
    return answer.ok ? ok(listedMembers(answer.value.members)) : answer;
  }

  /** Hands leadership to another voter. Only the leader can: ask the leader's client. */
  async moveLeader(targetId: string): Answer<undefined> {
    const answer = await this.#call(RPC.moveLeader, {targetID: idToDecimal(targetId)});
    return answer.ok ? ok(undefined) : answer;
  }

  /** Alarms of all members: `NOSPACE`, `CORRUPT`. */
  async alarms(): Answer<readonly {readonly memberId: string; readonly alarm: string}[]> {
    const answer = await this.#call(RPC.alarm, {action: 'GET'});
    return answer.ok
      ? ok(answer.value.alarms.map(({memberID, alarm}) => ({memberId: idFromDecimal(memberID), alarm})))
      : answer;
  }

  /** Takes a member's alarm back. */
  async alarmDisarm(memberId: string, alarm: 'NOSPACE' | 'CORRUPT'): Answer<undefined> {
    const answer = await this.#call(RPC.alarm, {action: 'DEACTIVATE', memberID: idToDecimal(memberId), alarm});
    return answer.ok ? ok(undefined) : answer;
  }

  /** Rewrites the member's database file without holes. The member answers nothing meanwhile. */
  async defragment(): Answer<undefined> {
    const answer = await this.#call(RPC.defragment, {}, DEFRAGMENT_TIMEOUT_MS);
    return answer.ok ? ok(undefined) : answer;
  }

  /** Hash of all keys up to a revision ('0' = now): equal on all members that compacted at the same revision. */
  async hashKv(
    revision = '0',
  ): Answer<{readonly hash: number; readonly revision: string; readonly compactRevision: string}> {
    const answer = await this.#call(RPC.hashKv, {revision});
    if (!answer.ok) return answer;
    return ok({
      hash: answer.value.hash,
      revision: answer.value.header?.revision ?? '',
      compactRevision: answer.value.compact_revision,
    });
  }

  /** Saves a verified snapshot to a file of the controller's. Works without quorum. */
  snapshot(path: string, signal?: AbortSignal): Answer<SavedSnapshot> {
    return saveSnapshot(this.#channel, path, SNAPSHOT_IDLE_MS, signal);
  }

  /** Ends the connection; calls under way fail. */
  close(): Promise<void> {
    return this.#channel.close();
  }

  #call<Q, R>(rpc: Rpc<Q, R>, request: Q, timeoutMs = this.#timeoutMs): Answer<R> {
    return this.#channel.call(rpc, request, timeoutMs).done;
  }
}
