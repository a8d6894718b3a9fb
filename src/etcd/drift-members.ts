/** The inventory against the live member list: who is listed and not wanted, wanted and not listed, or was never started. */
import {type Diagnostic, problem, warning} from '../base/diagnostic.ts';
import type {ListedMember, MemberState, States} from './facts.ts';
import {judgeCluster, memberListOf, type Verdict} from './health.ts';

/** A member as the inventory wants it. */
export interface WantedMember {
  readonly name: string;
  readonly host: string;
  readonly peerUrl: string;
}

/** What `judgeCluster` says of the member list: said here with the inventory in hand. */
const LIST_CODES: readonly string[] = [
  'W_ETCD_MEMBER_UNKNOWN',
  'E_ETCD_MEMBER_UNSTARTED',
  'W_ETCD_LEARNER_UNSTARTED',
  'E_ETCD_MEMBER_MISSING',
];

/** The live cluster judged against the inventory. A member that is silent because its host cannot be reached is not judged. */
export function judgeAgainstInventory(
  wanted: readonly WantedMember[],
  states: States,
  lostHosts: readonly string[],
): Verdict {
  const isUnseen = ({name, host}: WantedMember) => states.get(name)?.reachable !== true && lostHosts.includes(host);
  const unseen = wanted.filter(isUnseen);
  const seen = new Map([...states].filter(([name]) => !unseen.some(member => member.name === name)));
  const verdict = judgeCluster(seen);
  const problems = [
    ...verdict.problems.filter(({code}) => !LIST_CODES.includes(code)),
    ...listDifferences(wanted, states),
    ...unseen.map(({name, host}) =>
      warning('W_ETCD_MEMBER_UNSEEN', `nothing is known of ${name}: its host ${host} cannot be reached`, {
        hint: 'mend the connection, then ask again.',
      }),
    ),
  ];
  return {...verdict, problems, healthy: verdict.healthy && problems.every(({severity}) => severity !== 'error')};
}

function listDifferences(wanted: readonly WantedMember[], states: States): readonly Diagnostic[] {
  const list = memberListOf(states);
  if (list.length === 0) return [];
  const found: Diagnostic[] = [];
  const listed = new Set<WantedMember>();
  for (const row of list) {
    const member = wantedBy(row, wanted);
    if (member === undefined) found.push(ghost(row));
    else {
      listed.add(member);
      if (row.name === '') found.push(unstarted(row, member));
    }
  }
  return [
    ...found,
    ...wanted.filter(member => !listed.has(member)).map(member => stranger(member, states.get(member.name))),
  ];
}

/** Which member of the inventory a row of the list is: by peer URL, for a member that never started has no name. */
function wantedBy(row: ListedMember, wanted: readonly WantedMember[]): WantedMember | undefined {
  return (
    wanted.find(({peerUrl}) => row.peerUrls.includes(peerUrl)) ??
    (row.name === '' ? undefined : wanted.find(({name}) => name === row.name))
  );
}

function ghost({id, name, peerUrls, isLearner}: ListedMember): Diagnostic {
  const who = name === '' ? 'one that never started' : `"${name}"`;
  const role = isLearner ? 'learner' : 'voter';
  const message = `the cluster has a member that the inventory does not: ${who}, ${role} ${id}, ${peerUrls.join(', ')}`;
  return problem('E_ETCD_MEMBER_GHOST', message, {
    hint: `add its host to the inventory, or remove it with "etcdctl-play etcd-rm.yml -e etcd_rm_member=${id}".`,
  });
}

function unstarted({id}: ListedMember, {name, host, peerUrl}: WantedMember): Diagnostic {
  const message = `${name} on ${host} was added to the cluster (${id}, ${peerUrl}) but has never started`;
  return problem('E_ETCD_MEMBER_UNSTARTED', message, {
    hint: `start it with "etcdctl-play etcd.yml -l ${host}", or take it back with "etcdctl-play etcd-rm.yml -e etcd_rm_member=${id}".`,
  });
}

function stranger({name, host, peerUrl}: WantedMember, state: MemberState | undefined): Diagnostic {
  const elsewhere = state?.reachable ? `; it answers as a member of cluster ${state.clusterId}` : '';
  const message = `${name} on ${host} (${peerUrl}) is not in the cluster's member list${elsewhere}`;
  return problem('E_ETCD_MEMBER_STRANGER', message, {
    hint: state?.reachable
      ? 'it was removed, or started on foreign or empty data: stop it, move its data aside, then add it again.'
      : `add it with "etcdctl-play etcd.yml -l ${host}", or take its host out of the inventory.`,
  });
}
