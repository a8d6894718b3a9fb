/** The ids that a new cluster will have: told before it is made, and held against what etcd says once it runs. */
import {type DataMap, dataMap} from '../base/data.ts';
import {type ClusterIdentity, identityOf} from '../etcd/identity.ts';
import type {ClusterArgs, MemberArg} from './etcd-members.ts';
import type {Fact, PathFact} from './fact.ts';
import type {Probe} from './probe.ts';

/** The `initial-cluster-token`; '' where the task was not told: then nothing is foretold. */
export interface IdentityArgs extends ClusterArgs {
  readonly token: string;
}

/** JSON Schema of the argument. */
export const TOKEN_PROPERTY = {token: {type: 'string', default: ''}} as const;

/** What a new cluster of these members will be. */
export function foretold({members, token}: IdentityArgs): ClusterIdentity | undefined {
  if (token === '') return undefined;
  return identityOf(
    members.map(({name, peer_url: url}) => ({name, peerUrls: [url]})),
    token,
  );
}

/** As a task's result and as text for people; empty where the cluster is not about to be made. */
export function identityResult(
  args: IdentityArgs,
  state: string,
): {readonly result?: DataMap; readonly output?: string} {
  const identity = state === 'new' || state === 'bootstrapping' ? foretold(args) : undefined;
  if (identity === undefined) return {};
  const {clusterId, memberIds} = identity;
  const members = Object.entries(memberIds).map(([name, id]) => `member ${id} ${name}`);
  const ids = dataMap([
    ['cluster_id', clusterId],
    ['member_ids', dataMap(Object.entries(memberIds))],
  ]);
  return {
    result: dataMap([['identity', ids]]),
    output: [`to be made: cluster ${clusterId}`, ...members].join('\n'),
  };
}

/** Asks each host for the marker of a cluster that has not been seen healthy yet. */
export function markerProbes(members: readonly MemberArg[], marker: string): Record<string, Probe> {
  if (marker === '') return {};
  return Object.fromEntries(members.map(({name, host}) => [`marker:${name}`, {kind: 'path', path: marker, at: host}]));
}

/** What must hold of a cluster whose members have all just been started for the first time; a member that joins later has an id that nobody can foretell. */
export function expectedIdentity(
  args: IdentityArgs,
  facts: Readonly<Record<string, Fact | undefined>>,
): Partial<ClusterIdentity> {
  const isNew = args.members.every(({name}) => (facts[`marker:${name}`] as PathFact | undefined)?.exists === true);
  return isNew ? (foretold(args) ?? {}) : {};
}
