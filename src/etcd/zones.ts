/** Failure domains: whether the loss of one zone would take a cluster's majority with it. */
import {type Diagnostic, warning} from '../base/diagnostic.ts';
import {groupBy} from '../base/group-by.ts';
import type {EtcdMember} from './member.ts';
import {quorum} from './quorum.ts';

/**
 * What is unwise about the zones (`etcd_zone`) of a cluster's members. A cluster of which no member names a zone is not judged,
 * and neither is one of fewer than three: it survives no loss, wherever its members are.
 */
export function zoneWarnings(cluster: string, members: readonly EtcdMember[]): readonly Diagnostic[] {
  const unlabelled = members.filter(({zone}) => zone === undefined);
  if (members.length < 3 || unlabelled.length === members.length) return [];
  const hosts = unlabelled.map(({host}) => host).join(', ');
  const missing =
    unlabelled.length === 0
      ? []
      : [
          warning(
            'W_ETCD_ZONE_MISSING',
            `${hosts} of cluster "${cluster}" ${verb(unlabelled)} no etcd_zone, and others do`,
            {
              hint: 'label every member, so that the loss of a zone can be judged.',
            },
          ),
        ];
  return [...missing, ...majorityWarnings(cluster, members)];
}

function verb(members: readonly EtcdMember[]): string {
  return members.length === 1 ? 'has' : 'have';
}

/** Zones whose loss leaves fewer members than a quorum. */
function majorityWarnings(cluster: string, members: readonly EtcdMember[]): readonly Diagnostic[] {
  const zones = groupBy(
    members.filter(({zone}) => zone !== undefined),
    ({zone}) => zone ?? '',
  );
  return [...zones].flatMap(([zone, inside]) => {
    const left = members.length - inside.length;
    if (left >= quorum(members.length)) return [];
    const names = inside.map(({name}) => name).join(', ');
    const message = `zone "${zone}" holds ${inside.length} of the ${members.length} members of cluster "${cluster}" (${names}): without it ${left} would be left, and ${quorum(members.length)} must agree`;
    const hint = 'spread the members over three zones or more, so that none holds a majority.';
    return [warning('W_ETCD_ZONE_MAJORITY', message, {hint})];
  });
}
