/** Names that the inventory tests take for known. */
import {parseInventory} from '../../src/inventory/inventory.ts';
import type {Inventory, InventoryOptions} from '../../src/inventory/types.ts';

export const KNOWN: InventoryOptions = {
  knownVariables: new Set(['etcd_seq', 'etcd_cluster', 'etcd_data', 'etcd_port', 'etcd_peer_port', 'etcd_init']),
  prefixes: ['etcd_'],
};

/** An inventory that must be fine. */
export function inventoryOf(...texts: readonly string[]): Inventory {
  const parsed = parseInventory(
    texts.map((text, index) => ({path: `hosts${index}.yml`, text})),
    KNOWN,
  );
  if (!parsed.ok) throw new Error(parsed.error.map(({code, message}) => `${code} ${message}`).join('\n'));
  return parsed.value;
}

/** Host -> variable -> value. */
export function valuesOf(inventory: Inventory): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    [...inventory.hosts].map(([name, host]) => [
      name,
      Object.fromEntries([...host.variables].map(([key, variable]) => [key, variable.value])),
    ]),
  );
}

/** Host -> groups, weakest first. */
export function groupsOf(inventory: Inventory): Record<string, readonly string[]> {
  return Object.fromEntries([...inventory.hosts].map(([name, host]) => [name, host.groups]));
}
