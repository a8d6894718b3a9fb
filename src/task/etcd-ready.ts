/** `etcd_ready`: a new cluster is started by all its members or by none; a cluster that exists does not wait for a host that failed. */
import {problem} from '../base/diagnostic.ts';
import {ok} from '../base/result.ts';
import {DATA_PROPERTIES, type DataArgs, dataProbe} from './etcd-data.ts';
import {CLUSTER_PROPERTIES, type ClusterArgs, memberProbes} from './etcd-members.ts';
import type {EtcdDataFact, EtcdFact} from './fact.ts';
import type {Probe} from './probe.ts';
import {defineKind, refusal} from './task.ts';

interface Args extends ClusterArgs, DataArgs {}

/** Refuses to start a new cluster while one of its hosts has not come this far. */
export const etcdReadyKind = defineKind<Args, Readonly<Record<string, Probe>>>({
  name: 'etcd_ready',
  summary: 'Refuses to start a new cluster while a host of it has failed before: all its members start, or none.',
  scope: 'cluster',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['members', 'pki_dir', 'data'],
    properties: {...CLUSTER_PROPERTIES, ...DATA_PROPERTIES},
  },
  probe: args => ({
    ...memberProbes(args),
    ...Object.fromEntries(args.members.map(({name, host}): [string, Probe] => [`data:${name}`, dataProbe(args, host)])),
  }),
  plan: ({members}, facts, {stoppedHosts}) => {
    const missing = members.filter(({host}) => stoppedHosts.includes(host));
    if (missing.length === 0) return ok({kind: 'satisfied', reason: 'every host has come this far'});
    const exists = members.some(({name}) => {
      const data = facts[`data:${name}`] as EtcdDataFact | undefined;
      return data?.hasMember === true || (facts[`etcd:${name}`] as EtcdFact).reachable;
    });
    if (exists) return ok({kind: 'satisfied', reason: 'the cluster exists: its other members go on'});
    const hosts = missing.map(({host}) => host).join(', ');
    return refusal(
      problem(
        'E_ETCD_BOOTSTRAP_PARTIAL',
        `a new cluster is started by all its members at once, but ${hosts} did not come this far`,
        {
          hint: 'no member was started. Mend what stopped that host (see above), then run the same command again.',
        },
      ),
    );
  },
});
