/** An inventory while it is being read: groups and hosts that later files may still add to. */
import type {Location} from '../base/source.ts';
import type {Variable} from './types.ts';

/** Variables of one group or host by where they come from, weakest first (Ansible's order within each kind). */
export interface Layers {
  readonly inline: Map<string, Variable>;
  readonly besideInventory: Map<string, Variable>;
  readonly besidePlaybook: Map<string, Variable>;
}

export interface GroupDraft {
  readonly name: string;
  readonly at?: Location;
  /** Hosts listed under it, not under its children. */
  readonly hosts: Set<string>;
  readonly children: Set<string>;
  readonly parents: Set<string>;
  readonly layers: Layers;
  /** `ansible_group_priority`. */
  priority: number;
}

export interface HostDraft {
  readonly name: string;
  readonly at: Location;
  /** Groups that list it. */
  readonly groups: Set<string>;
  readonly layers: Layers;
}

function noLayers(): Layers {
  return {inline: new Map(), besideInventory: new Map(), besidePlaybook: new Map()};
}

/** Collects what the files say; knows Ansible's two built-in groups. */
export class Draft {
  readonly groups = new Map<string, GroupDraft>();
  readonly hosts = new Map<string, HostDraft>();

  constructor() {
    this.group('all');
    this.group('ungrouped');
  }

  /** The group of this name, made where there is none. */
  group(name: string, at?: Location): GroupDraft {
    const known = this.groups.get(name);
    if (known !== undefined && (known.at !== undefined || at === undefined)) return known;
    const group: GroupDraft = {
      ...(known ?? {name, hosts: new Set(), children: new Set(), parents: new Set(), layers: noLayers(), priority: 1}),
      ...(at === undefined ? {} : {at}),
    };
    this.groups.set(name, group);
    return group;
  }

  /** The host of this name, made where there is none, as a member of a group. */
  host(name: string, at: Location, group: GroupDraft): HostDraft {
    let host = this.hosts.get(name);
    if (host === undefined) {
      host = {name, at, groups: new Set(), layers: noLayers()};
      this.hosts.set(name, host);
    }
    host.groups.add(group.name);
    group.hosts.add(name);
    return host;
  }

  /** Makes one group a child of another; `false` where that would close a circle (nothing is changed then). */
  adopt(parent: GroupDraft, child: GroupDraft): boolean {
    if (child.name === 'all' || child.name === parent.name || this.isAbove(child.name, parent.name)) return false;
    parent.children.add(child.name);
    child.parents.add(parent.name);
    return true;
  }

  /** Whether a group is a parent, grandparent … of another. */
  isAbove(above: string, below: string): boolean {
    return this.ancestors([below]).has(above);
  }

  /** The groups and everything above them, without `all`. */
  ancestors(names: Iterable<string>): Set<string> {
    const found = new Set(names);
    for (const name of found) for (const parent of this.groups.get(name)?.parents ?? []) found.add(parent);
    found.delete('all');
    return found;
  }
}
