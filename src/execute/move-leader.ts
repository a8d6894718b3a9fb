/** Hands leadership over before a leader is stopped, so that nobody has to wait for an election. */
import {problem} from '../base/diagnostic.ts';
import type {Op} from '../task/op.ts';
import type {OpReply} from '../task/task.ts';
import type {EtcdHands} from './etcd-op.ts';
import {etcdFact, openMember} from './etcd-probe.ts';
import type {Clock} from './etcd-wait.ts';

type MoveLeader = Extract<Op, {kind: 'etcd-move-leader'}>;

const PAUSE_MS = 50;

/** Done when every member that answers names the new leader. */
export async function moveLeader(op: MoveLeader, hands: EtcdHands, clock: Clock): Promise<OpReply> {
  const {endpoint, to, witnesses, timeoutSeconds} = op;
  const endMs = clock.now() + timeoutSeconds * 1000;
  const client = await openMember(endpoint, await hands.dialers(endpoint.host));
  if (!client.ok) return failed(op, client.error.message);
  try {
    const moved = await client.value.moveLeader(to.id);
    if (!moved.ok) return failed(op, moved.error.message);
  } finally {
    await client.value.close();
  }
  for (;;) {
    const states = await Promise.all(witnesses.map(async one => etcdFact(one, await hands.dialers(one.host))));
    const answering = states.flatMap(state => (state.reachable ? [state.leaderId] : []));
    if (answering.length > 0 && answering.every(id => id === to.id))
      return {rc: 0, stdout: `${to.name} leads`, stderr: ''};
    if (clock.now() >= endMs)
      return failed(op, `not all members name ${to.name} as the leader after ${timeoutSeconds} s`);
    await clock.sleep(PAUSE_MS, hands.signal);
  }
}

function failed({endpoint, to}: MoveLeader, why: string): OpReply {
  const message = `leadership could not be moved from ${endpoint.member} to ${to.name}: ${why}`;
  const hint =
    'etcd hands leadership over by itself when it is stopped gently; look at the members if this comes back.';
  return {rc: 1, stdout: '', stderr: message, diagnostic: problem('E_ETCD_MOVE_LEADER', message, {hint})};
}
