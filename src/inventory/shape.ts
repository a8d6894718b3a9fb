/** What to say when YAML is valid but is not an inventory: the usual slips, each with its remedy. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {toData, type YamlEntry, type YamlNode} from '../base/yaml.ts';
import {hostNameFault} from './host-name.ts';
import {describe} from './value.ts';

/** A node in a few words: `a list`, `"abc"`. */
export function wordsFor(node: YamlNode): string {
  return describe(toData(node));
}

/** Keys at the top that no group is called, or undefined where the key may be a group. */
export function rootKeyProblem({key, keyAt: at, value}: YamlEntry): Diagnostic | undefined {
  if (key === 'hosts' || key === 'vars' || key === 'children') {
    const hint = `put it under a group: "all:", and below it "${key}:".`;
    return problem('E_INVENTORY_SHAPE', `"${key}" stands at the top, where groups are named`, {at, hint});
  }
  if (key === 'plugin' && value.kind === 'scalar') {
    const hint = 'write its result to a file and use that: ansible-inventory -i <this file> --list --yaml > hosts.yml.';
    return problem('E_INVENTORY_PLUGIN', `this is the configuration of Ansible's inventory plugin ${wordsFor(value)}`, {
      at,
      hint,
    });
  }
  if (key === '_meta') {
    const hint = 'convert it: ansible-inventory -i <this file> --list --yaml > hosts.yml.';
    return problem('E_INVENTORY_PLUGIN', 'this is the output of a dynamic inventory ("_meta"), not an inventory file', {
      at,
      hint,
    });
  }
  return undefined;
}

/** A group whose value is a list or a plain value. */
export function groupShapeProblem(name: string, node: YamlNode): Diagnostic {
  const hint =
    node.kind === 'sequence'
      ? `write "hosts:" below "${name}:", and below it each host as a key with a colon (no dash).`
      : `if ${name} is a variable, put it under "vars:" of a group, for example of "all:".`;
  return problem(
    'E_INVENTORY_SHAPE',
    `the group ${name} is ${wordsFor(node)}, but must be a mapping with hosts, vars or children`,
    {at: node.at, hint},
  );
}

/** A key beside `hosts`, `vars` and `children`. */
export function keyProblem(group: string, {key, keyAt: at, value}: YamlEntry, near: string | undefined): Diagnostic {
  return problem('E_INVENTORY_KEY', `unknown key ${describe(key)} in the group ${group}`, {
    at,
    hint: keyHint(key, value, near),
  });
}

function keyHint(key: string, value: YamlNode, near: string | undefined): string {
  if (near !== undefined) return `did you mean ${near}?`;
  if (/[.:[]/.test(key) && hostNameFault(key.replace(/\[.*\]/, '1')) === undefined)
    return `a host belongs under "hosts:": put "hosts:" above ${key} and indent it.`;
  if (value.kind === 'mapping') return `a host belongs under "hosts:", a group under "children:".`;
  return `a variable belongs under "vars:": put "vars:" above ${key} and indent it.`;
}
