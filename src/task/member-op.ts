/** Operations on a cluster's membership, as data. */
import {unreachable} from '../base/unreachable.ts';
import type {EtcdArgs} from './probe.ts';

/** A change of a cluster's membership, through any of `endpoints` that answers; never sent twice without a look at the list. */
export type MemberOp =
  /** Adds a learner. Done where it is listed and has not started; refused where other members are listed than `listed` (ids). */
  | ({readonly kind: 'member-add'; readonly listed: readonly string[]} & MemberTarget)
  /** Waits until the member at `endpoint` has started and has applied what the leader has, by index. */
  | ({
      readonly kind: 'member-wait';
      readonly endpoint: EtcdArgs;
      readonly unit: string;
      readonly timeoutSeconds: number;
    } & MemberTarget)
  /** Gives a learner its vote; done where it is a voter. */
  | ({readonly kind: 'member-promote'; readonly timeoutSeconds: number} & MemberTarget)
  /** Removes a member for good, by `id` where known; done where it is not listed. `onlyLearner`: fails for a voter. */
  | ({readonly kind: 'member-remove'; readonly id?: string; readonly onlyLearner: boolean} & MemberTarget)
  /** Gives the voter `id` the peer URL. */
  | ({readonly kind: 'member-update'; readonly id: string} & MemberTarget)
  /** Takes back the alarm CORRUPT of a member that is no longer there. */
  | ({readonly kind: 'alarm-disarm'; readonly id: string} & MemberTarget);

/** A member, and whom to ask about it. */
export interface MemberTarget {
  readonly endpoints: readonly EtcdArgs[];
  readonly name: string;
  readonly peerUrl: string;
}

const KINDS: readonly string[] = [
  'member-add',
  'member-wait',
  'member-promote',
  'member-remove',
  'member-update',
  'alarm-disarm',
] satisfies readonly MemberOp['kind'][];

/** Whether an operation is one of these. */
export function isMemberOp(op: {readonly kind: string}): op is MemberOp {
  return KINDS.includes(op.kind);
}

/** One line for people: what an operation does. */
export function describeMemberOp(op: MemberOp): string {
  switch (op.kind) {
    case 'member-add':
      return `add ${op.name} (${op.peerUrl}) as a learner`;
    case 'member-wait':
      return `wait until ${op.name} has caught up (at most ${op.timeoutSeconds} s)`;
    case 'member-promote':
      return `promote ${op.name}`;
    case 'member-remove':
      return `remove the member ${[op.name, op.id].filter(Boolean).join(' ')} (${op.peerUrl})`;
    case 'member-update':
      return `give ${op.name} ${op.id} the peer URL ${op.peerUrl}`;
    case 'alarm-disarm':
      return `disarm the alarm CORRUPT of ${op.id}`;
    default:
      return unreachable(op);
  }
}
