/**
 * Is a cluster new, being made, stopped or running, and may this run go on? Decided from what is on disk and who answers,
 * never from a flag: a table, first row that fits. @see docs/decisions.md for the rows and why.
 */
import {type Diagnostic, problem, warning} from '../base/diagnostic.ts';
import {isJoining} from './membership.ts';

/** What is known of one member of the inventory. */
export interface MemberEvidence {
  readonly name: string;
  readonly host: string;
  readonly peerUrl: string;
  /** What its host shows; undefined: the host is not part of this run, or cannot be reached. */
  readonly disk?: {
    /** The data directory holds a member. */
    readonly hasData: boolean;
    /** Our marker: a new cluster that has not been seen healthy yet. */
    readonly isBootstrapping: boolean;
    readonly unitActive: boolean;
  };
  /** The host was to be part of this run but cannot be reached. */
  readonly hostLost: boolean;
  readonly live:
    | {
        readonly answers: true;
        readonly clusterId: string;
        readonly version: string;
        readonly members: readonly ListedMember[];
      }
    | {readonly answers: false; readonly reason: string; readonly message: string};
}

/** One row of a live member list. */
export interface ListedMember {
  readonly id: string;
  readonly name: string;
  readonly peerUrls: readonly string[];
  /** Empty until the member has started once. */
  readonly clientUrls: readonly string[];
  readonly isLearner: boolean;
}

/** What the cluster is. */
export type ClusterState = 'new' | 'bootstrapping' | 'stopped' | 'running';

/** The decision: a state with its reason, or why the run must not go on. */
export type EvidenceDecision =
  | {
      readonly ok: true;
      readonly state: ClusterState;
      readonly reason: string;
      readonly warnings: readonly Diagnostic[];
      /** Members of this run that are not in the running cluster yet. */
      readonly joining?: readonly string[];
    }
  | {readonly ok: false; readonly problems: readonly Diagnostic[]};

/** Decides for one cluster. `init` is what the operator expects (`new` | `existing`): it can only make the answer stricter. */
export function decideFromEvidence(members: readonly MemberEvidence[], init: string, repair = false): EvidenceDecision {
  const strangers = members.flatMap(strangerProblems);
  if (strangers.length > 0) return {ok: false, problems: strangers};
  const answering = members.filter(member => member.live.answers);
  const decision = answering.length > 0 ? decideRunning(members, repair) : decideSilent(members);
  if (!decision.ok || init !== 'existing' || decision.state === 'running' || decision.state === 'stopped')
    return decision;
  const message = `etcd_init is "existing", but nothing of the cluster exists: no member answers and no data directory holds one`;
  return {
    ok: false,
    problems: [
      problem('E_ETCD_INIT', message, {hint: 'to make a new cluster, leave etcd_init out (its default is "new").'}),
    ],
  };
}

/** Something listens on the client port that is not the member we manage. */
function strangerProblems(member: MemberEvidence): Diagnostic[] {
  const {live, disk} = member;
  if (live.answers || disk === undefined || disk.unitActive || disk.hasData) return [];
  if (live.reason !== 'tls' && live.reason !== 'error') return [];
  return [
    problem(
      'E_ETCD_PORT_TAKEN',
      `${member.host}: something that we do not manage answers on the client port of ${member.name}: ${live.message}`,
      {
        hint: `look at it with "ss -ltnp" on ${member.host}; stop it, or give this cluster other ports (etcd_port, etcd_peer_port).`,
      },
    ),
  ];
}

/** Somebody answers: the cluster exists. */
function decideRunning(members: readonly MemberEvidence[], repair: boolean): EvidenceDecision {
  const byCluster = new Map<string, string[]>();
  let listed: readonly ListedMember[] = [];
  for (const {name, live} of members) {
    if (!live.answers) continue;
    byCluster.set(live.clusterId, [...(byCluster.get(live.clusterId) ?? []), name]);
    if (live.members.length > listed.length) listed = live.members;
  }
  if (byCluster.size > 1) {
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
  const problems = repair ? [] : members.flatMap(member => runningMemberProblems(member, listed));
  if (problems.length > 0) return {ok: false, problems};
  const answering = members.filter(member => member.live.answers).length;
  const joining = members
    .filter(member => member.disk !== undefined && isJoining(listed, member))
    .map(({name}) => name);
  const more =
    joining.length === 0 ? '' : `; ${joining.join(', ')} ${joining.length > 1 ? 'join' : 'joins'} the cluster`;
  return {
    ok: true,
    state: 'running',
    reason: `${answering} of ${members.length} members answer${more}`,
    warnings: ghosts(members, listed),
    ...(joining.length === 0 ? {} : {joining}),
  };
}

/** A member that does not answer in a cluster that does. */
function runningMemberProblems(member: MemberEvidence, listed: readonly ListedMember[]): Diagnostic[] {
  if (member.live.answers || member.disk === undefined) return [];
  const row = listed.find(({peerUrls}) => peerUrls.includes(member.peerUrl));
  if (row === undefined) {
    // A row with the name: the member at its old address.
    if (!member.disk.hasData || listed.some(({name}) => name === member.name)) return [];
    return [
      problem(
        'E_ETCD_NOT_MEMBER',
        `${member.name} (${member.peerUrl}) is not a member of the running cluster, but its data directory on ${member.host} holds a member's data`,
        {
          hint: `its members are ${listed.map(({name, peerUrls}) => `${name || '(not started)'} ${peerUrls.join(',')}`).join(', ')}. If the data may go, "etcdctl-play etcd.yml -t etcd_clean -l ${member.host} -e etcd_safeguard=false" moves it aside; then run again and it joins.`,
        },
      ),
    ];
  }
  if (!member.disk.hasData && row.clientUrls.length > 0) {
    return [
      problem(
        'E_ETCD_DATA_LOST',
        `${member.name} is a member of the running cluster (id ${row.id}), but its data directory on ${member.host} is empty`,
        {
          hint: `started like this it could break the cluster. Repair it: "etcdctl-play etcd.yml -l ${member.host} -e etcd_repair=true" removes the member and lets it join again.`,
        },
      ),
    ];
  }
  return [];
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

/** Nobody answers: new, half made, or stopped. Whatever cannot be proved is refused. */
function decideSilent(members: readonly MemberEvidence[]): EvidenceDecision {
  const unseen = members.filter(member => member.disk === undefined);
  const seen = members.filter(member => member.disk !== undefined);
  const withData = seen.filter(member => member.disk?.hasData);
  const empty = seen.filter(member => !member.disk?.hasData);
  if (withData.length === 0) {
    if (unseen.length > 0) return {ok: false, problems: [unseenProblem(unseen)]};
    return {ok: true, state: 'new', reason: 'no member has data and none answers: a new cluster', warnings: []};
  }
  if (empty.length === 0)
    return {
      ok: true,
      state: 'stopped',
      reason: 'no member answers, but their data is there: a stopped cluster',
      warnings: [],
    };
  const formed = withData.filter(member => !member.disk?.isBootstrapping);
  if (formed.length === 0 && unseen.length === 0) {
    return {
      ok: true,
      state: 'bootstrapping',
      reason: 'an earlier run began to make this cluster and did not finish',
      warnings: [],
    };
  }
  const message = `no member answers; ${have(withData)} data but ${have(empty)} none`;
  return {
    ok: false,
    problems: [
      problem('E_ETCD_DATA_LOST', message, {
        hint: `a member that starts empty could outvote one that holds your data. Start the members that have data first ("systemctl start" on ${withData.map(({host}) => host).join(', ')}) and replace the others one by one; to give the data up, run with -t etcd_clean -e etcd_safeguard=false.`,
      }),
    ],
  };
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

function names(members: readonly MemberEvidence[]): string {
  return members.map(({name}) => name).join(', ');
}
