/**
 * `etcd_reference`: a file of somebody who uses the cluster's endpoints (Patroni, vip-manager, kube-apiserver …), and how they are told
 * that it has changed. Either the whole file from a template, or lines of a file that somebody else owns.
 */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {ok, type Result} from '../base/result.ts';
import {pathProblems, plainPath} from './argument-path.ts';
import {ATTRIBUTE_PROPERTIES, type AttributeArgs, attributeProblems, attributesOf} from './attributes.ts';
import {commandWords} from './command-words.ts';
import {contentPlan} from './content.ts';
import type {PathFact} from './fact.ts';
import type {Op} from './op.ts';
import type {Probe} from './probe.ts';
import {type LineEdit, patternFault, replaceLines} from './replace-lines.ts';
import {settle} from './settle.ts';
import {defineKind, failure, type Plan, type Refusal} from './task.ts';

interface Args extends AttributeArgs {
  readonly name: string;
  readonly dest: string;
  readonly src?: string;
  /** The rendered template; filled in by the compiler. */
  readonly content?: string;
  readonly regexp?: string;
  readonly line?: string;
  readonly reload?: string;
}

type Probes = Readonly<Record<string, Probe>>;

/** Marks here outlive a run that is killed between a changed file and its reload. */
const STATE_DIR = '/var/lib/etcdctl-play/references';

/** A file of a user of the endpoints, and its reload: both happen, or the next run makes up for it. */
export const etcdReferenceKind = defineKind<Args, Probes>({
  name: 'etcd_reference',
  summary: "Keeps the cluster's endpoints in a file of somebody who uses them, and tells them when it has changed.",
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['name', 'dest'],
    properties: {
      name: {type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]*$', maxLength: 100, description: 'Who uses it.'},
      dest: {type: 'string', description: 'Absolute path of the file on the host.'},
      src: {type: 'string', description: 'Template of the whole file.'},
      content: {type: 'string', description: 'The rendered text; filled in by the compiler.'},
      regexp: {
        type: 'string',
        description: 'Which lines of an existing file are replaced (a Python regular expression).',
      },
      line: {type: 'string', description: 'What they become; \\1 or \\g<1> are groups of the expression.'},
      reload: {type: 'string', description: 'Command that makes the user read the file again; none: it watches it.'},
      ...ATTRIBUTE_PROPERTIES,
    },
  },
  templates: {src: 'content'},
  lint: problemsOf,
  probe(args): Probes {
    if (problemsOf(args).length > 0) return {};
    return {
      dest: {kind: 'path', path: plainPath(args.dest), content: 'text'},
      pending: {kind: 'path', path: markOf(args)},
    };
  },
  plan(args, facts, context) {
    const problems = problemsOf(args);
    if (problems.length > 0) return failure(...problems);
    const dest = facts.dest as PathFact;
    const text = args.regexp === undefined ? ok(args.content ?? '') : edited(args, args.regexp, dest);
    if (!text.ok) return settle(text, context);
    const file = contentPlan(
      {
        path: plainPath(args.dest),
        wanted: {kind: 'text', text: text.value},
        attributes: attributesOf(args),
        secret: false,
        force: true,
      },
      dest,
    );
    return settle(withReload(args, file, (facts.pending as PathFact).exists), context);
  },
});

function markOf({name}: Args): string {
  return `${STATE_DIR}/${name}.pending`;
}

/** The file's change between a mark and the reload that takes the mark away. */
function withReload(args: Args, file: Result<Plan, Refusal>, isPending: boolean): Result<Plan, Refusal> {
  const words = args.reload === undefined ? undefined : commandWords(args.reload);
  if (!file.ok || words === undefined || !words.ok) return file;
  const change = file.value.kind === 'change' ? file.value : undefined;
  if (change === undefined && !isPending) return file;
  const mark: Op[] = isPending
    ? []
    : [
        {kind: 'directory', path: STATE_DIR, parents: true, mode: '0700'},
        {kind: 'write', path: markOf(args), content: `${args.reload}\n`, mode: '0600'},
      ];
  const reload: [Op, Op] = [
    {kind: 'command', argv: words.value},
    {kind: 'remove', path: markOf(args)},
  ];
  const reason = change?.reason ?? 'an earlier run changed the file and did not come to the reload';
  const [first, ...rest] = [...mark, ...(change?.ops ?? []), ...reload];
  const diffs = change?.diffs === undefined ? {} : {diffs: change.diffs};
  const causes = change?.causes ?? [{code: 'reload_pending', detail: args.name}];
  return ok({kind: 'change', reason, ops: [first as Op, ...rest], causes, ...diffs});
}

function edited(args: Args, regexp: string, dest: PathFact): Result<string, Refusal> {
  const path = plainPath(args.dest);
  if (!dest.exists || dest.type !== 'file' || dest.text === undefined) {
    const what = dest.exists ? 'is no readable text file' : 'does not exist';
    return failure(
      problem('E_ETCD_REFERENCE_FILE', `${path} of the reference "${args.name}" ${what}`, {
        hint: 'with "regexp" the file must be there: install its owner first, or give a template of the whole file with "src".',
      }),
    );
  }
  const edit: LineEdit = {regexp, line: args.line ?? ''};
  const {text, count} = replaceLines(dest.text, edit);
  if (count > 0) return ok(text);
  return failure(
    problem('E_ETCD_REFERENCE_LINE', `no line of ${path} matches "${regexp}" (reference "${args.name}")`, {
      hint: 'correct "regexp", or add the line to the file once by hand.',
    }),
  );
}

function problemsOf(args: Args): readonly Diagnostic[] {
  const {dest, src, regexp, line, reload} = args;
  const hint = 'give either "src" (a template of the whole file), or "regexp" and "line" (lines of an existing file).';
  const isWhole = src !== undefined && regexp === undefined && line === undefined;
  const isLines = src === undefined && regexp !== undefined && line !== undefined;
  const words = reload === undefined ? undefined : commandWords(reload);
  const fault = isLines ? patternFault({regexp, line}) : undefined;
  return [
    ...pathProblems('dest', dest),
    ...attributeProblems(args),
    ...(isWhole || isLines
      ? []
      : [problem('E_TASK_ARGS', `the reference "${args.name}" does not say what its file holds`, {hint})]),
    ...(fault === undefined ? [] : [problem('E_TASK_ARGS', `the reference "${args.name}": ${fault}`, {hint})]),
    ...(words === undefined || words.ok ? [] : [words.error]),
  ];
}
