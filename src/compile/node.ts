/** Playbooks and roles after reading, before any host is looked at. */
import type {Location} from '../base/source.ts';
import type {AnyTaskKind} from '../task/task.ts';
import type {Raw, VarMap} from './raw.ts';
import type {InheritedWord} from './word-list.ts';

/** What tasks, blocks, roles and plays all may say. */
export interface Words {
  readonly tags: readonly string[];
  readonly when: readonly Raw[];
  readonly vars: VarMap;
  readonly inherited: ReadonlyMap<InheritedWord, Raw>;
}

/** `loop`, `with_items`, `with_dict` and `loop_control`. */
export interface Loop {
  readonly word: 'loop' | 'with_items' | 'with_list' | 'with_dict';
  readonly items: Raw;
  readonly loopVar: string;
  readonly indexVar?: string;
  readonly label?: Raw;
}

interface NodeBase {
  readonly at: Location;
  /** `file:line:col` of the start. */
  readonly place: string;
  /** The file's directory: relative names start here. */
  readonly dir: string;
  readonly name?: Raw;
  readonly words: Words;
}

/** One argument with the places of its name and value. */
export interface Arg extends Raw {
  readonly name: string;
  readonly keyAt: Location;
}

/** A step of some kind. */
export interface StepNode extends NodeBase {
  readonly type: 'step';
  readonly kind: AnyTaskKind;
  readonly args: readonly Arg[];
  /** Where the arguments as a whole stand. */
  readonly argsAt: Location;
  readonly loop?: Loop;
  readonly register?: string;
  readonly notify: readonly Raw[];
  readonly listen: readonly string[];
  readonly changedWhen: readonly Raw[] | undefined;
  readonly failedWhen: readonly Raw[] | undefined;
  readonly until?: {readonly conditions: readonly Raw[]; readonly retries?: Raw; readonly delay?: Raw};
}

/** `block:`. */
export interface BlockNode extends NodeBase {
  readonly type: 'block';
  readonly children: readonly TaskNode[];
  readonly notify: readonly Raw[];
}

/** `import_tasks`, `include_tasks`, `import_role`, `include_role`. */
export interface IncludeNode extends NodeBase {
  readonly type: 'include';
  readonly what: 'tasks' | 'role';
  /** `import_…`: its words apply to each task inside; `include_…`: to itself (and `apply` to the tasks inside). */
  readonly isImport: boolean;
  /** File name or role name. */
  readonly target: Raw;
  readonly tasksFrom?: Raw;
  readonly apply: Words;
  readonly loop?: Loop;
  readonly listen: readonly string[];
}

/** `meta:`. */
export interface MetaNode extends NodeBase {
  readonly type: 'meta';
  readonly action: 'flush_handlers' | 'noop' | 'end_play' | 'end_host';
}

/** An entry of a list of tasks. */
export type TaskNode = StepNode | BlockNode | IncludeNode | MetaNode;

/** An entry of `roles:`. */
export interface RoleEntry {
  readonly name: Raw;
  readonly words: Words;
  readonly params: VarMap;
  readonly at: Location;
}

/** A play. */
export interface Play {
  readonly name: string;
  /** The playbook it stands in, as shown; its directory is where names start. */
  readonly playbook: string;
  readonly dir: string;
  readonly at: Location;
  readonly hosts: Raw;
  readonly words: Words;
  readonly varsFiles: readonly Raw[];
  readonly roles: readonly RoleEntry[];
  readonly preTasks: readonly TaskNode[];
  readonly tasks: readonly TaskNode[];
  readonly postTasks: readonly TaskNode[];
  readonly handlers: readonly TaskNode[];
  readonly serial?: Raw;
  readonly maxFailPercentage?: Raw;
  readonly connection?: Raw;
  /** `beyond_limit`: the play also reaches hosts that `-l` leaves out (see `beyond-limit.ts`). */
  readonly beyondLimit?: Raw;
}

/** No words at all. */
export const NO_WORDS: Words = {tags: [], when: [], vars: new Map(), inherited: new Map()};
