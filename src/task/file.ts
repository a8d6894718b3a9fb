/** `file`: that a path is a directory, a file, a link, or not there; and whose it is. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {ok, type Result} from '../base/result.ts';
import {unreachable} from '../base/unreachable.ts';
import {pathProblems, plainPath, systemPathProblems} from './argument-path.ts';
import {
  ATTRIBUTE_PROPERTIES,
  type AttributeArgs,
  attributeDrift,
  attributeProblems,
  attributesOf,
  driftCauses,
} from './attributes.ts';
import type {PathFact} from './fact.ts';
import {type Below, belowProbe, directoryPlan} from './file-directory.ts';
import {linkPlan} from './file-link.ts';
import type {Probe} from './probe.ts';
import {settle} from './settle.ts';
import {defineKind, failure, type Plan, type Refusal} from './task.ts';

type State = 'file' | 'directory' | 'link' | 'absent' | 'touch';

interface Args extends AttributeArgs {
  readonly path?: string;
  readonly dest?: string;
  readonly name?: string;
  readonly state?: State;
  readonly src?: string;
  readonly recurse?: boolean;
  readonly force?: boolean;
}

type Probes = Readonly<Record<string, Probe>>;

/** Ansible's `file`. `state: touch` makes a missing file and leaves the times of one that is there as they are. */
export const fileKind = defineKind<Args, Probes>({
  name: 'file',
  summary: 'Makes a directory, a link or an empty file, sets owner, group and mode, or removes a path.',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      path: {type: 'string', description: 'Absolute path on the host.'},
      dest: {type: 'string', description: 'Same as path.'},
      name: {type: 'string', description: 'Same as path.'},
      state: {enum: ['file', 'directory', 'link', 'absent', 'touch']},
      src: {type: 'string', description: 'Where a link points to.'},
      recurse: {type: 'boolean', description: 'Owner, group and mode for all that is below a directory, too.'},
      force: {type: 'boolean', description: 'A link may replace a file.'},
      ...ATTRIBUTE_PROPERTIES,
    },
  },
  lint: problemsOf,
  probe(args): Probes {
    if (problemsOf(args).length > 0) return {};
    const path = pathOf(args);
    const below = args.recurse === true ? belowProbe(path, attributesOf(args)) : undefined;
    return {path: {kind: 'path', path}, ...(below === undefined ? {} : {below})};
  },
  plan(args, facts, context) {
    const problems = problemsOf(args);
    if (problems.length > 0) return failure(...problems);
    return settle(planFile(args, facts.path as PathFact, facts.below as Below | undefined), context);
  },
});

function pathOf({path, dest, name}: Args): string {
  return plainPath(path ?? dest ?? name ?? '');
}

function problemsOf(args: Args): readonly Diagnostic[] {
  const path = args.path ?? args.dest ?? args.name;
  if (path === undefined)
    return [problem('E_TASK_ARGS', '"file" needs the argument "path"', {hint: 'add "path: /…".'})];
  const found = [...pathProblems('path', path), ...attributeProblems(args)];
  if (args.state === 'absent') found.push(...systemPathProblems(path, 'removed'));
  if (args.recurse === true) found.push(...recurseProblems(args, path));
  if (args.state === 'link' && (args.src === undefined || args.src === '')) {
    found.push(problem('E_TASK_ARGS', 'a link needs "src", the path that it points to', {hint: 'add "src: /…".'}));
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (args.src !== undefined && /[\x00-\x1f\x7f]/.test(args.src)) {
    found.push(
      problem('E_TASK_PATH', 'the path of "src" holds a control character', {hint: 'remove line breaks and tabs.'}),
    );
  }
  return found;
}

function recurseProblems({state}: Args, path: string): readonly Diagnostic[] {
  if (state !== undefined && state !== 'directory') {
    return [
      problem('E_TASK_ARGS', `"recurse" is for directories, not for "state: ${state}"`, {
        hint: 'remove "recurse", or write "state: directory".',
      }),
    ];
  }
  return systemPathProblems(path, 'changed with all that is below it');
}

function planFile(args: Args, fact: PathFact, below: Below | undefined): Result<Plan, Refusal> {
  const path = pathOf(args);
  const wanted = attributesOf(args);
  const state = args.state ?? stateOf(fact, args);
  switch (state) {
    case 'absent':
      return fact.exists
        ? ok({
            kind: 'change',
            reason: `${path} is a ${word(fact)}`,
            ops: [{kind: 'remove', path}],
            causes: [{code: 'path_there', detail: path}],
          })
        : ok({kind: 'satisfied', reason: `${path} does not exist`});
    case 'directory':
      return directoryPlan(path, wanted, fact, below);
    case 'link':
      return linkPlan(path, args.src ?? (fact.exists ? (fact.target ?? '') : ''), wanted, fact, args.force === true);
    case 'touch':
      if (!fact.exists)
        return ok({
          kind: 'change',
          reason: `${path} is missing`,
          ops: [{kind: 'write', path, content: '', ...wanted}],
          causes: [{code: 'path_missing', detail: path}],
        });
      return attributesPlan(path, wanted, fact);
    case 'file':
      if (!fact.exists) return missing(path);
      if (fact.type === 'directory' || fact.type === 'link') return wrongType(path, fact);
      return attributesPlan(path, wanted, fact);
    default:
      return unreachable(state);
  }
}

/** Without `state`: whatever is there stays what it is. */
function stateOf(fact: PathFact, {recurse, src}: Args): State {
  if (recurse === true) return 'directory';
  if (!fact.exists) return src === undefined ? 'file' : 'link';
  return fact.type === 'other' ? 'file' : fact.type;
}

function attributesPlan(
  path: string,
  wanted: ReturnType<typeof attributesOf>,
  fact: Extract<PathFact, {exists: true}>,
): Result<Plan, Refusal> {
  if (fact.type === 'link') return wrongType(path, fact);
  const drift = attributeDrift(fact, wanted);
  if (drift.length === 0) return ok({kind: 'satisfied', reason: 'already as wanted'});
  return ok({
    kind: 'change',
    reason: drift.join('; '),
    ops: [{kind: 'attributes', path, ...wanted}],
    causes: driftCauses(drift),
  });
}

function missing(path: string): Result<Plan, Refusal> {
  const hint = 'to make it, write "state: touch", "state: directory", or use copy or template.';
  return failure(problem('E_TASK_PATH_MISSING', `${path} does not exist`, {hint}));
}

function wrongType(path: string, fact: Extract<PathFact, {exists: true}>): Result<Plan, Refusal> {
  const hint = fact.type === 'link' ? `name ${fact.target ?? 'its target'} itself.` : 'write the state that is meant.';
  return failure(problem('E_TASK_PATH_TYPE', `${path} is a ${word(fact)}, not a file`, {hint}));
}

function word(fact: PathFact): string {
  if (!fact.exists) return 'missing path';
  if (fact.type === 'link') return `link to ${fact.target ?? 'somewhere'}`;
  return fact.type === 'other' ? 'special file' : fact.type;
}
