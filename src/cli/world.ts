/** Everything of the outside that the program uses, handed in by `main.ts`; tests hand in their own. */

/** A text stream: standard output or error. */
export interface Screen {
  write(text: string): void;
  readonly isTTY: boolean;
  /** Asked at each use: a window may be resized. */
  size(): {readonly columns: number; readonly rows: number};
}

/** The world around one run of the program. */
export interface World {
  /** Arguments after the program's name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The current directory, absolute. */
  readonly cwd: string;
  readonly home: string;
  /** Directory of this package: `playbooks/` and `roles/` lie in it. */
  readonly packageDir: string;
  readonly version: string;
  readonly runtime: string;
  readonly stdout: Screen;
  readonly stderr: Screen;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds from a clock that never goes back. */
  readonly monotonicMs: () => number;
  /** Eight random hex digits. */
  readonly randomId: () => string;
  /** Asks a person for a password without showing it; undefined where there is nobody to ask. */
  readonly askPassword: (question: string) => Promise<string | undefined>;
  /** Calls back at each SIGINT, SIGTERM or SIGHUP (the terminal is gone). Returns a function that stops it. */
  readonly onInterrupt: (listener: () => void) => () => void;
  /** Told where the run's log is, for the last words of a program that dies. */
  readonly noteLog: (path: string) => void;
  /** Ends the process at once. */
  readonly exitNow: (code: number) => never;
}
