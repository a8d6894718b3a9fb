/** Nobody answers: new, half made, or stopped, as a table; the first row that fits counts. Whatever cannot be proved is refused. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {groupBy} from '../base/group-by.ts';
import {
  type ClusterState,
  type EvidenceDecision,
  type Intent,
  idsOf,
  isSeen,
  type MemberEvidence,
  type SeenMember,
} from './evidence-facts.ts';
import {foreignData, halfPurged, holding, moveAside, names, swapped, unreadableData} from './evidence-refusals.ts';
import {clusterId, memberId} from './identity.ts';

/** The members, sorted by what their hosts show. */
interface Silent {
  readonly unseen: readonly MemberEvidence[];
  readonly withData: readonly SeenMember[];
  readonly empty: readonly SeenMember[];
  /** What the ids are if the cluster was made with this token and these members, by member name. */
  readonly predicted: {readonly clusterId: string; readonly memberIds: ReadonlyMap<string, string>};
  readonly members: readonly MemberEvidence[];
  readonly intent: Intent;
}

/** Either what the cluster is, with the reason, or problems. */
type Verdict = readonly [state: ClusterState, reason: string] | readonly Diagnostic[];

interface Row {
  readonly fits: (cluster: Silent) => boolean;
  readonly verdict: (cluster: Silent) => Verdict;
}

/** Decides where no member answers. */
export function decideSilent(members: readonly MemberEvidence[], intent: Intent): EvidenceDecision {
  const seen = members.filter(isSeen);
  const memberIds = new Map(members.map(({name, peerUrl}) => [name, memberId([peerUrl], intent.token)]));
  const cluster: Silent = {
    unseen: members.filter(member => !isSeen(member)),
    withData: seen.filter(({disk}) => disk.hasData),
    empty: seen.filter(({disk}) => !disk.hasData),
    predicted: {clusterId: clusterId([...memberIds.values()]), memberIds},
    members,
    intent,
  };
  const verdict = ROWS.find(({fits}) => fits(cluster))?.verdict(cluster) ?? STOPPED;
  if (isProblems(verdict)) return {ok: false, problems: verdict};
  const [state, reason] = verdict;
  return {ok: true, state, reason, warnings: [], joining: [], repairing: []};
}

function isProblems(verdict: Verdict): verdict is readonly Diagnostic[] {
  return typeof verdict[0] !== 'string';
}

const STOPPED: Verdict = ['stopped', 'no member answers, but their data is there: a stopped cluster'];

/** A kill while etcd makes its first files can leave a database without a log: nothing is in it yet. */
const isHalfMade = ({disk}: SeenMember) => disk.isBootstrapping && disk.identity === undefined;
const unreadable = ({withData}: Silent) =>
  withData.filter(member => idsOf(member) === undefined && !isHalfMade(member));
const isUnfinished = ({withData, empty, unseen}: Silent) =>
  unseen.length === 0 && empty.length > 0 && withData.every(({disk}) => disk.isBootstrapping);
const isForetold = (member: SeenMember, {predicted}: Silent) => {
  const ids = idsOf(member);
  return (
    ids === undefined ||
    (ids.clusterId === predicted.clusterId && ids.memberId === predicted.memberIds.get(member.name))
  );
};
const strange = (cluster: Silent) => cluster.withData.filter(member => !isForetold(member, cluster));

const ROWS: readonly Row[] = [
  {
    fits: ({withData, unseen}) => withData.length === 0 && unseen.length > 0,
    verdict: ({unseen}) => [unseenProblem(unseen)],
  },
  {
    fits: ({withData}) => withData.length === 0,
    verdict: () => ['new', 'no member has data and none answers: a new cluster'],
  },
  {fits: cluster => unreadable(cluster).length > 0, verdict: cluster => unreadable(cluster).map(unreadableData)},
  {
    // data directories of several clusters
    fits: ({withData}) => new Set(withData.flatMap(member => idsOf(member)?.clusterId ?? [])).size > 1,
    verdict: ({withData}) => [disagreement(withData)],
  },
  {
    // a member's data in another member's place: as foretold from the peer URLs, or the same data twice
    fits: cluster => misplaced(cluster).length > 0,
    verdict: cluster => misplaced(cluster).map(([member, owner]) => swapped(member, owner)),
  },
  {
    // half made, but not by this inventory: another token, other addresses, or data of another cluster
    fits: cluster => isUnfinished(cluster) && strange(cluster).length > 0,
    verdict: cluster => strange(cluster).map(member => foreignToNew(member, cluster)),
  },
  {
    fits: isUnfinished,
    verdict: () => ['bootstrapping', 'an earlier run began to make this cluster and did not finish'],
  },
  {
    // left over on some hosts of a cluster that is to be made
    fits: cluster =>
      cluster.empty.length > 0 &&
      cluster.withData.every(member => !member.disk.isManaged && !isForetold(member, cluster)),
    verdict: cluster => cluster.withData.map(member => foreignToNew(member, cluster)),
  },
  {fits: ({empty}) => empty.length > 0, verdict: ({withData, empty}) => [partlyEmpty(withData, empty)]},
  {
    fits: ({withData, intent}) => !intent.adopt && withData.some(({disk}) => !disk.isManaged),
    verdict: ({withData}) => withData.filter(({disk}) => !disk.isManaged).map(halfPurged),
  },
];

function foreignToNew(member: SeenMember, {predicted}: Silent): Diagnostic {
  return foreignData(member, 'this inventory makes', predicted.clusterId);
}

function disagreement(withData: readonly SeenMember[]): Diagnostic {
  const message = `the data directories do not belong to one cluster: ${withData.map(holding).join('; ')}`;
  const aside = withData.map(member => moveAside(member.host, idsOf(member)?.clusterId)).join(' or ');
  return problem('E_ETCD_FOREIGN_DATA', message, {
    hint: `find out which holds your data, and move the other aside: ${aside}; then run again.`,
  });
}

/** Members on whose host another member's data lies, each with that other. */
function misplaced({withData, members, predicted}: Silent): [SeenMember, MemberEvidence][] {
  const owners = new Map([...predicted.memberIds].map(([name, id]) => [id, name]));
  const byId = groupBy(withData, member => idsOf(member)?.memberId ?? member.name);
  return withData.flatMap((member): [SeenMember, MemberEvidence][] => {
    const id = idsOf(member)?.memberId ?? '';
    const owner = members.find(({name}) => name === owners.get(id));
    if (owner !== undefined && owner.name !== member.name) return [[member, owner]];
    const twin = byId.get(id)?.[0];
    return owner === undefined && twin !== undefined && twin !== member ? [[member, twin]] : [];
  });
}

function partlyEmpty(withData: readonly SeenMember[], empty: readonly SeenMember[]): Diagnostic {
  const message = `no member answers; ${have(withData)} data but ${have(empty)} none (${withData.map(holding).join('; ')})`;
  return problem('E_ETCD_DATA_LOST', message, {
    hint: `a member that starts empty could outvote one that holds your data. Start the members that have data first ("systemctl start" on ${withData.map(({host}) => host).join(', ')}), then replace the others ("etcdctl-play etcd.yml -e etcd_repair=true"); to give the data up, run with -t etcd_clean -e etcd_safeguard=false.`,
  });
}

function unseenProblem(unseen: readonly MemberEvidence[]): Diagnostic {
  const lost = unseen.filter(({hostLost}) => hostLost);
  const outside = unseen.filter(({hostLost}) => !hostLost);
  const why = [
    lost.length > 0 ? `${names(lost)} cannot be reached` : '',
    outside.length > 0 ? `${names(outside)} ${outside.length > 1 ? 'are' : 'is'} not part of this run` : '',
  ].filter(Boolean);
  return problem(
    'E_ETCD_BOOTSTRAP_PARTIAL',
    `a new cluster is made by all its members at once, but ${why.join(' and ')}`,
    {
      hint:
        lost.length > 0
          ? 'mend the connection and run again.'
          : 'run without --limit (or with all members of the cluster in it).',
    },
  );
}

function have(members: readonly MemberEvidence[]): string {
  return `${names(members)} ${members.length > 1 ? 'have' : 'has'}`;
}
