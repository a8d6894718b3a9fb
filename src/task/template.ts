/** `template`: a rendered text onto the host. The compiler has rendered it into `content`. */
import type {Diagnostic} from '../base/diagnostic.ts';
import {pathProblems} from './argument-path.ts';
import {ATTRIBUTE_PROPERTIES, type AttributeArgs, attributeProblems, attributesOf} from './attributes.ts';
import {contentPlan} from './content.ts';
import {destinationOf, destinationProbes} from './destination.ts';
import type {PathFact} from './fact.ts';
import type {Probe} from './probe.ts';
import {settle} from './settle.ts';
import {defineKind, failure} from './task.ts';

interface Args extends AttributeArgs {
  readonly src: string;
  readonly dest: string;
  readonly content?: string;
  readonly force?: boolean;
  readonly secret?: boolean;
}

type Probes = Readonly<Record<string, Probe>>;

/** Ansible's `template`. `secret: true` keeps the content out of diffs. */
export const templateKind = defineKind<Args, Probes>({
  name: 'template',
  summary: 'Renders a Jinja2 template on the controller and writes it to the host: whole or not at all.',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['src', 'dest'],
    properties: {
      src: {type: 'string', description: "Name of a file in the role's templates/."},
      dest: {type: 'string', description: 'Absolute path on the host; a directory gets the file under its own name.'},
      content: {type: 'string', description: 'The rendered text; filled in by the compiler.'},
      force: {type: 'boolean', description: 'false: a file that is there keeps its content.'},
      secret: {type: 'boolean', description: 'Never show the content.'},
      ...ATTRIBUTE_PROPERTIES,
    },
  },
  templates: {src: 'content'},
  lint: problemsOf,
  probe(args): Probes {
    return problemsOf(args).length > 0 ? {} : destinationProbes(args.dest, args.src, args.secret === true);
  },
  plan(args, facts, context) {
    const problems = problemsOf(args);
    if (problems.length > 0) return failure(...problems);
    const {dest, src, content: text = '', secret = false, force = true} = args;
    const {path, fact, before} = destinationOf(dest, src, {
      dest: facts.dest as PathFact,
      inside: facts.inside as PathFact,
    });
    return settle(
      contentPlan({path, wanted: {kind: 'text', text}, attributes: attributesOf(args), secret, force, before}, fact),
      context,
    );
  },
});

function problemsOf(args: Args): readonly Diagnostic[] {
  return [...pathProblems('dest', args.dest), ...attributeProblems(args)];
}
