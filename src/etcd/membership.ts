/**
 * What a host's member has to do to belong to its running cluster: join, go on where an earlier run (or a person) stopped, be
 * repaired, move to another address, or nothing. Decided from the live list, what is on disk and what the inventory wants: a
 * table, a test per row. @see docs/operations.md
 */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {err, ok, type Result} from '../base/result.ts';
import type {ListedMember} from './facts.ts';
import {findMember, rowText, type WantedMember} from './member-list.ts';
import {canRemove, hasQuorum, quorum, type Voters} from './quorum.ts';

/** What is known when one host's member is decided about. */
export interface MembershipView {
  readonly member: WantedMember;
  /** Every member that the inventory wants for the cluster. */
  readonly wanted: readonly WantedMember[];
  /** The list of the running cluster. */
  readonly list: readonly ListedMember[];
  readonly disk: {
    readonly hasData: boolean;
    readonly unitActive: boolean;
    /** The process was started with the configuration that is on disk. */
    readonly isCurrent: boolean;
  };
  /** Voters of the cluster, and how many of them are healthy. */
  readonly voters: Voters;
  /** Names of the voters that are not healthy. */
  readonly unhealthy: readonly string[];
  /** This member itself is a healthy voter. */
  readonly isHealthy: boolean;
  /** It has raised the alarm CORRUPT. */
  readonly isCorrupt: boolean;
  /** It is to stay a learner. */
  readonly keepLearner: boolean;
  /** The operator allows that the member is removed and joins again. */
  readonly repair: boolean;
}

/**
 * The next step. `add`: a new learner; `start`: listed and never started; `catch-up`: a learner that has started; `repair`: remove
 * `row`, move its data aside, then as `add`; `renumber`: `row` gets the wanted peer URL; `nothing`: it is a member.
 */
export type MembershipStep =
  | {readonly step: 'nothing'; readonly reason: string}
  | {readonly step: 'add'; readonly reason: string}
  /** Without a row: it has left already. */
  | {readonly step: 'repair'; readonly reason: string; readonly row?: ListedMember}
  | {readonly step: 'start' | 'catch-up' | 'renumber'; readonly reason: string; readonly row: ListedMember};

/** Decides the next step of one member; or why there must be none. */
export function nextStep(view: MembershipView): Result<MembershipStep> {
  const found = findMember(view.list, view.member);
  if (!found.ok) return found;
  const row = found.value;
  if (row === undefined) return joinStep(view);
  if (!row.peerUrls.includes(view.member.peerUrl)) return renumberStep(row, view);
  if (row.name === '') return startStep(row, view);
  const {name} = view.member;
  const isLost = !view.disk.hasData && row.clientUrls.length > 0;
  if (isLost || view.isCorrupt) return repairStep(row, isLost, view);
  if (!row.isLearner) return ok({step: 'nothing', reason: `${name} is a voter of the cluster`});
  if (view.keepLearner && view.disk.unitActive) return ok({step: 'nothing', reason: `${name} stays a learner`});
  return ok({step: 'catch-up', reason: `${name} is a learner (id ${row.id}) that has not been promoted yet`, row});
}

/** Not in the list: a new learner, if nothing else is half done. */
function joinStep(view: MembershipView): Result<MembershipStep> {
  const {member, list, disk, wanted} = view;
  if (disk.hasData && !view.repair) {
    return err([
      problem(
        'E_ETCD_NOT_MEMBER',
        `${member.name} (${member.peerUrl}) is not a member of the running cluster, but its data directory on ${member.host} holds a member's data`,
        {
          hint: `it was removed, or belongs to another cluster. If the data may go: "etcdctl-play etcd.yml -t etcd_clean -l ${member.host} -e etcd_safeguard=false" moves it aside; then run again.`,
        },
      ),
    ]);
  }
  const blocked = joinProblems(view, list);
  if (blocked.length > 0) return err(blocked);
  if (list.length > wanted.length) {
    const strangers = list.filter(row => !wanted.some(({peerUrl}) => row.peerUrls.includes(peerUrl)));
    return err([
      problem(
        'E_ETCD_MEMBERS_TOO_MANY',
        `the cluster has ${list.length} members and the inventory wants ${wanted.length}: ${member.name} would make it ${list.length + 1}`,
        {
          hint: `remove first what the inventory does not know: ${strangers.map(row => `"etcdctl-play etcd-rm.yml -e etcd_rm_member=${row.id}" (${rowText(row)})`).join(', ')}.`,
        },
      ),
    ]);
  }
  if (disk.hasData)
    return ok({step: 'repair', reason: `${member.name} has left the cluster and its data is still there`});
  return ok({
    step: 'add',
    reason: `${member.name} is not in the cluster's member list, and its data directory is empty`,
  });
}

/** Why no member may be added now: somebody is half way in already, or a voter is missing. */
function joinProblems({member, voters, unhealthy}: MembershipView, list: readonly ListedMember[]): Diagnostic[] {
  const pending = list.filter(row => row.name === '' || row.isLearner);
  const problems: Diagnostic[] = [];
  if (pending.length > 0) {
    problems.push(
      problem(
        'E_ETCD_MEMBER_PENDING',
        `${member.name} cannot join while another member is only half way in: ${pending.map(rowText).join('; ')}`,
        {
          hint: `let it finish ("etcdctl-play etcd.yml" with its host), or take it out: "etcdctl-play etcd-rm.yml -e etcd_rm_member=${pending[0]?.id}".`,
        },
      ),
    );
  }
  if (voters.healthy < voters.voters) {
    problems.push(
      problem(
        'E_ETCD_JOIN_UNHEALTHY',
        `${member.name} cannot join: ${voters.healthy} of ${voters.voters} voters are healthy (${unhealthy.join(', ')} ${unhealthy.length === 1 ? 'is' : 'are'} not)`,
        {
          hint: 'bring it back first; a member that is gone for good is removed before another one is added: "etcdctl-play etcd-rm.yml -l HOST".',
        },
      ),
    );
  }
  return problems;
}

/** Listed and never started: by an earlier run, or by a person with `etcdctl member add`. */
function startStep(row: ListedMember, view: MembershipView): Result<MembershipStep> {
  const {member, list} = view;
  const others = list.filter(other => other !== row && other.name === '');
  if (others.length > 0) {
    const hint = `one at a time: take the other one out first, "etcdctl-play etcd-rm.yml -e etcd_rm_member=${others[0]?.id}".`;
    const message = `${member.name} is listed and never started, and so is ${others.map(rowText).join('; ')}`;
    return err([problem('E_ETCD_MEMBER_PENDING', message, {hint})]);
  }
  const kind = row.isLearner ? 'learner' : 'voter';
  return ok({step: 'start', reason: `${member.name} was added (id ${row.id}, ${kind}) and has never started`, row});
}

/** A member whose data is gone or wrong. Nothing repairs it but leaving and joining again. */
function repairStep(row: ListedMember, isLost: boolean, view: MembershipView): Result<MembershipStep> {
  const {member, voters, isHealthy, list} = view;
  const what = isLost ? `its data directory on ${member.host} is empty` : 'it has raised the alarm CORRUPT';
  if (!view.repair) {
    const code = isLost ? 'E_ETCD_DATA_LOST' : 'E_ETCD_ALARM_CORRUPT';
    return err([
      problem(code, `${member.name} is a member of the running cluster (id ${row.id}), but ${what}`, {
        hint: `repair it: "etcdctl-play etcd.yml -l ${member.host} -e etcd_repair=true" removes the member, moves what data there is aside and lets it join again.`,
      }),
    ]);
  }
  const pending = list.filter(other => other !== row && (other.name === '' || other.isLearner));
  if (pending.length > 0) return err(joinProblems({...view, voters: {voters: 0, healthy: 0}}, pending));
  const leaves = row.isLearner || (hasQuorum(voters) && canRemove(voters, isHealthy));
  if (leaves) return ok({step: 'repair', reason: `${member.name} (id ${row.id}): ${what}`, row});
  const left = voters.healthy - (isHealthy ? 1 : 0);
  return err([
    problem(
      'E_ETCD_QUORUM',
      `${member.name} cannot be repaired now: without it ${left} of ${voters.voters - 1} voters are healthy, and ${quorum(voters.voters - 1)} must be`,
      {hint: 'bring other members back first: a repair removes the member for a moment.'},
    ),
  ]);
}

/** The member at its old address. */
function renumberStep(row: ListedMember, view: MembershipView): Result<MembershipStep> {
  const {member, voters, isHealthy, wanted} = view;
  const other = wanted.find(({name, peerUrl}) => name !== member.name && row.peerUrls.includes(peerUrl));
  if (other !== undefined) {
    const message = `${member.name} is listed with the peer URL ${row.peerUrls.join(',')}, which the inventory gives to ${other.name}`;
    const hint = 'two members that swap addresses are moved one at a time: give one of them a free address first.';
    return err([problem('E_ETCD_MEMBER_AMBIGUOUS', message, {hint})]);
  }
  if (row.isLearner) {
    return err([
      problem(
        'E_ETCD_RENUMBER_LEARNER',
        `${member.name} is a learner: its peer URL must not be changed (${rowText(row)})`,
        {
          hint: `etcd before 3.6.12 then takes it for a voter. Take it out ("etcdctl-play etcd-rm.yml -e etcd_rm_member=${row.id}") and let it join with its new address.`,
        },
      ),
    ]);
  }
  const others = voters.healthy - (isHealthy ? 1 : 0);
  if (others < quorum(voters.voters)) {
    return err([
      problem(
        'E_ETCD_QUORUM',
        `${member.name} cannot move to ${member.peerUrl} now: ${others} of the other voters are healthy, and ${quorum(voters.voters)} of ${voters.voters} must stay`,
        {hint: 'bring other members back first: a member that changes its address is away for a moment.'},
      ),
    ]);
  }
  return ok({
    step: 'renumber',
    reason: `${member.name} moves from ${row.peerUrls.join(',')} to ${member.peerUrl}`,
    row,
  });
}
