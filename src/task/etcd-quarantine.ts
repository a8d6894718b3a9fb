/** `etcd_quarantine`: a directory is moved aside with a manifest of what it was; nothing is deleted. */

import type {DataMap} from '../base/data.ts';
import {isMap} from '../base/data.ts';
import {ok} from '../base/result.ts';
import {DATA_PROPERTIES, type DataArgs, dataProbe} from './etcd-data.ts';
import type {EtcdDataFact} from './fact.ts';
import type {Probe} from './probe.ts';
import {defineKind} from './task.ts';

interface Args {
  readonly path: string;
  /** The member's data directory and log: what is moved aside is said to be theirs. Default: `path`. */
  readonly data?: string;
  readonly wal?: string;
  /** Not while this unit runs: the host refuses it. */
  readonly unit?: string;
  /** User to whom directories above may belong, beside root. */
  readonly owner?: string;
  readonly manifest: DataMap;
}

/** Moves a data directory aside if it is there and not empty. */
export const etcdQuarantineKind = defineKind<Args, Readonly<Record<string, Probe>>>({
  name: 'etcd_quarantine',
  summary: 'Moves a data directory aside, with a manifest of what it was.',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['path'],
    properties: {
      path: {type: 'string'},
      ...DATA_PROPERTIES,
      unit: {type: 'string'},
      owner: {type: 'string'},
      manifest: {type: 'object', default: {}},
    },
  },
  probe: args => ({
    here: {kind: 'etcd-data', path: args.path},
    // Equal to `here` where the data directory itself is meant: the host answers once.
    member: dataProbe(dataOf(args)),
  }),
  plan: (args, facts, {runId}) => {
    const {path, manifest, unit, owner} = args;
    const here = facts.here as EtcdDataFact;
    if (!here.exists) return ok({kind: 'satisfied', reason: `${path} does not exist`});
    if (!here.hasMember && here.foreign.length === 0) return ok({kind: 'satisfied', reason: `${path} is empty`});
    const entries = Object.entries(isMap(manifest) ? manifest : {}).map(([key, value]) => [key, String(value)]);
    return ok({
      kind: 'change',
      reason: `${path} holds ${(here.sizeBytes / 1e6).toFixed(1)} MB`,
      ops: [
        {
          kind: 'quarantine',
          path,
          manifest: {
            ...Object.fromEntries(entries),
            ...whatItIs(here, facts.member as EtcdDataFact),
            ...(runId === undefined ? {} : {run: runId}),
          },
          ...(unit === undefined ? {} : {unit}),
          ...(owner === undefined ? {} : {owner}),
        },
      ],
      causes: [{code: 'data_there', detail: path}],
    });
  },
});

function dataOf({path, data, wal}: Args): DataArgs {
  return {data: data ?? path, ...(wal === undefined ? {} : {wal})};
}

/** What the manifest says of the data itself. */
function whatItIs(here: EtcdDataFact, {identity, ageSeconds}: EtcdDataFact): Record<string, string> {
  return {
    ...(identity?.ok ? {cluster_id: identity.clusterId, member_id: identity.memberId} : {}),
    size_bytes: String(here.sizeBytes),
    ...(ageSeconds === undefined ? {} : {last_write_seconds_ago: String(ageSeconds)}),
  };
}
