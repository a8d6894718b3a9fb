/** From what an account is to what must be done. */
import {problem} from '../base/diagnostic.ts';
import {ok, type Result} from '../base/result.ts';
import {plainPath} from './argument-path.ts';
import type {GroupFact, UserFact} from './fact.ts';
import type {Op} from './op.ts';
import {failure, type Plan, type Refusal} from './task.ts';

/** Arguments of `user`. */
export interface UserArgs {
  readonly name: string;
  readonly state?: 'present' | 'absent';
  readonly uid?: number;
  readonly group?: string;
  readonly groups?: string | readonly string[];
  readonly append?: boolean;
  readonly home?: string;
  readonly shell?: string;
  readonly comment?: string;
  readonly system?: boolean;
  readonly create_home?: boolean;
}

/** The names in `groups`: a list, or a text with commas. */
export function supplementary({groups = []}: UserArgs): readonly string[] {
  const names = typeof groups === 'string' ? groups.split(',') : groups;
  return names.map(name => name.trim()).filter(name => name !== '');
}

/** What to do so that the account is as wanted. `groups`: what is known of each supplementary group. */
export function userPlan(
  args: UserArgs,
  fact: UserFact,
  groups: ReadonlyMap<string, GroupFact | undefined>,
): Result<Plan, Refusal> {
  const {name, state = 'present', uid} = args;
  if (state === 'absent') {
    if (!fact.exists) return ok({kind: 'satisfied', reason: `there is no user ${name}`});
    return ok({
      kind: 'change',
      reason: `the user ${name} exists`,
      ops: [{kind: 'user-remove', name}],
      causes: [{code: 'user_there', detail: name}],
    });
  }
  const joins = [...groups]
    .filter(([, group]) => !(group?.exists === true && group.members.includes(name)))
    .map(([group]) => group);
  const join: readonly Op[] =
    joins.length === 0 ? [] : [{kind: 'command', argv: ['usermod', '-a', '-G', joins.join(','), '--', name]}];
  if (!fact.exists)
    return ok({
      kind: 'change',
      reason: `the user ${name} is missing`,
      ops: [addOp(args), ...join],
      causes: [{code: 'user_missing', detail: name}],
    });
  if (uid !== undefined && uid !== fact.uid) {
    const hint = 'its files would lose their owner: change the number by hand, or leave "uid" out.';
    return failure(problem('E_USER_ID', `the user ${name} has the number ${fact.uid}, wanted is ${uid}`, {hint}));
  }
  const {options, reasons} = changes(args, fact);
  const change: readonly Op[] =
    options.length === 0 ? [] : [{kind: 'command', argv: ['usermod', ...options, '--', name]}];
  const [first, ...rest] = [...change, ...join];
  if (first === undefined) return ok({kind: 'satisfied', reason: `the user ${name} is as wanted`});
  const joined = joins.length === 0 ? [] : [`not in ${joins.join(', ')}`];
  return ok({
    kind: 'change',
    reason: [...reasons, ...joined].join('; '),
    ops: [first, ...rest],
    causes: [{code: 'user_differs', detail: name}],
  });
}

function addOp({name, group, uid, home, shell, comment, system = false, create_home: createHome = true}: UserArgs): Op {
  return {
    kind: 'user-add',
    name,
    ...(group === undefined ? {} : {group}),
    ...(uid === undefined ? {} : {uid}),
    ...(home === undefined ? {} : {home: plainPath(home)}),
    ...(shell === undefined ? {} : {shell}),
    ...(comment === undefined ? {} : {comment}),
    system,
    createHome,
  };
}

/** Options of usermod for what differs. */
function changes(
  args: UserArgs,
  fact: Extract<UserFact, {exists: true}>,
): {readonly options: readonly string[]; readonly reasons: readonly string[]} {
  const home = args.home === undefined ? undefined : plainPath(args.home);
  const isGroup = args.group === fact.group || args.group === String(fact.gid);
  const rows: readonly (readonly [option: string, label: string, is: string, wanted: string | undefined])[] = [
    ['-g', 'group', fact.group, isGroup ? undefined : args.group],
    ['-d', 'home', fact.home, home],
    ['-s', 'shell', fact.shell, args.shell],
    ['-c', 'comment', fact.comment, args.comment],
  ];
  const different = rows.filter(([, , is, wanted]) => wanted !== undefined && wanted !== is);
  return {
    options: different.flatMap(([option, , , wanted = '']) => [option, wanted]),
    reasons: different.map(
      ([, label, is, wanted = '']) => `${label} ${is === '' ? '(empty)' : is} -> ${wanted === '' ? '(empty)' : wanted}`,
    ),
  };
}
