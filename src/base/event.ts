/** Everything a person or a CI job may see of a run is one of these events; renderers in `report/` turn them into text. */
import type {DataMap} from './data.ts';
import type {Diagnostic} from './diagnostic.ts';

/** How a task on a host ended. */
export type TaskStatus =
  /** Already as wanted. */
  | 'ok'
  /** Operations were done (in check mode: would be done). */
  | 'changed'
  /** `when` was false, or nothing notified the handler. */
  | 'skipped'
  /** An operation or a check failed. */
  | 'failed'
  /** A safety rule said no: nothing was done. */
  | 'refused'
  /** The host could not be reached. */
  | 'unreachable'
  /** Not tried, because a task or host it needs did not succeed. */
  | 'blocked'
  /** Check mode only: cannot be known before an earlier task has really run. */
  | 'undecided';

/** Which task, on which host. */
export interface TaskRef {
  /** Unique in a run: `etcd/launch@10.10.10.10`. */
  readonly id: string;
  readonly play: string;
  readonly role?: string;
  /** The task's `name`, rendered. */
  readonly name: string;
  readonly kind: string;
  readonly host: string;
  readonly tags: readonly string[];
  /** `file:line:col` of the task in its YAML. */
  readonly at?: string;
}

/** One operation of a plan, in words a person reads. */
export interface OpSummary {
  /** Op kind: `write`, `unit`, … */
  readonly kind: string;
  /** "write /etc/etcd/etcd.conf (0640 root:etcd)". */
  readonly text: string;
}

/** Why something is done, or need not be, for programs. The codes are listed in docs/output.md. */
export interface Cause {
  /** `content_differs`, `config_key_changed`, `san_missing` … */
  readonly code: string;
  /** What it is about: an option's name, a path, a name in a certificate. */
  readonly detail: string;
  /** Of a changed option of etcd: whether a running member is restarted for it. */
  readonly restart?: boolean;
}

/** What a file was and will be; `undefined` = absent. Never holds a secret. */
export interface FileDiff {
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Ansible's recap counters of one host. */
export interface Recap {
  readonly ok: number;
  readonly changed: number;
  readonly unreachable: number;
  readonly failed: number;
  readonly skipped: number;
  readonly refused: number;
  readonly blocked: number;
}

/** Exit codes of the program. */
export const EXIT = {done: 0, badInput: 1, failed: 2, refused: 3, unreachable: 4, interrupted: 130} as const;

/** Everything that can happen in a run, in the order it happens. */
export type Event =
  | {
      readonly type: 'run-start';
      readonly runId: string;
      readonly program: string;
      readonly version: string;
      readonly check: boolean;
      readonly hosts: readonly string[];
      readonly tasks: number;
    }
  | {readonly type: 'play-start'; readonly play: string; readonly hosts: readonly string[]}
  | {readonly type: 'host-connecting'; readonly host: string}
  | {readonly type: 'host-connected'; readonly host: string; readonly durationMs: number}
  | {readonly type: 'host-unreachable'; readonly host: string; readonly diagnostic: Diagnostic}
  | {readonly type: 'task-start'; readonly task: TaskRef}
  /** A task that takes its time says what it waits for. */
  | {readonly type: 'task-progress'; readonly task: TaskRef; readonly text: string}
  | {
      readonly type: 'task-end';
      readonly task: TaskRef;
      readonly status: TaskStatus;
      /** Why nothing was done, or why something was: "content differs", "already as wanted". */
      readonly reason: string;
      readonly ops: readonly OpSummary[];
      readonly diffs: readonly FileDiff[];
      readonly causes?: readonly Cause[];
      readonly durationMs: number;
      readonly diagnostics: readonly Diagnostic[];
      /** `failed`, but the playbook said `ignore_errors`. */
      readonly ignored?: boolean;
      /** Text for the user (`debug`, health tables), already free of secrets. */
      readonly output?: string;
      /** The same for programs, where the text is a table or a report. */
      readonly data?: DataMap;
    }
  /** A problem that belongs to no task. */
  | {readonly type: 'diagnostic'; readonly diagnostic: Diagnostic}
  /** Details for `-v` (1), `-vv` (2), `-vvv` (3). */
  | {readonly type: 'trace'; readonly level: 1 | 2 | 3; readonly host?: string; readonly text: string}
  | {
      readonly type: 'run-end';
      readonly exitCode: number;
      readonly durationMs: number;
      readonly recap: Readonly<Record<string, Recap>>;
      /** How to go on after a failure or an interruption. */
      readonly hint?: string;
    };

/** Where events go. Core code never prints. */
export type Emit = (event: Event) => void;
