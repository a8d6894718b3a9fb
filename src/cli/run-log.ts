/** The file that keeps what a run did: its owner's only, the newest fifty are kept. */
import {closeSync, mkdirSync, openSync, readdirSync, rmSync, writeSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {type Diagnostic, warning} from '../base/diagnostic.ts';
import type {Options} from './options.ts';
import type {World} from './world.ts';

const KEEP = 50;
const NAME = /^\d{8}T\d{6}Z-[0-9a-f]+\.log$/;

/** An open log. */
export interface RunLog {
  readonly path: string;
  /** Never throws: a log that cannot be written must not stop a run. */
  write(text: string): void;
  close(): void;
}

/** Opens the log of a run; undefined with `--no-log-file`; a warning where it cannot be opened. */
export function openRunLog(
  options: Pick<Options, 'logFile'>,
  world: World,
  runId: string,
): RunLog | Diagnostic | undefined {
  if (options.logFile === false) return undefined;
  const path = options.logFile === undefined ? defaultPath(world, runId) : resolve(world.cwd, options.logFile);
  try {
    mkdirSync(dirname(path), {recursive: true, mode: 0o700});
    const fd = openSync(path, 'a', 0o600);
    if (options.logFile === undefined) prune(dirname(path));
    return logOn(fd, path);
  } catch (error) {
    return warning('W_LOG_FILE', `the log ${path} cannot be written: ${(error as Error).message}`, {
      hint: 'choose another place with --log-file, or none with --no-log-file.',
    });
  }
}

function defaultPath({env, home, now}: World, runId: string): string {
  const state = env['XDG_STATE_HOME'] || join(home, '.local/state');
  const time = new Date(now()).toISOString().replace(/[-:]|\.\d+/g, '');
  return join(state, 'etcdctl-play/log', `${time}-${runId}.log`);
}

function logOn(fd: number, path: string): RunLog {
  let isOpen = true;
  return {
    path,
    write(text) {
      if (!isOpen) return;
      try {
        writeSync(fd, text);
      } catch {
        // A full disk on the controller: the run goes on without its log.
        isOpen = false;
      }
    },
    close() {
      isOpen = false;
      closeSync(fd);
    },
  };
}

function prune(dir: string): void {
  const logs = readdirSync(dir)
    .filter(name => NAME.test(name))
    .sort();
  for (const name of logs.slice(0, Math.max(0, logs.length - KEEP))) rmSync(join(dir, name), {force: true});
}
