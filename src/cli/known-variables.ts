/** Names of variables that somebody reads: those of the roles at hand. An inventory's `etcd_…` names are held against them. */
import {join} from 'node:path';
import {parseYaml} from '../base/yaml.ts';
import type {DiskFiles} from './files.ts';

/** Names of variables with one of these beginnings must be known to a role. */
export const KNOWN_PREFIXES: readonly string[] = ['etcd_'];
/** Set by the program itself. */
const OWN = ['etcd_members', 'etcd_cluster_hosts', 'etcd_limit_hosts'];

/** Defaults, variables and schema properties of every role in these directories. Files with mistakes are passed over: the compiler tells them. */
export function knownVariables(roleDirs: readonly string[], files: DiskFiles): ReadonlySet<string> {
  const names = new Set(OWN);
  for (const role of roleDirs.flatMap(dir => files.inside(dir))) {
    for (const path of ['defaults/main.yml', 'defaults/main.yaml', 'vars/main.yml', 'vars/main.yaml']) {
      for (const name of keysOf(join(role, path), files)) names.add(name);
    }
    for (const name of schemaNames(join(role, 'meta/variables.schema.json'), files)) names.add(name);
  }
  return names;
}

function keysOf(path: string, files: DiskFiles): string[] {
  const file = files.read(path);
  const parsed = file && parseYaml(file);
  return parsed?.ok && parsed.value.kind === 'mapping' ? parsed.value.entries.map(entry => entry.key) : [];
}

function schemaNames(path: string, files: DiskFiles): string[] {
  const file = files.read(path);
  const parsed = file && parseYaml(file);
  if (!parsed?.ok || parsed.value.kind !== 'mapping') return [];
  const properties = parsed.value.entries.find(entry => entry.key === 'properties')?.value;
  return properties?.kind === 'mapping' ? properties.entries.map(entry => entry.key) : [];
}
