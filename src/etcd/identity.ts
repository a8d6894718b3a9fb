/**
 * The ids that etcd will give, known before it starts (etcd server/etcdserver/api/membership: member.go `computeMemberID`,
 * cluster.go `genID`). Sixteen lower-case hex digits, never numbers: JavaScript's lose the last bits.
 */
import {createHash} from 'node:crypto';

/**
 * A member's id: from its peer URLs and the cluster's token; for a member added to a running cluster also from the second
 * (Unix time on the leader) of the addition, which is why such an id cannot be foretold.
 */
export function memberId(peerUrls: readonly string[], token: string, addTimeSeconds?: number): string {
  const text = `${[...peerUrls].sort().join('')}${token}${addTimeSeconds ?? ''}`;
  return createHash('sha1').update(text).digest('hex').slice(0, 16);
}

/** The id of a cluster, from the ids of the members it was bootstrapped with; it stays when members come and go. */
export function clusterId(memberIds: readonly string[]): string {
  const bytes = Buffer.from([...memberIds].sort().join(''), 'hex');
  return createHash('sha1').update(bytes).digest('hex').slice(0, 16);
}

/** An id as etcd's API gives it (unsigned 64 bits in decimal) in our form; '' for 0, which means "none". */
export function idFromDecimal(decimal: string): string {
  const id = BigInt(decimal);
  return id === 0n ? '' : id.toString(16).padStart(16, '0');
}

/** An id of ours as etcd's API takes it. */
export function idToDecimal(id: string): string {
  return BigInt(`0x${id === '' ? '0' : id}`).toString();
}

/** The ids of a cluster that is about to be made. */
export interface ClusterIdentity {
  readonly clusterId: string;
  /** Member name -> member id. */
  readonly memberIds: Readonly<Record<string, string>>;
}

/** What a new cluster of these members will be called; holds for the members it is bootstrapped with only. */
export function identityOf(
  members: readonly {readonly name: string; readonly peerUrls: readonly string[]}[],
  token: string,
): ClusterIdentity {
  const ids = members.map(({name, peerUrls}): [string, string] => [name, memberId(peerUrls, token)]);
  return {clusterId: clusterId(ids.map(([, id]) => id)), memberIds: Object.fromEntries(ids)};
}
