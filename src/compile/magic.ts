/** Ansible's magic variables, and ours: what the program itself knows. */
import {type Data, dataMap} from '../base/data.ts';
import {problem} from '../base/diagnostic.ts';
import {err, type Result} from '../base/result.ts';
import type {EtcdMember} from '../etcd/members.ts';
import {OMIT} from '../task/omit.ts';
import {LazyMapping} from '../template/templar.ts';
import {NOWHERE} from './place.ts';
import {barePlay} from './play-scope.ts';
import {Scope} from './scope.ts';

/** Magic variables cannot be redefined; undefined where the name is not magic here. */
export function magicVariable(name: string, scope: Scope): Data | LazyMapping | undefined {
  const {host, play} = scope;
  switch (name) {
    case 'inventory_hostname':
      return host.name;
    case 'inventory_hostname_short':
      return host.name.split('.')[0] ?? host.name;
    case 'group_names':
      return host.groups.filter(group => group !== 'all').sort();
    case 'groups':
      return once(scope, name, () => groups(scope));
    case 'hostvars':
      return hostvars(scope);
    case 'omit':
      return OMIT;
    case 'etcd_members':
      return host.cluster && once(scope, `members of ${host.cluster}`, () => membersOf(scope).map(memberData));
    case 'etcd_cluster_hosts':
      return host.cluster && once(scope, `hosts of ${host.cluster}`, () => membersOf(scope).map(member => member.host));
    case 'etcd_limit_hosts':
      return play.shared.limitHosts;
    default:
      return /^(ansible|play|inventory|role)/.test(name)
        ? (playVariable(name, scope) ?? runVariable(name, scope))
        : undefined;
  }
  function membersOf({host: {cluster}}: Scope): readonly EtcdMember[] {
    return play.shared.clusters.get(cluster ?? '') ?? [];
  }
}

/** What depends on play and role. */
function playVariable(name: string, {play, place}: Scope): Data | undefined {
  switch (name) {
    case 'play_hosts':
    case 'ansible_play_hosts':
    case 'ansible_play_batch':
      return play.batch;
    case 'ansible_play_hosts_all':
      return play.hosts;
    case 'ansible_play_name':
      return play.name;
    case 'playbook_dir':
      return play.playbookDir;
    case 'role_name':
    case 'ansible_role_name':
      return place.role?.name;
    case 'role_path':
      return place.role?.path;
    case 'role_names':
    case 'ansible_play_role_names':
    case 'ansible_role_names':
      return play.roles;
    case 'ansible_parent_role_names':
      return place.role?.isIncluded ? place.role.chain.map(role => role.name).reverse() : undefined;
    case 'ansible_parent_role_paths':
      return place.role?.isIncluded ? place.role.chain.map(role => role.path).reverse() : undefined;
    default:
      return undefined;
  }
}

/** What depends on the run alone. */
function runVariable(name: string, {play}: Scope): Data | undefined {
  const {input} = play.shared;
  switch (name) {
    case 'inventory_dir':
      return input.inventoryDir;
    case 'inventory_file':
      return input.inventoryFile;
    case 'ansible_inventory_sources':
      return [input.inventoryFile];
    case 'ansible_check_mode':
      return input.check;
    case 'ansible_diff_mode':
      return input.diff ?? false;
    case 'ansible_run_tags':
      return input.tags.length === 0 ? ['all'] : input.tags;
    case 'ansible_skip_tags':
      return input.skipTags;
    case 'ansible_limit':
      return input.limit;
    case 'ansible_version':
      return dataMap([
        ['full', '2.14.0'],
        ['string', '2.14.0'],
        ['major', 2],
        ['minor', 14],
        ['revision', 0],
      ]);
    default:
      return undefined;
  }
}

/** One member as templates see it. */
function memberData(member: EtcdMember): Data {
  return dataMap([
    ['name', member.name],
    ['host', member.host],
    ['seq', member.seq],
    ['address', member.address],
    ['peer_url', member.peerUrl],
    ['client_url', member.clientUrl],
    ['port', member.port],
    ['peer_port', member.peerPort],
  ]);
}

function groups({play}: Scope): Data {
  const all = [...play.shared.input.inventory.groups.values()];
  return dataMap(all.map(group => [group.name, group.hosts]));
}

function once(scope: Scope, key: string, make: () => Data): Data {
  const {cache} = scope.play.shared;
  const value = cache.get(key) ?? make();
  cache.set(key, value);
  return value;
}

/** Every host's variables, rendered when asked for: inventory, `set_fact` and extra variables, as in Ansible. */
function hostvars({play}: Scope): LazyMapping {
  const {hosts} = play.shared;
  const bare = barePlay(play.shared);
  return new LazyMapping(
    () => play.shared.input.inventory.hosts.keys(),
    name => {
      const host = hosts.get(name);
      if (host === undefined) return undefined;
      const scope = host.scopes.get(NOWHERE) ?? new Scope(host, bare, NOWHERE);
      host.scopes.set(NOWHERE, scope);
      return {
        ok: true,
        value: new LazyMapping(
          () => new Set(scope.names()),
          key => hostVariable(scope, key),
        ),
      };
    },
  );
}

function hostVariable(scope: Scope, name: string): Result<Data> | undefined {
  if (scope.isLate(name)) {
    const message = `hostvars: "${name}" of ${scope.host.name} is the result of a task and not known before the run`;
    const hint = 'use run_once: its result is known on every host.';
    return err([problem('E_HOSTVARS_LATE', message, {hint})]);
  }
  return scope.has(name) && name !== 'hostvars' ? scope.templar.variable(name) : undefined;
}
