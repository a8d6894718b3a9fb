/** What the gate asks before it decides: every member of the inventory and of the live list, and the units on a host. */

import type {States} from '../etcd/facts.ts';
import type {ManagedCluster, ManagedMember} from '../etcd/managed.ts';
import {stopView} from '../etcd/stop-view.ts';
import {endpointOf} from '../task/etcd-members.ts';
import type {UnitFact} from '../task/fact.ts';
import type {EtcdArgs, Probe} from '../task/probe.ts';
import type {Task} from '../task/task.ts';
import type {EtcdAccess} from './etcd-access.ts';
import type {HostSession} from './session.ts';

/** How a member is asked. */
export function endpointOfMember({name, host, peerUrl, clientUrl}: ManagedMember, {pkiDir}: ManagedCluster): EtcdArgs {
  return endpointOf({name, host, peer_url: peerUrl, client_url: clientUrl}, pkiDir);
}

/** What every member says, by name: the inventory's, then those of the live list that the inventory lacks. */
export async function readCluster(cluster: ManagedCluster, etcd: EtcdAccess): Promise<States> {
  const ask = async (endpoint: EtcdArgs) => [endpoint.member, await etcd.ask({kind: 'etcd', ...endpoint})] as const;
  const states = new Map(await Promise.all(cluster.members.map(member => ask(endpointOfMember(member, cluster)))));
  const view = stopView(cluster.members, states);
  const known = new Set(cluster.members.map(({name}) => view.rowOf(name)?.id));
  const others = (view.list ?? []).filter(row => !known.has(row.id) && row.clientUrls.length > 0);
  const more = others.map(({name, peerUrls, clientUrls}) =>
    ask(endpointOf({name, host: '', peer_url: peerUrls[0] ?? '', client_url: clientUrls[0] ?? ''}, cluster.pkiDir)),
  );
  return new Map([...states, ...(await Promise.all(more))]);
}

/** The state of a unit now, asked on the task's host; undefined where it cannot be told. */
export async function readUnit(
  session: HostSession | undefined,
  unit: string,
  as: Task['become'],
): Promise<UnitFact | undefined> {
  const probe: Probe = {kind: 'unit', unit};
  session?.facts.forget([`unit:${unit}`]);
  await session?.ask([{probe, as}]);
  return session?.facts.get(probe, as) as UnitFact | undefined;
}

/** Whether a unit's member takes part or may: one that is only starting does not yet. */
export function isRunning({active}: UnitFact): boolean {
  return active !== 'inactive' && active !== 'failed' && active !== 'activating';
}
