/** The vocabulary of a run: a task is plain data; a task kind asks (`probe`), decides (`plan`, pure), and never acts. */
import type {Data, DataMap} from '../base/data.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import type {Cause, FileDiff} from '../base/event.ts';
import type {Result} from '../base/result.ts';
import type {GraphNode} from '../graph/graph.ts';
import type {FactOf} from './fact.ts';
import type {Op} from './op.ts';
import type {Probe} from './probe.ts';

/** One task on one host: what the compiler hands to the executor. Prints as JSON as it stands. */
export interface Task extends GraphNode {
  /** `<play>/<role or ->/<number>-<slug>[<item number>]@<host>`: unique and the same for the same input. */
  readonly id: string;
  readonly play: string;
  readonly role?: string;
  /** Rendered `name`, or the kind where none is given. */
  readonly name: string;
  /** `inventory_hostname` of the host it acts on; `localhost` for the controller. */
  readonly host: string;
  /** Name in the registry (`task/index.ts`): `template`, `etcd_health`, … or `barrier` (waits for its needs, does nothing). */
  readonly kind: string;
  /** Arguments after rendering, checked against the kind's schema. With `late`: as far as known. */
  readonly args: DataMap;
  readonly tags: readonly string[];
  /** User to act as: `root` with `become`, another with `become_user`, undefined = the login user. */
  readonly become?: string;
  /** Extra environment of the commands a task runs. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The etcd cluster of the host, where it has one. */
  readonly cluster?: string;
  /** `file:line:col` of the task in its YAML. */
  readonly at?: string;
  /** `when` was false at compile time: the task is shown as skipped, with this reason. */
  readonly skip?: string;
  /** A handler's instance: runs only if one of these tasks ended `changed`. */
  readonly onlyIfChanged?: readonly string[];
  /** Name under which the result is kept for later tasks of this host. */
  readonly register?: string;
  /** Hosts whose later tasks see what `register` (or `set_fact`) gives: with `run_once`, `delegate_to`, cluster scope. Absent = `host` alone. */
  readonly registerFor?: readonly string[];
  readonly ignoreErrors?: boolean;
  /** No value of this task may be shown. */
  readonly noLog?: boolean;
  /** Runs (`true`) or is skipped (`false`) whatever the run's check mode is: Ansible's `check_mode`. */
  readonly checkMode?: boolean;
  /** Retries of Ansible's `until`: seconds between, how often, condition (Jinja2). */
  readonly until?: {readonly conditions: readonly string[]; readonly retries: number; readonly delaySeconds: number};
  /** Conditions on the task's own result (Jinja2): `changed_when`, `failed_when`. */
  readonly changedWhen?: readonly string[];
  readonly failedWhen?: readonly string[];
  /** Parts that depend on results of earlier tasks (`register`, `set_fact` of such): rendered by the executor just before the probe. */
  readonly late?: LateTask;
}

/** What the executor needs to finish a task whose arguments depend on registered results. */
export interface LateTask {
  /** Arguments, templates unrendered. */
  readonly args: DataMap;
  /** `when` conditions that need results. */
  readonly when: readonly string[];
  /** Every other variable of the host at this place. Values may themselves hold templates. */
  readonly vars: DataMap;
}

/** What a task will do: something, nothing (and why), or not yet knowable (and after what). */
export type Plan =
  | {
      readonly kind: 'change';
      /** "content differs; mode 0644 -> 0640". */
      readonly reason: string;
      readonly ops: readonly [Op, ...Op[]];
      /** Puts things back, in order, where one of `ops` from number `from` on fails (not where the run is interrupted or the host lost). */
      readonly undo?: {readonly from: number; readonly ops: readonly Op[]};
      readonly diffs?: readonly FileDiff[];
      readonly causes?: readonly Cause[];
      readonly warnings?: readonly Diagnostic[];
    }
  | {
      readonly kind: 'satisfied';
      readonly reason: string;
      /** Shown to the user whole (`debug`, a table of members). */
      readonly output?: string;
      /** `output` for programs: what `--output json` shows. */
      readonly data?: DataMap;
      /** Differences that need no operation (an option that is read only once). */
      readonly causes?: readonly Cause[];
      readonly warnings?: readonly Diagnostic[];
      /** Kept under `register`, or merged into the host's variables by `set_fact`. */
      readonly result?: DataMap;
    }
  | {readonly kind: 'undecided'; readonly reason: string};

/** A plan refused for a reason: an error of the task, or a safety rule (exit code 3). */
export interface Refusal {
  readonly refused: boolean;
  readonly problems: readonly Diagnostic[];
  /** Shown, and told to programs, beside the problems: a report that ends in a no. */
  readonly output?: string;
  readonly data?: DataMap;
}

/** What `plan` may know beside its arguments and facts. All of it is data. */
export interface PlanContext {
  readonly host: string;
  readonly cluster?: string;
  /** Name of the run, for what is written down on hosts. */
  readonly runId?: string;
  /** A check run: earlier changes were not really made. */
  readonly check: boolean;
  /** Names of the probes whose answers operations of earlier tasks in this check run would change. */
  readonly pending: readonly string[];
  /** Milliseconds since the epoch on the controller, for certificate lifetimes only. */
  readonly nowMs: number;
  /** Hosts of this run that are not known to be unreachable, by `inventory_hostname`. */
  readonly hosts: readonly string[];
  /** Hosts of this run that cannot be reached. */
  readonly lostHosts: readonly string[];
  /** Hosts of this run on which a task has failed, was refused, or could not be reached: they do not go on. */
  readonly stoppedHosts: readonly string[];
}

/** A problem of arguments; `path` = the argument and the keys in it that it is about, where known. */
export type LintProblem = Diagnostic & {readonly path?: readonly string[]};

/** A kind of task. `A` = its arguments, `P` = the probes it sends, by name. */
export interface TaskKind<A, P extends Readonly<Record<string, Probe>>> {
  readonly name: string;
  /** One sentence for `--help` pages and docs. */
  readonly summary: string;
  /** JSON Schema (draft 2020-12) of the arguments. Strings that hold numbers or booleans are coerced, as Ansible does. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** Key under which a bare string argument is meant (`command: ls` = `argv` split): Ansible's free form. */
  readonly freeForm?: string;
  /**
   * `host` (default): one task per host. `cluster`: one task per cluster, after the earlier tasks of all its hosts in this
   * run; its hosts' later tasks wait for it. `turn`: one task per host, those of a cluster one after another in inventory order.
   */
  readonly scope?: 'host' | 'cluster' | 'turn';
  /** Of cluster scope: decided even where every host before it has failed, because it only tells what else is wrong. */
  readonly tellsMore?: boolean;
  /** Arguments that name a file in `templates/`, and under which name the compiler adds its rendered text: `template` has `{src: 'content'}`. */
  readonly templates?: Readonly<Record<string, string>>;
  /** With `scope: 'cluster'`: arguments that every host of the run gives for itself; they come as `hosts`, by host name. */
  readonly perHost?: readonly string[];
  /** A change by this kind is a change of who is a member: those who use the cluster's endpoints are to learn of it. */
  readonly changesMembership?: true;
  /**
   * What is wrong with arguments that fit the schema (a relative path, a decimal mode): known before any host is touched. A kind
   * with `lint` also refuses them in `plan`, and its `probe` asks nothing then.
   */
  lint?(args: A): readonly LintProblem[];
  /** What to ask, by name; the arguments alone decide. */
  probe(args: A, host: string): P;
  /** Pure: same arguments and facts, same plan. */
  plan(args: A, facts: {readonly [K in keyof P]: FactOf<P[K]>}, context: PlanContext): Result<Plan, Refusal>;
  /** Result for `register` from what the ops printed, where a kind has more to tell than `changed`. */
  result?(replies: readonly OpReply[]): DataMap;
}

/** What one operation gave back. */
export interface OpReply {
  readonly rc: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly data?: Data;
  /** What went wrong in typed form, where the operation knows more than an exit code and a text. */
  readonly diagnostic?: Diagnostic;
  /** Further ones, told with it. */
  readonly more?: readonly Diagnostic[];
  /** A safety rule's no, where the operation failed: the task counts as refused. */
  readonly refused?: boolean;
}

/** A kind whose types are hidden: what the registry holds. */
export type AnyTaskKind = TaskKind<DataMap, Readonly<Record<string, Probe>>>;

/** Checks a kind's types where it is defined and hides them for the registry. */
export function defineKind<A, P extends Readonly<Record<string, Probe>>>(kind: TaskKind<A, P>): AnyTaskKind {
  return kind as unknown as AnyTaskKind;
}

/** A task's error: the task fails. */
export function failure(...problems: readonly Diagnostic[]): {readonly ok: false; readonly error: Refusal} {
  return {ok: false, error: {refused: false, problems}};
}

/** A safety rule's no: the task is refused and the run exits with 3. */
export function refusal(...problems: readonly Diagnostic[]): {readonly ok: false; readonly error: Refusal} {
  return {ok: false, error: {refused: true, problems}};
}
