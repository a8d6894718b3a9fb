/** `etcd_launch`: a stopped member starts; a running one is left alone. Members of a new cluster wait for each other, so nothing here waits. */
import {ok} from '../base/result.ts';
import {memberListOf} from '../etcd/health.ts';
import {whyNotStart} from '../etcd/member-list.ts';
import {DATA_PROPERTIES, type DataArgs, dataProbe} from './etcd-data.ts';
import {CLUSTER_PROPERTIES, type ClusterArgs, memberProbes} from './etcd-members.ts';
import {statesOf} from './etcd-states.ts';
import type {EtcdDataFact, PathFact, UnitFact} from './fact.ts';
import type {CriticalOp, Op} from './op.ts';
import type {Probe} from './probe.ts';
import {defineKind} from './task.ts';

interface Args extends ClusterArgs, DataArgs {
  /** This host's member. */
  readonly member: string;
  readonly unit: string;
  /** Written before the first start and removed when the cluster has been seen healthy. */
  readonly marker: string;
  /** The configuration file, and the copy of it that the process was started with. */
  readonly config_file: string;
  readonly started_file: string;
}

/** Starts the unit if it does not run. */
export const etcdLaunchKind = defineKind<Args, Readonly<Record<string, Probe>>>({
  name: 'etcd_launch',
  summary: 'Starts a stopped member without waiting for it; all members of a new cluster start side by side.',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['members', 'pki_dir', 'member', 'unit', 'data', 'marker', 'config_file', 'started_file'],
    properties: {
      ...CLUSTER_PROPERTIES,
      member: {type: 'string'},
      unit: {type: 'string'},
      ...DATA_PROPERTIES,
      marker: {type: 'string'},
      config_file: {type: 'string'},
      started_file: {type: 'string'},
    },
  },
  probe: ({unit, data, wal, marker, config_file: config, started_file: started, ...cluster}) => ({
    ...memberProbes(cluster),
    unit: {kind: 'unit', unit},
    data: dataProbe({data, ...(wal === undefined ? {} : {wal})}),
    marker: {kind: 'path', path: marker},
    config: {kind: 'path', path: config, content: 'text'},
    started: {kind: 'path', path: started, content: 'text'},
  }),
  plan: ({unit, data, marker, members, member}, facts) => {
    const state = facts.unit as UnitFact;
    const own = members.find(({name}) => name === member);
    const list = memberListOf(statesOf(members, facts));
    const {hasMember: hasData} = facts.data as EtcdDataFact;
    const no = own && whyNotStart(list, {name: own.name, peerUrl: own.peer_url}, hasData);
    if (no !== undefined) return ok({kind: 'satisfied', reason: no});
    if (state.active === 'active') return ok({kind: 'satisfied', reason: `running, pid ${state.mainPid}`});
    const stuck = whyStuck(unit, state, facts.config as PathFact, facts.started as PathFact);
    if (stuck !== undefined)
      return ok({
        kind: 'change',
        reason: stuck,
        ops: [{kind: 'unit', verb: 'restart', unit, noBlock: true}],
        causes: [{code: 'unit_stuck', detail: unit}],
      });
    if (state.active === 'activating' || state.active === 'reloading')
      return ok({kind: 'satisfied', reason: `already ${state.active}`});
    const mark: Op | undefined =
      hasData || (facts.marker as PathFact).exists
        ? undefined
        : {
            kind: 'write',
            path: marker,
            content: 'a new etcd cluster is being made\n',
            owner: 'root',
            group: 'root',
            mode: '0600',
          };
    const start: CriticalOp = {kind: 'unit', verb: 'start', unit, noBlock: true};
    const launch: Op =
      state.active === 'failed'
        ? {kind: 'critical', title: `start ${unit}`, ops: [{kind: 'unit', verb: 'reset-failed', unit}, start]}
        : start;
    return ok({
      kind: 'change',
      reason: hasData
        ? `${unit} is ${state.active}; its data is there`
        : `${unit} is ${state.active}; the data directory is empty: a first start`,
      ops: mark === undefined ? [launch] : [mark, launch],
      causes: [
        {code: state.active === 'failed' ? 'unit_failed' : 'unit_stopped', detail: unit},
        ...(hasData ? [] : [{code: 'first_start', detail: data}]),
      ],
    });
  },
});

/** Why a member that is starting has to start anew. It serves nobody yet, so no quorum has to be asked. */
function whyStuck(unit: string, {active, sub}: UnitFact, config: PathFact, started: PathFact): string | undefined {
  if (active !== 'activating') return undefined;
  if (sub === 'auto-restart') return `${unit} does not come up and waits for its next try`;
  const isOld = config.exists && started.exists && config.text !== started.text;
  return isOld ? `${unit} is starting with an older configuration` : undefined;
}
