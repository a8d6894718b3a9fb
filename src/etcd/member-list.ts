/** The live list of a cluster's members, and who of the inventory is who in it. */
import {problem} from '../base/diagnostic.ts';
import {err, ok, type Result} from '../base/result.ts';
import type {ListedMember} from './facts.ts';

/** A member as the inventory wants it. */
export interface WantedMember {
  readonly name: string;
  readonly host: string;
  readonly peerUrl: string;
}

/**
 * The row of a live list that is a wanted member: found by peer URL and name together. A row without a name has never started:
 * the peer URL alone counts. A row with the name and another peer URL is the member at its old address.
 */
export function findMember(
  list: readonly ListedMember[],
  {name, peerUrl}: Pick<WantedMember, 'name' | 'peerUrl'>,
): Result<ListedMember | undefined> {
  const byUrl = list.filter(row => row.peerUrls.includes(peerUrl));
  const byName = list.filter(row => row.name === name);
  const rows = [...new Set([...byUrl, ...byName])];
  const [row] = rows;
  if (row === undefined) return ok(undefined);
  if (rows.length === 1 && (row.name === '' || row.name === name)) return ok(row);
  const told = rows.map(rowText).join('; ');
  return err([
    problem('E_ETCD_MEMBER_AMBIGUOUS', `which member of the cluster is ${name} (${peerUrl}) cannot be told: ${told}`, {
      hint: 'name and peer URL belong to different members: correct the inventory, or name the member to remove by its id with -e etcd_rm_member=ID.',
    }),
  ]);
}

/** `etcd-3 8e9e05c52164694d https://10.0.0.3:2380`, for messages. */
export function rowText({name, id, peerUrls, isLearner}: ListedMember): string {
  const kind = name === '' ? '(never started)' : name;
  return `${kind} ${id} ${peerUrls.join(',')}${isLearner ? ' (learner)' : ''}`;
}

/** Whether the inventory's member still has to join: not in the list, or there and never started. Launch leaves it alone. */
export function isJoining(
  list: readonly ListedMember[],
  {peerUrl, name}: Pick<WantedMember, 'name' | 'peerUrl'>,
): boolean {
  if (list.length === 0 || list.some(row => row.name === name)) return false;
  const row = list.find(({peerUrls}) => peerUrls.includes(peerUrl));
  return row === undefined || row.name === '';
}

/**
 * Why a host's member must not simply be started: it would make a cluster of its own, or come back empty under its old id. etcd
 * itself does not notice where the member joined later: its id is not the one that its configuration foretells.
 */
export function whyNotStart(
  list: readonly ListedMember[],
  member: Pick<WantedMember, 'name' | 'peerUrl'>,
  hasData: boolean,
): string | undefined {
  if (isJoining(list, member)) return 'it has to join first';
  const row = list.find(({name, peerUrls}) => name === member.name && peerUrls.includes(member.peerUrl));
  if (row === undefined || hasData || row.clientUrls.length === 0) return undefined;
  return `the cluster counts it as ${row.id}, and its data is gone: it has to be repaired first`;
}

/** `initial-cluster` for a joining member: exactly the members of the list, and itself. etcd compares it with the real list. */
export function initialClusterFor(
  list: readonly ListedMember[],
  {name, peerUrl}: Pick<WantedMember, 'name' | 'peerUrl'>,
): string {
  const others = list.filter(row => row.name !== name && !row.peerUrls.includes(peerUrl));
  const entries = others.flatMap(row => row.peerUrls.map(url => `${row.name}=${url}`));
  return [...entries, `${name}=${peerUrl}`].join(',');
}

/** Seconds a new member may take to catch up: some in any case, and for its database at 2 MB/s, a slow disk or a slow line. */
export function catchUpSeconds(dbSizeBytes: number, atLeastSeconds: number): number {
  return atLeastSeconds + Math.ceil(dbSizeBytes / 2_000_000);
}
