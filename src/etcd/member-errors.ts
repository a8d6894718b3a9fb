/** What etcd's refusals of a membership change mean (api/v3rpc/rpctypes/error.go; the same words from 3.4 to 3.7). */

/**
 * `wait`: etcd itself asks for patience (a member younger than 5 s, an id of this very second); `not-caught-up`: a learner that is
 * too far behind; `exists`, `unstarted`, `learners`: somebody is in the list already, look who; `gone`: no such member;
 * `unknown`: the change may or may not have been made, look at the list; `no`: anything else.
 */
export type MemberError = 'wait' | 'not-caught-up' | 'exists' | 'unstarted' | 'learners' | 'gone' | 'unknown' | 'no';

const WORDS: readonly (readonly [RegExp, MemberError])[] = [
  [/unhealthy cluster/, 'wait'],
  [/member ID already exist/i, 'wait'],
  [/in sync with leader/, 'not-caught-up'],
  [/Peer URLs already exists/i, 'exists'],
  [/not enough started members/, 'unstarted'],
  [/too many learner members/, 'learners'],
  [/member not found|member .*removed/i, 'gone'],
];

/** Sorts a failed call. `no` only where etcd itself said so: then nothing was done. */
export function memberError({reason, message}: {readonly reason: string; readonly message: string}): MemberError {
  for (const [words, meaning] of WORDS) if (words.test(message)) return meaning;
  // "etcdserver: request timed out" may still be applied, and a broken connection tells nothing.
  if (/timed out|no leader|leader changed|too many requests|stopped/i.test(message)) return 'unknown';
  return reason === 'error' && message.startsWith('etcdserver:') ? 'no' : 'unknown';
}
