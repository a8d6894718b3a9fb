/** `user`: that an account exists, or does not. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {pathProblems} from './argument-path.ts';
import {accountProblems} from './attributes.ts';
import type {GroupFact, UserFact} from './fact.ts';
import type {Probe} from './probe.ts';
import {settle} from './settle.ts';
import {defineKind, failure} from './task.ts';
import {supplementary, type UserArgs, userPlan} from './user-plan.ts';

type Probes = Readonly<Record<string, Probe>>;

/** Ansible's `user`, without passwords. The number of a user that exists is never changed, its home never moved. */
export const userKind = defineKind<UserArgs, Probes>({
  name: 'user',
  summary: 'Adds, changes or removes an account.',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    properties: {
      name: {type: 'string'},
      state: {enum: ['present', 'absent']},
      uid: {type: 'integer', minimum: 0, maximum: 4294967294},
      group: {type: 'string', description: 'Name of its primary group, which must exist.'},
      groups: {type: ['string', 'array'], items: {type: 'string'}, description: 'More groups; needs "append: true".'},
      append: {type: 'boolean', description: 'Keep the groups that it is in beside those in "groups".'},
      home: {type: 'string', description: 'Absolute path.'},
      shell: {type: 'string', description: 'Absolute path.'},
      comment: {type: 'string'},
      system: {type: 'boolean', description: 'A number from the range for system accounts.'},
      create_home: {type: 'boolean', description: 'Make the home directory of a new account (default: true).'},
    },
  },
  lint: problemsOf,
  probe(args): Probes {
    if (problemsOf(args).length > 0) return {};
    const groups = args.state === 'absent' ? [] : supplementary(args);
    return {
      user: {kind: 'user', name: args.name},
      ...Object.fromEntries(groups.map(name => [`group:${name}`, {kind: 'group', name} as const])),
    };
  },
  plan(args, facts, context) {
    const problems = problemsOf(args);
    if (problems.length > 0) return failure(...problems);
    const groups = new Map(supplementary(args).map(name => [name, facts[`group:${name}`] as GroupFact | undefined]));
    return settle(userPlan(args, facts.user as UserFact, groups), context);
  },
});

function problemsOf(args: UserArgs): readonly Diagnostic[] {
  const {name, group, home, shell, comment, state, append} = args;
  const groups = supplementary(args);
  const found = [
    ...accountProblems('name', name),
    ...(group === undefined ? [] : accountProblems('group', group)),
    ...groups.flatMap(item => accountProblems('groups', item)),
    ...(home === undefined ? [] : pathProblems('home', home)),
    ...(shell === undefined || shell === '' ? [] : pathProblems('shell', shell)),
  ];
  if (name === 'root' && state === 'absent')
    found.push(problem('E_TASK_ACCOUNT', 'the user root is not removed', {hint: 'remove this task.'}));
  if (groups.length > 0 && append !== true) {
    const hint = 'add "append: true"; no account is ever taken out of a group here.';
    found.push(
      problem('E_TASK_ARGS', '"groups" without "append" would take the account out of its other groups', {hint}),
    );
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (comment !== undefined && /[:\x00-\x1f\x7f]/.test(comment)) {
    found.push(
      problem('E_TASK_ARGS', '"comment" holds a colon or a control character', {
        hint: 'remove it: it would break /etc/passwd.',
      }),
    );
  }
  return found;
}
