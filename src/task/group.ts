/** `group`: that a group exists, or does not. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {ok, type Result} from '../base/result.ts';
import {accountProblems} from './attributes.ts';
import type {GroupFact} from './fact.ts';
import type {Probe} from './probe.ts';
import {settle} from './settle.ts';
import {defineKind, failure, type Plan, type Refusal} from './task.ts';

interface Args {
  readonly name: string;
  readonly state?: 'present' | 'absent';
  readonly gid?: number;
  readonly system?: boolean;
}

type Probes = Readonly<Record<string, Probe>>;

/** Ansible's `group`. The number of a group that exists is never changed. */
export const groupKind = defineKind<Args, Probes>({
  name: 'group',
  summary: 'Adds or removes a group.',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    properties: {
      name: {type: 'string'},
      state: {enum: ['present', 'absent']},
      gid: {type: 'integer', minimum: 0, maximum: 4294967294},
      system: {type: 'boolean', description: 'A number from the range for system groups.'},
    },
  },
  lint: problemsOf,
  probe(args): Probes {
    return problemsOf(args).length > 0 ? {} : {group: {kind: 'group', name: args.name}};
  },
  plan(args, facts, context) {
    const problems = problemsOf(args);
    return problems.length > 0 ? failure(...problems) : settle(planGroup(args, facts.group as GroupFact), context);
  },
});

function problemsOf({name, state}: Args): readonly Diagnostic[] {
  if (name === 'root' && state === 'absent')
    return [problem('E_TASK_ACCOUNT', 'the group root is not removed', {hint: 'remove this task.'})];
  return accountProblems('name', name);
}

function planGroup({name, state = 'present', gid, system = false}: Args, fact: GroupFact): Result<Plan, Refusal> {
  if (state === 'absent') {
    if (!fact.exists) return ok({kind: 'satisfied', reason: `there is no group ${name}`});
    return ok({
      kind: 'change',
      reason: `the group ${name} exists`,
      ops: [{kind: 'group-remove', name}],
      causes: [{code: 'group_there', detail: name}],
    });
  }
  if (!fact.exists) {
    return ok({
      kind: 'change',
      reason: `the group ${name} is missing`,
      ops: [{kind: 'group-add', name, system, ...(gid === undefined ? {} : {gid})}],
      causes: [{code: 'group_missing', detail: name}],
    });
  }
  if (gid === undefined || gid === fact.gid) return ok({kind: 'satisfied', reason: `the group ${name} exists`});
  const hint = 'its files would lose their group: change the number by hand, or leave "gid" out.';
  return failure(problem('E_GROUP_ID', `the group ${name} has the number ${fact.gid}, wanted is ${gid}`, {hint}));
}
