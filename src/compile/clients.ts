/** The users of clusters: hosts of the group `etcd_client`, each of one cluster. */
import {problem} from '../base/diagnostic.ts';
import {nearestName} from '../base/names.ts';
import type {EtcdMember} from '../etcd/members.ts';
import type {HostState} from './host-state.ts';
import {NOWHERE} from './place.ts';
import {barePlay, type Shared} from './play-scope.ts';
import {Scope} from './scope.ts';

const GROUP = 'etcd_client';

/**
 * The cluster of each client that is not a member itself: its `etcd_cluster`, or the only one there is. A name that no cluster has
 * is a problem; where the members could not be read there are no clients either.
 */
export function findClients(
  shared: Shared,
  clusters: ReadonlyMap<string, readonly EtcdMember[]>,
): ReadonlyMap<string, string> {
  const clients = [...shared.hosts.values()].filter(host => host.groups.includes(GROUP) && !isMember(host, clusters));
  if (clusters.size === 0) return new Map();
  return new Map(
    clients.flatMap(host => {
      const cluster = clusterOf(host, shared, [...clusters.keys()]);
      return cluster === undefined ? [] : [[host.name, cluster] as const];
    }),
  );
}

function isMember({name}: HostState, clusters: ReadonlyMap<string, readonly EtcdMember[]>): boolean {
  return [...clusters.values()].some(members => members.some(({host}) => host === name));
}

function clusterOf(host: HostState, shared: Shared, known: readonly string[]): string | undefined {
  const scope = new Scope(host, barePlay(shared), NOWHERE);
  const found = scope.find('etcd_cluster');
  const [only] = known;
  if (found === undefined && known.length === 1) return only;
  const value = found?.at === undefined ? found?.value : scope.render({value: found.value, at: found.at});
  const name = value === undefined || value === null ? '' : String(value);
  if (known.includes(name)) return name;
  const near = nearestName(name, known);
  const hint = near === undefined ? `set etcd_cluster to one of ${known.join(', ')}.` : `did you mean "${near}"?`;
  const message =
    name === ''
      ? `host "${host.name}" of the group ${GROUP} does not say which cluster it uses`
      : `host "${host.name}" uses the cluster "${name}", which has no member in the inventory`;
  const at = found?.at ?? host.at;
  shared.problems.add(problem('E_ETCD_CLIENT_CLUSTER', message, {hint, ...(at === undefined ? {} : {at})}), host.name);
  return undefined;
}
