/** `systemd_service`: that a unit runs, starts at boot, is masked; and that systemd has read its files. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {ok} from '../base/result.ts';
import type {CommandFact, UnitFact} from './fact.ts';
import type {Op} from './op.ts';
import type {Probe} from './probe.ts';
import {settle} from './settle.ts';
import {reloadPlan, STALE, type UnitWish, unitName, unitSteps} from './systemd-unit.ts';
import {defineKind, failure} from './task.ts';

interface Args extends UnitWish {
  readonly name?: string;
  readonly daemon_reload?: boolean;
}

type Probes = Readonly<Record<string, Probe>>;

/** Ansible's `systemd_service` (also `systemd`, `service`), for system units. */
export const systemdServiceKind = defineKind<Args, Probes>({
  name: 'systemd_service',
  summary: 'Starts, stops, restarts, enables, disables or masks a unit of systemd.',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      name: {type: 'string', description: 'The unit; ".service" may be left out.'},
      state: {enum: ['started', 'stopped', 'restarted', 'reloaded']},
      enabled: {type: 'boolean', description: 'Starts at boot.'},
      masked: {type: 'boolean', description: 'Cannot be started at all.'},
      daemon_reload: {type: 'boolean', description: 'Let systemd read changed unit files first.'},
      no_block: {type: 'boolean', description: 'Do not wait until the unit has started or stopped.'},
      scope: {enum: ['system']},
    },
  },
  lint: problemsOf,
  probe(args): Probes {
    if (problemsOf(args).length > 0) return {};
    if (args.name !== undefined) return {unit: {kind: 'unit', unit: unitName(args.name)}};
    return {
      reload: {kind: 'command', argv: ['systemctl', 'show', '*', '--property=NeedDaemonReload'], timeoutSeconds: 60},
    };
  },
  plan(args, facts, context) {
    const problems = problemsOf(args);
    if (problems.length > 0) return failure(...problems);
    if (args.name === undefined) return settle(reloadPlan(facts.reload as CommandFact), context);
    const fact = facts.unit as UnitFact;
    const steps = unitSteps(unitName(args.name), args, fact);
    if (!steps.ok) return settle(failure(steps.error), context);
    const {reasons, causes, satisfied} = steps.value;
    const reload: Op = {kind: 'unit', verb: 'daemon-reload', unit: ''};
    const needsReload = args.daemon_reload === true && fact.needDaemonReload;
    const [first, ...rest] = needsReload ? [reload, ...steps.value.ops] : steps.value.ops;
    if (first === undefined) return settle(ok({kind: 'satisfied', reason: satisfied}), context);
    const all = needsReload ? ['its files have changed since systemd read them', ...reasons] : reasons;
    return ok({
      kind: 'change',
      reason: all.join('; '),
      ops: [first, ...rest],
      causes: needsReload ? [STALE, ...causes] : causes,
    });
  },
});

function problemsOf({name, state, enabled, masked, daemon_reload: reload}: Args): readonly Diagnostic[] {
  if (name === undefined) {
    const isOnlyReload = reload === true && state === undefined && enabled === undefined && masked === undefined;
    return isOnlyReload
      ? []
      : [problem('E_TASK_ARGS', '"systemd_service" needs the argument "name"', {hint: 'add the name of the unit.'})];
  }
  if (!/^[A-Za-z0-9_][A-Za-z0-9:_.@\\-]{0,240}$/.test(name)) {
    const hint = 'use letters, digits and ":", "_", ".", "@", "-", not beginning with "-".';
    return [problem('E_TASK_UNIT', `${JSON.stringify(name)} cannot be the name of a unit`, {hint})];
  }
  if (masked === true && (state === 'started' || state === 'restarted' || enabled === true)) {
    return [
      problem('E_TASK_ARGS', `the unit ${name} cannot be masked and started or enabled at once`, {
        hint: 'remove "masked".',
      }),
    ];
  }
  return [];
}
