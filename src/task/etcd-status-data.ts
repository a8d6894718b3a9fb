/** The report of `etcd_status` for programs (docs/status.md). Ids and raft numbers are texts: they have 64 bits. */
import {type Data, type DataMap, dataMap} from '../base/data.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import type {Difference, HostLayers} from '../etcd/drift-layers.ts';
import type {ClusterSummary, MemberState} from '../etcd/facts.ts';
import {daysLeft, lags, type MemberStatus, ownAlarms, roleOf} from '../etcd/member-status.ts';
import type {StatusArgs} from './etcd-status.ts';
import {processOf} from './etcd-status-layers.ts';
import type {Fact, ProcessFact} from './fact.ts';

/** Number of the form below; it grows only when a field changes its meaning or goes away. */
const SCHEMA = 1;

/** What there is to tell. */
export interface StatusReport {
  readonly args: StatusArgs;
  readonly statuses: readonly MemberStatus[];
  readonly summary: ClusterSummary;
  readonly differences: readonly Difference[];
  readonly problems: readonly Diagnostic[];
  readonly layers: readonly HostLayers[];
  readonly facts: Readonly<Record<string, Fact | undefined>>;
  readonly nowMs: number;
}

/** The whole report as plain data. Absent values are left out. */
export function statusData(report: StatusReport): DataMap {
  const {args, statuses, summary, differences, problems, nowMs} = report;
  const behind = lags(statuses);
  return given({
    schema: SCHEMA,
    cluster: args.cluster,
    agree: problems.every(({severity}) => severity !== 'error'),
    clusterId: summary.clusterId,
    leader: summary.leader,
    voters: summary.voters,
    healthyVoters: summary.healthyVoters,
    learners: summary.learners,
    quorum: summary.quorum,
    members: statuses.map(status => memberData(status, behind.get(status.name), report)),
    differences: differences.map(difference => given({...difference})),
    problems: problems.map(({code, severity, message, hint}) => given({code, severity, message, hint})),
    certificateDays: dataMap([
      ['warn', args.cert_warn],
      ['fail', args.cert_fail],
    ]),
    now: new Date(nowMs).toISOString(),
  });
}

function memberData(status: MemberStatus, lag: string | undefined, {args, facts, nowMs}: StatusReport): DataMap {
  const {name, host, state, certificates} = status;
  const member = args.members.find(one => one.name === name);
  const process = member === undefined ? undefined : processOf(member, facts);
  return given({
    name,
    host,
    peerUrl: member?.peer_url,
    clientUrl: member?.client_url,
    role: state.reachable ? roleOf(state) : undefined,
    ...stateData(state),
    lag,
    certificates: certificates.map(({file, fingerprint256, notAfterMs}) =>
      dataMap([
        ['file', file],
        ['fingerprint256', fingerprint256],
        ['notAfter', new Date(notAfterMs).toISOString()],
        ['daysLeft', daysLeft(notAfterMs, nowMs)],
      ]),
    ),
    ...(process === undefined ? {} : {unit: unitData(process), process: processData(process)}),
  });
}

function stateData(state: MemberState): Readonly<Record<string, Data | undefined>> {
  if (!state.reachable) return {answers: false, reason: state.reason, message: state.message};
  return {
    answers: true,
    id: state.memberId,
    clusterId: state.clusterId,
    version: state.version,
    dbSizeBytes: state.dbSizeBytes,
    dbSizeInUseBytes: state.dbSizeInUseBytes,
    raftIndex: state.raftIndex,
    raftAppliedIndex: state.raftAppliedIndex,
    raftTerm: state.raftTerm,
    alarms: ownAlarms(state),
    errors: state.errors,
    linearizable: state.linearizable,
    latencyMs: state.latencyMs,
    served:
      state.served === undefined
        ? undefined
        : dataMap([
            ['fingerprint256', state.served.fingerprint256],
            ['notAfter', new Date(state.served.notAfterMs).toISOString()],
          ]),
    members: state.members.map(({id, name, peerUrls, clientUrls, isLearner}) =>
      dataMap(Object.entries({id, name, peerUrls, clientUrls, isLearner})),
    ),
  };
}

function unitData({unit, dropIns}: ProcessFact): DataMap {
  return dataMap([
    ['active', unit.active],
    ['sub', unit.sub],
    ['enabled', unit.enabled],
    ['restarts', unit.restarts],
    ['needDaemonReload', unit.needDaemonReload],
    ['dropIns', dropIns.map(({path}) => path)],
  ]);
}

function processData({main}: ProcessFact): DataMap | undefined {
  if (main === undefined) return undefined;
  const {pid, program, isDeleted, argv, etcdVariables, startedAt} = main;
  const started = new Date(startedAt * 1000).toISOString();
  return dataMap(Object.entries({pid, program, isDeleted, argv, etcdVariables, startedAt: started}));
}

/** Without what is absent. */
function given(values: Readonly<Record<string, Data | undefined>>): DataMap {
  return dataMap(
    Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
  );
}
