/**
 * `etcd_status`: a cluster as it is, and where it is not as the inventory wants it, on disk or in the running processes. Asks,
 * tells, and fails where something does not agree; changes nothing, in a check run or not.
 */
import type {DataMap} from '../base/data.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import {ok} from '../base/result.ts';
import {driftProblem, hostDifferences} from '../etcd/drift.ts';
import type {Difference, HostLayers} from '../etcd/drift-layers.ts';
import {judgeAgainstInventory} from '../etcd/drift-members.ts';
import {ignoredVariables} from '../etcd/drift-running.ts';
import {certificateProblems, type MemberStatus, statusTable} from '../etcd/member-status.ts';
import {ATTRIBUTE_PROPERTIES, type AttributeArgs} from './attributes.ts';
import {CLUSTER_PROPERTIES, type ClusterArgs, memberProbes} from './etcd-members.ts';
import {statesOf} from './etcd-states.ts';
import {statusData} from './etcd-status-data.ts';
import {adminEnds, hostProbes, layersOf, statusOf} from './etcd-status-layers.ts';
import type {Fact} from './fact.ts';
import type {Probe} from './probe.ts';
import {defineKind} from './task.ts';

/** What one host wants, by the names of the role's variables. */
export interface HostArgs {
  readonly unit: string;
  readonly config: DataMap;
  readonly config_dir: string;
  readonly conf_file: string;
  /** The texts that `etcd.yml` would write: rendered by the compiler from the role's templates. */
  readonly conf: string;
  readonly service_file: string;
  readonly service: string;
  readonly env_file: string;
  readonly env: string;
  /** Where the unit leaves copies of what the process was started with. */
  readonly started_dir: string;
  /** The link to etcd's binary, and the directory of the releases. */
  readonly binary: string;
  readonly install_dir: string;
  readonly version: string;
  readonly archive: string;
  /** Owner, group and mode by kind of file. */
  readonly attributes: Readonly<Record<'conf' | 'service' | 'env' | 'certificate' | 'key', AttributeArgs>>;
}

/** Arguments of `etcd_status`. */
export interface StatusArgs extends ClusterArgs {
  readonly cluster: string;
  readonly cert_warn: number;
  readonly cert_fail: number;
  readonly hosts: Readonly<Record<string, HostArgs>>;
}

type Facts = Readonly<Record<string, Fact | undefined>>;

const attributes = {type: 'object', additionalProperties: false, properties: ATTRIBUTE_PROPERTIES};
/** What each host gives for itself. */
const HOST_PROPERTIES = {
  unit: {type: 'string'},
  config: {type: 'object'},
  config_dir: {type: 'string'},
  conf_file: {type: 'string'},
  conf_src: {type: 'string', description: "Name of a file in the role's templates/."},
  service_file: {type: 'string'},
  service_src: {type: 'string'},
  env_file: {type: 'string'},
  env_src: {type: 'string'},
  started_dir: {type: 'string'},
  binary: {type: 'string'},
  install_dir: {type: 'string'},
  version: {type: 'string'},
  archive: {type: 'string'},
  attributes: {
    type: 'object',
    additionalProperties: false,
    properties: {conf: attributes, service: attributes, env: attributes, certificate: attributes, key: attributes},
  },
} as const;

/** Tells how a cluster is, and fails where inventory, disk and process do not agree. */
export const etcdStatusKind = defineKind<StatusArgs, Readonly<Record<string, Probe>>>({
  name: 'etcd_status',
  summary:
    'Shows members, leader, versions, alarms and certificates, and every difference between inventory, disk and running process; changes nothing.',
  scope: 'cluster',
  perHost: Object.keys(HOST_PROPERTIES),
  templates: {conf_src: 'conf', service_src: 'service', env_src: 'env'},
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['cluster', 'members', 'pki_dir', 'hosts'],
    properties: {
      ...CLUSTER_PROPERTIES,
      cluster: {type: 'string'},
      cert_warn: {type: 'integer', minimum: 0, default: 30},
      cert_fail: {type: 'integer', minimum: 0, default: 7},
      ...HOST_PROPERTIES,
      hosts: {
        type: 'object',
        description: 'What each host gives for itself; filled in by the compiler.',
        additionalProperties: {type: 'object', required: Object.keys(HOST_PROPERTIES)},
      },
    },
  },
  probe: args => ({...memberProbes(args), ...hostProbes(args)}),
  plan: (args, facts, context) => {
    const states = statesOf(args.members, facts);
    const layers = layersOf(args, facts);
    const statuses = args.members.map(member => statusOf(member, states, facts));
    const verdict = judgeAgainstInventory(
      args.members.map(({name, host, peer_url}) => ({name, host, peerUrl: peer_url})),
      states,
      context.lostHosts,
    );
    const differences = layers.flatMap(hostDifferences);
    const problems = [
      ...verdict.problems,
      ...certificates(args, statuses, facts, context.nowMs),
      ...layers.flatMap(ignoredVariables),
      ...differences.map(driftProblem),
    ];
    const errors = problems.filter(({severity}) => severity === 'error');
    const {summary} = verdict;
    const output = [
      `${args.cluster}: cluster ${summary.clusterId ?? '(no member answers)'}, leader ${summary.leader ?? '(none)'}, ${summary.healthyVoters} of ${summary.voters} voters healthy, quorum ${summary.quorum}`,
      statusTable(statuses, context.nowMs),
      agreement(args, layers, differences),
    ].join('\n');
    const data = statusData({args, statuses, summary, differences, problems, layers, facts, nowMs: context.nowMs});
    if (errors.length > 0) return {ok: false, error: {refused: false, problems, output, data}};
    const reason = `${summary.answering} of ${args.members.length} members answer; inventory, disk and process agree`;
    return ok({kind: 'satisfied', reason, output, data, warnings: problems});
  },
});

/** Those of the hosts, and the one with which the controller asks. */
function certificates(
  {cert_warn: warnDays, cert_fail: failDays}: StatusArgs,
  statuses: readonly MemberStatus[],
  facts: Facts,
  nowMs: number,
): readonly Diagnostic[] {
  const controller = {name: 'the controller', host: 'localhost', certificates: adminEnds(facts)};
  return certificateProblems([...statuses, controller], nowMs, {warnDays, failDays});
}

/** "inventory, disk and process agree on 2 of 3 hosts; 1 difference on h3". */
function agreement({hosts}: StatusArgs, layers: readonly HostLayers[], differences: readonly Difference[]): string {
  const asked = Object.keys(hosts).length;
  const differing = new Map<string, number>();
  for (const {host} of differences) differing.set(host, (differing.get(host) ?? 0) + 1);
  const agreeing = layers.length - differing.size;
  const rest = [...differing].map(([host, count]) => `${count} difference${count === 1 ? '' : 's'} on ${host}`);
  const unseen = asked - layers.length;
  if (unseen > 0) rest.push(`${unseen} not seen`);
  return [`inventory, disk and process agree on ${agreeing} of ${asked} host${asked === 1 ? '' : 's'}`, ...rest].join(
    '; ',
  );
}
