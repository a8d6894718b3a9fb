/** The etcd members that the inventory asks for: every cluster whole, whatever the limit. */
import type {Data} from '../base/data.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import {type EtcdMember, type Located, type MemberInput, memberWarnings, readMembers} from '../etcd/members.ts';
import {userPlaceOf} from './blame.ts';
import type {HostState} from './host-state.ts';
import {NOWHERE} from './place.ts';
import {barePlay, type Shared} from './play-scope.ts';
import type {VarMap} from './raw.ts';
import {Scope} from './scope.ts';

/** The role whose defaults are the defaults of members. */
const ROLE = 'etcd';
const MEMBER_VARIABLES = [
  'etcd_cluster',
  'etcd_seq',
  'etcd_name',
  'etcd_address',
  'etcd_port',
  'etcd_peer_port',
  'etcd_zone',
];

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
  refuse(problems, hosts, shared);
  if (problems.length === 0) for (const warning of memberWarnings(clusters)) warn(warning);
  return clusters;
}

/** What the members' checks refused is not looked at again. */
function refuse(problems: readonly Diagnostic[], hosts: readonly HostState[], {refused, extraVars}: Shared): void {
  const places = new Set(problems.map(({at}) => at));
  for (const variables of [extraVars, ...hosts.map(host => host.variables)]) {
    for (const name of MEMBER_VARIABLES) {
      const variable = variables.get(name);
      if (variable?.at !== undefined && places.has(variable.at)) refused.add(variable);
    }
  }
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
    const value = scope.render({value: found.value, at: found.at}) ?? null;
    const at = userPlaceOf(found, scope);
    return at === undefined ? {value} : {value, at};
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
    ...zoneOf(read('etcd_zone')),
    scheme: read('etcd_scheme')?.value === 'http' ? 'http' : 'https',
  };
}

function zoneOf(zone: Located<Data> | undefined): Pick<MemberInput, 'zone'> {
  return zone === undefined || zone.value === null ? {} : {zone};
}
