/** Somebody answers: the cluster exists. What each other member is to it, as a table; the first row that fits counts. */
import {type Diagnostic, problem, warning} from '../base/diagnostic.ts';
import {
  type EvidenceDecision,
  type Intent,
  idsOf,
  isSeen,
  type ListedMember,
  type MemberEvidence,
  type SeenMember,
} from './evidence-facts.ts';
import {dataLost, foreignData, halfPurged, moveAside, swapped, unreadableData} from './evidence-refusals.ts';

/** What the rows look at beside the member. */
interface Running {
  readonly clusterId: string;
  readonly listed: readonly ListedMember[];
  readonly members: readonly MemberEvidence[];
  readonly intent: Intent;
}

type Verdict = 'start' | 'join' | 'repair' | Diagnostic;

interface Row {
  readonly fits: (member: SeenMember, cluster: Running) => boolean;
  readonly verdict: (member: SeenMember, cluster: Running) => Verdict;
}

/** Decides where at least one member answers. */
export function decideRunning(members: readonly MemberEvidence[], intent: Intent): EvidenceDecision {
  const byCluster = new Map<string, string[]>();
  let listed: readonly ListedMember[] = [];
  for (const {name, live} of members) {
    if (!live.answers) continue;
    byCluster.set(live.clusterId, [...(byCluster.get(live.clusterId) ?? []), name]);
    if (live.members.length > listed.length) listed = live.members;
  }
  const [clusterId = '', ...others] = byCluster.keys();
  if (others.length > 0) {
    const who = [...byCluster].map(([id, names]) => `${names.join(', ')} in cluster ${id}`).join('; ');
    return {
      ok: false,
      problems: [
        problem('E_ETCD_CLUSTER_ID_MISMATCH', `the members are not one cluster: ${who}`, {
          hint: 'one of them was started on other or empty data. Find out which holds your data before anything is stopped or removed.',
        }),
      ],
    };
  }
  const cluster: Running = {clusterId, listed, members, intent};
  const verdicts = members.filter(isSeen).map(member => ({member, verdict: verdictOf(member, cluster)}));
  const problems = verdicts.flatMap(({verdict}) => (typeof verdict === 'string' ? [] : [verdict]));
  if (problems.length > 0) return {ok: false, problems};
  const named = (wanted: Verdict) => verdicts.filter(({verdict}) => verdict === wanted).map(({member}) => member.name);
  const answering = members.filter(member => member.live.answers).length;
  const joining = named('join');
  const repairing = named('repair');
  return {
    ok: true,
    state: 'running',
    reason: [
      `${answering} of ${members.length} members answer`,
      ...(joining.length > 0 ? [`to join: ${joining.join(', ')}`] : []),
      ...(repairing.length > 0 ? [`to be replaced: ${repairing.join(', ')}`] : []),
    ].join('; '),
    warnings: ghosts(members, listed),
    joining,
    repairing,
  };
}

function verdictOf(member: SeenMember, cluster: Running): Verdict {
  return ROWS.find(({fits}) => fits(member, cluster))?.verdict(member, cluster) ?? 'start';
}

const answers = ({live}: SeenMember) => live.answers;
const isEmpty = ({disk}: SeenMember) => !disk.hasData;
const rowOf = ({peerUrl}: MemberEvidence, {listed}: Running) => listed.find(({peerUrls}) => peerUrls.includes(peerUrl));
const rowOfData = (member: SeenMember, {listed}: Running) => listed.find(({id}) => id === idsOf(member)?.memberId);
const hasStarted = (row: ListedMember | undefined) => row !== undefined && row.clientUrls.length > 0;

const ROWS: readonly Row[] = [
  {
    // runs, and its data directory is empty: removed under it, or another directory than the one it runs on
    fits: member => answers(member) && isEmpty(member),
    verdict: (member, cluster) => lost(member, cluster, member.live.answers ? member.live.memberId : '', true),
  },
  {
    // runs, and its data directory is somebody else's
    fits: member => member.live.answers && differs(idsOf(member), member.live),
    verdict: member =>
      foreignData(member, `${member.name} runs on other data, of`, member.live.answers ? member.live.clusterId : ''),
  },
  {fits: answers, verdict: () => 'start'},
  {
    fits: (_, {listed}) => listed.length === 0,
    verdict: ({name}, {clusterId}) =>
      problem(
        'E_ETCD_MEMBERS_UNKNOWN',
        `cluster ${clusterId} answers, but tells no member list: what ${name} is to it cannot be known`,
        {
          hint: 'start its other members first, or run again when a member with a vote answers.',
        },
      ),
  },
  {
    // empty and not listed, but a member of this name is, under another address
    fits: (member, cluster) =>
      isEmpty(member) && rowOf(member, cluster) === undefined && cluster.listed.some(({name}) => name === member.name),
    verdict: (member, {listed}) => nameTaken(member, listed),
  },
  {fits: (member, cluster) => isEmpty(member) && rowOf(member, cluster) === undefined, verdict: () => 'join'},
  {
    // added by hand, or by a run that was cut off: etcd knows no name before the first start
    fits: (member, cluster) => isEmpty(member) && rowOf(member, cluster)?.name === '',
    verdict: () => 'join',
  },
  {
    // one of those the cluster was made with, whose first start was cut off
    fits: (member, cluster) => isEmpty(member) && !hasStarted(rowOf(member, cluster)),
    verdict: () => 'start',
  },
  {fits: isEmpty, verdict: (member, cluster) => lost(member, cluster, rowOf(member, cluster)?.id ?? '', false)},
  {fits: member => idsOf(member) === undefined, verdict: unreadableData},
  {
    fits: (member, {clusterId}) => idsOf(member)?.clusterId !== clusterId,
    verdict: (member, {clusterId}) => foreignData(member, 'what runs is', clusterId),
  },
  {
    fits: (member, cluster) => rowOfData(member, cluster) === undefined,
    verdict: (member, cluster) => (cluster.intent.repair ? 'repair' : removedMember(member, cluster)),
  },
  {
    fits: (member, cluster) => ownerOfData(member, cluster) !== undefined,
    verdict: (member, cluster) => swapped(member, ownerOfData(member, cluster) ?? member),
  },
  {
    fits: (member, cluster) => rowOfData(member, cluster) !== rowOf(member, cluster),
    // the member itself at its old address: the cluster is told when it has its turn
    verdict: (member, cluster) =>
      rowOfData(member, cluster)?.name === member.name && rowOf(member, cluster) === undefined
        ? 'start'
        : movedMember(member, rowOfData(member, cluster)?.peerUrls ?? []),
  },
  {fits: ({disk}, {intent}) => !disk.isManaged && !intent.adopt, verdict: halfPurged},
];

function differs(
  disk: {readonly memberId: string; readonly clusterId: string} | undefined,
  live: {readonly memberId: string; readonly clusterId: string},
): boolean {
  return disk !== undefined && (disk.memberId !== live.memberId || disk.clusterId !== live.clusterId);
}

function lost(member: SeenMember, {intent}: Running, id: string, isAlive: boolean): Verdict {
  return intent.repair ? 'repair' : dataLost(member, id, isAlive);
}

/** The other member of the inventory whose data this is. */
function ownerOfData(member: SeenMember, cluster: Running): MemberEvidence | undefined {
  const row = rowOfData(member, cluster);
  return cluster.members.find(other => other.name !== member.name && row?.peerUrls.includes(other.peerUrl));
}

function nameTaken({name, peerUrl}: SeenMember, listed: readonly ListedMember[]): Diagnostic {
  const other = listed.find(row => row.name === name);
  return problem(
    'E_ETCD_NOT_MEMBER',
    `${name} (${peerUrl}) is not a member of the running cluster, but a member of that name is: ${other?.id} ${other?.peerUrls.join(',')}`,
    {
      hint: `correct the address in the inventory, or remove that member with "etcdctl-play etcd-rm.yml -e etcd_rm_member=${other?.id}" and run again: ${name} then joins.`,
    },
  );
}

function removedMember(member: SeenMember, {clusterId}: Running): Diagnostic {
  const id = idsOf(member)?.memberId;
  return problem(
    'E_ETCD_MEMBER_REMOVED',
    `${member.host}:${member.disk.path} holds member ${id} of this cluster, which has been removed from it: started, it would exit`,
    {hint: `move it aside with ${moveAside(member.host, clusterId)}, then run again: ${member.name} joins anew.`},
  );
}

function movedMember({name, host, peerUrl, disk}: SeenMember, urls: readonly string[]): Diagnostic {
  return problem(
    'E_ETCD_NOT_MEMBER',
    `${host}:${disk.path} holds a member that the running cluster knows at ${urls.join(',')}, but the inventory gives ${name} ${peerUrl}`,
    {
      hint: 'correct name (etcd_cluster, etcd_seq) and address in the inventory: a member that moves keeps its name.',
    },
  );
}

/** Members that the inventory does not know. */
function ghosts(members: readonly MemberEvidence[], listed: readonly ListedMember[]): Diagnostic[] {
  const known = new Set(members.map(({peerUrl}) => peerUrl));
  return listed
    .filter(({peerUrls}) => !peerUrls.some(url => known.has(url)))
    .map(({id, name, peerUrls}) =>
      warning(
        'W_ETCD_UNKNOWN_MEMBER',
        `the cluster has a member that the inventory does not: ${name || '(not started)'} ${id} ${peerUrls.join(',')}`,
        {
          hint: `add it to the inventory, or remove it: "etcdctl-play etcd-rm.yml -e etcd_rm_member=${id}".`,
        },
      ),
    );
}
