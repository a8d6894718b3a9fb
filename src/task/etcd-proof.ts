/** What the kinds that give data up ask of each member, to know that it is the cluster that is meant. */
import {isMap} from '../base/data.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import {parseYaml, toData} from '../base/yaml.ts';
import {identityProblem, type MemberProof} from '../etcd/proof.ts';
import {DATA_PROPERTIES, type DataArgs, dataProbe} from './etcd-data.ts';
import type {ClusterArgs} from './etcd-members.ts';
import type {EtcdDataFact, EtcdFact, Fact, PathFact} from './fact.ts';
import type {Probe} from './probe.ts';

/** Arguments of these kinds beside the members. */
export interface ProofArgs extends DataArgs {
  readonly cluster: string;
  readonly token: string;
  readonly config_file: string;
  /** What the operator has typed; '' = nothing. */
  readonly confirm?: string;
}

/** JSON Schema of `ProofArgs`' properties. */
export const PROOF_PROPERTIES = {
  ...DATA_PROPERTIES,
  cluster: {type: 'string'},
  token: {type: 'string'},
  config_file: {type: 'string'},
  confirm: {type: 'string'},
} as const;

/** Those of them that have to be given. */
export const PROOF_REQUIRED = ['data', 'cluster', 'token', 'config_file'] as const;

/** Data and configuration of each member, by `data:<name>` and `config:<name>`. */
export function proofProbes(args: ClusterArgs & ProofArgs): Record<string, Probe> {
  return Object.fromEntries(
    args.members.flatMap(({name, host}): [string, Probe][] => [
      [`data:${name}`, dataProbe(args, host)],
      [`config:${name}`, {kind: 'path', path: args.config_file, content: 'text', at: host}],
    ]),
  );
}

/** Why the members on `hosts` are not proved to be the cluster that is meant. */
export function proofProblem(
  {members, cluster, token, config_file: file, confirm = ''}: ClusterArgs & ProofArgs,
  facts: Readonly<Record<string, Fact | undefined>>,
  hosts: readonly string[],
): Diagnostic | undefined {
  const proofs = members.map(({name, host, peer_url: peerUrl}): MemberProof => {
    const data = facts[`data:${name}`] as EtcdDataFact | undefined;
    const live = facts[`etcd:${name}`] as EtcdFact;
    const config = configOf(file, facts[`config:${name}`] as PathFact | undefined);
    return {
      name,
      host,
      peerUrl,
      isLeaving: hosts.includes(host),
      hasData: data?.hasMember === true,
      ...(data?.identity === undefined ? {} : {ids: data.identity}),
      ...(live.reachable ? {liveClusterId: live.clusterId} : {}),
      ...(config === undefined ? {} : {config}),
    };
  });
  return identityProblem(proofs, {cluster, token, confirm});
}

/** Name and token in an etcd configuration file; undefined where there is none that can be read. */
function configOf(path: string, fact: PathFact | undefined): MemberProof['config'] | undefined {
  if (fact === undefined || !fact.exists || fact.text === undefined) return undefined;
  const parsed = parseYaml({path, text: fact.text});
  const config = parsed.ok && parsed.value !== undefined ? toData(parsed.value) : undefined;
  if (!isMap(config)) return undefined;
  return {name: String(config['name'] ?? ''), token: String(config['initial-cluster-token'] ?? '')};
}
