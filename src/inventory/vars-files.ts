/** `group_vars/` and `host_vars/` files into the draft. */
import {warning} from '../base/diagnostic.ts';
import {nearestName} from '../base/names.ts';
import {parseYaml} from '../base/yaml.ts';
import type {Layers} from './draft.ts';
import {addGroupVariables, mappingOf} from './read-variables.ts';
import {originOf, type Reading} from './reading.ts';
import type {VarsFile} from './types.ts';

/** Adds the variables of files whose group or host is in the inventory; the others are passed over, as in Ansible. */
export function readVarsFiles(files: readonly VarsFile[], reading: Reading): void {
  for (const file of files) readVarsFile(file, reading);
}

function readVarsFile({kind, name, file, beside = 'inventory'}: VarsFile, reading: Reading): void {
  const {draft, problems} = reading;
  const owner = kind === 'group' ? draft.groups.get(name) : draft.hosts.get(name);
  if (owner === undefined) {
    noteUnused(kind, name, file, reading);
    return;
  }
  const parsed = parseYaml(file);
  if (!parsed.ok) {
    problems.push(...parsed.error);
    return;
  }
  const origin = kind === 'group' ? originOf(name) : `host ${name}`;
  const variables = mappingOf(parsed.value, `the variables in ${file.path}`, origin, reading);
  const layer = layerOf(owner.layers, beside);
  if ('priority' in owner) addGroupVariables(owner, layer, variables, reading);
  else for (const variable of variables) layer.set(variable.name, variable);
}

function layerOf(layers: Layers, beside: 'inventory' | 'playbook'): Layers['inline'] {
  return beside === 'inventory' ? layers.besideInventory : layers.besidePlaybook;
}

/** Only where the name looks like a slip, or means the group that `etcd_seq` makes: other files belong to other inventories. */
function noteUnused(kind: VarsFile['kind'], name: string, file: VarsFile['file'], {draft, problems}: Reading): void {
  const near = nearestName(name, kind === 'group' ? draft.groups.keys() : draft.hosts.keys());
  if (near === undefined && !(kind === 'group' && name === 'etcd')) return;
  const hint = near === undefined ? `define the group ${name} in the inventory.` : `did you mean ${near}?`;
  const message = `${file.path} is not used: the inventory has no ${kind} ${name}`;
  problems.push(warning('W_VARS_FILE_UNUSED', message, {at: {file, start: 0, end: 1}, hint}));
}
