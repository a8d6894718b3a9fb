/**
 * Whether a member may be stopped now: the one place where that is decided, from answers that were given a moment ago. A
 * refusal names the arithmetic, who is missing, and what to do. @see docs/gate.md
 */
import {type Diagnostic, problem, warning} from '../base/diagnostic.ts';
import type {States} from './facts.ts';
import {alarmOf, alarmProblems, clusterIdProblems, leaderProblems} from './health-checks.ts';
import {laggards, listProblems, memberProblems} from './health-members.ts';
import {canStop} from './quorum.ts';
import {type Assumed, type NamedMember, type StopView, stopView} from './stop-view.ts';

/** One question: may this member be stopped? */
export interface StopCase {
  /** The inventory's members. */
  readonly members: readonly NamedMember[];
  /** What each member says, by name: those of the inventory, and those of the live list that it lacks. */
  readonly states: States;
  /** Name of the one to be stopped. */
  readonly member: string;
  /** It is started again by the same step. */
  readonly returns: boolean;
  readonly allowDowntime: boolean;
  readonly assumed?: Assumed;
}

/** Healthy voters before and after, of how many, and how many must stay. */
export interface Arithmetic {
  readonly before: number;
  readonly after: number;
  readonly voters: number;
  readonly quorum: number;
}

/** Yes, or no and why. */
export type StopVerdict =
  | {
      readonly allowed: true;
      readonly arithmetic: Arithmetic;
      /** The member leads: who takes over (the healthy voter that has applied most). */
      readonly successor?: {readonly name: string; readonly id: string};
      readonly warnings: readonly Diagnostic[];
    }
  | {
      readonly allowed: false;
      readonly problems: readonly Diagnostic[];
      /** Nothing is wrong that a few seconds could not mend: an election, a member that catches up. */
      readonly passing: boolean;
    };

/** "3/3 -> 2/3". */
export function arithmeticText({before, after, voters}: Arithmetic): string {
  return `${before}/${voters} -> ${after}/${voters}`;
}

/** Decides. Sizes 1 and 2 have nothing to spare: they need the leave, and every other member must answer. */
export function judgeStop(question: StopCase): StopVerdict {
  const {members, states, member, allowDowntime, assumed} = question;
  const view = stopView(members, states, assumed);
  const blockers = [
    ...strangers(question, view),
    ...lists(view, states),
    ...elections(view),
    ...alarms(question, view),
  ];
  if (blockers.length > 0)
    return {allowed: false, problems: blockers, passing: blockers.every(({code}) => PASSING.has(code))};
  const row = view.rowOf(member);
  const isHealthy = row !== undefined && view.healthy.has(row.id);
  const before = view.healthy.size;
  const arithmetic = {before, after: before - (isHealthy ? 1 : 0), voters: view.voters, quorum: view.quorum};
  const successor = successorOf(member, view);
  const next = successor === undefined ? {} : {successor};
  if (canStop({voters: view.voters, healthy: before}, isHealthy))
    return {allowed: true, arithmetic, ...next, warnings: []};
  const isSmall = Math.max(view.voters, members.length) <= 2;
  const silent = members.filter(({name}) => name !== member && states.get(name)?.reachable !== true);
  if (allowDowntime && isSmall && silent.length === 0) {
    const message = `the cluster is interrupted while ${member} is away: ${arithmeticText(arithmetic)} healthy voters`;
    return {allowed: true, arithmetic, ...next, warnings: [warning('W_ETCD_DOWNTIME', message)]};
  }
  const {missing, passing} = missingVoters(question, view);
  const who = missing.length === 0 ? '' : `. Missing: ${missing.join(', ')}`;
  const sum = `${before} of ${view.voters} voter${view.voters === 1 ? ' is' : 's are'} healthy and ${view.quorum} must stay`;
  const message = `${member} must not be stopped now: ${sum}: ${arithmeticText(arithmetic)}${who}`;
  const away = members.filter(
    ({name}) =>
      name !== member && missing.some(text => text.startsWith(`${name} (`) && !text.endsWith(`(${GOES_TOO})`)),
  );
  const where = away.map(({host}) => host ?? 'HOST').join(',');
  const hint = hintFor({isSmall, allowDowntime, silent: silent.map(({name}) => name), arithmetic, where});
  return {allowed: false, problems: [problem('E_ETCD_QUORUM', message, {hint})], passing};
}

const PASSING: ReadonlySet<string> = new Set(['E_ETCD_MEMBER_LISTS_DIFFER', 'E_ETCD_LEADER_DISAGREE']);

/** Members of two clusters under one name. To stop the stranger itself for good is the way out, and harms nobody. */
function strangers({member, returns, states}: StopCase, {own, clusterIds}: StopView): readonly Diagnostic[] {
  if (clusterIds.size < 2) return [];
  const isStranger = states.get(member)?.reachable === true && !own.has(member);
  const others = [...clusterIds.values()].filter(names => !(isStranger && names.includes(member)));
  const isTie = [...clusterIds.values()].every(names => names.length === own.size);
  if (isStranger && !returns && others.length === 1 && !isTie) return [];
  const live = new Map([...states].flatMap(([name, state]) => (state.reachable ? [[name, state] as const] : [])));
  return clusterIdProblems(live, {});
}

/** Who is a member has to be known, and be the same for all, or there is nothing to count. */
function lists({own, list}: StopView, states: States): readonly Diagnostic[] {
  const codes = own.size > 0 && list === undefined ? ['E_ETCD_MEMBERS_UNKNOWN'] : ['E_ETCD_MEMBER_LISTS_DIFFER'];
  const swapped = memberProblems(own, {}).filter(({code}) => code === 'E_ETCD_MEMBER_SWAPPED');
  return [...listProblems(own, states).filter(({code}) => codes.includes(code)), ...swapped];
}

function elections({own, healthy}: StopView): readonly Diagnostic[] {
  const voting = new Map([...own].filter(([, {memberId}]) => healthy.has(memberId)));
  return leaderProblems(voting).filter(({code}) => code === 'E_ETCD_LEADER_DISAGREE');
}

/** A corrupt member may only go for good; a full cluster is interrupted only with the leave, which raising its quota needs. */
function alarms({member, returns, allowDowntime}: StopCase, {own, rowOf}: StopView): readonly Diagnostic[] {
  const raised = [...own.values()].flatMap(({errors}) => errors.flatMap(text => alarmOf(text) ?? []));
  const corrupt = new Set(raised.filter(({kind}) => kind === 'CORRUPT').map(({id}) => id));
  const isTheOne = !returns && corrupt.size === 1 && corrupt.has(rowOf(member)?.id ?? '');
  return alarmProblems(own).flatMap(diagnostic => {
    if (diagnostic.code === 'E_ETCD_ALARM_CORRUPT') return isTheOne ? [] : [diagnostic];
    if (diagnostic.code !== 'E_ETCD_ALARM_NOSPACE' || allowDowntime) return [];
    const hint = `${diagnostic.hint ?? ''} Where a restart is what raises the quota: --allow-downtime lets it pass.`;
    return [{...diagnostic, hint: hint.trim()}];
  });
}

/** The healthy voter that has applied most, where the member leads. */
function successorOf(
  member: string,
  {own, healthy, leaderId, rowOf}: StopView,
): {name: string; id: string} | undefined {
  const id = rowOf(member)?.id;
  if (id === undefined || id !== leaderId) return undefined;
  const others = [...own].filter(([, state]) => state.memberId !== id && healthy.has(state.memberId));
  const [first, ...rest] = others;
  const applied = (state: (typeof others)[number]) => BigInt(state[1].raftAppliedIndex);
  const best = rest.reduce((most, one) => (most !== undefined && applied(one) > applied(most) ? one : most), first);
  return best === undefined ? undefined : {name: best[0], id: best[1].memberId};
}

const GOES_TOO = 'stopped by this run, too';

/** The voters that do not count, each with why; `passing`: all of those that could be back in a few seconds. */
function missingVoters(
  {states, member, members, assumed}: StopCase,
  view: StopView,
): {missing: string[]; passing: boolean} {
  const far = laggards(view.own);
  let passing = true;
  const rows = view.list?.filter(row => !row.isLearner) ?? [];
  const named = view.list === undefined ? members.map(({name}) => name) : rows.map(row => nameOf(row, view, members));
  const missing = named.flatMap((name, index) => {
    if (view.healthy.has(rows[index]?.id ?? '')) return [];
    if (assumed?.get(name) === 'down') {
      passing = false;
      return [`${name} (${GOES_TOO})`];
    }
    const state = states.get(name);
    if (state?.reachable !== true) {
      if (name !== member) passing = false;
      return [`${name} (${state === undefined ? 'never started' : state.message})`];
    }
    if (!view.own.has(name)) passing = false;
    const behind = far.get(name);
    if (behind !== undefined) return [`${name} (${behind} entries behind)`];
    return [
      `${name} (${state.leaderId === '' ? 'knows no leader' : (state.linearizableError ?? 'of another cluster')})`,
    ];
  });
  return {missing, passing: passing && missing.length > 0 && view.own.size > 0};
}

function nameOf(
  row: {id: string; name: string; peerUrls: readonly string[]},
  view: StopView,
  members: StopCase['members'],
) {
  const asked = members.find(({name}) => view.rowOf(name)?.id === row.id)?.name;
  return asked ?? (row.name === '' ? `member ${row.id}` : row.name);
}

function hintFor(found: {
  isSmall: boolean;
  allowDowntime: boolean;
  silent: readonly string[];
  arithmetic: Arithmetic;
  /** Hosts of those that are missing, as a pattern of --limit. */
  where: string;
}): string {
  const {isSmall, allowDowntime, silent, arithmetic, where} = found;
  if (isSmall && !allowDowntime && silent.length === 0)
    return 'a cluster of this size has no member to spare: allow the short outage with --allow-downtime (or etcd_allow_downtime: true).';
  if (arithmetic.before < arithmetic.quorum)
    return `the cluster has no quorum: start what is down ("etcdctl-play etcd.yml -t etcd_launch"); a member that hangs is restarted by hand on its host ("systemctl restart etcd"). Nothing was stopped.`;
  if (where !== '')
    return `bring the others back first: what is down starts with "etcdctl-play etcd.yml -t etcd_launch -l ${where}", what hangs is restarted with "etcdctl-play etcd-restart.yml -l ${where}". Nothing was stopped.`;
  return 'remove the member from the cluster first, or add one. Nothing was stopped.';
}
