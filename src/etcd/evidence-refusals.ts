/** Refusals about data, said the same way wherever they occur; each with the steps that resolve it. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {idsOf, type MemberEvidence, type SeenMember} from './evidence-facts.ts';

/** The command that moves what is on a host aside; `confirm`: the id (or name) that proves what is meant. */
export function moveAside(host: string, confirm?: string): string {
  const proof = confirm === undefined ? '' : ` -e etcd_confirm=${confirm}`;
  return `"etcdctl-play etcd.yml -l ${host} -t etcd_clean -e etcd_safeguard=false${proof}"`;
}

/** The command that replaces a member that has lost its data. */
function repairCommand(host: string): string {
  return `"etcdctl-play etcd.yml -l ${host} -e etcd_repair=true"`;
}

/** "h1:/data/etcd holds member 1 of cluster 2". */
export function holding(member: SeenMember): string {
  const ids = idsOf(member);
  const what =
    ids === undefined ? 'data that cannot be identified' : `member ${ids.memberId} of cluster ${ids.clusterId}`;
  return `${member.host}:${member.disk.path} holds ${what}`;
}

/** Data of another cluster than `clusterId`; `what`: what leads to that one ("what runs is"). */
export function foreignData(member: SeenMember, what: string, clusterId: string): Diagnostic {
  return problem('E_ETCD_FOREIGN_DATA', `${holding(member)}, but ${what} cluster ${clusterId}`, {
    hint: `if the data is to be kept, correct the inventory (address, etcd_data, etcd_token); if not, move it aside with ${moveAside(member.host, idsOf(member)?.clusterId)} and run again.`,
  });
}

/** Data whose first log file cannot be read. */
export function unreadableData({name, host, disk}: SeenMember): Diagnostic {
  const why =
    disk.identity === undefined || disk.identity.ok ? 'there is no log beside the database' : disk.identity.reason;
  return problem('E_ETCD_DATA_UNREADABLE', `nobody can tell whose data ${host}:${disk.path} holds (${name}): ${why}`, {
    hint: `etcd would start on it as if it were new, or not at all. Where the other members hold the cluster, move it aside with ${moveAside(host, '<cluster name>')}, then replace the member with ${repairCommand(host)}.`,
  });
}

/** Data without a unit and a configuration. */
export function halfPurged(member: SeenMember): Diagnostic {
  return problem(
    'E_ETCD_HALF_PURGED',
    `${holding(member)}, but neither unit nor configuration of ${member.name} is there: a purge was cut short, or the data came from elsewhere`,
    {
      hint: `either it is this cluster's: run again with -e etcd_adopt=true; or it is not wanted: move it aside with ${moveAside(member.host, idsOf(member)?.clusterId)}, then run again.`,
    },
  );
}

/** A member that is to have data and has none. */
export function dataLost({name, host, disk}: SeenMember, id: string, isAlive: boolean): Diagnostic {
  const message = isAlive
    ? `${name} runs (id ${id}), but ${host}:${disk.path} holds none of its data: it was removed, or etcd_data was changed`
    : `${name} is a member of the running cluster (id ${id}), but its data directory on ${host} is empty`;
  return problem('E_ETCD_DATA_LOST', message, {
    hint: `started like this it could break the cluster. If the data is elsewhere, correct etcd_data or mount it; if it is lost, replace the member with ${repairCommand(host)}.`,
  });
}

/** Two members have each other's data, or both the same. */
export function swapped(member: SeenMember, owner: MemberEvidence): Diagnostic {
  return problem('E_ETCD_MEMBER_SWAPPED', `${holding(member)}: that is ${owner.name}, which belongs on ${owner.host}`, {
    hint: `two members with one id break a cluster. Move the directory back to ${owner.host}, or move it aside with ${moveAside(member.host, idsOf(member)?.clusterId)} and replace ${member.name} with ${repairCommand(member.host)}.`,
  });
}

/** Names in a sentence. */
export function names(members: readonly MemberEvidence[]): string {
  return members.map(({name}) => name).join(', ');
}
