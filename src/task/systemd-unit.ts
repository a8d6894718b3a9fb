/** From what a unit is to what systemctl must do. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import type {Cause} from '../base/event.ts';
import {err, ok, type Result} from '../base/result.ts';
import {unreachable} from '../base/unreachable.ts';
import type {CommandFact, UnitFact} from './fact.ts';
import type {Op} from './op.ts';
import type {Plan, Refusal} from './task.ts';

/** What is wanted of a unit. */
export interface UnitWish {
  readonly state?: 'started' | 'stopped' | 'restarted' | 'reloaded';
  readonly enabled?: boolean;
  readonly masked?: boolean;
  readonly no_block?: boolean;
}

/** Operations in order, why each is needed, and what to say where there is none. */
export interface UnitSteps {
  readonly ops: readonly Op[];
  readonly reasons: readonly string[];
  readonly causes: readonly Cause[];
  readonly satisfied: string;
}

type Verb = Extract<Op, {kind: 'unit'}>['verb'];

interface Step {
  readonly verbs: readonly Verb[];
  readonly code: string;
  readonly reason: string;
}

const SUFFIX = /\.(?:service|socket|device|mount|automount|swap|target|path|timer|slice|scope)$/;

/** The unit's whole name: `etcd` is `etcd.service`. */
export function unitName(name: string): string {
  return SUFFIX.test(name) ? name : `${name}.service`;
}

/** Steps for masking, boot and running state, in Ansible's order. Fails where there is no such unit, or it is masked. */
export function unitSteps(unit: string, wish: UnitWish, fact: UnitFact): Result<UnitSteps, Diagnostic> {
  const {state, enabled, masked, no_block: noBlock = false} = wish;
  const isGone = fact.load === 'not-found';
  const isWanted = state === 'started' || state === 'restarted' || state === 'reloaded' || enabled === true;
  if (isGone && isWanted) {
    return err(
      problem('E_UNIT_NOT_FOUND', `there is no unit ${unit}`, {
        hint: 'check the name, and that an earlier task installs it.',
      }),
    );
  }
  const isMasked = fact.load === 'masked' || fact.enabled.startsWith('masked');
  if (isMasked && masked !== false && isWanted) {
    return err(problem('E_UNIT_MASKED', `the unit ${unit} is masked`, {hint: 'add "masked: false" to unmask it.'}));
  }
  if (fact.load === 'bad-setting' && isWanted) {
    return err(
      problem('E_UNIT_BAD', `systemd cannot use the unit file of ${unit}`, {
        hint: `see: systemd-analyze verify ${fact.fragment || unit}`,
      }),
    );
  }
  const found = [
    maskStep(masked, isMasked),
    isGone ? undefined : bootStep(enabled, fact),
    isGone ? undefined : stateStep(state, fact),
  ];
  const steps = found.filter(step => step !== undefined);
  return ok({
    ops: steps.flatMap(({verbs}) => verbs.map(verb => unitOp(verb, unit, noBlock))),
    reasons: steps.map(({reason}) => `${unit} ${reason}`),
    causes: steps.map(({code}) => ({code, detail: unit})),
    satisfied: isGone
      ? `there is no unit ${unit}`
      : `already ${[fact.active, fact.enabled].filter(Boolean).join(', ')}`,
  });
}

function unitOp(verb: Verb, unit: string, noBlock: boolean): Op {
  const waits = verb === 'start' || verb === 'stop' || verb === 'restart' || verb === 'reload';
  return {kind: 'unit', verb, unit, ...(waits && noBlock ? {noBlock} : {})};
}

function maskStep(masked: boolean | undefined, isMasked: boolean): Step | undefined {
  if (masked === undefined || masked === isMasked) return undefined;
  return masked
    ? {verbs: ['mask'], code: 'unit_unmasked', reason: 'is not masked'}
    : {verbs: ['unmask'], code: 'unit_masked', reason: 'is masked'};
}

/** `static`, `generated` and such units have no switch of their own: they are as they are. */
function bootStep(enabled: boolean | undefined, fact: UnitFact): Step | undefined {
  if (
    enabled === true &&
    ['disabled', 'linked', 'linked-runtime', 'enabled-runtime', 'masked', 'masked-runtime', 'indirect', ''].includes(
      fact.enabled,
    )
  ) {
    return {verbs: ['enable'], code: 'unit_disabled', reason: 'does not start at boot'};
  }
  return enabled === false && ['enabled', 'enabled-runtime'].includes(fact.enabled)
    ? {verbs: ['disable'], code: 'unit_enabled', reason: 'starts at boot'}
    : undefined;
}

function stateStep(state: UnitWish['state'], {active}: UnitFact): Step | undefined {
  const isRunning = active === 'active' || active === 'activating' || active === 'reloading' || active === 'refreshing';
  const clear: readonly Verb[] = active === 'failed' ? ['reset-failed'] : [];
  switch (state) {
    case undefined:
      return undefined;
    case 'started':
      return isRunning ? undefined : {verbs: [...clear, 'start'], code: 'unit_stopped', reason: `is ${active}`};
    case 'stopped':
      return active === 'inactive' || active === 'failed'
        ? undefined
        : {verbs: ['stop'], code: 'unit_running', reason: `is ${active}`};
    case 'restarted':
      return {verbs: [...clear, 'restart'], code: 'restart_asked', reason: 'is to be restarted'};
    case 'reloaded':
      return isRunning
        ? {verbs: ['reload'], code: 'reload_asked', reason: 'is to read its configuration'}
        : {verbs: [...clear, 'start'], code: 'unit_stopped', reason: `is ${active}`};
    default:
      return unreachable(state);
  }
}

/** Unit files have changed since systemd read them. */
export const STALE: Cause = {code: 'unit_files_changed', detail: ''};

/** `daemon_reload` without a unit: only where systemd says that some unit's files have changed. */
export function reloadPlan({rc, stdout}: CommandFact): Result<Plan, Refusal> {
  const isStale = rc !== 0 || /^NeedDaemonReload=yes$/m.test(stdout);
  if (!isStale) return ok({kind: 'satisfied', reason: 'systemd has read every unit file as it is'});
  const reason = 'unit files have changed since systemd read them';
  return ok({kind: 'change', reason, ops: [{kind: 'unit', verb: 'daemon-reload', unit: ''}], causes: [STALE]});
}
