/** Writes the inventory of a lab, in the shape that etcd.yml expects. */
import {clientKeyPath, knownHostsPath} from './keys.ts';
import type {LabState} from './state.ts';

/** What an inventory of a lab says beside its hosts. */
export interface InventoryOptions {
  /** Hosts by their address (default), or by their name with `ansible_host`. */
  readonly by?: 'address' | 'name';
  /** Only these hosts, by name; their sequence numbers are their places in the lab. */
  readonly hosts?: readonly string[];
  readonly user?: string;
  readonly cluster?: string;
  /** More variables of the group, and replacements: strings are quoted, undefined removes one. */
  readonly vars?: Readonly<Record<string, string | number | boolean | undefined>>;
}

/** An inventory as YAML text. */
export function inventoryOf(state: LabState, options: InventoryOptions = {}): string {
  const {by = 'address', user = 'ops', cluster = 'etcd'} = options;
  const wanted = state.hosts
    .map((host, i) => ({host, seq: i + 1}))
    .filter(({host}) => options.hosts === undefined || options.hosts.includes(host.name));
  const lines = wanted.map(({host, seq}) =>
    by === 'address'
      ? `    ${host.address}: {etcd_seq: ${seq}}`
      : `    ${host.name}: {ansible_host: ${host.address}, etcd_seq: ${seq}}`,
  );
  const vars: Record<string, string | number | boolean | undefined> = {
    etcd_cluster: cluster,
    ansible_user: user,
    ansible_become: true,
    ansible_ssh_private_key_file: clientKeyPath(state.dir),
    ansible_ssh_common_args: `-o UserKnownHostsFile=${knownHostsPath(state.dir)}`,
    ...options.vars,
  };
  for (const [name, value] of Object.entries(vars)) if (value === undefined) delete vars[name];
  return [
    'etcd:',
    '  hosts:',
    ...lines,
    '  vars:',
    ...Object.entries(vars).map(([name, value]) => `    ${name}: ${scalar(value ?? '')}`),
    '',
  ].join('\n');
}

function scalar(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  return /^[a-z/][\w/.-]*$/i.test(value) && !/^(y|n|yes|no|on|off|true|false|null)$/i.test(value)
    ? value
    : JSON.stringify(value);
}
