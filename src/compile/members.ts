/** The etcd members that the inventory asks for: every cluster whole, whatever the limit. */
import type {Data} from '../base/data.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import {type ManagedCluster, type ManagedMember, machineOf} from '../etcd/managed.ts';
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

/**
 * Every cluster as the quorum gate needs it, with the role's defaults where the inventory says nothing, also in plays that do not
 * use the role. What cannot be rendered is a problem like any other.
 */
export function findManaged(shared: Shared): ReadonlyMap<string, ManagedCluster> {
  const defaults = shared.project.role(ROLE)?.defaults ?? new Map();
  const managed = [...shared.clusters].map(([name, members]): [string, ManagedCluster] => {
    const readers = new Map(members.map(({host}) => [host, readerOf(host, shared, defaults)]));
    const read = (variable: string) => readers.get(members[0]?.host ?? '')?.(variable);
    return [
      name,
      {
        name,
        members: members.map(member => managedMember(member, readers.get(member.host) ?? (() => undefined))),
        pkiDir: String(read('etcd_pki_dir') ?? ''),
        allowDowntime: isTrue(read('etcd_allow_downtime')),
        healthTimeoutSeconds: Number(read('etcd_health_timeout') ?? 60) || 60,
      },
    ];
  });
  return new Map(managed);
}

/** A variable of a host, rendered. */
type Reader = (name: string) => Data | undefined;

function readerOf(name: string, shared: Shared, defaults: VarMap): Reader {
  const host = shared.hosts.get(name);
  if (host === undefined) return () => undefined;
  const scope = new Scope(host, barePlay(shared, defaults), NOWHERE);
  return variable => {
    const found = scope.find(variable);
    if (found === undefined || found.at === undefined) return found?.value;
    return scope.render({value: found.value, at: found.at});
  };
}

function managedMember({host, name, seq, peerUrl, clientUrl}: EtcdMember, read: Reader): ManagedMember {
  const unit = String(read('etcd_unit') ?? 'etcd');
  const walDir = String(read('etcd_wal_dir') ?? '');
  const port = Number(read('ansible_port') ?? 22);
  return {
    host,
    name,
    seq,
    peerUrl,
    clientUrl,
    unit: unit.endsWith('.service') ? unit : `${unit}.service`,
    dataDir: String(read('etcd_data') ?? '/data/etcd'),
    ...(walDir === '' ? {} : {walDir}),
    machine: machineOf(String(read('ansible_host') ?? host), port, read('ansible_connection') === 'local'),
  };
}

/** As Ansible's `bool` filter. */
function isTrue(value: Data | undefined): boolean {
  return value === true || value === 1 || /^(?:true|yes|on|1)$/i.test(typeof value === 'string' ? value : '');
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
