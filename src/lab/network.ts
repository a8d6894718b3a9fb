/** The lab's network: a namespace with a bridge in it, and nothing that leads out. */
import {existsSync} from 'node:fs';
import {must, run} from './command.ts';
import {LabError} from './error.ts';
import {addressesOf, cableName, netnsName, uplinkName} from './names.ts';

/** The bridge's name inside the namespace. */
export const BRIDGE = 'br0';

/** Makes the namespace with its bridge at `prefix.1`. */
export async function makeNetwork(lab: string, prefix: string): Promise<void> {
  const ns = netnsName(lab);
  const bridge = addressesOf(prefix, 1);
  await must(['ip', 'netns', 'add', ns]);
  const lines = [
    'link set lo up',
    `link add ${BRIDGE} type bridge`,
    `addr add ${bridge.v4}/24 dev ${BRIDGE}`,
    `link set ${BRIDGE} up`,
  ];
  await must(['ip', '-n', ns, '-batch', '-'], {input: `${lines.join('\n')}\n`});
  // not every kernel has IPv6
  await run(['ip', '-n', ns, 'addr', 'add', `${bridge.v6}/64`, 'dev', BRIDGE, 'nodad']);
}

/** Lets programs of the machine itself reach the lab, at `prefix.2`; refuses where the machine already uses the network. */
export async function makeReachable(lab: string, prefix: string): Promise<void> {
  const used = overlapping(await must(['ip', '-j', 'route', 'show', 'table', 'all']), prefix);
  if (used !== undefined) {
    throw new LabError(`${prefix}.0/24 is already in use on this machine (${used}): a lab there would hide it`);
  }
  const uplink = uplinkName(lab);
  const inside = `${uplink}-b`;
  await must(['ip', 'link', 'add', uplink, 'type', 'veth', 'peer', 'name', inside, 'netns', netnsName(lab)]);
  await must(['ip', '-n', netnsName(lab), 'link', 'set', inside, 'master', BRIDGE, 'up']);
  await must(['ip', 'addr', 'add', `${addressesOf(prefix, 2).v4}/24`, 'dev', uplink]);
  await must(['ip', 'link', 'set', uplink, 'up']);
}

/** The first route (`ip -j route`) that overlaps `prefix.0/24`, as text; the default route does not count. */
export function overlapping(routesJson: string, prefix: string): string | undefined {
  const routes = JSON.parse(routesJson || '[]') as {dst?: string; dev?: string}[];
  const ours = toNumber(`${prefix}.0`);
  for (const {dst, dev} of routes) {
    if (dst === undefined || dst === 'default' || dst.includes(':')) continue;
    const [address = '', length = '32'] = dst.split('/');
    const bits = Math.min(24, Number(length));
    if (bits === 0) continue;
    if (toNumber(address) >>> (32 - bits) === ours >>> (32 - bits)) return dev === undefined ? dst : `${dst} on ${dev}`;
  }
  return undefined;
}

/** Removes the namespace, and with it the bridge and every cable. */
export async function removeNetwork(lab: string): Promise<void> {
  await run(['ip', 'link', 'delete', uplinkName(lab)]);
  if (existsSync(`/run/netns/${netnsName(lab)}`)) await must(['ip', 'netns', 'delete', netnsName(lab)]);
}

/** Pulls or plugs the network cable of a host. */
export async function setCable(lab: string, index: number, plugged: boolean): Promise<void> {
  await must(['ip', '-n', netnsName(lab), 'link', 'set', cableName(lab, index), plugged ? 'up' : 'down']);
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
