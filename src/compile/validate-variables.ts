/** Variables of roles against their declared types and ranges: `meta/variables.schema.json` of a role. */
import {problem} from '../base/diagnostic.ts';
import type {SourceFile} from '../base/source.ts';
import type {Schema, Validators} from '../task/validators.ts';
import {leansOnRefused, userPlaceOf} from './blame.ts';
import type {HostState} from './host-state.ts';
import type {Place} from './place.ts';
import type {PlayScope, Shared} from './play-scope.ts';
import type {Problems} from './problems.ts';
import type {RoleFiles} from './project.ts';
import type {Var, VarMap} from './raw.ts';
import {variableProblem} from './schema-code.ts';
import {Scope} from './scope.ts';

/** What a role declares: a schema for each of its variables, and which must be defined. */
export interface Declared {
  readonly properties: ReadonlyMap<string, Schema>;
  readonly required: readonly string[];
}

/** Reads a role's declarations; without them nothing is checked. */
export function declaredBy(role: RoleFiles, problems: Problems): Declared {
  const nothing: Declared = {properties: new Map(), required: []};
  if (role.schema === undefined) return nothing;
  const schema = parse(role.schema, problems);
  if (schema === undefined || !isObject(schema.properties)) return nothing;
  const shared = isObject(schema.$defs) ? {$defs: schema.$defs} : {};
  const properties = Object.entries(schema.properties).flatMap(([name, property]) =>
    isObject(property) ? [[name, {...property, ...shared}] as const] : [],
  );
  return {properties: new Map(properties), required: Array.isArray(schema.required) ? schema.required.map(String) : []};
}

function parse(file: SourceFile, problems: Problems): Schema | undefined {
  try {
    const schema: unknown = JSON.parse(file.text);
    if (isObject(schema)) return schema;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    problems.add(
      problem('E_ROLE_SCHEMA', `${file.path} is not valid JSON: ${message}`, {
        at: {file, start: 0, end: 1},
        hint: 'check it with a JSON linter.',
      }),
    );
  }
  return undefined;
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `-e` texts as the types that roles declare: `-e etcd_safeguard=false` is then false, not a text that counts as true. */
export function typedExtraVars(extraVars: VarMap, declared: Iterable<Declared>, validators: Validators): VarMap {
  const typed = new Map(extraVars);
  for (const {properties} of declared) {
    for (const [name, schema] of properties) {
      const variable = typed.get(name);
      if (variable === undefined || typeof variable.value !== 'string') continue;
      const {value, violations} = validators.check(schema, toBooleanWord(variable.value, schema), true);
      if (!violations.some(({keyword}) => keyword === 'type')) typed.set(name, {...variable, value});
    }
  }
  return typed;
}

/** `-e x=yes`: YAML's words for true and false, where a boolean is wanted. */
function toBooleanWord(text: string, {type}: Schema): string {
  if (type !== 'boolean') return text;
  if (/^(yes|true|on)$/i.test(text)) return 'true';
  return /^(no|false|off)$/i.test(text) ? 'false' : text;
}

/** Checks the variables of one role on the hosts of a play; a definition that many hosts share is looked at once. */
export function validateVariables(
  declared: Declared,
  hosts: readonly HostState[],
  play: PlayScope,
  place: Place,
): void {
  const seen = new Set<Var>();
  for (const host of hosts) {
    const scope = new Scope(host, play, place.sight);
    for (const name of declared.required)
      if (!scope.has(name)) play.shared.problems.add(missing(name, host, declared), host.name);
    for (const [name, schema] of declared.properties) {
      const variable = scope.find(name);
      if (variable === undefined || scope.isLate(name) || seen.has(variable)) continue;
      if (play.shared.names.in(variable.value).length === 0) seen.add(variable);
      checkOne(variable, schema, scope, play.shared);
    }
  }
}

function checkOne(variable: Var, schema: Schema, scope: Scope, {validators, problems, refused, names}: Shared): void {
  if (leansOnRefused(names.in(variable.value), scope)) return;
  const value =
    variable.at === undefined ? variable.value : scope.render({value: `{{ ${variable.name} }}`, at: variable.at});
  if (value === undefined) return;
  // A text made of other texts given with -e may stand for a number.
  const isComputed =
    typeof variable.value === 'string' && scope.play.shared.names.of(variable.value, 'text').length > 0;
  const {violations} = validators.check(schema, value, isComputed);
  if (violations.length > 0) refused.add(variable);
  // A plain value is wrong on every host that has it.
  const host = isComputed ? scope.host.name : undefined;
  const blamed = isComputed ? atUserPlace(variable, scope) : variable;
  for (const violation of violations) problems.add(variableProblem(blamed, value, violation, schema), host);
}

/** A role's default that is wrong because of what the user wrote is told where the user wrote it. */
function atUserPlace(variable: Var, scope: Scope): Var {
  const at = userPlaceOf(variable, scope);
  if (at === undefined || at === variable.at) return variable;
  const {node: _, ...rest} = variable;
  return {...rest, at};
}

function missing(name: string, host: HostState, {properties}: Declared) {
  const description = properties.get(name)?.description;
  const hint = typeof description === 'string' ? `set "${name}": ${description}` : `set "${name}" in the inventory.`;
  return problem('E_VARIABLE_MISSING', `"${name}" is not set`, {hint, ...(host.at === undefined ? {} : {at: host.at})});
}
