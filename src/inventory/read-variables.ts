/** A mapping of variables: under `vars:`, under a host, or a whole `group_vars` file. */
import {problem} from '../base/diagnostic.ts';
import type {YamlMapping, YamlNode} from '../base/yaml.ts';
import type {GroupDraft} from './draft.ts';
import type {Reading} from './reading.ts';
import {wordsFor} from './shape.ts';
import type {Variable} from './types.ts';
import {integerOf} from './value.ts';
import {checkVariable, variableOf} from './variable.ts';

/** Every variable of a mapping; what is wrong with them goes to the reading's problems. */
export function variablesOf(
  node: YamlMapping,
  origin: string,
  {known, problems}: Pick<Reading, 'known' | 'problems'>,
): Variable[] {
  return node.entries.map(entry => {
    const variable = variableOf(entry, origin);
    problems.push(...checkVariable(variable, known));
    return variable;
  });
}

/** Adds a `vars:` section to a group's own variables. */
export function readVariables(node: YamlNode, what: string, origin: string, group: GroupDraft, reading: Reading): void {
  addGroupVariables(group, group.layers.inline, mappingOf(node, what, origin, reading), reading);
}

/** Sets a group's variables in one of its layers; `ansible_group_priority` is the group's, not its hosts'. */
export function addGroupVariables(
  group: GroupDraft,
  layer: Map<string, Variable>,
  variables: readonly Variable[],
  {problems}: Pick<Reading, 'problems'>,
): void {
  for (const variable of variables) {
    if (variable.name !== 'ansible_group_priority') {
      layer.set(variable.name, variable);
      continue;
    }
    const priority = integerOf(variable.value);
    if (priority !== undefined) group.priority = priority;
    else if (variable.value === null) {
      problems.push(
        problem('E_VARIABLE_TYPE', 'ansible_group_priority is empty, but must be a whole number', {at: variable.at}),
      );
    }
  }
}

/** The variables of a node that must be a mapping (or empty). */
export function mappingOf(
  node: YamlNode,
  what: string,
  origin: string,
  reading: Pick<Reading, 'known' | 'problems'>,
): Variable[] {
  if (node.kind === 'mapping') return variablesOf(node, origin, reading);
  if (node.kind === 'scalar' && node.value === null) return [];
  const hint =
    node.kind === 'sequence' ? 'write "name: value" lines without dashes.' : 'write "name: value" lines, indented.';
  reading.problems.push(
    problem('E_INVENTORY_SHAPE', `${what} are ${wordsFor(node)}, but must be a mapping`, {at: node.at, hint}),
  );
  return [];
}
