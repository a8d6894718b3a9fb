/** `shell`: runs a text with `/bin/sh -c`. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {pathProblems} from './argument-path.ts';
import {RUN_PROPERTIES, type RunArgs, runPlan, runProbes, runProblems, runResult} from './command-plan.ts';
import type {PathFact} from './fact.ts';
import type {Probe} from './probe.ts';
import {settle} from './settle.ts';
import {defineKind, failure} from './task.ts';

interface Args extends RunArgs {
  readonly cmd?: string;
  readonly executable?: string;
}

type Probes = Readonly<Record<string, Probe>>;

/** Ansible's `shell`: a change every time, unless `creates` or `removes` says otherwise. */
export const shellKind = defineKind<Args, Probes>({
  name: 'shell',
  summary: 'Runs a text with /bin/sh -c; prefer "command" where no shell is needed.',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      cmd: {type: 'string', description: 'The text for the shell.'},
      executable: {type: 'string', description: 'Another shell, such as /bin/bash.'},
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
    if (problems.length > 0) return failure(...problems);
    const {cmd = '', executable = '/bin/sh'} = args;
    return settle(runPlan([executable, '-c', cmd], args, facts as {creates?: PathFact; removes?: PathFact}), context);
  },
  result: runResult,
});

function problemsOf(args: Args): readonly Diagnostic[] {
  const {cmd = '', executable} = args;
  const found = [...runProblems(args), ...(executable === undefined ? [] : pathProblems('executable', executable))];
  if (cmd.trim() === '')
    found.push(problem('E_TASK_COMMAND', 'the command is empty', {hint: 'write what the shell is to run.'}));
  if (cmd.includes('\0'))
    found.push(problem('E_TASK_COMMAND', 'the command holds a NUL character', {hint: 'remove it.'}));
  return found;
}
