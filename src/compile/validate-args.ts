/** Arguments of a task against its kind's schema, mistakes at their own place in the YAML. */
import {type Data, type DataMap, isMap} from '../base/data.ts';
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {nearestName} from '../base/names.ts';
import {nodeAt} from '../base/yaml.ts';
import type {AnyTaskKind} from '../task/task.ts';
import type {Validators, Violation} from '../task/validators.ts';
import type {StepNode} from './node.ts';

/** The arguments with texts turned into the numbers and booleans that the kind wants, or what is wrong. */
export function validateArgs(
  node: StepNode,
  args: DataMap,
  validators: Validators,
): {readonly args: DataMap; readonly problems: readonly Diagnostic[]} {
  const {value, violations} = validators.check(node.kind.schema, args, true);
  return {args: isMap(value) ? value : args, problems: violations.map(violation => argProblem(node, args, violation))};
}

/** Names of arguments that a kind does not know: all that can be said of arguments that wait for results. */
export function unknownArgs(node: StepNode): readonly Diagnostic[] {
  const {properties, additionalProperties} = node.kind.schema;
  if (additionalProperties !== false || typeof properties !== 'object' || properties === null) return [];
  return node.args
    .filter(({name}) => !Object.hasOwn(properties, name))
    .map(({name}) => argProblem(node, {}, {keyword: 'additionalProperties', path: [], message: '', key: name}));
}

function argProblem(node: StepNode, args: DataMap, {keyword, path, message, key}: Violation): Diagnostic {
  const [name] = path;
  const known = propertyNames(node.kind);
  if (
    (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') &&
    path.length === 0 &&
    key !== undefined
  ) {
    const near = nearestName(key, known);
    const hint = near === undefined ? `it knows: ${known.join(', ')}.` : `did you mean "${near}"?`;
    const at = node.args.find(arg => arg.name === key)?.keyAt ?? node.argsAt;
    return problem('E_TASK_ARGS', `"${node.kind.name}" has no argument "${key}"`, {at, hint});
  }
  if (keyword === 'required' && path.length === 0 && key !== undefined) {
    const hint = `add "${key}: …".`;
    return problem('E_TASK_ARGS', `"${node.kind.name}" needs the argument "${key}"`, {at: node.argsAt, hint});
  }
  const arg = node.args.find(candidate => candidate.name === name);
  const at = arg === undefined ? node.argsAt : nodeAt(arg.node, path.slice(1)).at;
  const shown = name === undefined ? '' : ` "${path.join('.')}"${shownValue(path, args)}`;
  const hint = `see the arguments of "${node.kind.name}".`;
  return problem('E_TASK_ARGS', `the argument${shown} of "${node.kind.name}" ${message}`, {at, hint});
}

function propertyNames(kind: AnyTaskKind): readonly string[] {
  const {properties} = kind.schema;
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
}

/** ` is 70000 and`: the value itself, where it is short and not a text that may be secret. */
function shownValue(path: readonly string[], args: DataMap): string {
  let value: Data | undefined = args;
  for (const step of path)
    value = isMap(value) ? value[step] : Array.isArray(value) ? (value[Number(step)] as Data | undefined) : undefined;
  return typeof value === 'number' || typeof value === 'boolean' ? ` is ${value} and` : '';
}
