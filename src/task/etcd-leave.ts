/**
 * `etcd_leave`: members are taken out of their cluster's list, found by peer URL and name together, never below the quorum of what
 * remains. Works for a member whose host is dead, that never started, or that the inventory does not know any more.
 */
import {type Diagnostic, problem, warning} from '../base/diagnostic.ts';
import {err, ok, type Result} from '../base/result.ts';
import type {ListedMember, LiveState, States} from '../etcd/facts.ts';
import {healthyVoterIds, judgeCluster, memberListOf} from '../etcd/health.ts';
import {findMember, rowText} from '../etcd/member-list.ts';
import {pointedAt, removalOrder} from '../etcd/removal.ts';
import {CLUSTER_PROPERTIES, type ClusterArgs, endpointOf, type MemberArg, memberProbes} from './etcd-members.ts';
import {snapshotOp} from './etcd-snapshot.ts';
import {statesOf} from './etcd-states.ts';
import type {Op} from './op.ts';
import type {Probe} from './probe.ts';
import {defineKind, failure, type PlanContext, refusal} from './task.ts';

interface Args extends ClusterArgs {
  readonly cluster: string;
  /** Hosts whose members leave, by `inventory_hostname`: those of the play, not all that the run speaks to. */
  readonly leaving: readonly string[];
  readonly unit: string;
  /** Name, id or peer URL of the one member to remove; '' = those of the run's hosts. */
  readonly member: string;
  /** Directory on the controller for a snapshot before a voter goes. */
  readonly snapshot_dir: string;
  /** Seconds to wait for the others afterwards. */
  readonly timeout: number;
}

/** Removes members from the list. */
export const etcdLeaveKind = defineKind<Args, Readonly<Record<string, Probe>>>({
  name: 'etcd_leave',
  summary: 'Removes the members of the run from their cluster, each only where what remains keeps its quorum.',
  scope: 'cluster',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['members', 'pki_dir', 'cluster', 'leaving', 'unit', 'snapshot_dir'],
    properties: {
      ...CLUSTER_PROPERTIES,
      cluster: {type: 'string'},
      leaving: {type: 'array', items: {type: 'string'}},
      unit: {type: 'string'},
      member: {type: 'string', default: ''},
      snapshot_dir: {type: 'string', minLength: 1},
      timeout: {type: 'integer', minimum: 1, default: 60},
    },
  },
  probe: args => memberProbes(args),
  plan: (args, facts, context) => {
    const states = statesOf(args.members, facts);
    const all = args.member === '' ? wholeCluster(args) : undefined;
    if (all !== undefined) return refusal(all);
    const list = memberListOf(states);
    if (list.length === 0) return failure(...silent(args, states));
    const found = args.member === '' ? ofHosts(args, list) : ofQuery(args, list, states, context);
    if (!found.ok) return refusal(...found.error);
    const leaving = found.value;
    if (leaving.length === 0) return ok({kind: 'satisfied', ...absent(args, list)});
    const healthyIds = healthyVoterIds(states);
    const order = removalOrder(list, leaving, healthyIds);
    if (!order.ok) return refusal(...order.error);
    const ids = new Set(leaving.map(({id}) => id));
    const staying = args.members.filter(({name}) => {
      const state = states.get(name);
      return state?.reachable === true && !ids.has(state.memberId) && list.some(({id}) => id === state.memberId);
    });
    if (staying.length === 0) return failure(...silent(args, states));
    return ok({
      kind: 'change',
      reason: order.value.map(rowText).join('; '),
      ops: leaveOps(order.value, staying, states, args, context.nowMs),
    });
  },
});

/** A run on every host of a cluster would be its end. */
function wholeCluster(args: Args): Diagnostic | undefined {
  if (leavers(args).length < args.members.length) return undefined;
  return problem('E_ETCD_RM_ALL', `every host of cluster ${args.cluster} is in this run: nothing would be left of it`, {
    hint: 'name the hosts that leave, "-l HOST"; to give the cluster up, use "etcdctl-play etcd.yml -t etcd_purge", which saves a snapshot first.',
  });
}

function leavers({members, leaving}: Args): readonly MemberArg[] {
  return members.filter(({host}) => leaving.includes(host));
}

/** The rows of the run's hosts. A row with the right name and another peer URL (or the reverse) is nobody's. */
function ofHosts(args: Args, list: readonly ListedMember[]): Result<readonly ListedMember[]> {
  const problems: Diagnostic[] = [];
  const rows = leavers(args).flatMap(({name, peer_url: peerUrl}) => {
    const found = findMember(list, {name, peerUrl});
    if (!found.ok) problems.push(...found.error);
    else if (found.value?.peerUrls.includes(peerUrl)) return [found.value];
    else if (found.value !== undefined) problems.push(elsewhere(name, peerUrl, found.value));
    return [];
  });
  return problems.length > 0 ? err(problems) : ok(rows);
}

function elsewhere(name: string, peerUrl: string, row: ListedMember): Diagnostic {
  const message = `${name} has the peer URL ${peerUrl} in the inventory and ${row.peerUrls.join(',')} in the cluster`;
  const hint = `correct the inventory, or name the member by its id: -e etcd_rm_member=${row.id}.`;
  return problem('E_ETCD_MEMBER_AMBIGUOUS', message, {hint});
}

/** The row that the operator points at; one that runs on a host of the inventory is removed by its host, which is cleaned then, too. */
function ofQuery(
  {members, member}: Args,
  list: readonly ListedMember[],
  states: States,
  context: PlanContext,
): Result<readonly ListedMember[]> {
  const rows = pointedAt(list, member);
  if (rows.length > 1) {
    const message = `"${member}" is ${rows.length} members: ${rows.map(rowText).join('; ')}`;
    return err([problem('E_ETCD_MEMBER_AMBIGUOUS', message, {hint: 'name it by its id.'})]);
  }
  const [row] = rows;
  const own = members.find(({name}) => {
    const state = states.get(name);
    return state?.reachable === true && state.memberId === row?.id;
  });
  if (row === undefined || own === undefined || context.lostHosts.includes(own.host)) return ok(rows);
  const message = `${rowText(row)} runs on ${own.host}, which is in the inventory`;
  const hint = `remove it with its host, so that the service is stopped and its data moved aside: "etcdctl-play etcd-rm.yml -l ${own.host}".`;
  return err([problem('E_ETCD_RM_HOST', message, {hint})]);
}

function absent(args: Args, list: readonly ListedMember[]): {reason: string; warnings?: readonly Diagnostic[]} {
  if (args.member === '') {
    const names = leavers(args).map(({name}) => name);
    return {reason: `${names.join(', ')} ${names.length > 1 ? 'are' : 'is'} not in the member list`};
  }
  const message = `no member of the cluster is "${args.member}"; there are ${list.map(rowText).join('; ')}`;
  return {
    reason: `"${args.member}" is not in the member list`,
    warnings: [warning('W_ETCD_RM_ABSENT', message, {hint: 'it was removed already, or is meant otherwise.'})],
  };
}

function silent({members, unit}: Args, states: States): readonly Diagnostic[] {
  const {problems} = judgeCluster(states, {unit});
  if (problems.length > 0) return problems;
  return [
    problem('E_ETCD_RM_NOBODY', `no member that stays can be asked: ${members.map(({name}) => name).join(', ')}`, {
      hint: 'bring a member that stays back first.',
    }),
  ];
}

/** A snapshot where a voter goes, then one removal after the other through members that stay, then a look at these. */
function leaveOps(
  rows: readonly ListedMember[],
  staying: readonly MemberArg[],
  states: States,
  args: Args,
  nowMs: number,
): readonly [Op, ...Op[]] {
  const {pki_dir: pkiDir, snapshot_dir: dir, cluster, unit, timeout} = args;
  const endpoints = staying.map(member => endpointOf(member, pkiDir));
  const last: Op = {kind: 'etcd-wait', endpoints, expect: {unit}, timeoutSeconds: timeout};
  const snapshot = rows.some(({isLearner}) => !isLearner)
    ? snapshotOp(staying, states, {pkiDir, dir, cluster, nowMs})
    : undefined;
  const removals = rows.map(
    ({id, name, peerUrls}): Op => ({
      kind: 'member-remove',
      endpoints,
      name: name === '' ? 'a member' : name,
      peerUrl: peerUrls.join(','),
      id,
      onlyLearner: false,
    }),
  );
  const move = moveAway(rows, staying, states, args);
  const before = [snapshot, move].flatMap(op => (op === undefined ? [] : [op]));
  const [first = last, ...rest] = [...before, ...removals, last];
  return [first, ...rest];
}

/** A leader that leaves hands over first: etcd would hold an election, and a leader that is no member any more is slow to stop. */
function moveAway(
  rows: readonly ListedMember[],
  staying: readonly MemberArg[],
  states: States,
  {members, pki_dir: pkiDir, timeout}: Args,
): Op | undefined {
  const healthy = healthyVoterIds(states);
  const liveOf = ({name}: MemberArg): LiveState[] => {
    const state = states.get(name);
    return state?.reachable ? [state] : [];
  };
  const leader = members.find(member =>
    liveOf(member).some(state => state.memberId === state.leaderId && rows.some(({id}) => id === state.memberId)),
  );
  const voters = staying.flatMap(member =>
    liveOf(member).flatMap(state => (healthy.has(state.memberId) ? [{name: member.name, state}] : [])),
  );
  const [next] = voters.sort((a, b) => Number(BigInt(b.state.raftAppliedIndex) - BigInt(a.state.raftAppliedIndex)));
  if (leader === undefined || next === undefined) return undefined;
  return {
    kind: 'etcd-move-leader',
    endpoint: endpointOf(leader, pkiDir),
    to: {name: next.name, id: next.state.memberId},
    witnesses: staying.map(member => endpointOf(member, pkiDir)),
    timeoutSeconds: timeout,
  };
}
