/** `-e`: variables from the command line, stronger than everything else. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {err, ok, type Result} from '../base/result.ts';
import type {SourceFile} from '../base/source.ts';
import {parseYaml, type YamlNode, type YamlScalar} from '../base/yaml.ts';
import {splitKeyValues} from './key-values.ts';
import {wordsFor} from './shape.ts';
import type {KnownNames, Variable} from './types.ts';
import {checkVariable, variableOf} from './variable.ts';

/** One `-e`: its text and how to call it in messages (`-e`, `<extra-vars>`). */
export interface ExtraVarsItem {
  readonly text: string;
  readonly source: string;
}

const ORIGIN = 'extra vars';
const HINT = 'write -e name=value, -e \'{"name": value}\', or -e @file.yml.';

/**
 * Variables of all `-e` options, later ones winning. `name=value` gives texts, as in Ansible; JSON and YAML give typed values.
 * `readFile` answers for `@file`. Fails with `E_EXTRA_VARS`; with `known`, names and values are checked like an inventory's.
 */
export function parseExtraVars(
  items: readonly ExtraVarsItem[],
  readFile: (path: string) => SourceFile | undefined,
  known: KnownNames = {knownVariables: new Set(), prefixes: []},
): Result<ReadonlyMap<string, Variable>> {
  const problems: Diagnostic[] = [];
  const variables = new Map<string, Variable>();
  for (const item of items) {
    const read = readItem(item, readFile);
    if (!read.ok) problems.push(...read.error);
    for (const variable of read.ok ? read.value : []) {
      problems.push(...checkVariable(variable, known).filter(({severity}) => severity === 'error'));
      variables.set(variable.name, variable);
    }
  }
  return problems.length > 0 ? err(problems) : ok(variables);
}

function readItem(
  {text, source}: ExtraVarsItem,
  readFile: (path: string) => SourceFile | undefined,
): Result<readonly Variable[]> {
  const file: SourceFile = {path: source, text};
  const at = {file, start: 0, end: Math.max(text.length, 1)};
  const trimmed = text.trim();
  if (trimmed === '') return ok([]);
  if (trimmed.startsWith('@')) {
    const path = trimmed.slice(1);
    const found = readFile(path);
    if (found !== undefined) return readYaml(found);
    return err([
      problem('E_EXTRA_VARS', `the file ${path} cannot be read`, {
        at,
        hint: 'check the path: it is relative to the current directory.',
      }),
    ]);
  }
  if (/^\.{0,2}\/\S*$/.test(trimmed)) {
    return err([
      problem('E_EXTRA_VARS', `"${trimmed}" is a path, not a variable`, {
        at,
        hint: `to read variables from a file write -e @${trimmed}`,
      }),
    ]);
  }
  if (isYaml(trimmed)) return readYaml(file);
  return readPairs(file);
}

/** JSON, or YAML such as `name: value`. */
function isYaml(text: string): boolean {
  return /^[{[]/.test(text) || /^---(?:\s|$)/.test(text) || /^[A-Za-z_]\w*:(?:\s|$)/.test(text);
}

function readYaml(file: SourceFile): Result<readonly Variable[]> {
  const parsed = parseYaml(file);
  if (!parsed.ok) {
    return err(parsed.error.map(found => ({...found, code: 'E_EXTRA_VARS' as const, hint: found.hint ?? HINT})));
  }
  const root = parsed.value;
  if (root.kind === 'mapping') return ok(root.entries.map(entry => variableOf(entry, ORIGIN)));
  if (root.kind === 'scalar' && root.value === null) return ok([]);
  return err([
    problem('E_EXTRA_VARS', `extra variables must be a mapping, this is ${wordsFor(root as YamlNode)}`, {
      at: root.at,
      hint: HINT,
    }),
  ]);
}

function readPairs(file: SourceFile): Result<readonly Variable[]> {
  const pairs = splitKeyValues(file.text);
  if (!pairs.ok) {
    const {message, start, end} = pairs.error;
    return err([problem('E_EXTRA_VARS', message, {at: {file, start, end: Math.max(end, start + 1)}, hint: HINT})]);
  }
  return ok(
    pairs.value.map(({key, value, keyStart, valueStart, end}) => {
      const at = {file, start: valueStart, end: Math.max(end, valueStart + 1)};
      const node: YamlScalar = {kind: 'scalar', value, source: value, quoted: true, at};
      return variableOf({key, keyAt: {file, start: keyStart, end: keyStart + key.length}, value: node}, ORIGIN);
    }),
  );
}
