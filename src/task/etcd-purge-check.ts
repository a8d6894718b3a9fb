/** `etcd_purge_check`: what is purged is the cluster that is meant, and a purge of some members leaves the others their quorum. */
import {problem, warning} from '../base/diagnostic.ts';
import {ok} from '../base/result.ts';
import {judgeCluster} from '../etcd/health.ts';
import {CLUSTER_PROPERTIES, type ClusterArgs, memberProbes} from './etcd-members.ts';
import {PROOF_PROPERTIES, PROOF_REQUIRED, type ProofArgs, proofProbes, proofProblem} from './etcd-proof.ts';
import {statesOf} from './etcd-states.ts';
import type {EtcdFact} from './fact.ts';
import type {Probe} from './probe.ts';
import {defineKind, refusal} from './task.ts';

/** Refuses a purge of somebody else's cluster, and a partial one that would take the rest of the cluster down. */
export const etcdPurgeCheckKind = defineKind<ClusterArgs & ProofArgs, Readonly<Record<string, Probe>>>({
  name: 'etcd_purge_check',
  summary:
    'Refuses a purge of what is not proved to be this cluster, and of some members that would leave the others without a quorum.',
  scope: 'cluster',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['members', 'pki_dir', ...PROOF_REQUIRED],
    properties: {...CLUSTER_PROPERTIES, ...PROOF_PROPERTIES},
  },
  probe: args => ({...memberProbes(args), ...proofProbes(args)}),
  plan: (args, facts, {hosts, lostHosts}) => {
    const unproved = proofProblem(args, facts, hosts);
    if (unproved !== undefined) return refusal(unproved);
    const leaving = args.members.filter(({host}) => hosts.includes(host) || lostHosts.includes(host));
    if (leaving.length === args.members.length) return ok({kind: 'satisfied', reason: 'the whole cluster is purged'});
    const names = leaving.map(({name}) => name).join(', ');
    const {summary} = judgeCluster(statesOf(args.members, facts));
    if (summary.answering === 0)
      return ok({kind: 'satisfied', reason: 'no member answers: there is no quorum to keep'});
    const listed = leaving.filter(({peer_url: url, name}) => isListed(facts[`etcd:${name}`] as EtcdFact, facts, url));
    const healthy = leaving.filter(({name}) => (facts[`etcd:${name}`] as EtcdFact).reachable).length;
    if (listed.length > 0 && summary.healthyVoters - healthy < summary.quorum) {
      return refusal(
        problem(
          'E_ETCD_QUORUM',
          `purging ${names} would leave ${summary.healthyVoters - healthy} of ${summary.voters} voters, and ${summary.quorum} must stay`,
          {
            hint: 'bring other members back first, or remove this one from the cluster first ("etcdctl-play etcd-rm.yml -l HOST").',
          },
        ),
      );
    }
    const warnings = listed.map(({name}) =>
      warning(
        'W_ETCD_STILL_LISTED',
        `${name} is still in the cluster's member list and counts as a voter that is down`,
        {
          hint: `take it out first: "etcdctl-play etcd-rm.yml -l HOST"; afterwards "etcdctl-play etcd-rm.yml -e etcd_rm_member=${name}".`,
        },
      ),
    );
    return ok({
      kind: 'satisfied',
      reason: `without ${names}, ${summary.healthyVoters - healthy} of ${summary.voters} voters stay healthy`,
      warnings,
    });
  },
});

/** Whether any live member lists the peer URL. */
function isListed(own: EtcdFact, facts: Readonly<Record<string, unknown>>, peerUrl: string): boolean {
  const others = Object.entries(facts).flatMap(([key, fact]) => (key.startsWith('etcd:') ? [fact as EtcdFact] : []));
  return [own, ...others].some(fact => fact.reachable && fact.members.some(({peerUrls}) => peerUrls.includes(peerUrl)));
}
