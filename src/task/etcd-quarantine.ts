/** `etcd_quarantine`: a directory is moved aside with a manifest of what it was; nothing is deleted. */

import type {DataMap} from '../base/data.ts';
import {isMap} from '../base/data.ts';
import {ok} from '../base/result.ts';
import type {EtcdDataFact} from './fact.ts';
import type {Probe} from './probe.ts';
import {defineKind} from './task.ts';

interface Args {
  readonly path: string;
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
    properties: {path: {type: 'string'}, manifest: {type: 'object', default: {}}},
  },
  probe: ({path}) => ({data: {kind: 'etcd-data', path}}),
  plan: ({path, manifest}, facts) => {
    const data = facts.data as EtcdDataFact;
    if (!data.exists) return ok({kind: 'satisfied', reason: `${path} does not exist`});
    if (!data.hasMember && data.foreign.length === 0) return ok({kind: 'satisfied', reason: `${path} is empty`});
    const entries = Object.entries(isMap(manifest) ? manifest : {}).map(([key, value]) => [key, String(value)]);
    return ok({
      kind: 'change',
      reason: `${path} holds ${(data.sizeBytes / 1e6).toFixed(1)} MB`,
      ops: [{kind: 'quarantine', path, manifest: Object.fromEntries(entries)}],
      causes: [{code: 'data_there', detail: path}],
    });
  },
});
