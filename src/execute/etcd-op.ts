/** The operations on live clusters: save a snapshot, wait for health, change the membership. */

import {performance} from 'node:perf_hooks';
import {setTimeout as pause} from 'node:timers/promises';
import {problem} from '../base/diagnostic.ts';
import {hasWrongIdentity} from '../etcd/health.ts';
import {formatBytes, memberTable} from '../etcd/member-table.ts';
import type {ClusterOp} from '../task/cluster-op.ts';
import type {OpReply} from '../task/task.ts';
import {type EtcdDialers, etcdFact, openMember} from './etcd-probe.ts';
import {type Clock, describeWait, type Waited, waitForCluster} from './etcd-wait.ts';
import {applyMemberOp} from './member-op.ts';
import {moveLeader} from './move-leader.ts';
import {journalText, type ReadJournal} from './unit-journal.ts';

/** An operation that this file applies. */
export type EtcdOp = ClusterOp;

/** What these operations act through. */
export interface EtcdHands {
  /** Ways to the member of an inventory host. */
  readonly dialers: (host: string) => Promise<EtcdDialers>;
  /** Absent: no journal is shown below a failure. */
  readonly journal?: ReadJournal;
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
  /** Default: the machine's own. */
  readonly clock?: Clock;
}

/** Applies one. `rc` 1 with a typed diagnostic where it failed, 130 where it was interrupted. */
export function applyEtcdOp(op: EtcdOp, hands: EtcdHands): Promise<OpReply> {
  if (op.kind === 'etcd-snapshot') return saveSnapshotOf(op, hands);
  if (op.kind === 'etcd-wait') return waitFor(op, hands);
  if (op.kind === 'etcd-move-leader') return moveLeader(op, hands, hands.clock ?? CLOCK);
  return applyMemberOp(op, {...hands, clock: hands.clock ?? CLOCK});
}

async function saveSnapshotOf(
  {endpoint, path}: Extract<EtcdOp, {kind: 'etcd-snapshot'}>,
  hands: EtcdHands,
): Promise<OpReply> {
  const client = await openMember(endpoint, await hands.dialers(endpoint.host));
  if (!client.ok) return snapshotFailed(endpoint.member, client.error.message);
  try {
    const saved = await client.value.snapshot(path, hands.signal);
    if (!saved.ok) return hands.signal.aborted ? INTERRUPTED : snapshotFailed(endpoint.member, saved.error.message);
    const {sizeBytes, sha256, revision} = saved.value;
    const stdout = `saved ${path} from ${endpoint.member}: ${formatBytes(sizeBytes)}, sha256 ${sha256}`;
    return {rc: 0, stdout, stderr: '', data: {path, member: endpoint.member, size_bytes: sizeBytes, sha256, revision}};
  } finally {
    await client.value.close();
  }
}

function snapshotFailed(member: string, message: string): OpReply {
  const hint =
    'a snapshot can be taken from any member that answers, even without a majority: name another member, or mend this one.';
  return {
    rc: 1,
    stdout: '',
    stderr: message,
    diagnostic: problem('E_ETCD_SNAPSHOT', `no snapshot of ${member}: ${message}`, {hint}),
  };
}

async function waitFor(
  {endpoints, expect, timeoutSeconds}: Extract<EtcdOp, {kind: 'etcd-wait'}>,
  hands: EtcdHands,
): Promise<OpReply> {
  const waited = await waitForCluster(endpoints, {
    expect,
    timeoutSeconds,
    ask: async endpoint => etcdFact(endpoint, await hands.dialers(endpoint.host)),
    progress: hands.progress,
    signal: hands.signal,
    clock: hands.clock ?? CLOCK,
  });
  if (waited.outcome === 'interrupted') return INTERRUPTED;
  if (waited.outcome === 'wrong') return wrongIdentity(waited);
  if (waited.outcome === 'timeout') {
    const silent = endpoints.filter(({member}) => waited.facts.get(member)?.reachable !== true).map(({host}) => host);
    const {journal: read} = hands;
    const {unit} = expect;
    const journal = unit === undefined || read === undefined ? '' : await journalText(silent, unit, read);
    return notHealthy(waited, timeoutSeconds, journal);
  }
  const urls = Object.fromEntries(endpoints.map(({member, clientUrl}) => [member, clientUrl]));
  const {clusterId, leader} = waited.verdict.summary;
  return {
    rc: 0,
    stdout: memberTable(waited.facts, urls),
    stderr: '',
    data: {cluster_id: clusterId ?? '', leader: leader ?? '', seconds: waited.seconds},
  };
}

function notHealthy(waited: Waited, timeoutSeconds: number, journal: string): OpReply {
  const {answering, asked} = waited.verdict.summary;
  const said = describeWait(waited);
  const message = `the cluster is not healthy after ${timeoutSeconds} s: ${answering} of ${asked} members answer\n${said}${journal}`;
  const hint = 'mend what is named above, then run the same command again: what is done stays done.';
  return {rc: 1, stdout: '', stderr: message, diagnostic: problem('E_ETCD_NOT_HEALTHY', message, {hint})};
}

/** The first problem that says who is there instead of whom. */
function wrongIdentity(waited: Waited): OpReply {
  const found = waited.verdict.problems.find(one => hasWrongIdentity([one]));
  const diagnostic = found && {...found, message: `${found.message}\n${describeWait(waited)}`};
  return {rc: 1, stdout: '', stderr: found?.message ?? '', ...(diagnostic === undefined ? {} : {diagnostic})};
}

const INTERRUPTED: OpReply = {rc: 130, stdout: '', stderr: 'interrupted'};

const CLOCK: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => pause(ms, undefined, {signal}).catch(() => undefined),
};
