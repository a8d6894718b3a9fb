/** What `command` and `shell` share: `creates`, `removes`, `chdir`, and the result that `register` keeps. */
import {type DataMap, dataMap} from '../base/data.ts';
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import type {Cause} from '../base/event.ts';
import {ok, type Result} from '../base/result.ts';
import {pathProblems, plainPath} from './argument-path.ts';
import type {PathFact} from './fact.ts';
import type {Probe} from './probe.ts';
import type {OpReply, Plan, Refusal} from './task.ts';

/** Arguments beside the command itself. */
export interface RunArgs {
  readonly chdir?: string;
  readonly creates?: string;
  readonly removes?: string;
  readonly stdin?: string;
  readonly stdin_add_newline?: boolean;
}

/** Their part of a JSON Schema's `properties`. */
export const RUN_PROPERTIES = {
  chdir: {type: 'string', description: 'Directory to run in.'},
  creates: {type: 'string', description: 'Not run where this path exists.'},
  removes: {type: 'string', description: 'Run only where this path exists.'},
  stdin: {type: 'string', description: 'Text for the standard input.'},
  stdin_add_newline: {type: 'boolean', description: 'false: stdin does not get a newline at its end.'},
} as const;

/** Paths that are not absolute, patterns where one path is meant. */
export function runProblems(args: RunArgs): readonly Diagnostic[] {
  const conditions = (['creates', 'removes'] as const).flatMap(name => {
    const path = args[name];
    if (path === undefined) return [];
    if (/[*?[]/.test(path)) {
      return [
        problem('E_TASK_PATH', `"${path}" of "${name}" is a pattern`, {
          hint: 'name one path, or test the pattern in a shell task with changed_when.',
        }),
      ];
    }
    return pathProblems(name, resolved(path, args.chdir));
  });
  return [
    ...(args.chdir === undefined || plainPath(args.chdir) === '/' ? [] : pathProblems('chdir', args.chdir)),
    ...conditions,
  ];
}

function resolved(path: string, chdir: string | undefined): string {
  return path.startsWith('/') || chdir === undefined ? path : `${chdir}/${path}`;
}

/** Asks for the paths of `creates` and `removes`. */
export function runProbes({creates, removes, chdir}: RunArgs): Readonly<Record<string, Probe>> {
  const ask = (path: string): Probe => ({kind: 'path', path: plainPath(resolved(path, chdir))});
  return {
    ...(creates === undefined ? {} : {creates: ask(creates)}),
    ...(removes === undefined ? {} : {removes: ask(removes)}),
  };
}

/** Runs the words, always a change, unless `creates` or `removes` says that there is nothing to do. */
export function runPlan(
  argv: readonly string[],
  args: RunArgs,
  facts: {readonly creates?: PathFact; readonly removes?: PathFact},
): Result<Plan, Refusal> {
  const {creates, removes, chdir, stdin, stdin_add_newline: addNewline = true} = args;
  if (creates !== undefined && facts.creates?.exists === true)
    return notRun(`${creates} exists`, `skipped, since ${creates} exists`);
  if (removes !== undefined && facts.removes?.exists === false)
    return notRun(`${removes} does not exist`, `skipped, since ${removes} does not exist`);
  const input = stdin === undefined ? {} : {stdin: addNewline && !stdin.endsWith('\n') ? `${stdin}\n` : stdin};
  const reason =
    creates === undefined ? (removes === undefined ? 'runs every time' : `${removes} exists`) : `${creates} is missing`;
  return ok({
    kind: 'change',
    reason,
    ops: [{kind: 'command', argv, ...(chdir === undefined ? {} : {chdir}), ...input}],
    causes: [commandCause(args)],
  });
}

function commandCause({creates, removes}: RunArgs): Cause {
  if (creates !== undefined) return {code: 'path_missing', detail: creates};
  return removes === undefined ? {code: 'runs_always', detail: ''} : {code: 'path_there', detail: removes};
}

function notRun(reason: string, stdout: string): Result<Plan, Refusal> {
  return ok({kind: 'satisfied', reason, result: outputResult({rc: 0, stdout, stderr: ''})});
}

/** `rc`, `stdout`, `stderr` without line ends, and both as lines. */
export function runResult(replies: readonly OpReply[]): DataMap {
  const last = replies.at(-1);
  return last === undefined ? dataMap() : outputResult(last);
}

function outputResult({rc, stdout, stderr}: Pick<OpReply, 'rc' | 'stdout' | 'stderr'>): DataMap {
  const [out, error] = [stdout.replace(/[\r\n]+$/, ''), stderr.replace(/[\r\n]+$/, '')];
  const lines = (text: string) => (text === '' ? [] : text.split(/\r?\n/));
  return dataMap([
    ['rc', rc],
    ['stdout', out],
    ['stderr', error],
    ['stdout_lines', lines(out)],
    ['stderr_lines', lines(error)],
  ]);
}
