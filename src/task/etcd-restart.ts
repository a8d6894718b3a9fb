/**
 * `etcd_restart`: a member that runs with an older configuration, unit or binary than the one on disk is restarted, for a
 * reason that is printed; the executor lets one member of a cluster through at a time, and each looks at the cluster afresh.
 */
import {type Data, type DataMap, isMap} from '../base/data.ts';
import {problem, warning} from '../base/diagnostic.ts';
import type {Cause} from '../base/event.ts';
import {ok} from '../base/result.ts';
import {parseYaml, toData} from '../base/yaml.ts';
import {judgeCluster} from '../etcd/health.ts';
import {restartClass} from '../etcd/read-once.ts';
import {CLUSTER_PROPERTIES, type ClusterArgs, endpointOf, memberProbes} from './etcd-members.ts';
import {statesOf} from './etcd-states.ts';
import type {Fact, PathFact, UnitFact} from './fact.ts';
import type {Probe} from './probe.ts';
import {defineKind, refusal} from './task.ts';

interface Args extends ClusterArgs {
  readonly unit: string;
  /** This host's member. */
  readonly member: string;
  /** The configuration that is wanted, by etcd's names. */
  readonly config: DataMap;
  /** Where the unit leaves copies of what the process was started with: started.conf, started.service, started.binary. */
  readonly started_dir: string;
  readonly service_file: string;
  readonly binary: string;
  readonly allow_downtime: boolean;
  /** Seconds to wait for the restarted member. */
  readonly timeout: number;
}

/** Restarts a member only for a reason, and only where the cluster can spare it. */
export const etcdRestartKind = defineKind<Args, Readonly<Record<string, Probe>>>({
  name: 'etcd_restart',
  summary:
    'Restarts a member whose process is older than its configuration, unit or binary: one at a time, only with a quorum to spare.',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['members', 'pki_dir', 'unit', 'member', 'config', 'started_dir', 'service_file', 'binary'],
    properties: {
      ...CLUSTER_PROPERTIES,
      unit: {type: 'string'},
      member: {type: 'string'},
      config: {type: 'object'},
      started_dir: {type: 'string'},
      service_file: {type: 'string'},
      binary: {type: 'string'},
      allow_downtime: {type: 'boolean', default: false},
      timeout: {type: 'integer', minimum: 1, default: 60},
    },
  },
  availability: () => 'stops-member',
  probe: args => ({
    ...memberProbes(args),
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
    if (judged.reasons.length === 0) {
      const reason =
        judged.ignored.length === 0
          ? 'the process runs with what is on disk'
          : `no restart: ${judged.ignored.join(', ')} is read only at a member's first start`;
      return ok({
        kind: 'satisfied',
        reason,
        causes: judged.causes,
        ...(judged.unknown === undefined ? {} : {warnings: [warning('W_ETCD_STARTED_UNKNOWN', judged.unknown)]}),
      });
    }
    const reason = judged.reasons.join('; ');
    const others = args.members.filter(({name}) => name !== args.member);
    const {summary, problems} = judgeCluster(statesOf(args.members, facts));
    const spare = summary.healthyVoters - 1 >= summary.quorum;
    // A leave to interrupt a small cluster is no leave to stop the last member that works, one bad value after the other.
    const isSmall = Math.max(summary.voters, args.members.length) <= 2;
    const mayInterrupt = args.allow_downtime && isSmall && others.every(({name}) => isLive(facts, name));
    if (!spare && !mayInterrupt) {
      const why = problems.filter(({severity}) => severity === 'error').map(({message}) => message);
      const message = `${args.member} needs a restart (${reason}), but ${summary.healthyVoters} of ${summary.voters} voters are healthy and ${summary.quorum} must stay: ${summary.healthyVoters}/${summary.voters} -> ${summary.healthyVoters - 1}/${summary.voters}`;
      return refusal(
        problem('E_ETCD_QUORUM', why.length === 0 ? message : `${message}. ${why.join('; ')}`, {
          hint:
            others.length < 2 && !args.allow_downtime
              ? 'a cluster of this size has no member to spare: allow the short outage with -e etcd_allow_downtime=true.'
              : 'bring the other members back first; nothing was stopped.',
        }),
      );
    }
    return ok({
      kind: 'change',
      reason,
      causes: judged.causes,
      ops: [
        {
          kind: 'critical',
          title: `restart ${args.unit}`,
          ops: [{kind: 'unit', verb: 'restart', unit: args.unit}],
        },
        {
          kind: 'etcd-wait',
          endpoints: args.members
            .filter(member => member.name === args.member || isLive(facts, member.name))
            .map(member => endpointOf(member, args.pki_dir)),
          expect: {unit: args.unit},
          timeoutSeconds: args.timeout,
        },
      ],
    });
  },
});

function isLive(facts: Readonly<Record<string, Fact | undefined>>, name: string): boolean {
  const fact = facts[`etcd:${name}`];
  return fact !== undefined && 'reachable' in fact && fact.reachable;
}

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
  const parsed = parseYaml({path: `${args.started_dir}/started.conf`, text: started});
  const running = parsed.ok ? toData(parsed.value) : {};
  const changed = changedKeys(isMap(running) ? running : {}, args.config);
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
    .map(key => ({key, text: `${key}: ${shown(running[key])} -> ${shown(wanted[key])}`}));
}

/** Values compare as etcd reads them: `100` and `"100"` are the same. */
function canonical(value: Data | undefined): string {
  if (value === undefined || value === null) return '';
  if (isMap(value))
    return JSON.stringify(
      Object.entries(value)
        .map(([key, part]) => [key, canonical(part)])
        .sort(),
    );
  return Array.isArray(value) ? JSON.stringify(value.map(canonical)) : String(value);
}

function shown(value: Data | undefined): string {
  if (value === undefined || value === null) return '(not set)';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
