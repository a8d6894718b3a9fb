/** The files that make a host of the lab differ from the shared root: written into its overlay before it boots. */
import {chmod, chown, mkdir, readFile, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {clientKeyPath, makeHostKeys} from './keys.ts';
import {addressesOf} from './names.ts';
import {LAB_USERS} from './root-recipe.ts';
import type {LabHost, LabState} from './state.ts';

/** The directories of one host: `upper` holds its own files, `work` is the overlay's, `root` where it is mounted. */
export interface GuestPaths {
  readonly upper: string;
  readonly work: string;
  readonly root: string;
  readonly console: string;
}

/** Where a host's files are on the machine. */
export function guestPaths(dir: string, index: number): GuestPaths {
  const base = join(dir, 'hosts', String(index));
  return {
    upper: join(base, 'upper'),
    work: join(base, 'work'),
    root: join(base, 'root'),
    console: join(base, 'console.log'),
  };
}

/** Makes the directories and files of a new host. */
export async function makeGuest(state: LabState, host: LabHost): Promise<void> {
  const {upper, work, root} = guestPaths(state.dir, host.index);
  for (const path of [upper, work, root]) await mkdir(path, {recursive: true, mode: 0o755});
  await put(upper, '/etc/hostname', `${host.name}\n`);
  await put(upper, '/etc/hosts', hostsFile(state.hosts));
  await put(upper, '/etc/machine-id', '');
  await put(upper, '/etc/systemd/network/10-lab.network', networkFile(state.prefix, host));
  await put(upper, '/etc/ssh/.lab', '');
  await makeHostKeys(join(upper, 'etc/ssh'), host.name);
  const key = await readFile(`${clientKeyPath(state.dir)}.pub`, 'utf8');
  await put(upper, '/root/.ssh/authorized_keys', key, {mode: 0o600, dirMode: 0o700});
  await mkdir(join(upper, 'home'), {recursive: true, mode: 0o755});
  for (const user of LAB_USERS) {
    const home = `/home/${user.name}`;
    await put(upper, `${home}/.ssh/authorized_keys`, key, {mode: 0o600, dirMode: 0o700, uid: user.uid});
    await chown(join(upper, home), user.uid, user.uid);
    await chmod(join(upper, home), 0o755);
  }
}

/** `/etc/hosts`: every host by its name and as h1, h2, … */
export function hostsFile(hosts: readonly LabHost[]): string {
  const lines = ['127.0.0.1 localhost', '::1 localhost ip6-localhost ip6-loopback'];
  hosts.forEach((host, i) => {
    const names = [...new Set([host.name, `h${i + 1}`])].filter(name => name !== host.address);
    lines.push(`${host.address} ${names.join(' ')}`);
  });
  return `${lines.join('\n')}\n`;
}

function networkFile(prefix: string, host: LabHost): string {
  const {v6} = addressesOf(prefix, host.index);
  return `[Match]
Name=host0

[Network]
LinkLocalAddressing=no
IPv6AcceptRA=no
LLMNR=no
MulticastDNS=no

[Address]
Address=${host.address}/24

[Address]
Address=${v6}/64
DuplicateAddressDetection=none
`;
}

/** Writes one file with its directories; the directories' modes are the overlay's too, so they are set, not left to umask. */
async function put(
  upper: string,
  path: string,
  text: string,
  how: {readonly mode?: number; readonly dirMode?: number; readonly uid?: number} = {},
): Promise<void> {
  const file = join(upper, path);
  const parents: string[] = [];
  for (let dir = dirname(path); dir !== '/'; dir = dirname(dir)) parents.unshift(dir);
  for (const dir of parents) {
    if ((await mkdir(join(upper, dir), {recursive: true})) !== undefined) await chmod(join(upper, dir), 0o755);
  }
  await writeFile(file, text);
  await chmod(file, how.mode ?? 0o644);
  if (how.dirMode !== undefined) await chmod(dirname(file), how.dirMode);
  if (how.uid === undefined) return;
  await chown(file, how.uid, how.uid);
  await chown(dirname(file), how.uid, how.uid);
}
