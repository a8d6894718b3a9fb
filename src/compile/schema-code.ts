/** From a violation of a schema to a problem that says what is wrong with a variable. */
import type {Data} from '../base/data.ts';
import {isMap} from '../base/data.ts';
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {nearestName} from '../base/names.ts';
import {nodeAt} from '../base/yaml.ts';
import type {Schema, Violation} from '../task/validators.ts';
import type {Var} from './raw.ts';

const RANGE = new Set([
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
]);

/** The problem of one variable, at the place of its definition. */
export function variableProblem(variable: Var, value: Data, violation: Violation, schema: Schema): Diagnostic {
  const {keyword, path, message, key} = violation;
  const at = variable.node === undefined ? variable.at : nodeAt(variable.node, path).at;
  const name = [variable.name, ...path].join('.');
  const hint = hintOf(keyword, key, schema);
  const more = {...(at === undefined ? {} : {at}), ...(hint === undefined ? {} : {hint})};
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties' || keyword === 'propertyNames') {
    return problem('E_VARIABLE_KEY', `"${name}" has no key "${key ?? ''}"`, more);
  }
  return problem(codeOf(keyword), `"${name}" ${message}, not ${shown(valueAt(value, path))}`, more);
}

function codeOf(keyword: string): `E_${string}` {
  if (keyword === 'type') return 'E_VARIABLE_TYPE';
  if (keyword === 'required') return 'E_VARIABLE_MISSING';
  return RANGE.has(keyword) ? 'E_VARIABLE_RANGE' : 'E_VARIABLE_VALUE';
}

/** The schema's description tells what the variable is for. */
function hintOf(keyword: string, key: string | undefined, {description, properties}: Schema): string | undefined {
  if (
    keyword === 'additionalProperties' &&
    key !== undefined &&
    typeof properties === 'object' &&
    properties !== null
  ) {
    const near = nearestName(key, Object.keys(properties));
    if (near !== undefined) return `did you mean "${near}"?`;
  }
  return typeof description === 'string' ? description : undefined;
}

function valueAt(value: Data, path: readonly string[]): Data {
  let current: Data = value;
  for (const step of path) {
    if (Array.isArray(current)) current = (current[Number(step)] as Data | undefined) ?? null;
    else current = isMap(current) ? (current[step] ?? null) : null;
  }
  return current;
}

function shown(value: Data): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isMap(value)) return 'a mapping';
  return typeof value === 'string' ? JSON.stringify(value) : value === null ? 'empty' : String(value);
}
