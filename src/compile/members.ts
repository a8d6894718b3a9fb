/** The etcd members that the inventory asks for: every cluster whole, whatever the limit. */
import type {Data} from '../base/data.ts';
import {type EtcdMember, type Located, type MemberInput, memberWarnings, readMembers} from '../etcd/members.ts';
import type {HostState} from './host-state.ts';
import {NOWHERE} from './place.ts';
import {barePlay, type Shared} from './play-scope.ts';
import type {VarMap} from './raw.ts';
import {Scope} from './scope.ts';

/** The role whose defaults are the defaults of members. */
const ROLE = 'etcd';

/** Resolves all members by cluster; problems and warnings are added. Hosts of the group `etcd`, or with an `etcd_seq`, have one. */
export function findMembers(
  shared: Shared,
  warn: (warning: ReturnType<typeof memberWarnings>[number]) => void,
): ReadonlyMap<string, readonly EtcdMember[]> {
  const hosts = [...shared.hosts.values()].filter(isMemberHost);
  if (hosts.length === 0) return new Map();
  const defaults = shared.project.role(ROLE)?.defaults ?? new Map();
  const before = shared.problems.count;
  const inputs = hosts.map(host => inputOf(host, shared, defaults));
  // A value that could not be rendered would only bring a second, misleading problem.
  if (shared.problems.count > before) return new Map();
  const {clusters, problems} = readMembers(inputs);
  shared.problems.addAll(problems);
  if (problems.length === 0) for (const warning of memberWarnings(clusters)) warn(warning);
  return clusters;
}

function isMemberHost(host: HostState): boolean {
  return host.groups.includes('etcd') || host.variables.has('etcd_seq');
}

function inputOf(host: HostState, shared: Shared, defaults: VarMap): MemberInput {
  const scope = new Scope(host, barePlay(shared, defaults), NOWHERE);
  const read = (name: string): Located<Data> | undefined => {
    const found = scope.find(name);
    if (found === undefined) return undefined;
    if (found.at === undefined) return {value: found.value};
    return {value: scope.render({value: found.value, at: found.at}) ?? null, at: found.at};
  };
  const seq = read('etcd_seq');
  const name = read('etcd_name');
  return {
    host: host.name,
    ...(host.at === undefined ? {} : {hostAt: host.at}),
    cluster: read('etcd_cluster') ?? {value: 'etcd'},
    seq,
    ...(name === undefined || name.value === null || name.value === '' ? {} : {name}),
    address: read('etcd_address') ?? {value: host.name, ...(host.at === undefined ? {} : {at: host.at})},
    port: read('etcd_port') ?? {value: 2379},
    peerPort: read('etcd_peer_port') ?? {value: 2380},
    scheme: read('etcd_scheme')?.value === 'http' ? 'http' : 'https',
  };
}
