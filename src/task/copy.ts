/** `copy`: a file from the controller, or a text, onto the host. */
import {type Data, isMap} from '../base/data.ts';
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {ok} from '../base/result.ts';
import {pathProblems} from './argument-path.ts';
import {ATTRIBUTE_PROPERTIES, type AttributeArgs, attributeProblems, attributesOf} from './attributes.ts';
import {contentPlan, type Wanted} from './content.ts';
import {destinationOf, destinationProbes} from './destination.ts';
import type {PathFact} from './fact.ts';
import type {Probe} from './probe.ts';
import {settle} from './settle.ts';
import {defineKind, failure} from './task.ts';

interface Args extends AttributeArgs {
  readonly dest: string;
  readonly src?: string;
  readonly content?: Data;
  readonly force?: boolean;
  readonly secret?: boolean;
}

type Probes = Readonly<Record<string, Probe>>;

/** Ansible's `copy`, for single files. `secret: true` keeps the content out of diffs. */
export const copyKind = defineKind<Args, Probes>({
  name: 'copy',
  summary: 'Writes a file of the controller, or a text, to the host: whole or not at all.',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['dest'],
    properties: {
      dest: {type: 'string', description: 'Absolute path on the host; a directory gets the file under its own name.'},
      src: {type: 'string', description: 'Path of a file on the controller.'},
      content: {description: 'The text itself; a mapping or list is written as JSON.'},
      force: {type: 'boolean', description: 'false: a file that is there keeps its content.'},
      secret: {type: 'boolean', description: 'Never show the content.'},
      ...ATTRIBUTE_PROPERTIES,
    },
  },
  lint: problemsOf,
  probe(args): Probes {
    if (problemsOf(args).length > 0) return {};
    const {dest, src, secret = false} = args;
    const source: Probes =
      src === undefined ? {} : {src: {kind: 'controller-path', path: src, content: secret ? 'sha256' : 'text'}};
    return {...destinationProbes(dest, src, secret), ...source};
  },
  plan(args, facts, context) {
    const problems = problemsOf(args);
    if (problems.length > 0) return failure(...problems);
    const {dest, src, secret = false, force = true} = args;
    if (src !== undefined && context.pending.includes('src')) {
      return ok({kind: 'undecided', reason: 'decided when its source has been made on the controller'});
    }
    const wanted =
      src === undefined
        ? {kind: 'text' as const, text: contentText(args.content ?? '')}
        : sourceOf(src, facts.src as PathFact);
    if ('severity' in wanted) return failure(wanted);
    const {path, fact, before} = destinationOf(dest, src, {
      dest: facts.dest as PathFact,
      inside: facts.inside as PathFact,
    });
    return settle(contentPlan({path, wanted, attributes: attributesOf(args), secret, force, before}, fact), context);
  },
});

function problemsOf(args: Args): readonly Diagnostic[] {
  const {dest, src, content} = args;
  const found = [...pathProblems('dest', dest), ...attributeProblems(args)];
  if ((src === undefined) === (content === undefined)) {
    const message =
      src === undefined ? '"copy" needs "src" or "content"' : '"copy" takes either "src" or "content", not both';
    found.push(
      problem('E_TASK_ARGS', message, {hint: 'give the path of a file with "src", or its text with "content".'}),
    );
  }
  if (src === undefined && dest.endsWith('/')) {
    found.push(
      problem('E_TASK_PATH', `the path ${JSON.stringify(dest)} of "dest" ends in a slash`, {
        hint: 'with "content", name the file itself.',
      }),
    );
  }
  return found;
}

function sourceOf(src: string, fact: PathFact): Wanted | Diagnostic {
  if (!fact.exists)
    return problem('E_FILE_NOT_FOUND', `there is no file ${src} on the controller`, {hint: 'check "src".'});
  if (fact.type === 'directory') {
    return problem('E_TASK_COPY_DIRECTORY', `${src} is a directory: only files are copied`, {
      hint: 'list the files with "loop".',
    });
  }
  if (fact.type !== 'file' || fact.sha256 === undefined) {
    return problem('E_TASK_PATH_TYPE', `${src} on the controller is not a plain file`, {
      hint: 'name the file itself in "src".',
    });
  }
  const text = fact.text === undefined ? {} : {text: fact.text};
  return {kind: 'file', path: src, sha256: fact.sha256, sizeBytes: fact.sizeBytes, ...text};
}

/** As Ansible writes it: mappings and lists as JSON in Python's spacing, booleans and null in Python's words. */
function contentText(content: Data): string {
  if (content === null) return '';
  if (typeof content === 'boolean') return content ? 'True' : 'False';
  return typeof content === 'object' ? json(content) : String(content);
}

function json(data: Data): string {
  if (Array.isArray(data)) return `[${data.map(item => json(item as Data)).join(', ')}]`;
  if (isMap(data))
    return `{${Object.entries(data)
      .map(([key, value]) => `${JSON.stringify(key)}: ${json(value)}`)
      .join(', ')}}`;
  return typeof data === 'bigint' ? String(data) : JSON.stringify(data);
}
