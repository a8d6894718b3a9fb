/** From a violation of a schema to a problem that says what is wrong with a variable. */
import type {Data} from '../base/data.ts';
import {isMap} from '../base/data.ts';
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {nearestName} from '../base/names.ts';
import {entryOf, nodeAt} from '../base/yaml.ts';
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
  const node = variable.node === undefined ? undefined : nodeAt(variable.node, path);
  const at = (key === undefined ? undefined : entryOf(node, key)?.keyAt) ?? node?.at ?? variable.at;
  const name = [variable.name, ...path].join('.');
  const hint = hintOf(variable.name, keyword, key, schema);
  const more = {...(at === undefined ? {} : {at}), ...(hint === undefined ? {} : {hint})};
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties' || keyword === 'propertyNames') {
    return problem('E_VARIABLE_KEY', `"${name}" has no key "${key ?? ''}"`, more);
  }
  const found = shown(valueAt(value, path));
  if (keyword === 'pattern' || keyword === 'not')
    return problem('E_VARIABLE_VALUE', `"${name}" cannot be ${found}`, more);
  return problem(codeOf(keyword), `"${name}" ${message}, not ${found}`, more);
}

function codeOf(keyword: string): `E_${string}` {
  if (keyword === 'type') return 'E_VARIABLE_TYPE';
  if (keyword === 'required') return 'E_VARIABLE_MISSING';
  return RANGE.has(keyword) ? 'E_VARIABLE_RANGE' : 'E_VARIABLE_VALUE';
}

/** What the variable is for (`description`), what it may be (`$comment`), and one that is right (`examples`). */
function hintOf(name: string, keyword: string, key: string | undefined, schema: Schema): string | undefined {
  const {description, properties, $comment: rule, examples} = schema;
  if (keyword === 'additionalProperties' && key !== undefined && isObject(properties)) {
    const near = nearestName(key, Object.keys(properties));
    if (near !== undefined) return `did you mean "${near}"?`;
  }
  if (typeof description !== 'string') return undefined;
  const [example] = Array.isArray(examples) ? (examples as readonly unknown[]) : [];
  const allowed = typeof rule === 'string' ? ` (${rule})` : '';
  const shownExample = typeof example === 'string' ? `, e.g. "${name}: ${example.replaceAll('"', "'")}"` : '';
  return `${description}${allowed}${shownExample}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
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
