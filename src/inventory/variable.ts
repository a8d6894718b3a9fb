/** From a line of YAML to a variable, and everything that can be wrong with it before anyone knows what it is for. */
import type {Data} from '../base/data.ts';
import {type Diagnostic, problem, warning} from '../base/diagnostic.ts';
import {editDistance, nearestName} from '../base/names.ts';
import {toData, type YamlEntry, type YamlNode} from '../base/yaml.ts';
import {ANSIBLE_NAMES, isAnsibleName} from './names.ts';
import type {KnownNames, Variable} from './types.ts';
import {controlCharacterIn, describe, typeFault} from './value.ts';

/** The variable that an entry of a `vars:` mapping defines. */
export function variableOf(entry: YamlEntry, origin: string): Variable {
  const {key: name, keyAt, value: node} = entry;
  const vault = holdsVault(node) ? {vault: true as const} : {};
  return {name, value: toData(node), node, at: node.at, keyAt, origin, ...vault};
}

function holdsVault(node: YamlNode): boolean {
  if (node.kind === 'scalar') return node.tag === '!vault';
  return node.kind === 'sequence' ? node.items.some(holdsVault) : node.entries.some(entry => holdsVault(entry.value));
}

/** The problem of using a variable whose value is encrypted with Ansible Vault. */
export function vaultProblem(variable: Variable): Diagnostic {
  return problem('E_VAULT_UNSUPPORTED', `${variable.name} is encrypted with Ansible Vault, which cannot be read here`, {
    at: variable.at,
    hint: `give the value at run time instead: -e @secrets.yml, with ${variable.name} in a file that only you can read.`,
  });
}

/** Problems and warnings of one variable: its name, and the value's type where Ansible gives it one. */
export function checkVariable(variable: Variable, known: KnownNames): Diagnostic[] {
  const name = checkName(variable, known);
  if (name.some(found => found.severity === 'error') || !isChecked(variable.name, known)) return name;
  return [...name, ...checkValue(variable)];
}

function isChecked(name: string, known: KnownNames): boolean {
  return name.startsWith('ansible_') || known.prefixes.some(prefix => name.startsWith(prefix));
}

function checkName(variable: Variable, known: KnownNames): Diagnostic[] {
  const {name, keyAt: at} = variable;
  const asWord = name.toLowerCase().replace(/-/g, '_');
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    const meant = known.knownVariables.has(asWord) ? asWord : undefined;
    const hint =
      meant === undefined ? 'use letters, digits and "_", not beginning with a digit.' : `did you mean ${meant}?`;
    return [problem('E_VARIABLE_NAME', `${describe(name)} cannot be the name of a variable`, {at, hint})];
  }
  if (asWord.startsWith('ansible_')) return isAnsibleName(name) ? [] : [unknownAnsible(name, at)];
  if (known.prefixes.some(prefix => asWord.startsWith(prefix)))
    return known.knownVariables.has(name) ? [] : [unknownOwn(name, at, known)];
  return misspeltPrefix(name, at, known);
}

/** An error only where the right name is near: Ansible's plugins have more variables than anyone can list. */
function unknownAnsible(name: string, at: Variable['keyAt']): Diagnostic {
  const near = nearestName(name, ANSIBLE_NAMES.keys());
  const message = `unknown connection variable ${name}`;
  // Every name begins with `ansible_`: only what comes after it tells them apart.
  const slips = name.length < 'ansible_'.length + 6 ? 1 : 2;
  return near === undefined || editDistance(name.toLowerCase(), near) > slips
    ? warning('W_VARIABLE_UNKNOWN', message, {at, hint: 'it has no effect here.'})
    : problem('E_VARIABLE_UNKNOWN', message, {at, hint: `did you mean ${near}?`});
}

function unknownOwn(name: string, at: Variable['keyAt'], known: KnownNames): Diagnostic {
  const near = nearestName(name, known.knownVariables);
  const hint =
    near === undefined
      ? 'remove it, or choose a name with another prefix for a variable of your own.'
      : `did you mean ${near}?`;
  return problem('E_VARIABLE_UNKNOWN', `unknown variable ${name}`, {at, hint});
}

/** `ectd_seq`, `etc_seq`: a name of nobody's that is one slip of the prefix away from a known one. */
function misspeltPrefix(name: string, at: Variable['keyAt'], known: KnownNames): Diagnostic[] {
  const end = name.indexOf('_') + 1;
  const meant = known.prefixes
    .filter(prefix => editDistance(name.slice(0, end), prefix) === 1)
    .map(prefix => prefix + name.slice(end))
    .find(candidate => known.knownVariables.has(candidate));
  if (meant === undefined) return [];
  return [
    warning('W_VARIABLE_UNKNOWN', `the variable ${name} is not used by anything here`, {
      at,
      hint: `did you mean ${meant}?`,
    }),
  ];
}

function checkValue(variable: Variable): Diagnostic[] {
  const {name, value, at} = variable;
  const control = controlCharacterIn(value);
  if (control !== undefined) {
    const hint = 'remove it: only line breaks and tabs may be in a value.';
    return [problem('E_VARIABLE_CONTROL', `the value of ${name} holds the control character ${control}`, {at, hint})];
  }
  const type = ANSIBLE_NAMES.get(name);
  const fault = type === undefined || variable.vault === true ? undefined : typeFault(value, type);
  if (fault === undefined) return [];
  return [problem('E_VARIABLE_TYPE', `${name} is ${fault.is}, but must be ${fault.mustBe}`, {at, hint: fault.hint})];
}

/** Whether two values are the same data. */
export function sameData(a: Data, b: Data): boolean {
  return a === b || plainText(a) === plainText(b);
}

function plainText(data: Data): string {
  return JSON.stringify(data, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}
