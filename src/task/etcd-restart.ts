/**
 * `etcd_restart`: a member that runs with an older configuration, unit or binary than the one on disk is restarted, for a
 * reason that is printed. Whether and when it may be stopped is the gate's decision (execute/gate.ts), not this file's.
 */
import type {DataMap} from '../base/data.ts';
import {warning} from '../base/diagnostic.ts';
import type {Cause} from '../base/event.ts';
import {ok} from '../base/result.ts';
import {canonical, readConfig, showOption} from '../etcd/config-diff.ts';
import {restartClass} from '../etcd/read-once.ts';
import type {Fact, PathFact, UnitFact} from './fact.ts';
import type {CriticalOp} from './op.ts';
import type {Probe} from './probe.ts';
import {defineKind} from './task.ts';

interface Args {
  readonly unit: string;
  /** The configuration that is wanted, by etcd's names. */
  readonly config: DataMap;
  /** Where the unit leaves copies of what the process was started with: started.conf, started.service, started.binary. */
  readonly started_dir: string;
  readonly service_file: string;
  readonly binary: string;
  /** Why it is restarted in any case: a rolling restart, a handler. */
  readonly force?: string;
}

/** Restarts a member only for a reason; the gate adds what belongs to a restart (leadership, the wait for its return). */
export const etcdRestartKind = defineKind<Args, Readonly<Record<string, Probe>>>({
  name: 'etcd_restart',
  summary:
    'Restarts a member whose process is older than its configuration, unit or binary, or for a reason given: one at a time, only with a quorum to spare.',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['unit', 'config', 'started_dir', 'service_file', 'binary'],
    properties: {
      unit: {type: 'string'},
      config: {type: 'object'},
      started_dir: {type: 'string'},
      service_file: {type: 'string'},
      binary: {type: 'string'},
      force: {type: 'string', minLength: 1},
    },
  },
  probe: args => ({
    unit: {kind: 'unit', unit: args.unit},
    startedConfig: {kind: 'path', path: `${args.started_dir}/started.conf`, content: 'text'},
    startedService: {kind: 'path', path: `${args.started_dir}/started.service`, content: 'text'},
    startedBinary: {kind: 'path', path: `${args.started_dir}/started.binary`, content: 'text'},
    service: {kind: 'path', path: args.service_file, content: 'text'},
    binary: {kind: 'path', path: args.binary},
  }),
  plan: (args, facts, context) => {
    const unit = facts.unit as UnitFact;
    if (unit.active !== 'active')
      return ok({kind: 'satisfied', reason: `${args.unit} is ${unit.active}: there is nothing to restart`});
    const judged = restartReasons(args, facts, context.pending);
    const {causes} = judged;
    const unchanged = judged.ignored.map(key => `${key} changes, which never restarts: it is ${restartClass(key).why}`);
    const reasons = [...(args.force === undefined ? [] : [args.force]), ...judged.reasons];
    const warnings = judged.unknown === undefined ? [] : [warning('W_ETCD_STARTED_UNKNOWN', judged.unknown)];
    if (reasons.length > 0) {
      const restart: CriticalOp = {kind: 'unit', verb: 'restart', unit: args.unit};
      const ops = [{kind: 'critical', title: `restart ${args.unit}`, ops: [restart]}] as const;
      const asked: Cause[] =
        args.force === undefined ? [] : [{code: 'restart_asked_for', detail: args.force, restart: true}];
      return ok({kind: 'change', reason: [...reasons, ...unchanged].join('; '), causes: [...asked, ...causes], ops});
    }
    const reason = unchanged.length === 0 ? 'the process runs with what is on disk' : unchanged.join('; ');
    return ok({kind: 'satisfied', reason, causes, warnings});
  },
});

/** What differs between the running process and what is wanted. `ignored`: keys that differ but need no restart; `causes` names both. */
function restartReasons(
  args: Args,
  facts: Readonly<Record<string, Fact | undefined>>,
  pending: readonly string[],
): {reasons: string[]; ignored: string[]; causes: Cause[]; unknown?: string} {
  const started = textOf(facts.startedConfig);
  if (started === undefined) {
    return {
      reasons: [],
      ignored: [],
      causes: [],
      unknown: `${args.unit} was not started by us: whether it runs with the configuration on disk cannot be told; restart it yourself if in doubt`,
    };
  }
  const changed = changedKeys(readConfig(`${args.started_dir}/started.conf`, started) ?? {}, args.config);
  const reasons = changed.filter(({key}) => restartClass(key).restart).map(({text}) => text);
  const ignored = changed.filter(({key}) => !restartClass(key).restart).map(({key}) => key);
  const causes: Cause[] = changed.map(({key}) => ({
    code: 'config_key_changed',
    detail: key,
    restart: restartClass(key).restart,
  }));
  const beside = (code: string, detail: string, reason: string): void => {
    reasons.push(reason);
    causes.push({code, detail, restart: true});
  };
  const service = textOf(facts.service);
  if (service !== undefined && textOf(facts.startedService) !== service)
    beside('unit_file_changed', args.service_file, `${args.service_file} is newer than the process`);
  else if (pending.includes('service')) beside('unit_file_changed', args.service_file, `${args.service_file} changes`);
  const binary = facts.binary as PathFact;
  const target = binary.exists && binary.type === 'link' ? binary.target : undefined;
  const startedBinary = textOf(facts.startedBinary)?.trim();
  if (pending.includes('binary')) beside('binary_changed', args.binary, `${args.binary} changes`);
  else if (target !== undefined && startedBinary !== undefined && target !== startedBinary) {
    beside('binary_changed', args.binary, `it runs ${startedBinary}, and ${args.binary} is now ${target}`);
  }
  return {reasons, ignored, causes};
}

function textOf(fact: Fact | undefined): string | undefined {
  const path = fact as PathFact | undefined;
  return path?.exists ? path.text : undefined;
}

/** Top-level options that differ, each as "key: old -> new". */
function changedKeys(running: DataMap, wanted: DataMap): {key: string; text: string}[] {
  const keys = [...new Set([...Object.keys(running), ...Object.keys(wanted)])];
  return keys
    .filter(key => canonical(running[key]) !== canonical(wanted[key]))
    .map(key => ({key, text: `${key}: ${showOption(running[key])} -> ${showOption(wanted[key])}`}));
}
