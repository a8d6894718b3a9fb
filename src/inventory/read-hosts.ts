/** The `hosts:` section of a group: names, ranges, ports, and each host's variables. */
import {type Diagnostic, problem, warning} from '../base/diagnostic.ts';
import {ok, type Result} from '../base/result.ts';
import {formatLocation} from '../base/source.ts';
import type {YamlEntry, YamlNode, YamlScalar} from '../base/yaml.ts';
import type {GroupDraft, HostDraft} from './draft.ts';
import {hostNameFault} from './host-name.ts';
import {expandHostRange, splitPort} from './host-range.ts';
import {variablesOf} from './read-variables.ts';
import type {Reading} from './reading.ts';
import {wordsFor} from './shape.ts';
import type {Variable} from './types.ts';
import {describe} from './value.ts';
import {sameData, variableOf} from './variable.ts';

/** Adds a group's hosts to the draft. `hosts: x` is short for `hosts: {x: }`, as in Ansible. */
export function readHosts(group: GroupDraft, node: YamlNode, reading: Reading): void {
  if (node.kind === 'mapping') {
    for (const entry of node.entries) readHost(group, entry, reading);
  } else if (node.kind === 'scalar' && typeof node.value === 'string') {
    readHost(group, {key: node.value, keyAt: node.at, value: emptyAt(node)}, reading);
  } else if (node.kind !== 'scalar' || node.value !== null) {
    reading.problems.push(hostsShape(group, node));
  }
}

function emptyAt({at}: YamlScalar): YamlScalar {
  return {kind: 'scalar', value: null, source: '', quoted: false, at};
}

function hostsShape(group: GroupDraft, node: YamlNode): Diagnostic {
  const first = node.kind === 'sequence' ? node.items[0] : undefined;
  const name =
    first?.kind === 'scalar' ? first.source : first?.kind === 'mapping' ? (first.entries[0]?.key ?? '') : '10.10.10.10';
  const hint = `write each host as a key with a colon, without a dash: "${name}: { etcd_seq: 1 }".`;
  return problem('E_INVENTORY_SHAPE', `the hosts of ${group.name} are ${wordsFor(node)}, but must be a mapping`, {
    at: node.at,
    hint,
  });
}

function readHost(group: GroupDraft, entry: YamlEntry, reading: Reading): void {
  const {draft, problems} = reading;
  const {name: pattern, port} = splitPort(entry.key);
  const names = hostNames(pattern, entry);
  if (!names.ok) problems.push(...names.error);
  const variables = hostVariables(entry, port, reading);
  for (const name of names.ok ? names.value : [])
    addVariables(draft.host(name, entry.keyAt, group), variables, problems);
}

function hostNames(pattern: string, {key, keyAt: at}: YamlEntry): Result<readonly string[]> {
  const expanded = expandHostRange(pattern);
  if (!expanded.ok) {
    const hint =
      'a range looks like node[01:03] or 10.10.10.[10:12]; in YAML put the whole name in quotes if it begins with "[".';
    return {
      ok: false,
      error: [problem('E_HOST_RANGE', `the host range ${describe(key)} cannot be read: ${expanded.error}`, {at, hint})],
    };
  }
  for (const name of expanded.value) {
    const fault = hostNameFault(name);
    if (fault === undefined) continue;
    const hint = 'use an IP address or a host name; for another SSH address set ansible_host.';
    return {
      ok: false,
      error: [problem('E_HOST_NAME', `${describe(name)} cannot be the name of a host: ${fault}`, {at, hint})],
    };
  }
  return ok(expanded.value);
}

function hostVariables(entry: YamlEntry, port: number | undefined, reading: Reading): readonly Variable[] {
  const origin = `host ${entry.key}`;
  const own = hostMapping(entry, origin, reading);
  if (port === undefined) return own;
  const node: YamlScalar = {kind: 'scalar', value: port, source: String(port), quoted: false, at: entry.keyAt};
  return [variableOf({key: 'ansible_port', keyAt: entry.keyAt, value: node}, origin), ...own];
}

function hostMapping({key, value: node}: YamlEntry, origin: string, reading: Reading): readonly Variable[] {
  if (node.kind === 'mapping') return variablesOf(node, origin, reading);
  if (node.kind === 'scalar' && node.value === null) return [];
  const hint = `write the host's variables as a mapping: "${key}: { etcd_seq: 1 }".`;
  const message = `the value of the host ${key} is ${wordsFor(node)}, but must be a mapping of variables`;
  reading.problems.push(problem('E_INVENTORY_SHAPE', message, {at: node.at, hint}));
  return [];
}

/** A host listed twice has the variables of both places; two values for one name in one file is worth a word. */
function addVariables(host: HostDraft, variables: readonly Variable[], problems: Diagnostic[]): void {
  for (const variable of variables) {
    const before = host.layers.inline.get(variable.name);
    if (before !== undefined && before.at.file === variable.at.file && !sameData(before.value, variable.value)) {
      const message = `the host ${host.name} has two values for ${variable.name}; the later one wins`;
      const related = [{message: `the other one is here (${formatLocation(before.at)})`, at: before.at}];
      problems.push(warning('W_VARIABLE_CONFLICT', message, {at: variable.at, hint: 'keep one of the two.', related}));
    }
    host.layers.inline.set(variable.name, variable);
  }
}
