/** YAML inventories as Ansible reads them, merged into one, every mistake reported with its place. */
import {type Diagnostic, problem, warning} from '../base/diagnostic.ts';
import {err, ok, type Result} from '../base/result.ts';
import type {SourceFile} from '../base/source.ts';
import {Draft} from './draft.ts';
import {readFile} from './read-file.ts';
import {resolve} from './resolve.ts';
import type {Inventory, InventoryOptions} from './types.ts';
import {readVarsFiles} from './vars-files.ts';

/** What could be read of inventory files, and everything that is wrong with them. */
export interface InventoryReading {
  /** Undefined where no host could be read; otherwise good enough to look for more mistakes, never to act on. */
  readonly inventory: Inventory | undefined;
  readonly problems: readonly Diagnostic[];
}

/**
 * Reads inventory files in the order of their `-i`; later files add to and override earlier ones. Tells every problem of
 * all files (`E_INVENTORY_…`, `E_HOST_…`, `E_GROUP_…`, `E_VARIABLE_…`, `E_YAML_…`).
 */
export function readInventory(files: readonly SourceFile[], options: InventoryOptions): InventoryReading {
  const draft = new Draft();
  const found: Diagnostic[] = [];
  const reading = {draft, known: options, problems: found};
  for (const file of files) readFile(file, reading);
  readVarsFiles(options.varsFiles ?? [], reading);
  found.push(...nameClashes(draft));
  const problems = found.filter(({severity}) => severity === 'error');
  if (draft.hosts.size === 0) {
    return {inventory: undefined, problems: problems.length > 0 ? problems : [emptyProblem(files)]};
  }
  const {hosts, groups} = resolve(draft);
  const warnings = found.filter(({severity}) => severity === 'warning');
  const all = [...files, ...(options.varsFiles ?? []).map(({file}) => file)];
  return {inventory: {hosts, groups, warnings, files: all}, problems};
}

/** The inventory, or every problem of it. */
export function parseInventory(files: readonly SourceFile[], options: InventoryOptions): Result<Inventory> {
  const {inventory, problems} = readInventory(files, options);
  return inventory === undefined || problems.length > 0 ? err(problems) : ok(inventory);
}

function emptyProblem(files: readonly SourceFile[]): Diagnostic {
  const [file] = files;
  const hint = 'list hosts below a group: "etcd: { hosts: { 10.10.10.10: { etcd_seq: 1 } } }".';
  if (file === undefined)
    return problem('E_INVENTORY_EMPTY', 'no inventory was given', {hint: 'name one: -i hosts.yml.'});
  return problem('E_INVENTORY_EMPTY', `no host is listed in ${files.map(({path}) => path).join(', ')}`, {
    at: {file, start: 0, end: 1},
    hint,
  });
}

/** Ansible takes the group where a pattern could mean either. */
function nameClashes(draft: Draft): Diagnostic[] {
  return [...draft.groups.values()].flatMap(group => {
    const host = draft.hosts.get(group.name);
    if (host === undefined) return [];
    const related = group.at === undefined ? [] : [{message: 'the group', at: group.at}];
    const hint = 'rename one of them: patterns such as "-l" mean the group.';
    return [
      warning('W_GROUP_HOST_NAME', `${group.name} is the name of a group and of a host`, {at: host.at, hint, related}),
    ];
  });
}
