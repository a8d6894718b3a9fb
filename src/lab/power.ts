/** The power switch of a host: boot, orderly shutdown, power cut, pause. */
import {spawn} from 'node:child_process';
import {closeSync, existsSync, openSync, readdirSync, readFileSync} from 'node:fs';
import {statfs} from 'node:fs/promises';
import {cgroupName, cgroupsOf, endCgroups, makeCgroup, pidsIn, setFrozen} from './cgroup.ts';
import {eventually, must} from './command.ts';
import {LabError} from './error.ts';
import {type GuestPaths, guestPaths} from './guest.ts';
import {machineName, netnsName} from './names.ts';
import {BRIDGE} from './network.ts';
import type {LabHost, LabState} from './state.ts';

const OVERLAY_MAGIC = 0x794c7630;

/** The part of the control group name that belongs to a host. */
function partOf(host: LabHost): string {
  return `h${host.index}`;
}

/** Whether the host's processes exist. */
export function isOn(state: LabState, host: LabHost): boolean {
  return cgroupsOf(state.name, partOf(host)).some(path => pidsIn(path).length > 0);
}

/** The id, on this machine, of the host's process 1; undefined where the host is off. It changes with every reboot. */
export function leaderOf(state: LabState, host: LabHost): number | undefined {
  for (const pid of new Set(cgroupsOf(state.name, partOf(host)).flatMap(pidsIn))) {
    if (isInit(pid)) return pid;
  }
  return undefined;
}

/** Process 1 of a nested process namespace has two ids, the second of which is 1. */
function isInit(pid: number): boolean {
  try {
    return /^NSpid:\t\d+\t1$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/**
 * Starts the host. Its root is mounted in a mount namespace of its own, so no mount is ever left behind; its control
 * group is its own, so its systemd shares units with nobody.
 */
export async function powerOn(state: LabState, host: LabHost): Promise<void> {
  if (isOn(state, host)) throw new LabError(`${host.name} is already on`);
  const paths = guestPaths(state.dir, host.index);
  const groups = await makeCgroup(cgroupName(state.name, partOf(host)));
  const mounting = await mountLine(state, paths);
  const script = `for f in ${groups.map(quote).join(' ')}; do echo $$ > "$f"; done; ${mounting} && exec "$@"`;
  const nspawn = [
    'systemd-nspawn',
    '--quiet',
    '--boot',
    '--register=no',
    '--keep-unit',
    '--settings=no',
    '--link-journal=no',
    '--resolv-conf=off',
    '--timezone=off',
    '--console=read-only',
    `--directory=${paths.root}`,
    `--machine=${machineName(state.name, host.index)}`,
    `--hostname=${host.name}`,
    `--network-bridge=${BRIDGE}`,
    ...Object.entries(host.tmpfs).map(([path, size]) => `--tmpfs=${path}:mode=755,size=${size}`),
  ];
  const enter = ['nsenter', `--net=/run/netns/${netnsName(state.name)}`, '--', ...nspawn];
  const argv = ['--mount', '--propagation', 'slave', '--', 'sh', '-c', script, 'sh', ...enter];
  const log = openSync(paths.console, 'a');
  const child = spawn('unshare', argv, {
    detached: true,
    stdio: ['ignore', log, log],
    env: {PATH: '/usr/sbin:/usr/bin:/sbin:/bin', SYSTEMD_NSPAWN_LOCK: '0'},
  });
  closeSync(log);
  child.on('error', () => {}); // seen below, as a host that does not come up
  child.unref();
  if (!(await eventually(() => leaderOf(state, host) !== undefined, 10_000))) throw notUp(state, host);
}

/** Waits until users can log in: sshd listens, and the boot no longer keeps users out. */
export async function waitUntilUp(state: LabState, host: LabHost, timeoutMs = 60_000): Promise<void> {
  const up = await eventually(() => {
    const leader = leaderOf(state, host);
    return leader !== undefined && listensOn(leader, 22) && !existsSync(`/proc/${leader}/root/run/nologin`);
  }, timeoutMs);
  if (!up) throw notUp(state, host);
}

/**
 * Takes the power away: with process 1 the kernel ends all others at the same moment, none can write another byte.
 * What was written but not synced is still there afterwards, because this machine's memory keeps it.
 */
export async function powerCut(state: LabState, host: LabHost): Promise<void> {
  const leader = leaderOf(state, host);
  if (leader !== undefined) process.kill(leader, 'SIGKILL');
  await endCgroups(cgroupsOf(state.name, partOf(host)));
}

/** An orderly shutdown, as by the power button; a host that hangs for 30 s loses its power. */
export async function shutDown(state: LabState, host: LabHost): Promise<void> {
  const leader = leaderOf(state, host);
  // SIGRTMIN+4 is systemd's word for "power off"; Node has no name for real-time signals
  if (leader !== undefined) await must(['kill', '-s', 'RTMIN+4', String(leader)]);
  await eventually(() => !isOn(state, host), 30_000);
  await powerCut(state, host);
}

/** Pauses or resumes every process of the host at once, as a hypervisor does. */
export function setPaused(state: LabState, host: LabHost, paused: boolean): void {
  const paths = cgroupsOf(state.name, partOf(host));
  const done = paths.map(path => setFrozen(path, paused));
  if (!done.includes(true))
    throw new LabError(`this kernel cannot pause ${host.name}: its control groups have no freezer`);
}

/** Overlay on overlay does not work (a container's file system is one): there the root is copied instead. */
async function mountLine(state: LabState, {upper, work, root}: GuestPaths): Promise<string> {
  if ((await statfs(upper)).type !== OVERLAY_MAGIC) {
    const options = `lowerdir=${state.root},upperdir=${upper},workdir=${work}`;
    return `mount -t overlay -o ${quote(options)} overlay ${quote(root)}`;
  }
  if (readdirSync(root).length === 0) {
    await must(['cp', '-a', `${state.root}/.`, root]);
    await must(['cp', '-a', `${upper}/.`, root]);
  }
  return 'true';
}

function listensOn(leader: number, port: number): boolean {
  try {
    const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')} `;
    const lines = readFileSync(`/proc/${leader}/net/tcp`, 'utf8').split('\n');
    return lines.some(line => line.includes(wanted) && line.split(/\s+/)[4] === '0A');
  } catch {
    return false;
  }
}

function notUp(state: LabState, host: LabHost): LabError {
  const {console} = guestPaths(state.dir, host.index);
  const words = existsSync(console) ? readFileSync(console, 'utf8').trim().split('\n').slice(-8).join('\n  ') : '';
  return new LabError(`${host.name} did not come up; its console (${console}) ends with:\n  ${words}`);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
