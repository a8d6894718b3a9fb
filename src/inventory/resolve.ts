/** From the draft to the inventory: membership, order of groups, and which definition of a variable wins. */
import type {Draft, GroupDraft, HostDraft} from './draft.ts';
import type {Inventory, InventoryGroup, InventoryHost, Variable} from './types.ts';

/** Everything but warnings and files. */
export function resolve(draft: Draft): Pick<Inventory, 'hosts' | 'groups'> {
  const order = new GroupOrder(draft);
  const shared = new Map<string, Shared>();
  const hosts = new Map<string, InventoryHost>();
  for (const host of draft.hosts.values()) hosts.set(host.name, resolveHost(host, draft, order, shared));
  const joined = joinEtcd(order, hosts);
  if (joined.size > 0) draft.group('etcd');
  return {hosts, groups: resolveGroups(draft, order, hosts, joined)};
}

/** Groups and group variables of all hosts that are listed under the same groups. */
interface Shared {
  readonly groups: readonly string[];
  readonly variables: ReadonlyMap<string, Variable>;
}

function resolveHost(host: HostDraft, draft: Draft, order: GroupOrder, shared: Map<string, Shared>): InventoryHost {
  const key = [...host.groups].join(' ');
  let common = shared.get(key);
  if (common === undefined) {
    const groups = order.sorted(membership(host, draft));
    common = {groups, variables: groupVariables(groups, draft)};
    shared.set(key, common);
  }
  const variables = new Map(common.variables);
  for (const layer of [host.layers.inline, host.layers.besideInventory, host.layers.besidePlaybook])
    overlay(variables, layer);
  return {name: host.name, at: host.at, groups: common.groups, variables};
}

/** Groups of a host, `ungrouped` where only `all` lists it. */
function membership(host: HostDraft, draft: Draft): Set<string> {
  const groups = draft.ancestors(host.groups);
  if (groups.size > 1) groups.delete('ungrouped');
  return groups.size === 0 ? new Set(['ungrouped']) : groups;
}

/** Ansible's order: what the inventory says of `all`, then of the groups; then `group_vars/all`, then `group_vars/<group>`. */
function groupVariables(groups: readonly string[], draft: Draft): Map<string, Variable> {
  const layersOf = (name: string) => draft.groups.get(name)?.layers;
  const others = groups.slice(1);
  const variables = new Map<string, Variable>();
  for (const name of groups) overlay(variables, layersOf(name)?.inline);
  overlay(variables, layersOf('all')?.besideInventory);
  overlay(variables, layersOf('all')?.besidePlaybook);
  for (const name of others) overlay(variables, layersOf(name)?.besideInventory);
  for (const name of others) overlay(variables, layersOf(name)?.besidePlaybook);
  return variables;
}

function overlay(variables: Map<string, Variable>, layer: ReadonlyMap<string, Variable> | undefined): void {
  for (const [name, variable] of layer ?? []) variables.set(name, variable);
}

/**
 * Every host with `etcd_seq` belongs to the group `etcd`, so that `hosts: etcd` reaches all clusters whatever their groups
 * are called. It gets no variables by that, and no groups above `etcd`: those are another cluster's. Returns the hosts that
 * only this rule brings in.
 */
function joinEtcd(order: GroupOrder, hosts: Map<string, InventoryHost>): ReadonlySet<string> {
  const joined = new Set<string>();
  const known = new Map<string, readonly string[]>();
  for (const host of hosts.values()) {
    if (!host.variables.has('etcd_seq') || host.groups.includes('etcd')) continue;
    const key = host.groups.join(' ');
    const groups =
      known.get(key) ?? order.sorted([...host.groups.slice(1).filter(name => name !== 'ungrouped'), 'etcd']);
    known.set(key, groups);
    joined.add(host.name);
    hosts.set(host.name, {...host, groups});
  }
  return joined;
}

/** Sorts groups so that later ones win: depth, then `ansible_group_priority`, then name. */
class GroupOrder {
  readonly #draft: Draft;
  readonly #depths = new Map<string, number>();

  constructor(draft: Draft) {
    this.#draft = draft;
  }

  /** `all` first. */
  sorted(names: Iterable<string>): readonly string[] {
    const groups = [...names].map(name => this.#draft.group(name));
    return ['all', ...groups.sort((a, b) => this.#compare(a, b)).map(group => group.name)];
  }

  /** The longest way from `all`. */
  depth(name: string): number {
    if (name === 'all') return 0;
    const known = this.#depths.get(name);
    if (known !== undefined) return known;
    const parents = [...(this.#draft.groups.get(name)?.parents ?? [])];
    const depth = 1 + Math.max(0, ...parents.map(parent => this.depth(parent)));
    this.#depths.set(name, depth);
    return depth;
  }

  #compare(a: GroupDraft, b: GroupDraft): number {
    const byNumber = this.depth(a.name) - this.depth(b.name) || a.priority - b.priority;
    return byNumber !== 0 ? byNumber : a.name < b.name ? -1 : 1;
  }
}

function resolveGroups(
  draft: Draft,
  order: GroupOrder,
  hosts: ReadonlyMap<string, InventoryHost>,
  joined: ReadonlySet<string>,
): Map<string, InventoryGroup> {
  const groups = new Map<string, InventoryGroup>();
  for (const {name, at, layers, children} of draft.groups.values()) {
    const listed = listedHosts(name, draft, hosts);
    groups.set(name, {
      name,
      ...(at === undefined ? {} : {at}),
      depth: order.depth(name),
      children: name === 'all' ? topGroups(draft) : [...children],
      hosts: name === 'etcd' ? [...listed, ...joined] : listed,
      listed,
      variables: new Map([...layers.inline, ...layers.besideInventory, ...layers.besidePlaybook]),
    });
  }
  return groups;
}

function listedHosts(name: string, draft: Draft, hosts: ReadonlyMap<string, InventoryHost>): readonly string[] {
  if (name === 'all') return [...hosts.keys()];
  if (name === 'ungrouped')
    return [...hosts.values()].filter(({groups}) => groups.includes('ungrouped')).map(host => host.name);
  return hostsBelow(name, draft);
}

/** Groups without another parent are children of `all`. */
function topGroups(draft: Draft): readonly string[] {
  return [...draft.groups.values()]
    .filter(({name, parents}) => name !== 'all' && (parents.size === 0 || parents.has('all')))
    .map(({name}) => name);
}

/** Hosts of a group and of all groups below it, nearest first. */
function hostsBelow(name: string, draft: Draft): readonly string[] {
  const groups = new Set([name]);
  const hosts = new Set<string>();
  for (const below of groups) {
    const group = draft.groups.get(below);
    for (const host of group?.hosts ?? []) hosts.add(host);
    for (const child of group?.children ?? []) groups.add(child);
  }
  return [...hosts];
}
