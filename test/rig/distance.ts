/** Puts the controller far away from the hosts: one relay per host, and an inventory that goes through them. */
import {readFileSync} from 'node:fs';
import {type InventoryOptions, inventoryOf} from '../../src/lab/inventory.ts';
import type {Lab} from '../../src/lab/lab.ts';
import type {LabRelay} from '../../src/lab/lab-relay.ts';

/** The way between controller and hosts. */
export interface Distance {
  /** The relays by the host's name: each can be cut, mended and reset alone. */
  readonly relays: Readonly<Record<string, LabRelay>>;
  /** The inventory as YAML text; members have the same names and addresses as without relays. */
  readonly inventory: string;
  close(): Promise<void>;
}

/**
 * Starts the relays, each `delayMs` long in each direction. `write` puts a file into the user's directory and returns its
 * path (`work.write`): the hosts' keys under the relays' addresses. Write the inventory over the old one, because
 * certificates are kept by its name: `work.write('inventory/lab.yml', distance.inventory)`.
 */
export async function putAway(
  lab: Lab,
  write: (path: string, text: string) => string,
  delayMs: number,
  options: InventoryOptions = {},
): Promise<Distance> {
  const started = await Promise.all(lab.hosts.map(host => lab.relay(host.name, delayMs)));
  const ways = lab.hosts.flatMap((host, index) => {
    const relay = started[index];
    return relay === undefined ? [] : [{host, relay}];
  });
  const keys = readFileSync(lab.knownHosts, 'utf8').split('\n');
  const known = ways.flatMap(({host, relay}) =>
    keys
      .map(line => line.split(' '))
      .filter(([names = '']) => names.split(',').includes(host.address))
      .map(([, ...key]) => `[${relay.address}]:${relay.port} ${key.join(' ')}\n`),
  );
  const file = write(`known_hosts.${delayMs}ms`, known.join(''));
  const near = inventoryOf(lab.state, {
    ...options,
    vars: {...options.vars, ansible_ssh_common_args: `-o UserKnownHostsFile=${file}`},
  });
  const far = ways.reduce(
    (text, {host, relay}) =>
      text.replace(
        `${host.address}: {`,
        `${host.address}: {ansible_host: ${relay.address}, ansible_port: ${relay.port}, etcd_address: ${host.address}, `,
      ),
    near,
  );
  return {
    relays: Object.fromEntries(ways.map(({host, relay}) => [host.name, relay])),
    inventory: far,
    close: async () => void (await Promise.all(started.map(relay => relay.close()))),
  };
}
