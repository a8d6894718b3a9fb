/** What a member says of itself, from three questions sent together: its status, its member list, and a read through quorum. */
import {performance} from 'node:perf_hooks';
import type {ListedMember, MemberState} from '../etcd/facts.ts';
import {idFromDecimal} from '../etcd/identity.ts';
import type {Member} from './api.ts';
import type {Channel} from './channel.ts';
import {RPC} from './rpc.ts';

/** etcdctl's own health check reads this key; it need not exist. */
const HEALTH_KEY = Buffer.from('health');

/** Asks a member. Never rejects. Costs one round trip on an open connection; `latencyMs` is the read's. */
export async function askStatus(channel: Channel, timeoutMs: number): Promise<MemberState> {
  const startedMs = performance.now();
  const status = channel.call(RPC.status, {}, timeoutMs);
  // Each member's own view, also without quorum: judging compares the views. (3.4 knows no other way.)
  const list = channel.call(RPC.memberList, {linearizable: false}, timeoutMs);
  const read = channel.call(RPC.range, {key: HEALTH_KEY, serializable: false, count_only: true}, timeoutMs);
  const readDone = read.done.then(answer => ({
    answer,
    latencyMs: Math.round((performance.now() - startedMs) * 10) / 10,
  }));
  const said = await status.done;
  if (!said.ok) {
    list.cancel();
    read.cancel();
    const {reason, message} = said.error;
    return {reachable: false, reason, message};
  }
  const leaderId = idFromDecimal(said.value.leader);
  // Without a leader the read would only wait for its time to run out.
  if (leaderId === '') read.cancel();
  const [members, {answer, latencyMs}] = await Promise.all([list.done, readDone]);
  const readError = answer.ok || provesConsensus(answer.error.message) ? undefined : answer.error.message;
  return {
    reachable: true,
    memberId: idFromDecimal(said.value.header?.member_id ?? '0'),
    clusterId: idFromDecimal(said.value.header?.cluster_id ?? '0'),
    version: said.value.version,
    leaderId,
    raftIndex: said.value.raftIndex,
    raftAppliedIndex: said.value.raftAppliedIndex,
    raftTerm: said.value.raftTerm,
    dbSizeBytes: Number(said.value.dbSize),
    ...(said.value.dbSizeInUse === '0' ? {} : {dbSizeInUseBytes: Number(said.value.dbSizeInUse)}),
    isLearner: said.value.isLearner,
    errors: said.value.errors,
    members: members.ok ? listedMembers(members.value.members) : [],
    ...(members.ok ? {} : {membersError: members.error.message}),
    linearizable: readError === undefined,
    ...(readError === undefined ? {} : {linearizableError: leaderId === '' ? 'no leader' : readError}),
    latencyMs,
    ...(channel.served === undefined ? {} : {served: channel.served}),
  };
}

/** Members as the rest of the program knows them, in the order of their ids. */
export function listedMembers(members: readonly Member[]): readonly ListedMember[] {
  return members
    .map(({ID, name, peerURLs, clientURLs, isLearner}) => ({
      id: idFromDecimal(ID),
      name,
      peerUrls: peerURLs,
      clientUrls: clientURLs,
      isLearner,
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/**
 * With authentication on, etcd first reaches agreement and then looks whether we may read: its "no" is as good as an answer. So is
 * that of a cluster with the alarm CORRUPT, which is told among the errors.
 */
function provesConsensus(message: string): boolean {
  return /permission denied|user name is empty|corrupt cluster/.test(message);
}
