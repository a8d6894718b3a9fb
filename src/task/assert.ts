/** `assert` and `fail`: the playbook's own checks. */
import {dataMap} from '../base/data.ts';
import {problem} from '../base/diagnostic.ts';
import {ok} from '../base/result.ts';
import type {Probe} from './probe.ts';
import {defineKind, failure} from './task.ts';

type Probes = Readonly<Record<string, Probe>>;

/** A condition and whether it holds: the compiler has asked. */
interface Condition {
  readonly condition: string;
  readonly holds: boolean;
}

interface AssertArgs {
  readonly that: readonly Condition[];
  readonly fail_msg?: string;
  readonly msg?: string;
  readonly success_msg?: string;
  readonly quiet?: boolean;
}

/** Ansible's `assert`. */
export const assertKind = defineKind<AssertArgs, Probes>({
  name: 'assert',
  summary: 'Fails unless every condition holds.',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['that'],
    properties: {
      that: {type: 'array', minItems: 1, description: 'Jinja2 conditions.'},
      fail_msg: {type: 'string', description: 'What to say when one does not hold.'},
      msg: {type: 'string', description: 'Same as fail_msg.'},
      success_msg: {type: 'string', description: 'What to say when all hold.'},
      quiet: {type: 'boolean'},
    },
  },
  probe: () => ({}),
  plan({that, fail_msg: failMsg, msg, success_msg: successMsg}) {
    const broken = that.filter(({holds}) => !holds).map(({condition}) => condition);
    if (broken.length > 0) {
      const said = failMsg ?? msg;
      const conditions = `this does not hold: ${broken.join('; ')}`;
      return failure(
        problem('E_ASSERT', said ?? conditions, {
          hint: said === undefined ? 'change the variables that it names.' : conditions,
        }),
      );
    }
    const reason = that.length === 1 ? 'the condition holds' : `all ${that.length} conditions hold`;
    return ok({
      kind: 'satisfied',
      reason,
      ...(successMsg === undefined ? {} : {output: successMsg}),
      result: dataMap([['msg', successMsg ?? 'All assertions passed']]),
    });
  },
});

/** Ansible's `fail`. */
export const failKind = defineKind<{readonly msg?: string}, Probes>({
  name: 'fail',
  summary: 'Fails with a message.',
  schema: {type: 'object', additionalProperties: false, properties: {msg: {type: 'string'}}},
  probe: () => ({}),
  plan: ({msg = 'Failed as requested from task'}) => failure(problem('E_FAIL', msg)),
});
