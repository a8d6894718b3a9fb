/** What is said of a change of the members: done, try again, or why not and what to do. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import type {EtcdFailure} from '../cluster/failure.ts';
import type {ListedMember} from '../etcd/facts.ts';
import {memberError} from '../etcd/member-errors.ts';
import {rowText} from '../etcd/member-list.ts';
import type {MemberOp} from '../task/cluster-op.ts';
import type {OpReply} from '../task/task.ts';

/** What a step of the work came to: an answer, or "look again" with what etcd said. */
export type Attempt = {readonly done: OpReply} | {readonly again: string};

/** A change that etcd did not take: wait, look again, or give up with its words. */
export function refusedOr(op: MemberOp, failure: EtcdFailure, list: readonly ListedMember[]): Attempt {
  switch (memberError(failure)) {
    case 'wait':
    case 'unknown':
    case 'not-caught-up':
    case 'exists':
      return {again: failure.message};
    case 'unstarted':
    case 'learners': {
      const pending = list.filter(row => row.name === '' || row.isLearner);
      const message = `${op.name} (${op.peerUrl}) was not added: ${failure.message}; half way in: ${pending.map(rowText).join('; ') || 'nobody'}`;
      const hint = `let that member finish, or take it out: "etcdctl-play etcd-rm.yml -e etcd_rm_member=${pending[0]?.id ?? 'ID'}".`;
      return {done: failed('E_ETCD_MEMBER_PENDING', message, hint)};
    }
    default:
      return {
        done: failed('E_ETCD_MEMBER_CHANGE', `${op.name} (${op.peerUrl}): etcd refused: ${failure.message}`, HINT),
      };
  }
}

/** The peer URL is in use. */
export function taken(op: MemberOp, row: ListedMember): OpReply {
  const message = `the peer URL ${op.peerUrl} of ${op.name} is that of another member: ${rowText(row)}`;
  return failed('E_ETCD_MEMBER_AMBIGUOUS', message, 'give one of them another address or port.');
}

/** The list is not the one the decision was made from. */
export function moved(op: MemberOp, others: readonly ListedMember[], missing: readonly string[]): OpReply {
  const changes = [...others.map(row => `there is ${rowText(row)}`), ...missing.map(id => `${id} is gone`)];
  const message = `${op.name} was not added: somebody else changed the members meanwhile (${changes.join('; ')})`;
  return failed('E_ETCD_MEMBERS_MOVED', message, HINT);
}

/** The first of some problems as an answer. */
export function refused(problems: readonly Diagnostic[]): OpReply {
  const [diagnostic] = problems;
  return {rc: 1, stdout: '', stderr: diagnostic?.message ?? '', ...(diagnostic === undefined ? {} : {diagnostic})};
}

/** Success, in one line. */
export function done(stdout: string): OpReply {
  return {rc: 0, stdout, stderr: ''};
}

/** A failure with its code and its remedy. */
export function failed(code: `E_${string}`, message: string, hint: string): OpReply {
  return {rc: 1, stdout: '', stderr: message, diagnostic: problem(code, message, {hint})};
}

/** For where the list has to be looked at. */
export const HINT = 'look at the member list, then run the same command again: it decides anew from what is there.';
