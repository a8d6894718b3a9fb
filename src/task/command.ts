/** `command`: runs a program, without a shell. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {err, ok, type Result} from '../base/result.ts';
import {RUN_PROPERTIES, type RunArgs, runPlan, runProbes, runProblems, runResult} from './command-plan.ts';
import {commandWords} from './command-words.ts';
import type {PathFact} from './fact.ts';
import type {Probe} from './probe.ts';
import {settle} from './settle.ts';
import {defineKind, failure} from './task.ts';

interface Args extends RunArgs {
  readonly cmd?: string | readonly string[];
  readonly argv?: readonly string[];
}

type Probes = Readonly<Record<string, Probe>>;

/** Ansible's `command`: a change every time, unless `creates` or `removes` says otherwise. */
export const commandKind = defineKind<Args, Probes>({
  name: 'command',
  summary: 'Runs a program with its arguments; no shell takes part.',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      cmd: {
        type: ['string', 'array'],
        items: {type: 'string'},
        description: 'The command line; quotes keep words together.',
      },
      argv: {type: 'array', items: {type: 'string'}, description: 'The command as a list of words.'},
      ...RUN_PROPERTIES,
    },
  },
  freeForm: 'cmd',
  lint: problemsOf,
  probe(args): Probes {
    return problemsOf(args).length > 0 ? {} : runProbes(args);
  },
  plan(args, facts, context) {
    const problems = problemsOf(args);
    const words = wordsOf(args);
    if (problems.length > 0 || !words.ok) return failure(...problems);
    return settle(runPlan(words.value, args, facts as {creates?: PathFact; removes?: PathFact}), context);
  },
  result: runResult,
});

function problemsOf(args: Args): readonly Diagnostic[] {
  const words = wordsOf(args);
  return [...(words.ok ? [] : [words.error]), ...runProblems(args)];
}

function wordsOf({cmd, argv}: Args): Result<readonly string[], Diagnostic> {
  if (cmd !== undefined && argv !== undefined) {
    return err(
      problem('E_TASK_ARGS', '"command" takes either a command line or "argv", not both', {
        hint: 'remove one of them.',
      }),
    );
  }
  const words = typeof cmd === 'string' ? commandWords(cmd) : ok(argv ?? cmd ?? []);
  if (!words.ok) return words;
  const [program = ''] = words.value;
  if (program.trim() === '')
    return err(problem('E_TASK_COMMAND', 'the command is empty', {hint: 'name a program to run.'}));
  if (words.value.some(word => word.includes('\0')))
    return err(problem('E_TASK_COMMAND', 'the command holds a NUL character', {hint: 'remove it.'}));
  return words;
}
