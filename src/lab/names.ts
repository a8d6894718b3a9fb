/** Names and addresses: everything on the machine that belongs to a lab can be found from the lab's name alone. */
import {createHash} from 'node:crypto';
import {join} from 'node:path';
import {LabError} from './error.ts';

/** The address of the lab's bridge is `.1`, of the machine itself (where reachable) `.2`; hosts start here. */
export const FIRST_HOST = 10;

/** Where a lab keeps its files, below the cache directory. */
export function labDir(cache: string, name: string): string {
  return join(cache, 'labs', name);
}

/** A short tag of the lab, for interface and machine names, which are limited to 15 characters. */
export function labTag(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 6);
}

/** The lab's network namespace. */
export function netnsName(name: string): string {
  return `etcdctl-play-${name}`;
}

/** The machine name that systemd-nspawn gets. */
export function machineName(lab: string, index: number): string {
  return `${labTag(lab)}-${index}`;
}

/** The bridge's end of a host's cable. */
export function cableName(lab: string, index: number): string {
  return `vb-${machineName(lab, index)}`;
}

/** The machine's end of the cable that makes a lab reachable. */
export function uplinkName(lab: string): string {
  return `ecp-${labTag(lab)}`;
}

/** The IPv4 and IPv6 address of a number in the lab: (`10.10.10`, 10) is 10.10.10.10 and fd00:10:10::10. */
export function addressesOf(prefix: string, number: number): {readonly v4: string; readonly v6: string} {
  const [a, b] = prefix.split('.');
  return {v4: `${prefix}.${number}`, v6: `fd00:${a}:${b}::${number}`};
}

/** Refuses names that could not be part of a path or an interface name. */
export function checkName(kind: 'lab' | 'host', name: string): void {
  if (/^[a-z0-9]([a-z0-9.-]{0,38}[a-z0-9])?$/.test(name)) return;
  throw new LabError(`${kind} name "${name}": use up to 40 lower-case letters, digits, dots and dashes`);
}
