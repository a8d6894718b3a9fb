/** Waits until members are one healthy cluster, saying meanwhile who is still missing. */
import type {Diagnostic} from '../base/diagnostic.ts';
import type {Expectation} from '../etcd/facts.ts';
import {hasWrongIdentity, judgeCluster, type Verdict} from '../etcd/health.ts';
import type {EtcdFact} from '../task/fact.ts';
import type {EtcdArgs} from '../task/probe.ts';

/** Time, as a test may bend it. */
export interface Clock {
  /** Milliseconds that only ever grow. */
  now(): number;
  /** Ends early, without an error, when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** How the waiting ended. */
export interface Waited {
  /** `wrong`: members answer, but they are not who they should be. */
  readonly outcome: 'healthy' | 'timeout' | 'interrupted' | 'wrong';
  readonly facts: ReadonlyMap<string, EtcdFact>;
  readonly verdict: Verdict;
  readonly seconds: number;
}

/** What `waitForCluster` needs beside the endpoints. */
export interface WaitOptions {
  readonly expect: Expectation;
  readonly timeoutSeconds: number;
  readonly ask: (endpoint: EtcdArgs) => Promise<EtcdFact>;
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

const FIRST_PAUSE_MS = 250;
const LAST_PAUSE_MS = 1000;
/** One question's time while waiting: a member that hangs must not hold up the picture of the others for long. */
const QUESTION_SECONDS = 3;

/** A leader that has held its term for this long is taken to stay. */
const STEADY_MS = 3000;

/** An sshd that forbids tunnels goes on forbidding them: no use in waiting for long. */
const BARRED_SECONDS = 5;

function isBarred(facts: ReadonlyMap<string, EtcdFact>): boolean {
  const silent = [...facts.values()].filter(fact => !fact.reachable);
  return silent.length > 0 && silent.every(({reason}) => reason === 'tunnel');
}

/** Asks all members again and again: after 250 ms first, then ever slower, once a second at last. Asks once even with no time at all. */
export async function waitForCluster(endpoints: readonly EtcdArgs[], options: WaitOptions): Promise<Waited> {
  const {clock, signal} = options;
  const startMs = clock.now();
  const endMs = startMs + options.timeoutSeconds * 1000;
  let pauseMs = FIRST_PAUSE_MS;
  let lastText = '';
  let steady: {readonly text: string; readonly sinceMs: number} | undefined;
  for (;;) {
    const leftSeconds = Math.max(0.2, (endMs - clock.now()) / 1000);
    const facts = await askAll(endpoints, leftSeconds, options.ask);
    const verdict = judgeCluster(facts, options.expect);
    const seconds = (clock.now() - startMs) / 1000;
    const leading = leadership(facts);
    if (steady?.text !== leading) steady = {text: leading, sinceMs: clock.now()};
    const isSteady = isAsBefore(options.expect, leading) || clock.now() - steady.sinceMs >= STEADY_MS;
    if (verdict.healthy && isSteady) return {outcome: 'healthy', facts, verdict, seconds};
    if (signal.aborted) return {outcome: 'interrupted', facts, verdict, seconds};
    if (hasWrongIdentity(verdict.problems)) return {outcome: 'wrong', facts, verdict, seconds};
    if (clock.now() >= endMs || (seconds >= BARRED_SECONDS && isBarred(facts)))
      return {outcome: 'timeout', facts, verdict, seconds};
    const text = progressText(facts, verdict);
    if (text !== lastText) options.progress(text);
    lastText = text;
    await clock.sleep(Math.min(pauseMs, Math.max(0, endMs - clock.now())), signal);
    pauseMs = Math.min(LAST_PAUSE_MS, pauseMs * 1.5);
  }
}

/** Who leads in which term, as each member that answers says. */
function leadership(facts: ReadonlyMap<string, EtcdFact>): string {
  const said = [...facts.values()].flatMap(fact => (fact.reachable ? [`${fact.leaderId} ${fact.raftTerm}`] : []));
  return [...new Set(said)].join(', ');
}

/** Nobody asked for a steady leader, or it is still the one of before. */
function isAsBefore({before}: Expectation, leading: string): boolean {
  return before === undefined || leading === `${before.leaderId} ${before.term}`;
}

async function askAll(
  endpoints: readonly EtcdArgs[],
  leftSeconds: number,
  ask: (endpoint: EtcdArgs) => Promise<EtcdFact>,
): Promise<ReadonlyMap<string, EtcdFact>> {
  const entries = endpoints.map(async (endpoint): Promise<[string, EtcdFact]> => {
    const timeoutSeconds = Math.min(endpoint.timeoutSeconds ?? QUESTION_SECONDS, leftSeconds);
    return [endpoint.member, await ask({...endpoint, timeoutSeconds})];
  });
  return new Map(await Promise.all(entries));
}

/** "2 of 3 members answer; waiting for etcd-3 (connection refused)". */
export function progressText(facts: ReadonlyMap<string, EtcdFact>, {summary, problems}: Verdict): string {
  const counted = `${summary.answering} of ${summary.asked} members answer`;
  const silent = [...facts].flatMap(([name, fact]) =>
    fact.reachable ? [] : [`${name} (${withoutAddress(fact.message)})`],
  );
  if (silent.length > 0) return `${counted}; waiting for ${silent.join(', ')}`;
  const first = problems.find(({severity}) => severity === 'error');
  return first === undefined ? `${counted}; waiting for a steady leader` : `${counted}; ${first.message}`;
}

/** What each member said, one line each, then every problem with its remedy. */
export function describeWait({facts, verdict}: Waited): string {
  const members = [...facts].map(([name, fact]) => `  ${name}: ${factText(fact)}`);
  const problems = verdict.problems.filter(({code}) => code !== 'E_ETCD_UNREACHABLE').map(problemText);
  const hints = verdict.problems.filter(({code}) => code === 'E_ETCD_UNREACHABLE').map(({hint}) => hint ?? '');
  return [...members, ...problems, ...[...new Set(hints)].map(hint => `  ${hint}`)].join('\n');
}

function factText(fact: EtcdFact): string {
  if (!fact.reachable) return fact.message;
  const role = fact.isLearner
    ? 'learner'
    : fact.leaderId === ''
      ? 'knows no leader'
      : fact.leaderId === fact.memberId
        ? 'leader'
        : `follows ${fact.leaderId}`;
  const read =
    fact.linearizable || fact.isLearner ? '' : `, read failed: ${fact.linearizableError ?? 'no reason given'}`;
  return `answers, ${role}, member ${fact.memberId} of cluster ${fact.clusterId}, term ${fact.raftTerm}, index ${fact.raftIndex}${read}`;
}

function problemText({code, message, hint}: Diagnostic): string {
  return `  ${code} ${message}${hint === undefined ? '' : `: ${hint}`}`;
}

/** "10.0.0.1:2379: connection refused" -> "connection refused": the member's name is beside it already. */
function withoutAddress(message: string): string {
  return message.replace(/^(?:\[[^\]]*\]|[^\s:]+):\d+: /, '');
}
