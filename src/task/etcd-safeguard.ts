/** `etcd_safeguard`: before data is moved aside. The evidence is what is on disk and who answers, not an open port. */
import {problem} from '../base/diagnostic.ts';
import {ok} from '../base/result.ts';
import {DATA_PROPERTIES, type DataArgs, dataProbe} from './etcd-data.ts';
import {CLUSTER_PROPERTIES, type ClusterArgs, memberProbes} from './etcd-members.ts';
import type {EtcdDataFact, EtcdFact, Fact, UnitFact} from './fact.ts';
import type {Probe} from './probe.ts';
import {defineKind, refusal} from './task.ts';

interface Args extends ClusterArgs, DataArgs {
  readonly safeguard: boolean;
  readonly unit: string;
}

/** Refuses while the safeguard is on and a member's data, process or answer is found on a host of this run. */
export const etcdSafeguardKind = defineKind<Args, Readonly<Record<string, Probe>>>({
  name: 'etcd_safeguard',
  summary: 'Refuses to go on while the safeguard is on and there is data or a live member on any host of the run.',
  scope: 'cluster',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['members', 'pki_dir', 'safeguard', 'data', 'unit'],
    properties: {...CLUSTER_PROPERTIES, ...DATA_PROPERTIES, safeguard: {type: 'boolean'}, unit: {type: 'string'}},
  },
  probe: args => ({
    ...memberProbes(args),
    ...Object.fromEntries(
      args.members.flatMap(({name, host}): [string, Probe][] => [
        [`data:${name}`, dataProbe(args, host)],
        [`unit:${name}`, {kind: 'unit', unit: args.unit, at: host}],
      ]),
    ),
  }),
  plan: (args, facts, {hosts}) => {
    if (!args.safeguard) return ok({kind: 'satisfied', reason: 'etcd_safeguard is off'});
    const found = args.members
      .filter(({host}) => hosts.includes(host))
      .flatMap(member => evidence(member.name, member.host, args, facts));
    if (found.length === 0) return ok({kind: 'satisfied', reason: 'no data and no live member on these hosts'});
    return refusal(
      problem('E_ETCD_SAFEGUARD', `the safeguard is on, and there is something to lose: ${found.join('; ')}`, {
        hint: 'to keep it, leave etcd_clean off (the default). If this data is really to be given up, run again with -e etcd_safeguard=false: it is moved aside, not deleted.',
      }),
    );
  },
});

function evidence(
  name: string,
  host: string,
  {data, unit}: Args,
  facts: Readonly<Record<string, Fact | undefined>>,
): string[] {
  const disk = facts[`data:${name}`] as EtcdDataFact | undefined;
  const state = facts[`unit:${name}`] as UnitFact | undefined;
  const live = facts[`etcd:${name}`] as EtcdFact;
  return [
    ...(disk?.hasMember ? [`${host}:${data} holds a member's data (${(disk.sizeBytes / 1e6).toFixed(1)} MB)`] : []),
    ...(state?.active === 'active' ? [`${unit} runs on ${host} (pid ${state.mainPid})`] : []),
    ...(live.reachable ? [`${name} answers (cluster ${live.clusterId})`] : []),
  ];
}
