/** How tasks ended: kept for those that need them, told as events, summed up as the run's exit code. */
import type {DataMap} from '../base/data.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import type {Cause, Emit, FileDiff, OpSummary, Recap, TaskRef, TaskStatus} from '../base/event.ts';
import {EXIT} from '../base/event.ts';
import {unreachable} from '../base/unreachable.ts';
import type {Op} from '../task/op.ts';
import type {Task} from '../task/task.ts';

/** The end of one task on one host. */
export interface Outcome {
  readonly status: TaskStatus;
  readonly reason: string;
  readonly ops?: readonly OpSummary[];
  readonly diffs?: readonly FileDiff[];
  readonly causes?: readonly Cause[];
  /** What was done (or, in a check run, is to be done), as data; absent where there was nothing to do. */
  readonly operations?: readonly Op[];
  readonly diagnostics?: readonly Diagnostic[];
  readonly durationMs?: number;
  readonly ignored?: boolean;
  readonly output?: string;
  /** `output` for programs. */
  readonly data?: DataMap;
  /** What `register` keeps. */
  readonly result?: DataMap;
  /** Variables that the task sets on its host (`set_fact`). */
  readonly facts?: DataMap;
}

/** Ends after which the host does not go on. */
export function isBad(outcome: Outcome): boolean {
  if (outcome.ignored) return false;
  return ['failed', 'refused', 'unreachable', 'blocked'].includes(outcome.status);
}

const EMPTY: Recap = {ok: 0, changed: 0, unreachable: 0, failed: 0, skipped: 0, refused: 0, blocked: 0};

/** The ends of all tasks of a run. */
export class Outcomes {
  readonly #emit: Emit;
  readonly #ended = new Map<string, Outcome>();
  readonly #waiting = new Map<string, ((outcome: Outcome) => void)[]>();
  readonly #recap = new Map<string, Recap>();
  readonly #stopped = new Set<string>();
  readonly #begun = new Set<string>();
  readonly #quiet: Set<string>;

  /** `quiet`: hosts that are not spoken of before something is done there. */
  constructor(emit: Emit, hosts: readonly string[], quiet: ReadonlySet<string> = new Set()) {
    this.#emit = emit;
    this.#quiet = new Set(quiet);
    for (const host of hosts) this.#recap.set(host, EMPTY);
  }

  /** Hosts on which something went wrong: they do not go on. Grows during the run. */
  get stoppedHosts(): ReadonlySet<string> {
    return this.#stopped;
  }

  /** Tells that a task has begun, once: at the gate, or before the lock is ours, one is decided more than once. */
  begin(task: Task): void {
    if (this.#begun.has(task.id)) return;
    this.#begun.add(task.id);
    this.#emit({type: 'task-start', task: refOf(task)});
  }

  get(id: string): Outcome | undefined {
    return this.#ended.get(id);
  }

  /** Resolves when the task has ended. */
  ended(id: string): Promise<Outcome> {
    const outcome = this.#ended.get(id);
    if (outcome !== undefined) return Promise.resolve(outcome);
    return new Promise(resolve => {
      const waiting = this.#waiting.get(id) ?? [];
      waiting.push(resolve);
      this.#waiting.set(id, waiting);
    });
  }

  /** Tells the end of a task, once, and wakes those that wait for it. */
  end(task: Task, outcome: Outcome): void {
    this.#ended.set(task.id, outcome);
    if (isBad(outcome)) this.#stopped.add(task.host);
    if (task.kind !== 'barrier' && !this.#staysQuiet(task, outcome)) {
      this.#count(task.host, outcome);
      this.#emit({
        type: 'task-end',
        task: refOf(task),
        status: outcome.status,
        reason: outcome.reason,
        ops: outcome.ops ?? [],
        diffs: task.noLog ? [] : (outcome.diffs ?? []),
        ...(outcome.causes === undefined || outcome.causes.length === 0 || task.noLog ? {} : {causes: outcome.causes}),
        durationMs: outcome.durationMs ?? 0,
        diagnostics: outcome.diagnostics ?? [],
        ...(outcome.ignored ? {ignored: true} : {}),
        ...(outcome.output === undefined || task.noLog ? {} : {output: outcome.output}),
        ...(outcome.data === undefined || task.noLog ? {} : {data: outcome.data}),
      });
    }
    for (const wake of this.#waiting.get(task.id) ?? []) wake(outcome);
    this.#waiting.delete(task.id);
  }

  /** Counters by host, in the order of the run's hosts. */
  recap(): Record<string, Recap> {
    return Object.fromEntries(this.#recap);
  }

  /** A failure decides (what was refused because of it is its consequence), then a safety rule's refusal, then a lost host. */
  exitCode(): number {
    const ends = [...this.#ended.values()].filter(outcome => isBad(outcome));
    if (ends.some(outcome => outcome.status === 'failed')) return EXIT.failed;
    if (ends.some(outcome => outcome.status === 'refused')) return EXIT.refused;
    if (ends.some(outcome => outcome.status === 'unreachable')) return EXIT.unreachable;
    return ends.length > 0 ? EXIT.failed : EXIT.done;
  }

  /** A quiet host is told of from the first task on that is not skipped. */
  #staysQuiet({host}: Task, {status}: Outcome): boolean {
    if (!this.#quiet.has(host)) return false;
    if (status === 'skipped' || status === 'blocked') return true;
    this.#quiet.delete(host);
    this.#recap.set(host, EMPTY);
    return false;
  }

  #count(host: string, outcome: Outcome): void {
    const recap = this.#recap.get(host);
    if (recap === undefined) return;
    this.#recap.set(host, counted(recap, outcome));
  }
}

/** Ansible counts a change as ok too. */
function counted(recap: Recap, {status, ignored}: Outcome): Recap {
  switch (status) {
    case 'ok':
      return {...recap, ok: recap.ok + 1};
    case 'changed':
    case 'undecided':
      return {...recap, ok: recap.ok + 1, changed: recap.changed + (status === 'changed' ? 1 : 0)};
    case 'skipped':
      return {...recap, skipped: recap.skipped + 1};
    case 'failed':
      return ignored ? {...recap, ok: recap.ok + 1} : {...recap, failed: recap.failed + 1};
    case 'refused':
      return {...recap, refused: recap.refused + 1};
    case 'unreachable':
      return {...recap, unreachable: recap.unreachable + 1};
    case 'blocked':
      return {...recap, blocked: recap.blocked + 1};
    default:
      return unreachable(status);
  }
}

/** The part of a task that events carry. */
export function refOf(task: Task): TaskRef {
  return {
    id: task.id,
    play: task.play,
    ...(task.role === undefined ? {} : {role: task.role}),
    name: task.name,
    kind: task.kind,
    host: task.host,
    tags: task.tags,
    ...(task.at === undefined ? {} : {at: task.at}),
  };
}
