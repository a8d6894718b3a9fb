/** `etcd_snapshot`: a snapshot of the cluster on the controller, from the member that has applied most. Works without quorum, too. */
import {warning} from '../base/diagnostic.ts';
import {ok} from '../base/result.ts';
import type {States} from '../etcd/facts.ts';
import {CLUSTER_PROPERTIES, type ClusterArgs, endpointOf, type MemberArg, memberProbes} from './etcd-members.ts';
import {statesOf} from './etcd-states.ts';
import type {EtcdFact} from './fact.ts';
import type {Op} from './op.ts';
import type {Probe} from './probe.ts';
import {defineKind} from './task.ts';

interface Args extends ClusterArgs {
  /** Directory on the controller. */
  readonly dir: string;
  readonly cluster: string;
}

/** Saves a snapshot where a member can still give one. */
export const etcdSnapshotKind = defineKind<Args, Readonly<Record<string, Probe>>>({
  name: 'etcd_snapshot',
  summary: 'Saves a snapshot on the controller from the member that has applied most; verified by its sha256.',
  scope: 'cluster',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['members', 'pki_dir', 'dir', 'cluster'],
    properties: {...CLUSTER_PROPERTIES, dir: {type: 'string', minLength: 1}, cluster: {type: 'string'}},
  },
  probe: args => memberProbes(args),
  plan: ({members, pki_dir: pkiDir, dir, cluster}, facts, {nowMs}) => {
    const op = snapshotOp(members, statesOf(members, facts), {pkiDir, dir, cluster, nowMs});
    if (op === undefined) {
      return ok({
        kind: 'satisfied',
        reason: 'no member can give a snapshot',
        warnings: [warning('W_ETCD_NO_SNAPSHOT', `no member of ${cluster} answers, so no snapshot was saved`)],
      });
    }
    return ok({kind: 'change', reason: `${op.endpoint.member} has applied most`, ops: [op]});
  },
});

/** A snapshot from the voter that has applied most; undefined where none answers. */
export function snapshotOp(
  members: readonly MemberArg[],
  states: States,
  place: {readonly pkiDir: string; readonly dir: string; readonly cluster: string; readonly nowMs: number},
): Extract<Op, {kind: 'etcd-snapshot'}> | undefined {
  const best = members
    .map(member => ({member, fact: states.get(member.name)}))
    .filter(({fact}) => fact?.reachable === true && !fact.isLearner)
    .sort((a, b) => appliedOf(b.fact) - appliedOf(a.fact))[0];
  if (best === undefined) return undefined;
  const stamp = new Date(place.nowMs).toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '');
  return {
    kind: 'etcd-snapshot',
    endpoint: endpointOf(best.member, place.pkiDir),
    path: `${place.dir}/${place.cluster}-${stamp}.db`,
  };
}

/** Raft indexes are 64 bits; for choosing the furthest member a float's 53 are enough. */
function appliedOf(fact: EtcdFact | undefined): number {
  return fact?.reachable ? Number(fact.raftAppliedIndex) : -1;
}
