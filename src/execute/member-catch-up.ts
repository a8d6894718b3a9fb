/** Waits until a new member has what the leader has. etcd's own rule for a promotion (90 %) may leave it 100 000 entries behind. */
import {problem} from '../base/diagnostic.ts';
import type {LiveState} from '../etcd/facts.ts';
import {formatBytes} from '../etcd/member-table.ts';
import type {MemberOp} from '../task/cluster-op.ts';
import type {EtcdFact} from '../task/fact.ts';
import type {EtcdArgs} from '../task/probe.ts';
import type {OpReply} from '../task/task.ts';
import {etcdFact} from './etcd-probe.ts';
import type {MemberHands} from './member-op.ts';
import {journalText} from './unit-journal.ts';

/** Entries that a member may lack of what the leader has now. */
const MAX_BEHIND = 1000n;
/** It has all that the leader had this long ago. */
const MAX_AGE_MS = 1000;
const PAUSE_MS = 250;
const QUESTION_SECONDS = 3;

/** What the leader had at a moment. */
interface Sample {
  readonly atMs: number;
  readonly index: bigint;
}

/** Waits, telling how far the member has come; fails when the time is up, with what it was last seen doing. */
export async function catchUp(op: Extract<MemberOp, {kind: 'member-wait'}>, hands: MemberHands): Promise<OpReply> {
  const {clock, signal} = hands;
  const startMs = clock.now();
  const endMs = startMs + op.timeoutSeconds * 1000;
  const samples: Sample[] = [];
  let lastText = '';
  for (;;) {
    const leader = await leaderOf(op.endpoints, hands);
    if (leader !== undefined) samples.push({atMs: clock.now(), index: BigInt(leader.raftIndex)});
    const own = await ask(op.endpoint, hands);
    if (leader !== undefined && own.reachable && hasCaughtUp(own, samples, clock.now())) {
      const seconds = Math.round((clock.now() - startMs) / 100) / 10;
      return {rc: 0, stdout: `${op.name} has caught up: index ${own.raftAppliedIndex} after ${seconds} s`, stderr: ''};
    }
    if (signal.aborted) return {rc: 130, stdout: '', stderr: 'interrupted'};
    const text = progressOf(op.name, own, leader);
    if (clock.now() >= endMs) return late(op, text, own, hands);
    if (text !== lastText) hands.progress(text);
    lastText = text;
    await clock.sleep(PAUSE_MS, signal);
  }
}

/** Behind by no more than so many entries now, and by no more than a second in time. */
function hasCaughtUp(own: LiveState, samples: readonly Sample[], nowMs: number): boolean {
  const applied = BigInt(own.raftAppliedIndex);
  const last = samples.at(-1);
  if (last === undefined || applied === 0n || last.index - applied > MAX_BEHIND) return false;
  return samples.some(({atMs, index}) => nowMs - atMs <= MAX_AGE_MS && applied >= index);
}

async function leaderOf(endpoints: readonly EtcdArgs[], hands: MemberHands): Promise<LiveState | undefined> {
  const facts = await Promise.all(endpoints.map(endpoint => ask(endpoint, hands)));
  const live = facts.filter(fact => fact.reachable);
  return live.find(({memberId, leaderId}) => memberId === leaderId) ?? furthest(live);
}

function furthest(live: readonly LiveState[]): LiveState | undefined {
  return [...live].sort((a, b) => (BigInt(a.raftIndex) < BigInt(b.raftIndex) ? 1 : -1))[0];
}

async function ask(endpoint: EtcdArgs, {dialers}: MemberHands): Promise<EtcdFact> {
  return etcdFact({...endpoint, timeoutSeconds: QUESTION_SECONDS}, await dialers(endpoint.host));
}

/** "etcd-4: 45 %, 3200 of 5800 entries behind". */
function progressOf(name: string, own: EtcdFact, leader: LiveState | undefined): string {
  if (!own.reachable) return `waiting for ${name} to start (${own.message})`;
  if (leader === undefined) return `${name} has started; no other member answers`;
  const applied = BigInt(own.raftAppliedIndex);
  const wanted = BigInt(leader.raftIndex);
  const percent = wanted === 0n ? 100n : (100n * (applied < wanted ? applied : wanted)) / wanted;
  const behind = wanted > applied ? wanted - applied : 0n;
  return `${name}: ${percent} %, ${behind} of ${wanted} entries behind, ${formatBytes(own.dbSizeBytes)} of ${formatBytes(leader.dbSizeBytes)}`;
}

async function late(
  op: Extract<MemberOp, {kind: 'member-wait'}>,
  text: string,
  own: EtcdFact,
  {journal: read}: MemberHands,
): Promise<OpReply> {
  const journal = read === undefined ? '' : await journalText([op.endpoint.host], op.unit, read);
  const message = `${op.name} has not caught up after ${op.timeoutSeconds} s: ${text}${journal}`;
  const hint = own.reachable
    ? `look at the disk and the network of ${op.endpoint.host}; a big database on a slow line needs more time: -e etcd_health_timeout=SECONDS.`
    : `every member must reach ${op.peerUrl}, and ${op.endpoint.host} every other peer URL: look at the firewall and at the journal above.`;
  return {rc: 1, stdout: '', stderr: message, diagnostic: problem('E_ETCD_JOIN_TIMEOUT', message, {hint})};
}
