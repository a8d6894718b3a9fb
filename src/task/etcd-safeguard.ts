/**
 * `etcd_safeguard`: before data is moved aside. The evidence is what is on disk and who answers, not an open port; with the safeguard off,
 * it still has to be the cluster that is meant.
 */
import {problem} from '../base/diagnostic.ts';
import {ok} from '../base/result.ts';
import {CLUSTER_PROPERTIES, type ClusterArgs, type MemberArg, memberProbes} from './etcd-members.ts';
import {PROOF_PROPERTIES, PROOF_REQUIRED, type ProofArgs, proofProbes, proofProblem} from './etcd-proof.ts';
import type {EtcdDataFact, EtcdFact, Fact, UnitFact} from './fact.ts';
import type {Probe} from './probe.ts';
import {defineKind, refusal} from './task.ts';

interface Args extends ClusterArgs, ProofArgs {
  readonly safeguard: boolean;
  readonly unit: string;
}

/** Refuses while the safeguard is on and a member's data, process or answer is found on a host of this run. */
export const etcdSafeguardKind = defineKind<Args, Readonly<Record<string, Probe>>>({
  name: 'etcd_safeguard',
  summary:
    'Refuses to go on while the safeguard is on and there is data or a live member on any host of the run, or while it is not proved whose.',
  scope: 'cluster',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['members', 'pki_dir', 'safeguard', 'unit', ...PROOF_REQUIRED],
    properties: {...CLUSTER_PROPERTIES, ...PROOF_PROPERTIES, safeguard: {type: 'boolean'}, unit: {type: 'string'}},
  },
  probe: args => ({
    ...memberProbes(args),
    ...proofProbes(args),
    ...Object.fromEntries(
      args.members.map(({name, host}): [string, Probe] => [`unit:${name}`, {kind: 'unit', unit: args.unit, at: host}]),
    ),
  }),
  plan: (args, facts, {hosts}) => {
    const found = args.members
      .filter(({host}) => hosts.includes(host))
      .flatMap(member => evidence(member, args, facts));
    if (found.length === 0) return ok({kind: 'satisfied', reason: 'no data and no live member on these hosts'});
    if (!args.safeguard) {
      const unproved = proofProblem(args, facts, hosts);
      return unproved === undefined
        ? ok({kind: 'satisfied', reason: `etcd_safeguard is off, and this is ${args.cluster}: ${found.join('; ')}`})
        : refusal(unproved);
    }
    return refusal(
      problem('E_ETCD_SAFEGUARD', `the safeguard is on, and there is something to lose: ${found.join('; ')}`, {
        hint: 'to keep it, leave etcd_clean off (the default). If this data is really to be given up, run again with -e etcd_safeguard=false: it is moved aside, not deleted.',
      }),
    );
  },
});

function evidence(
  {name, host}: MemberArg,
  {data, unit}: Args,
  facts: Readonly<Record<string, Fact | undefined>>,
): string[] {
  const disk = facts[`data:${name}`] as EtcdDataFact | undefined;
  const state = facts[`unit:${name}`] as UnitFact | undefined;
  const live = facts[`etcd:${name}`] as EtcdFact;
  return [
    ...(disk?.hasMember ? [`${host}:${data} holds ${whatIsThere(disk)}`] : []),
    ...(state?.active === 'active' ? [`${unit} runs on ${host} (pid ${state.mainPid})`] : []),
    ...(live.reachable ? [`${name} answers (cluster ${live.clusterId})`] : []),
  ];
}

function whatIsThere({identity, sizeBytes, walBytes, ageSeconds}: EtcdDataFact): string {
  const whose = identity?.ok ? `member ${identity.memberId} of cluster ${identity.clusterId}` : 'data of a member';
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  const written = ageSeconds === undefined ? '' : `, last written ${ageSeconds} s ago`;
  return `${whose} (${megabytes(sizeBytes)}, of it ${megabytes(walBytes)} log${written})`;
}
