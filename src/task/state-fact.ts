/** Facts about what runs of ours have left on a host. */

/** Who is at work on a host, and what a broken connection left behind there. Texts come from other runs: printable, one line. */
export interface RunStateFact {
  readonly lock: {
    /** `stale`: its lease has lapsed; `gone`: the connection of its run has ended. Either may be taken over. */
    readonly state: 'free' | 'held' | 'stale' | 'gone';
    /** Seconds since the lease was renewed, by the host's uptime. */
    readonly idleSeconds: number;
    /** Of the run that has it; absent where it is free. */
    readonly owner?: LockOwner;
  };
  readonly steps: readonly StepFact[];
}

/** A run as it is written into a host's lock. */
export interface LockOwner {
  readonly runId: string;
  /** Person, controller, process. */
  readonly who: string;
  /** By the controller's clock: for people only. */
  readonly since: string;
  readonly command: string;
}

/** A critical step whose end nobody has told yet. */
export interface StepFact {
  readonly id: string;
  readonly runId: string;
  readonly title: string;
  /** `down`: the host was started anew meanwhile; `broken`: its process was ended from outside. */
  readonly state: 'working' | 'done' | 'failed' | 'down' | 'broken';
  /** The last that it wrote to standard error. */
  readonly words: string;
}

/** One directory that was moved aside. */
export interface TrashEntry {
  readonly id: string;
  /** Where it was. */
  readonly path: string;
  /** Nothing, or an empty directory, is there now. */
  readonly isFree: boolean;
  /** Where it is. */
  readonly location: string;
  /** Undefined: it is not there any more. */
  readonly sizeBytes?: number;
  /** Seconds since it was moved, by the host's own clock. */
  readonly ageSeconds?: number;
  /** What the host knew: `date`, `uptime`, `owner`, `group`, `mode`. */
  readonly host: Readonly<Record<string, string>>;
  /** What was known of it: `cluster`, `member`, `cluster_id`, `member_id`, `reason` ... Empty where it cannot be read. */
  readonly manifest: Readonly<Record<string, string>>;
}
