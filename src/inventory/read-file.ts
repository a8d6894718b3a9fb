/** One inventory file into the draft: Ansible's YAML shapes, and the ways in which people miss them. */
import {type Diagnostic, problem, warning} from '../base/diagnostic.ts';
import {nearestName} from '../base/names.ts';
import type {Location, SourceFile} from '../base/source.ts';
import {parseYaml, type YamlEntry, type YamlNode} from '../base/yaml.ts';
import type {GroupDraft} from './draft.ts';
import {isGroupName} from './host-name.ts';
import {iniProblem} from './ini.ts';
import {readHosts} from './read-hosts.ts';
import {readVariables} from './read-variables.ts';
import {originOf, type Reading} from './reading.ts';
import {groupShapeProblem, keyProblem, rootKeyProblem, wordsFor} from './shape.ts';
import {describe} from './value.ts';

/** Adds a file's groups, hosts and variables to the draft. */
export function readFile(file: SourceFile, reading: Reading): void {
  const parsed = parseYaml(file);
  const ini = iniProblem(file, parsed);
  if (ini !== undefined) reading.problems.push(ini);
  else if (!parsed.ok) reading.problems.push(...parsed.error);
  else readRoot(parsed.value, file, reading);
}

function readRoot(root: YamlNode, file: SourceFile, reading: Reading): void {
  if (root.kind === 'scalar' && root.value === null) {
    const at = {file, start: 0, end: 1};
    reading.problems.push(
      warning('W_INVENTORY_EMPTY', `${file.path} is empty`, {at, hint: 'remove it, or list hosts in it.'}),
    );
  } else if (root.kind === 'mapping') {
    for (const entry of root.entries) {
      const wrong = rootKeyProblem(entry);
      if (wrong === undefined) readGroup(entry, undefined, reading);
      else reading.problems.push(wrong);
    }
  } else {
    const hint = 'begin with the name of a group: "etcd:", then "hosts:" below it.';
    reading.problems.push(
      problem('E_INVENTORY_SHAPE', `an inventory is a mapping of groups, this is ${wordsFor(root)}`, {
        at: root.at,
        hint,
      }),
    );
  }
}

/** One group, named by the entry's key, under a parent or at the top. */
function readGroup(entry: YamlEntry, parent: GroupDraft | undefined, reading: Reading): void {
  const {draft, problems} = reading;
  const {key: name, keyAt, value: node} = entry;
  if (!isGroupName(name)) {
    const hint = 'use letters, digits, "_", "." and "-", beginning with a letter or digit.';
    problems.push(problem('E_GROUP_NAME', `${describe(name)} cannot be the name of a group`, {at: keyAt, hint}));
    return;
  }
  const group = draft.group(name, keyAt);
  if (parent !== undefined && !draft.adopt(parent, group)) problems.push(cycle(parent.name, name, keyAt));
  if (node.kind === 'scalar' && node.value === null) return;
  if (node.kind === 'mapping') readSections(group, node.entries, reading);
  else problems.push(groupShapeProblem(name, node));
}

function readSections(group: GroupDraft, sections: readonly YamlEntry[], reading: Reading): void {
  for (const section of sections) {
    if (section.key === 'hosts') readHosts(group, section.value, reading);
    else if (section.key === 'vars')
      readVariables(section.value, `the variables of ${group.name}`, originOf(group.name), group, reading);
    else if (section.key === 'children') readChildren(group, section.value, reading);
    else
      reading.problems.push(keyProblem(group.name, section, nearestName(section.key, ['hosts', 'vars', 'children'])));
  }
}

/** `children: x` is short for `children: {x: }`, as in Ansible. */
function readChildren(group: GroupDraft, node: YamlNode, reading: Reading): void {
  if (node.kind === 'scalar' && node.value === null) return;
  if (node.kind === 'mapping') {
    for (const child of node.entries) readGroup(child, group, reading);
  } else if (node.kind === 'scalar' && typeof node.value === 'string') {
    readGroup({key: node.value, keyAt: node.at, value: {...node, value: null}}, group, reading);
  } else {
    const hint = 'write each child group as a key with a colon: "children:", and below it "etcd:" (no dash).';
    const message = `the children of ${group.name} are ${wordsFor(node)}, but must be a mapping of groups`;
    reading.problems.push(problem('E_INVENTORY_SHAPE', message, {at: node.at, hint}));
  }
}

function cycle(parent: string, child: string, at: Location): Diagnostic {
  const message =
    child === 'all'
      ? '"all" cannot be a child: it holds every group'
      : `the group ${child} cannot be a child of ${parent}: it is ${child === parent ? 'the same group' : 'above it already'}`;
  return problem('E_GROUP_CYCLE', message, {at, hint: 'remove this line: groups may not contain themselves.'});
}
