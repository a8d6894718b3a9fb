/** After a member was stopped: it is back, the same one, caught up, under a steady leader; or the gate closes. */
import {setTimeout as pause} from 'node:timers/promises';
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import type {LiveState} from '../etcd/facts.ts';
import {judgeCluster} from '../etcd/health.ts';
import {stopView} from '../etcd/stop-view.ts';
import type {UnitFact} from '../task/fact.ts';
import type {MemberStop} from '../task/member-stops.ts';
import type {Op} from '../task/op.ts';
import type {Granted} from './gate-check.ts';
import {endpointOfMember} from './gate-reading.ts';

type Wait = Extract<Op, {kind: 'etcd-wait'}>;
type Move = Extract<Op, {kind: 'etcd-move-leader'}>;

/** Seconds in which all members have to name the new leader: an election takes one or two. */
const MOVE_SECONDS = 10;

/** The operation that makes another voter the leader first; undefined where the member does not lead, or nobody could follow. */
export function moveOp({stop: {cluster, member}, states, verdict: {successor}}: Granted): Move | undefined {
  if (successor === undefined) return undefined;
  const witnesses = cluster.members.filter(({name}) => states.get(name)?.reachable === true);
  return {
    kind: 'etcd-move-leader',
    endpoint: endpointOfMember(member, cluster),
    to: successor,
    witnesses: witnesses.map(one => endpointOfMember(one, cluster)),
    timeoutSeconds: MOVE_SECONDS,
  };
}

/** Problems of a cluster that a restart neither makes nor mends. */
const BEFORE = [
  'E_ETCD_ALARM',
  'E_ETCD_ALARM_NOSPACE',
  'E_ETCD_ALARM_CORRUPT',
  'E_ETCD_MEMBER_ERROR',
  'E_ETCD_MEMBER_UNSTARTED',
];

/** The operation that waits until the member is back as it was, together with all that answered before. */
export function returnOp({stop: {cluster, member}, states, verdict: {successor}}: Granted): Wait {
  const view = stopView(cluster.members, states);
  const others = cluster.members.filter(({name}) => name !== member.name && view.own.has(name));
  const memberId = view.rowOf(member.name)?.id;
  const [clusterId] = [...view.own.values()].map((state: LiveState) => state.clusterId);
  const codes = new Set<string>(judgeCluster(states).problems.map(({code}) => code));
  const [term] = [...view.own.values()].filter(one => view.healthy.has(one.memberId)).map(one => one.raftTerm);
  const keepsLeader = successor === undefined && view.leaderId !== undefined && view.leaderId !== memberId;
  return {
    kind: 'etcd-wait',
    endpoints: [member, ...others].map(one => endpointOfMember(one, cluster)),
    expect: {
      unit: member.unit,
      ...(clusterId === undefined ? {} : {clusterId}),
      ...(memberId === undefined ? {} : {memberIds: {[member.name]: memberId}}),
      tolerate: BEFORE.filter(code => codes.has(code)),
      // A leader that was moved, or went with its member, is another one now for a good reason.
      ...(keepsLeader && term !== undefined ? {before: {leaderId: view.leaderId ?? '', term}} : {}),
    },
    timeoutSeconds: cluster.healthTimeoutSeconds,
  };
}

/** What became of a unit after the operations. */
export type Aftermath = 'up' | 'down' | 'untouched';

/** A command may only have asked systemd for a restart: as long as nothing is seen of it, it is waited for. */
const GRACE_MS = 3000;
const PAUSE_MS = 100;

/** How a unit is watched. */
export interface AftermathOptions {
  readonly read: () => Promise<UnitFact | undefined>;
  readonly signal: AbortSignal;
  /** The operations have failed: what is seen now is enough. */
  readonly isFailed: boolean;
}

/** Watches the unit until it is started anew, down, or evidently left alone. `before`: its state before the operations. */
export async function aftermathOf(
  {cluster, effect}: MemberStop,
  before: UnitFact,
  {read, signal, isFailed}: AftermathOptions,
): Promise<Aftermath> {
  const limitMs = cluster.healthTimeoutSeconds * 1000;
  for (let waitedMs = 0; ; waitedMs += PAUSE_MS) {
    const unit = await read();
    if (unit === undefined) return 'up';
    const isNew = unit.startedMonotonic !== before.startedMonotonic;
    if (unit.active === 'active' && isNew) return 'up';
    if (unit.active === 'inactive' || unit.active === 'failed') return 'down';
    const isLeft = unit.active === 'active' && !isNew;
    if (isLeft && (waitedMs >= GRACE_MS || signal.aborted)) return 'untouched';
    // It does not come up, but systemd goes on trying: the wait for the member says what is wrong.
    if (waitedMs >= limitMs || signal.aborted || (isFailed && !isLeft)) return effect === 'stop' ? 'down' : 'up';
    await pause(PAUSE_MS, undefined, {signal}).catch(() => undefined);
  }
}

/** Why the gate lets nobody through any more. */
export function closedProblem(cluster: string, reason: string): Diagnostic {
  const message = `no member of ${cluster} is stopped, added or removed for the rest of this run, because ${reason}`;
  const hint =
    'bring that member back first (the messages above say what is wrong with it), then run the same command again.';
  return problem('E_ETCD_GATE_CLOSED', message, {hint});
}
