/** What an inventory is after reading: hosts, groups, and every variable with its place. */
import type {Data} from '../base/data.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import type {Location, SourceFile} from '../base/source.ts';
import type {YamlNode} from '../base/yaml.ts';

/** A variable as the user wrote it: not rendered, not validated beyond its name. */
export interface Variable {
  readonly name: string;
  readonly value: Data;
  readonly node: YamlNode;
  /** Of the value. */
  readonly at: Location;
  /** Of the name. */
  readonly keyAt: Location;
  /** Who says so: `all`, `group etcd`, `host 10.10.10.10`, `extra vars`. */
  readonly origin: string;
  /** The value holds `!vault` text, which cannot be read: an error only where the variable is used (`vaultProblem`). */
  readonly vault?: true;
}

/** A host with every variable that its groups and it itself define; the last definition in Ansible's order wins. */
export interface InventoryHost {
  readonly name: string;
  /** Where it is first listed. */
  readonly at: Location;
  /** `all` first, then by depth, `ansible_group_priority` and name: later groups win. */
  readonly groups: readonly string[];
  readonly variables: ReadonlyMap<string, Variable>;
}

/** A group and its hosts. `all`, `ungrouped` and (where a host has `etcd_seq`) `etcd` always exist. */
export interface InventoryGroup {
  readonly name: string;
  /** Where it is first named; undefined for groups that nobody wrote. */
  readonly at?: Location;
  /** 0 for `all`, else the longest way down from it. */
  readonly depth: number;
  readonly children: readonly string[];
  /** Its own and its children's hosts, each once; for `etcd` also every other host with `etcd_seq`. */
  readonly hosts: readonly string[];
  /** The hosts without those that only `etcd_seq` brings in. */
  readonly listed: readonly string[];
  /** The group's own variables, `group_vars` files included. */
  readonly variables: ReadonlyMap<string, Variable>;
}

/** Everything in the inventory files. */
export interface Inventory {
  /** In order of first appearance: "inventory order". */
  readonly hosts: ReadonlyMap<string, InventoryHost>;
  readonly groups: ReadonlyMap<string, InventoryGroup>;
  readonly warnings: readonly Diagnostic[];
  readonly files: readonly SourceFile[];
}

/** A file of `group_vars/` or `host_vars/`, found by the caller. */
export interface VarsFile {
  readonly kind: 'group' | 'host';
  /** File or directory name without its extension: the group or host it speaks of. */
  readonly name: string;
  readonly file: SourceFile;
  /** Found beside an inventory (default) or beside the playbook: the latter wins. */
  readonly beside?: 'inventory' | 'playbook';
}

/** Which variable names are known. */
export interface KnownNames {
  readonly knownVariables: ReadonlySet<string>;
  /** Names that begin so must be known: `['etcd_']`. `ansible_` is always checked. */
  readonly prefixes: readonly string[];
}

/** How to read an inventory. */
export interface InventoryOptions extends KnownNames {
  readonly varsFiles?: readonly VarsFile[];
}
