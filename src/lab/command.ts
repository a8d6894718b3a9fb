/** Runs commands of this machine: arguments are never pasted into a shell line. */
import {type ChildProcess, spawn} from 'node:child_process';
import {LabError} from './error.ts';

/** How a command ended; `code` is undefined where a signal ended it (also on a timeout). */
export interface Finished {
  readonly code: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

/** Where and how a command runs. */
export interface RunOptions {
  readonly cwd?: string;
  /** Added to this process's environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Standard input; without it the command reads from /dev/null. */
  readonly input?: string | Buffer;
  /** After this time the command and its whole process group get SIGKILL. */
  readonly timeoutMs?: number;
  /** Sees output as it arrives. */
  readonly onOutput?: (text: string) => void;
  /** Called with the child as soon as it runs. */
  readonly onSpawn?: (child: ChildProcess) => void;
}

/** Runs a command to its end; rejects only where it cannot be started. */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const [command, ...args] = argv;
  if (command === undefined) throw new LabError('no command to run');
  const child = spawn(command, args, {
    detached: true,
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    env: {...process.env, ...options.env},
    ...(options.cwd === undefined ? {} : {cwd: options.cwd}),
  });
  options.onSpawn?.(child);
  const chunks = {stdout: [] as Buffer[], stderr: [] as Buffer[]};
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.on('data', (chunk: Buffer) => {
      chunks[name].push(chunk);
      options.onOutput?.(chunk.toString('utf8'));
    });
  }
  if (child.stdin) {
    child.stdin.on('error', () => {}); // the command may end before it has read everything
    child.stdin.end(options.input);
  }
  let timedOut = false;
  const timer =
    options.timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          killGroup(child);
        }, options.timeoutMs);
  return new Promise((resolve, reject) => {
    child.once('error', error => {
      clearTimeout(timer);
      reject(new LabError(`cannot run ${command}: ${error.message}`));
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({
        code: code ?? undefined,
        signal: signal ?? undefined,
        stdout: Buffer.concat(chunks.stdout).toString('utf8'),
        stderr: Buffer.concat(chunks.stderr).toString('utf8'),
        timedOut,
      });
    });
  });
}

/** Standard output of a command that has to succeed; throws a LabError with its last words otherwise. */
export async function must(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const done = await run(argv, options);
  if (done.code === 0) return done.stdout;
  const how = done.timedOut ? 'took too long' : `ended with ${done.code ?? done.signal}`;
  const words = (done.stderr.trim() || done.stdout.trim()).split('\n').slice(-6).join('\n  ');
  throw new LabError(`${argv.join(' ')} ${how}${words === '' ? '' : `:\n  ${words}`}`);
}

/** SIGKILL for a detached child and everything in its process group. */
export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // it ended by itself in between
  }
}

/** Waits until a condition holds; false where it did not within the time. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
  everyMs = 20,
): Promise<boolean> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    if (await condition()) return true;
    if (Date.now() >= end) return false;
    await new Promise(resolve => setTimeout(resolve, everyMs));
  }
}
