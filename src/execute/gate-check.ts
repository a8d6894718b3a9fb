/** The gate's decision about the members that one task takes down: asked afresh, judged, and where it only takes a moment asked again. */
import {setTimeout as pause} from 'node:timers/promises';
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import type {States} from '../etcd/facts.ts';
import {type Standing, standingOf} from '../etcd/stop-order.ts';
import {arithmeticText, judgeStop, type StopVerdict} from '../etcd/stop-rule.ts';
import {type Assumed, stopView} from '../etcd/stop-view.ts';
import type {MemberStop} from '../task/member-stops.ts';

/** A member that may be stopped, and what was known of its cluster when that was decided. */
export interface Granted {
  readonly stop: MemberStop;
  readonly states: States;
  readonly verdict: Extract<StopVerdict, {allowed: true}>;
}

/** All granted, or every reason against it. */
export type Judgement =
  | {readonly ok: true; readonly granted: readonly Granted[]}
  | {readonly ok: false; readonly problems: readonly Diagnostic[]};

/** What judging needs. */
export interface JudgeOptions {
  readonly read: (stop: MemberStop) => Promise<States>;
  /** Forgets what was read. */
  readonly forget: () => void;
  readonly assumed: (cluster: string) => Assumed;
  /** Members of a cluster that is given up whole: nothing is left to keep. */
  readonly isGivenUp: (stop: MemberStop) => boolean;
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
  /** A check run asks once. */
  readonly isCheck: boolean;
}

/** An election, a member that catches up: how long that may take. etcd's own health interval is 5 s. */
const PATIENCE_MS = 30_000;
const PAUSE_MS = 500;

/** Judges all stops of one task together: the second member of a cluster is judged with the first one down. */
export async function judgeStops(stops: readonly MemberStop[], options: JudgeOptions): Promise<Judgement> {
  const refusals = stops.flatMap(ownRefusals);
  if (refusals.length > 0) return {ok: false, problems: refusals};
  const limitMs = Math.min(PATIENCE_MS, ...stops.map(({cluster}) => cluster.healthTimeoutSeconds * 1000));
  for (let waitedMs = 0; ; waitedMs += PAUSE_MS) {
    options.forget();
    const found = await judgeOnce(stops, options);
    if (found.ok || !found.passing || options.isCheck || options.signal.aborted || waitedMs >= limitMs) return found;
    options.progress(`waits: ${found.problems[0]?.message ?? ''}`);
    await pause(PAUSE_MS, undefined, {signal: options.signal}).catch(() => undefined);
  }
}

async function judgeOnce(
  stops: readonly MemberStop[],
  {read, assumed, isGivenUp}: JudgeOptions,
): Promise<Judgement & {readonly passing: boolean}> {
  const granted: Granted[] = [];
  const down = new Map<string, Map<string, 'up' | 'down'>>();
  for (const stop of stops) {
    const {cluster, member, effect} = stop;
    const states = await read(stop);
    const own = down.get(cluster.name) ?? new Map(assumed(cluster.name));
    down.set(cluster.name, own);
    const verdict = isGivenUp(stop)
      ? GIVEN_UP
      : judgeStop({
          members: cluster.members,
          states,
          member: member.name,
          returns: effect === 'restart',
          allowDowntime: cluster.allowDowntime,
          assumed: own,
        });
    if (!verdict.allowed) return {ok: false, problems: verdict.problems, passing: verdict.passing};
    own.set(member.name, 'down');
    granted.push({stop, states, verdict});
  }
  return {ok: true, granted, passing: false};
}

const GIVEN_UP: Granted['verdict'] = {
  allowed: true,
  arithmetic: {before: 0, after: 0, voters: 0, quorum: 0},
  warnings: [],
};

/** What no arithmetic allows. */
function ownRefusals({cluster, member, effect, destroys}: MemberStop): readonly Diagnostic[] {
  if (effect === 'data') {
    const message = `${member.name} runs, and its data (${[member.dataDir, member.walDir].filter(Boolean).join(', ')}) would be taken away from under it`;
    const hint = `stop it first: a task with "systemd_service: {name: ${member.unit}, state: stopped}", which passes the gate, too.`;
    return [problem('E_ETCD_DATA_IN_USE', message, {hint})];
  }
  if (destroys !== undefined && destroys !== cluster.name) {
    const message = `the cluster "${destroys}" is to be given up, but ${member.name} is a member of "${cluster.name}"`;
    return [problem('E_ETCD_DESTROY', message, {hint: `write the cluster's own name: destroy: ${cluster.name}.`})];
  }
  return [];
}

/** "2nd of 3: etcd-3, a follower: 3/3 -> 2/3 healthy voters, 2 must stay". */
export function grantText({stop: {cluster, member}, states, verdict}: Granted, place: number, of: number): string {
  const {arithmetic, successor} = verdict;
  const order = of > 1 ? `${ordinal(place)} of ${of}: ` : '';
  if (arithmetic.voters === 0) return `${order}${member.name} goes with its whole cluster`;
  const standing = WITH_ARTICLE[standingOf(member.name, stopView(cluster.members, states))];
  const sum = `${arithmeticText(arithmetic)} healthy voters, ${arithmetic.quorum} must stay`;
  const first = successor === undefined ? '' : `${successor.name} takes over first, then `;
  return `${order}${member.name}, ${standing}: ${first}${sum}`;
}

const WITH_ARTICLE: Readonly<Record<Standing, string>> = {
  'not healthy': 'not healthy',
  learner: 'a learner',
  follower: 'a follower',
  leader: 'the leader',
};

function ordinal(n: number): string {
  const tens = n % 100;
  const suffix = tens > 10 && tens < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th');
  return `${n}${suffix}`;
}
