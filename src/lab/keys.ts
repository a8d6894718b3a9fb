/** Keys of a lab: the controller's, and every host's own. */
import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {must} from './command.ts';
import type {LabState} from './state.ts';

/** The controller's private key, for every user of every host; `.pub` lies beside it. */
export function clientKeyPath(dir: string): string {
  return join(dir, 'id_ed25519');
}

/** The host keys of the lab's hosts, by name and address. */
export function knownHostsPath(dir: string): string {
  return join(dir, 'known_hosts');
}

/** Makes a key pair without a passphrase. */
export async function makeKey(path: string, type: 'ed25519' | 'ecdsa', comment: string): Promise<void> {
  await must(['ssh-keygen', '-q', '-t', type, '-N', '', '-C', comment, '-f', path]);
}

/** Makes a host's keys in a directory (its `/etc/ssh`), as a fresh Debian host has them (less RSA, which is slow to make). */
export async function makeHostKeys(sshDir: string, host: string): Promise<void> {
  const types = ['ed25519', 'ecdsa'] as const;
  await Promise.all(types.map(type => makeKey(join(sshDir, `ssh_host_${type}_key`), type, `root@${host}`)));
}

/** Writes known_hosts from the hosts' own files: nothing is taken on trust from the network. */
export async function writeKnownHosts(state: LabState, sshDirOf: (index: number) => string): Promise<void> {
  let text = '';
  for (const host of state.hosts) {
    const key = await readFile(join(sshDirOf(host.index), 'ssh_host_ed25519_key.pub'), 'utf8');
    const names = [...new Set([host.name, host.address, host.address6])].join(',');
    text += `${names} ${key.split(' ').slice(0, 2).join(' ')}\n`;
  }
  await writeFile(knownHostsPath(state.dir), text);
}
