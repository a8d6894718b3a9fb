/** Changes of a cluster's membership. Each is sent once; where its outcome is not known, the list says what came of it. */
import {err, ok, type Result} from '../base/result.ts';
import type {EtcdClient} from '../cluster/member-client.ts';
import type {ListedMember} from '../etcd/facts.ts';
import {judgeCluster} from '../etcd/health.ts';
import {memberError} from '../etcd/member-errors.ts';
import {findMember, rowText} from '../etcd/member-list.ts';
import {canPromote, canRemove, quorum} from '../etcd/quorum.ts';
import type {MemberOp} from '../task/cluster-op.ts';
import type {EtcdArgs} from '../task/probe.ts';
import type {OpReply} from '../task/task.ts';
import type {EtcdHands} from './etcd-op.ts';
import {etcdFact, openMember} from './etcd-probe.ts';
import type {Clock} from './etcd-wait.ts';
import {catchUp} from './member-catch-up.ts';
import {type Attempt, done, failed, HINT, moved, refused, refusedOr, taken} from './member-reply.ts';

/** etcd wants 5 s of peace after a start (`HealthInterval`); patience beyond that only helps a cluster that is in trouble. */
const PATIENCE_SECONDS = 30;
const PAUSE_MS = 1000;

/** What the operations act through. */
export interface MemberHands extends EtcdHands {
  readonly clock: Clock;
}

/** Applies one, and tells what came of it. `rc` 1 with a typed diagnostic where it failed, 130 where it was interrupted. */
export async function applyMemberOp(op: MemberOp, hands: MemberHands): Promise<OpReply> {
  const reply = await applied(op, hands);
  if (reply.rc === 0) hands.progress(reply.stdout);
  return reply;
}

function applied(op: MemberOp, hands: MemberHands): Promise<OpReply> {
  switch (op.kind) {
    case 'member-wait':
      return catchUp(op, hands);
    case 'member-add':
      return repeat(op, PATIENCE_SECONDS, hands, client => add(op, client));
    case 'member-promote':
      return repeat(op, op.timeoutSeconds, hands, client => promote(op, client, hands));
    case 'member-remove':
      return repeat(op, PATIENCE_SECONDS, hands, client => remove(op, client, hands));
    case 'member-update':
      return repeat(op, PATIENCE_SECONDS, hands, client => update(op, client));
    case 'alarm-disarm':
      return repeat(op, PATIENCE_SECONDS, hands, client => disarm(op, client));
  }
}

/** Tries once a second until the work is done or the time is up; each try looks at the list first. */
async function repeat(
  op: MemberOp,
  seconds: number,
  hands: MemberHands,
  work: (client: EtcdClient) => Promise<Attempt>,
): Promise<OpReply> {
  const endMs = hands.clock.now() + seconds * 1000;
  let lastSaid = '';
  for (;;) {
    const attempt = await withMember(op.endpoints, hands, work);
    if ('done' in attempt) return attempt.done;
    if (hands.signal.aborted) return {rc: 130, stdout: '', stderr: 'interrupted'};
    if (hands.clock.now() >= endMs) {
      const message = `${op.name} (${op.peerUrl}): the cluster did not take the change within ${seconds} s: ${attempt.again}`;
      return failed(
        'E_ETCD_MEMBER_CHANGE',
        message,
        'look at the health of the members, then run the same command again.',
      );
    }
    if (attempt.again !== lastSaid) hands.progress(`waiting: ${attempt.again}`);
    lastSaid = attempt.again;
    await hands.clock.sleep(PAUSE_MS, hands.signal);
  }
}

/** Works through the first member that answers. */
async function withMember(
  endpoints: readonly EtcdArgs[],
  {dialers}: MemberHands,
  work: (client: EtcdClient) => Promise<Attempt>,
): Promise<Attempt> {
  let said = 'no member of the cluster can be asked';
  for (const endpoint of endpoints) {
    const client = await openMember(endpoint, await dialers(endpoint.host));
    if (!client.ok) {
      said = `${endpoint.member}: ${client.error.message}`;
      continue;
    }
    try {
      const attempt = await work(client.value);
      // Asking the next member at once could send a change twice whose outcome is not known yet.
      if ('done' in attempt || attempt.again !== NO_LIST) return attempt;
      said = `${endpoint.member} does not tell the member list`;
    } finally {
      await client.value.close();
    }
  }
  return {again: said};
}

const NO_LIST = 'no list';

async function listOf(client: EtcdClient): Promise<Result<readonly ListedMember[], Attempt>> {
  const list = await client.memberList();
  return list.ok ? list : err({again: NO_LIST});
}

async function add(op: Extract<MemberOp, {kind: 'member-add'}>, client: EtcdClient): Promise<Attempt> {
  const list = await listOf(client);
  if (!list.ok) return list.error;
  const row = list.value.find(({peerUrls}) => peerUrls.includes(op.peerUrl));
  if (row !== undefined)
    return row.name === '' || row.name === op.name
      ? {done: done(`${op.name} is listed as ${row.id}`)}
      : {done: taken(op, row)};
  const others = list.value.filter(({id}) => !op.listed.includes(id));
  const missing = op.listed.filter(id => !list.value.some(other => other.id === id));
  if (others.length > 0 || missing.length > 0) return {done: moved(op, others, missing)};
  const added = await client.memberAdd([op.peerUrl], true);
  if (added.ok) return {done: done(`${op.name} is added as learner ${added.value.id}`)};
  return refusedOr(op, added.error, list.value);
}

async function promote(
  op: Extract<MemberOp, {kind: 'member-promote'}>,
  client: EtcdClient,
  hands: MemberHands,
): Promise<Attempt> {
  const list = await listOf(client);
  if (!list.ok) return list.error;
  const row = list.value.find(({peerUrls}) => peerUrls.includes(op.peerUrl));
  if (row === undefined) {
    const message = `${op.name} (${op.peerUrl}) is no longer in the member list: somebody removed it`;
    return {done: failed('E_ETCD_MEMBERS_MOVED', message, HINT)};
  }
  if (!row.isLearner) return {done: done(`${op.name} ${row.id} is a voter already`)};
  const {summary} = await judge(op, hands);
  if (!canPromote({voters: summary.voters, healthy: summary.healthyVoters}))
    return {again: `${summary.healthyVoters} of ${summary.voters} voters are healthy: not the moment for a new vote`};
  const promoted = await client.memberPromote(row.id);
  return promoted.ok ? {done: done(`${op.name} ${row.id} is promoted`)} : refusedOr(op, promoted.error, list.value);
}

async function remove(
  op: Extract<MemberOp, {kind: 'member-remove'}>,
  client: EtcdClient,
  hands: MemberHands,
): Promise<Attempt> {
  const list = await listOf(client);
  if (!list.ok) return list.error;
  const found = op.id === undefined ? findMember(list.value, op) : ok(list.value.find(({id}) => id === op.id));
  if (!found.ok) return {done: refused(found.error)};
  const row = found.value;
  if (row === undefined) return {done: done(`${op.name} is not in the list`)};
  if (op.onlyLearner && !row.isLearner && row.name !== '') {
    const message = `${rowText(row)} is a voter by now: it is not taken back`;
    return {done: failed('E_ETCD_MEMBERS_MOVED', message, 'run the same command again: it goes on from here.')};
  }
  if (!row.isLearner && !op.onlyLearner) {
    const refusal = await removalProblem(op, row, hands);
    if (refusal !== undefined) return {done: refusal};
  }
  const removed = await client.memberRemove(row.id);
  if (removed.ok) return {done: done(`${op.name} ${row.id} is removed`)};
  return memberError(removed.error) === 'gone'
    ? {done: done(`${op.name} is not in the list`)}
    : refusedOr(op, removed.error, list.value);
}

/** The quorum once more, at the last moment. */
async function removalProblem(op: MemberOp, row: ListedMember, hands: MemberHands): Promise<OpReply | undefined> {
  const {summary, states} = await judge(op, hands);
  const voters = {voters: summary.voters, healthy: summary.healthyVoters};
  const isHealthy = [...states.values()].some(
    state => state.reachable && state.memberId === row.id && state.linearizable,
  );
  // A healthy voter has just read through the quorum that there is now.
  if (canRemove(voters, isHealthy)) return undefined;
  const left = voters.healthy - (isHealthy ? 1 : 0);
  const message = `removing ${rowText(row)} would leave ${left} healthy of ${voters.voters - 1} voters, and ${quorum(Math.max(1, voters.voters - 1))} must be`;
  return failed('E_ETCD_QUORUM', message, 'nothing was removed: bring other members back first.');
}

async function update(op: Extract<MemberOp, {kind: 'member-update'}>, client: EtcdClient): Promise<Attempt> {
  const list = await listOf(client);
  if (!list.ok) return list.error;
  const row = list.value.find(({id}) => id === op.id);
  if (row === undefined || row.isLearner) {
    const message = `${op.name} ${op.id} is ${row === undefined ? 'no longer in the member list' : 'a learner'}: its peer URL is not changed`;
    return {done: failed('E_ETCD_MEMBERS_MOVED', message, HINT)};
  }
  if (row.peerUrls.length === 1 && row.peerUrls[0] === op.peerUrl)
    return {done: done(`${op.name} ${op.id} has the peer URL ${op.peerUrl} already`)};
  const updated = await client.memberUpdate(op.id, [op.peerUrl]);
  return updated.ok
    ? {done: done(`${op.name} ${op.id} has the peer URL ${op.peerUrl} now`)}
    : refusedOr(op, updated.error, list.value);
}

async function disarm(op: Extract<MemberOp, {kind: 'alarm-disarm'}>, client: EtcdClient): Promise<Attempt> {
  const disarmed = await client.alarmDisarm(op.id, 'CORRUPT');
  return disarmed.ok ? {done: done(`the alarm of ${op.id} is disarmed`)} : refusedOr(op, disarmed.error, []);
}

async function judge({endpoints}: MemberOp, {dialers}: MemberHands) {
  const asked = endpoints.map(
    async endpoint => [endpoint.member, await etcdFact(endpoint, await dialers(endpoint.host))] as const,
  );
  const states = new Map(await Promise.all(asked));
  return {states, summary: judgeCluster(states).summary};
}
