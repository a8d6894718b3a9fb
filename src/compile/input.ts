/** What the compiler is given and what it gives back. */
import type {Data} from '../base/data.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import type {Location, SourceFile} from '../base/source.ts';
import type {ManagedCluster} from '../etcd/managed.ts';
import type {EtcdMember} from '../etcd/members.ts';
import type {Graph} from '../graph/graph.ts';
import type {Inventory, Variable} from '../inventory/types.ts';
import type {Task} from '../task/task.ts';
import type {PlayOutline} from './outline.ts';

/** The project's files. Paths are as `SourceFile.path` shows them, joined with `/`. */
export interface ProjectFiles {
  read(path: string): SourceFile | undefined;
  /** Names in a directory (empty where there is none). */
  list(dir: string): readonly string[];
  /** The directory of a role, wherever roles are looked for. */
  rolePath(name: string): string | undefined;
}

/** Everything that decides what the graph is; equal inputs give equal graphs. */
export interface CompileInput {
  readonly inventory: Inventory;
  /** Values of the variables of the same (magic) names. */
  readonly inventoryDir: string;
  readonly inventoryFile: string;
  readonly playbooks: readonly SourceFile[];
  readonly files: ProjectFiles;
  /** The value of `playbook_dir`; default: the directory of the playbook's path as shown. */
  readonly playbookDir?: (file: string) => string;
  readonly extraVars: ReadonlyMap<string, Variable>;
  readonly limit?: string;
  /** `-t`; empty = all. */
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  /** Tasks before the first one of this name are left out. */
  readonly startAtTask?: string;
  readonly check: boolean;
  readonly diff?: boolean;
  /** `-b`, `--become-user`: where neither play, task nor inventory says so. */
  readonly become?: boolean;
  readonly becomeUser?: string;
  /** Version of this program. */
  readonly version: string;
}

/** A host that a run touches, or whose variables it needs. */
export interface CompiledHost {
  readonly name: string;
  /** Its etcd cluster. */
  readonly cluster?: string;
  /** Every `ansible_…` variable, rendered. */
  readonly connection: Readonly<Record<string, {readonly value: Data; readonly at?: Location}>>;
  /** In a cluster of the run, but not in the run: its variables are needed, it is not to be touched. */
  readonly limited?: true;
}

/** One play of the graph. */
export interface CompiledPlay {
  readonly name: string;
  /** In inventory order. */
  readonly hosts: readonly string[];
  /** Ids, in the graph's order. */
  readonly tasks: readonly string[];
}

/** A project compiled for a run. */
export interface Compiled {
  readonly graph: Graph<Task>;
  readonly plays: readonly CompiledPlay[];
  /** Hosts of the run, those that tasks are delegated to, and (`limited`) the rest of their clusters. */
  readonly hosts: readonly CompiledHost[];
  /** Every cluster of the inventory, whatever the limit. */
  readonly clusters: ReadonlyMap<string, readonly EtcdMember[]>;
  /** The same with what stands for each member on its host: for the gate. */
  readonly managed: ReadonlyMap<string, ManagedCluster>;
  readonly warnings: readonly Diagnostic[];
  /** What `--list-…` shows: written tasks, before hosts. */
  readonly outline: readonly PlayOutline[];
}
