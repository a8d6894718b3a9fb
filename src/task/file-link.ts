/** `file: state=link`. */
import {problem, warning} from '../base/diagnostic.ts';
import {ok, type Result} from '../base/result.ts';
import {attributeDrift} from './attributes.ts';
import type {PathFact} from './fact.ts';
import type {Attributes, Op} from './op.ts';
import {failure, type Plan, type Refusal} from './task.ts';

/** That a path is a symbolic link to a target. The link's own owner is left as it is: it decides nothing. */
export function linkPlan(
  path: string,
  target: string,
  wanted: Attributes,
  fact: PathFact,
  force: boolean,
): Result<Plan, Refusal> {
  const ops: [Op] = [{kind: 'link', path, target}];
  if (!fact.exists)
    return ok({kind: 'change', reason: `${path} is missing`, ops, causes: [{code: 'path_missing', detail: path}]});
  const causes = [{code: 'link_differs', detail: path}];
  if (fact.type === 'link') {
    if (fact.target === target)
      return ok({kind: 'satisfied', reason: `already a link to ${target}`, warnings: warningsOf(path, wanted, fact)});
    return ok({kind: 'change', reason: `link to ${fact.target ?? 'somewhere'} -> ${target}`, ops, causes});
  }
  if (fact.type === 'file' && force)
    return ok({kind: 'change', reason: `${path} is a file, replaced by a link`, ops, causes});
  const what = fact.type === 'directory' ? 'a directory' : 'a file';
  const hint =
    fact.type === 'file'
      ? 'to replace it by a link, add "force: true".'
      : 'move it away first: a directory is never replaced by a link.';
  return failure(problem('E_TASK_PATH_TYPE', `${path} is ${what}, not a link`, {hint}));
}

function warningsOf(path: string, {owner, group}: Attributes, fact: Extract<PathFact, {exists: true}>) {
  const drift = attributeDrift(fact, {
    ...(owner === undefined ? {} : {owner}),
    ...(group === undefined ? {} : {group}),
  });
  if (drift.length === 0) return [];
  return [
    warning('W_TASK_LINK_ATTRIBUTES', `${path}: owner and group of a link are not changed (${drift.join('; ')})`),
  ];
}
