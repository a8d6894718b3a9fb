/** Operations on a live cluster, as data: they go to its members, and no host's agent does them. */
import {unreachable} from '../base/unreachable.ts';
import type {Expectation} from '../etcd/facts.ts';
import type {EtcdArgs} from './probe.ts';

/** One of them. */
export type ClusterOp =
  /** On the controller: stream a snapshot from a member into a file, verified by its sha256 trailer, renamed when whole. */
  | {readonly kind: 'etcd-snapshot'; readonly endpoint: EtcdArgs; readonly path: string}
  /** Hands leadership from the member at `endpoint` to another voter, and waits until all `witnesses` that answer name it. */
  | {
      readonly kind: 'etcd-move-leader';
      readonly endpoint: EtcdArgs;
      readonly to: {readonly name: string; readonly id: string};
      readonly witnesses: readonly EtcdArgs[];
      readonly timeoutSeconds: number;
    }
  /** Waits until the members agree on cluster id, leader and members; fails with what each one said. */
  | {
      readonly kind: 'etcd-wait';
      readonly endpoints: readonly EtcdArgs[];
      /** Members that must answer, agree and pass a linearizable read; default all. */
      readonly expect: Expectation;
      readonly timeoutSeconds: number;
    }
  | MemberOp;

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

const MEMBER_KINDS: readonly string[] = [
  'member-add',
  'member-wait',
  'member-promote',
  'member-remove',
  'member-update',
  'alarm-disarm',
] satisfies readonly MemberOp['kind'][];

/** Whether an operation changes who is a member, or waits for that. */
export function isMemberOp(op: {readonly kind: string}): op is MemberOp {
  return MEMBER_KINDS.includes(op.kind);
}

/** Whether an operation goes to a live cluster. */
export function isClusterOp(op: {readonly kind: string}): op is ClusterOp {
  return ['etcd-snapshot', 'etcd-move-leader', 'etcd-wait'].includes(op.kind) || isMemberOp(op);
}

/** One line for people: what an operation does. */
export function describeClusterOp(op: ClusterOp): string {
  switch (op.kind) {
    case 'etcd-snapshot':
      return `save a snapshot of ${op.endpoint.member} to ${op.path} on the controller`;
    case 'etcd-move-leader':
      return `move leadership from ${op.endpoint.member} to ${op.to.name}`;
    case 'etcd-wait':
      return `wait until ${op.endpoints.map(endpoint => endpoint.member).join(', ')} agree (at most ${op.timeoutSeconds} s)`;
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
