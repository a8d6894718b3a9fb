/**
 * Before data is given up: is it the cluster that is meant? Proved by the ids on disk and alive together with what our own
 * configuration on the hosts says, or by the operator, who names the cluster.
 */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {clusterId, memberId} from './identity.ts';
import type {WalReading} from './wal.ts';

/** What one member of the cluster shows. */
export interface MemberProof {
  readonly name: string;
  readonly host: string;
  readonly peerUrl: string;
  /** Its data is to be given up in this run. */
  readonly isLeaving: boolean;
  /** There is data on its disk; `ids`: whose, where that can be told. */
  readonly hasData: boolean;
  readonly ids?: WalReading;
  /** The cluster that its running process belongs to. */
  readonly liveClusterId?: string;
  /** What our configuration on the host says: member name and token. */
  readonly config?: {readonly name: string; readonly token: string};
}

/** The cluster that is meant, in the inventory's words. */
export interface Meant {
  readonly cluster: string;
  readonly token: string;
  /** `etcd_confirm`: '' = nothing typed. */
  readonly confirm: string;
}

/** Why what is on the hosts is not proved to be the cluster that is meant; undefined: it is, or there is nothing to lose. */
export function identityProblem(
  members: readonly MemberProof[],
  {cluster, token, confirm}: Meant,
): Diagnostic | undefined {
  const concerned = members.filter(
    ({isLeaving, hasData, liveClusterId}) => isLeaving && (hasData || liveClusterId !== undefined),
  );
  if (concerned.length === 0) return undefined;
  const ids = new Set(concerned.flatMap(clusterIdsOf));
  const [id = ''] = ids;
  const found = concerned.map(describe).join('; ');
  if (confirm !== '') {
    if (confirm === cluster || (ids.size === 1 && confirm === id)) return undefined;
    return refuse(
      `etcd_confirm is "${confirm}", but the cluster is ${cluster}, and what is there: ${found}`,
      cluster,
      ids,
    );
  }
  if (ids.size !== 1 || concerned.some(member => clusterIdsOf(member).length === 0))
    return refuse(`what is there is not one cluster that can be told: ${found}`, cluster, ids);
  const isForetold = id === clusterId(members.map(({peerUrl}) => memberId([peerUrl], token)));
  const isConfigured = concerned.every(({name, config}) => config?.name === name && config.token === token);
  if (isForetold || isConfigured) return undefined;
  return refuse(`nothing on the hosts says that this is ${cluster}: ${found}`, cluster, ids);
}

function clusterIdsOf({ids, liveClusterId}: MemberProof): string[] {
  return [...(ids?.ok ? [ids.clusterId] : []), ...(liveClusterId === undefined ? [] : [liveClusterId])];
}

function describe(member: MemberProof): string {
  const [id, other] = new Set(clusterIdsOf(member));
  const what =
    id === undefined ? 'data that cannot be identified' : `cluster ${id}${other === undefined ? '' : ` and ${other}`}`;
  const says =
    member.config === undefined ? '' : `, configured as ${member.config.name} with token ${member.config.token}`;
  return `${member.host} has ${what}${says}`;
}

function refuse(message: string, cluster: string, ids: ReadonlySet<string>): Diagnostic {
  const [id] = ids;
  const typed = ids.size === 1 ? `-e etcd_confirm=${id}` : `-e etcd_confirm=${cluster}`;
  return problem('E_ETCD_CONFIRM', message, {
    hint: `compare it with the inventory. If just this is to be given up, say so: ${typed}`,
  });
}
