/** What a plan file holds: a run that was decided and not done, and the state of the hosts that it was decided on. */
import type {Cause, FileDiff, TaskStatus} from '../base/event.ts';
import type {Plain} from './canonical.ts';

/** Number of the form below; another one is not read. */
export const PLAN_FORMAT = 1;
/** Older plans are refused: too much may have happened that no binding sees. */
export const MAX_AGE_DAYS = 7;

/** One operation: in words, and as data (secrets masked, contents of the controller's files by their sha256). */
export interface PlannedOp {
  readonly text: string;
  readonly op: {readonly [key: string]: Plain};
}

/** What was decided about one task on one host. */
export interface PlannedTask {
  readonly id: string;
  readonly name: string;
  readonly host: string;
  /** Digest of the compiled task: another one means that inventory, playbook or role have changed. */
  readonly input: string;
  readonly status: TaskStatus;
  readonly reason: string;
  /** Decided for good only when earlier operations of the plan have been done. */
  readonly later: boolean;
  readonly causes: readonly Cause[];
  readonly ops: readonly PlannedOp[];
  readonly diffs: readonly FileDiff[];
}

/** A live cluster, as its members told it. */
export interface ClusterBinding {
  /** '' where no member answers; several where they do not agree. */
  readonly clusterId: string;
  readonly term: string;
  readonly members: readonly {
    readonly id: string;
    readonly name: string;
    readonly peerUrls: readonly string[];
    readonly clientUrls: readonly string[];
    readonly isLearner: boolean;
  }[];
  /** Members of the inventory that do not answer. */
  readonly silent: readonly string[];
}

/** One start of one machine. */
export interface HostBinding {
  readonly machineId: string;
  readonly bootId: string;
}

/** The state that a plan holds for, by the names of clusters and hosts. */
export interface PlanState {
  readonly clusters: Readonly<Record<string, ClusterBinding>>;
  readonly hosts: Readonly<Record<string, HostBinding>>;
}

/** The ids that a cluster to be made will have. */
export interface PlannedIdentity {
  readonly clusterId: string;
  readonly memberIds: Readonly<Record<string, string>>;
}

/** The options that say which project is meant, paths absolute. Those of the connection hold where `apply` gives no others. */
export interface PlanOptions {
  readonly cwd: string;
  readonly playbooks: readonly string[];
  readonly inventory: readonly string[];
  readonly limit?: string;
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  readonly extraVars: readonly string[];
  readonly startAtTask?: string;
  readonly become: boolean;
  readonly becomeUser?: string;
  readonly user?: string;
  readonly privateKey?: string;
  readonly connection?: string;
  readonly sshArgs: readonly string[];
  readonly timeoutSeconds?: number;
}

/** Everything that decides what an `apply` does. */
export interface PlanBody {
  readonly program: 'etcdctl-play';
  readonly version: string;
  readonly runId: string;
  /** UTC, `2026-11-21T03:11:18.000Z`. */
  readonly created: string;
  readonly options: PlanOptions;
  /** sha256 by the path of each file of the project, as messages show it. */
  readonly files: Readonly<Record<string, string>>;
  /** Digest of all tasks and of how their hosts are reached. */
  readonly graph: string;
  readonly identity: Readonly<Record<string, PlannedIdentity>>;
  readonly state: PlanState;
  readonly tasks: readonly PlannedTask[];
}

/** A plan file. `checksum` is over everything else: it shows an edit, it is no signature. */
export interface SavedPlan extends PlanBody {
  readonly format: typeof PLAN_FORMAT;
  readonly checksum: string;
}

/** Operations of a plan, the hosts that they are on, and tasks that are decided on the way. */
export interface PlanSize {
  readonly ops: number;
  readonly hosts: number;
  readonly later: number;
}

/** How much a plan does. */
export function sizeOf(tasks: readonly PlannedTask[]): PlanSize {
  const changing = tasks.filter(({ops}) => ops.length > 0);
  return {
    ops: changing.reduce((sum, {ops}) => sum + ops.length, 0),
    hosts: new Set(changing.map(({host}) => host)).size,
    later: tasks.filter(({status}) => status === 'undecided').length,
  };
}
