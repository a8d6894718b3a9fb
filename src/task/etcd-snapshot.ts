/** `etcd_snapshot`: a snapshot of the cluster on the controller, from the member that has applied most. Works without quorum, too. */
import {warning} from '../base/diagnostic.ts';
import {ok} from '../base/result.ts';
import {CLUSTER_PROPERTIES, type ClusterArgs, endpointOf, memberProbes} from './etcd-members.ts';
import type {EtcdFact} from './fact.ts';
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
    const best = members
      .map(member => ({member, fact: facts[`etcd:${member.name}`] as EtcdFact}))
      .filter(({fact}) => fact.reachable && !fact.isLearner)
      .sort((a, b) => appliedOf(b.fact) - appliedOf(a.fact))[0];
    if (best === undefined) {
      return ok({
        kind: 'satisfied',
        reason: 'no member can give a snapshot',
        warnings: [warning('W_ETCD_NO_SNAPSHOT', `no member of ${cluster} answers, so no snapshot was saved`)],
      });
    }
    const stamp = new Date(nowMs).toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '');
    return ok({
      kind: 'change',
      reason: `${best.member.name} has applied most`,
      ops: [{kind: 'etcd-snapshot', endpoint: endpointOf(best.member, pkiDir), path: `${dir}/${cluster}-${stamp}.db`}],
    });
  },
});

/** Raft indexes are 64 bits; for choosing the furthest member a float's 53 are enough. */
function appliedOf(fact: EtcdFact): number {
  return fact.reachable ? Number(fact.raftAppliedIndex) : -1;
}
