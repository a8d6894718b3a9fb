/** Which members may be removed, and in which order: never below the quorum of what remains, never the last voter. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {err, ok, type Result} from '../base/result.ts';
import type {ListedMember} from './facts.ts';
import {rowText} from './member-list.ts';
import {canRemove, hasQuorum, quorum} from './quorum.ts';

/** The rows to remove, first one first: learners, then voters that are down, then healthy ones. */
export function removalOrder(
  list: readonly ListedMember[],
  leaving: readonly ListedMember[],
  healthyIds: ReadonlySet<string>,
): Result<readonly ListedMember[]> {
  const rank = (row: ListedMember) => (row.isLearner ? 0 : healthyIds.has(row.id) ? 2 : 1);
  const order = [...leaving].sort((a, b) => rank(a) - rank(b));
  let voters = list.filter(row => !row.isLearner);
  for (const row of order.filter(({isLearner}) => !isLearner)) {
    const stays = voters.filter(({id}) => id !== row.id);
    const count = {voters: voters.length, healthy: voters.filter(({id}) => healthyIds.has(id)).length};
    if (stays.length === 0) return err([lastVoter(row)]);
    if (!hasQuorum(count)) return err([noQuorum(row, count)]);
    if (!canRemove(count, healthyIds.has(row.id))) return err([loses(row, stays, healthyIds)]);
    voters = stays;
  }
  return ok(order);
}

function lastVoter(row: ListedMember): Diagnostic {
  return problem(
    'E_ETCD_LAST_VOTER',
    `${rowText(row)} is the last voter: removing it would end the cluster and lose its data`,
    {
      hint: 'to give the cluster up, use "etcdctl-play etcd.yml -t etcd_purge", which saves a snapshot first.',
    },
  );
}

function noQuorum(row: ListedMember, {voters, healthy}: {voters: number; healthy: number}): Diagnostic {
  return problem(
    'E_ETCD_QUORUM',
    `${rowText(row)} cannot be removed: ${healthy} of ${voters} voters are healthy, and ${quorum(voters)} are needed to agree on it`,
    {hint: 'bring members back first; a cluster that has lost its majority for good is restored from a snapshot.'},
  );
}

function loses(row: ListedMember, stays: readonly ListedMember[], healthyIds: ReadonlySet<string>): Diagnostic {
  const healthy = stays.filter(({id}) => healthyIds.has(id)).length;
  const down = stays.filter(({id}) => !healthyIds.has(id)).map(rowText);
  return problem(
    'E_ETCD_QUORUM',
    `removing ${rowText(row)} would leave ${healthy} healthy of ${stays.length} voters, and ${quorum(stays.length)} must be`,
    {hint: `nothing was removed. Bring back, or remove first, what is down: ${down.join('; ')}.`},
  );
}

/** A row of the list by name, id or peer URL, as a person would point at it. */
export function pointedAt(list: readonly ListedMember[], query: string): readonly ListedMember[] {
  return list.filter(
    row => row.id === query.toLowerCase() || (row.name !== '' && row.name === query) || row.peerUrls.includes(query),
  );
}
