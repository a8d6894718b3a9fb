/** `file: state=directory`, with `recurse`. */
import {problem} from '../base/diagnostic.ts';
import {ok, type Result} from '../base/result.ts';
import {attributeDrift, driftCauses} from './attributes.ts';
import type {CommandFact, PathFact} from './fact.ts';
import type {Attributes} from './op.ts';
import type {Probe} from './probe.ts';
import {failure, type Plan, type Refusal} from './task.ts';

/** What `find` said of the paths below a directory. */
export type Below = CommandFact;

/** Asks for the first path below that has another owner, group or mode; undefined where none is wanted. */
export function belowProbe(path: string, {owner, group, mode}: Attributes): Probe | undefined {
  const tests = [
    ...(owner === undefined ? [] : [['!', '-user', owner]]),
    ...(group === undefined ? [] : [['!', '-group', group]]),
    // A link has no mode of its own.
    ...(mode === undefined ? [] : [['!', '-type', 'l', '!', '-perm', mode]]),
  ];
  if (tests.length === 0) return undefined;
  const any = tests.flatMap((test, index) => (index === 0 ? test : ['-o', ...test]));
  return {
    kind: 'command',
    argv: ['find', path, '-mindepth', '1', '(', ...any, ')', '-print', '-quit'],
    timeoutSeconds: 120,
  };
}

/** That a path is a directory of these attributes. */
export function directoryPlan(
  path: string,
  wanted: Attributes,
  fact: PathFact,
  below: Below | undefined,
): Result<Plan, Refusal> {
  if (!fact.exists) {
    return ok({
      kind: 'change',
      reason: `${path} is missing`,
      ops: [{kind: 'directory', path, parents: true, ...wanted}],
      causes: [{code: 'path_missing', detail: path}],
    });
  }
  if (fact.type !== 'directory') {
    const what = fact.type === 'link' ? `a link to ${fact.target ?? 'somewhere'}` : 'a file';
    const hint =
      fact.type === 'link'
        ? `name ${fact.target ?? 'its target'} itself.`
        : 'move it away first, or choose another path.';
    return failure(problem('E_TASK_PATH_TYPE', `${path} is ${what}, not a directory`, {hint}));
  }
  const drift = attributeDrift(fact, wanted);
  const deeper = below === undefined ? [] : driftBelow(path, below);
  if (drift.length === 0 && deeper.length === 0) return ok({kind: 'satisfied', reason: 'already as wanted'});
  const recursive = deeper.length > 0 ? {recursive: true} : {};
  return ok({
    kind: 'change',
    reason: [...drift, ...deeper].join('; '),
    ops: [{kind: 'attributes', path, ...recursive, ...wanted}],
    causes: [...driftCauses(drift), ...deeper.map(() => ({code: 'below_differs', detail: path}))],
  });
}

/** `find` fails where the wanted user or group does not exist yet: then nothing below can be theirs. */
function driftBelow(path: string, {rc, stdout}: Below): readonly string[] {
  const found = stdout.trimEnd();
  if (found !== '') return [`${found} differs`];
  return rc === 0 ? [] : [`what is below ${path} could not be compared`];
}
