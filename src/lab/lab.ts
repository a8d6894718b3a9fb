/** A lab: real hosts on one machine, each with its own systemd, sshd and address, in a network of their own. */
import type {ChildProcess} from 'node:child_process';
import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {cgroupName, makeCgroup} from './cgroup.ts';
import {type Finished, type RunOptions, run} from './command.ts';
import {downLab} from './down.ts';
import {LabError} from './error.ts';
import {guestPaths, hostsFile, makeGuest} from './guest.ts';
import {clientKeyPath, knownHostsPath, writeKnownHosts} from './keys.ts';
import {type LabRelay, startLabRelay} from './lab-relay.ts';
import {addressesOf, netnsName} from './names.ts';
import {setCable} from './network.ts';
import {isOn, leaderOf, powerCut, powerOn, setPaused, shutDown, waitUntilUp} from './power.ts';
import {type HostOptions, type LabHost, type LabState, newHost, writeState} from './state.ts';

/** A lab that runs; hosts are named by their name, their address, or h1, h2, … in order. */
export class Lab {
  #state: LabState;

  constructor(state: LabState) {
    this.#state = state;
  }

  get state(): LabState {
    return this.#state;
  }

  get hosts(): readonly LabHost[] {
    return this.#state.hosts;
  }

  /** The controller's private key. */
  get key(): string {
    return clientKeyPath(this.#state.dir);
  }

  get knownHosts(): string {
    return knownHostsPath(this.#state.dir);
  }

  host(name: string): LabHost {
    const hosts = this.#state.hosts;
    const found = hosts.find((host, i) => [host.name, host.address, host.address6, `h${i + 1}`].includes(name));
    if (found === undefined)
      throw new LabError(`the lab has no host "${name}", only ${hosts.map(h => h.name).join(', ')}`);
    return found;
  }

  /** Makes and boots hosts that the state already names. */
  async start(hosts: readonly LabHost[]): Promise<void> {
    const state = this.#state;
    await Promise.all(hosts.map(host => makeGuest(state, host)));
    await writeKnownHosts(state, index => join(guestPaths(state.dir, index).upper, 'etc/ssh'));
    await Promise.all(hosts.map(host => powerOn(state, host)));
    await Promise.all(hosts.map(host => waitUntilUp(state, host)));
  }

  /** Adds a host to the running lab; the others learn its name. */
  async addHost(wanted: string | HostOptions = {}): Promise<LabHost> {
    const host = newHost(this.#state, wanted);
    this.#state = {...this.#state, hosts: [...this.#state.hosts, host]};
    await writeState(this.#state);
    await this.start([host]);
    for (const other of this.hosts) await writeFile(this.path(other.name, '/etc/hosts'), hostsFile(this.hosts));
    return host;
  }

  /** Where a file of a host is on this machine, whether the host is on or off (then only files that it has written itself). */
  path(host: string, file: string): string {
    const leader = leaderOf(this.#state, this.host(host));
    const base =
      leader === undefined ? guestPaths(this.#state.dir, this.host(host).index).upper : `/proc/${leader}/root`;
    return join(base, file);
  }

  /** The words to put before a command so that it runs as root inside a host. */
  enterHost(host: string, argv: readonly string[]): readonly string[] {
    const leader = leaderOf(this.#state, this.host(host));
    if (leader === undefined) throw new LabError(`${host} is off`);
    const enter = ['nsenter', '-t', String(leader), '-m', '-u', '-i', '-n', '-p', '--'];
    const clean = [
      'env',
      '-i',
      'HOME=/root',
      'TERM=dumb',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ];
    return [...enter, ...clean, ...argv];
  }

  /** Runs a command as root inside a host, without ssh. */
  exec(host: string, argv: readonly string[], options: RunOptions = {}): Promise<Finished> {
    return run(this.enterHost(host, argv), options);
  }

  /** Standard output of a command inside a host that has to succeed. */
  async execOk(host: string, argv: readonly string[], options: RunOptions = {}): Promise<string> {
    const done = await this.exec(host, argv, options);
    if (done.code === 0) return done.stdout;
    throw new LabError(`on ${host}, ${argv.join(' ')} ended with ${done.code ?? done.signal}: ${done.stderr.trim()}`);
  }

  /** Runs a command of this machine in the lab's network; it ends with the lab at the latest. */
  async run(argv: readonly string[], options: RunOptions = {}): Promise<Finished> {
    return run([...(await this.enter()), ...argv], options);
  }

  /** Starts a command in the lab's network and hands out the process; `done` settles when it has ended. */
  async spawn(
    argv: readonly string[],
    options: RunOptions = {},
  ): Promise<{child: ChildProcess; done: Promise<Finished>}> {
    const line = [...(await this.enter()), ...argv];
    return new Promise((resolve, reject) => {
      const done: Promise<Finished> = run(line, {
        ...options,
        onSpawn: child => queueMicrotask(() => resolve({child, done})),
      });
      done.catch(reject);
    });
  }

  /** The words to put before a command so that it runs in the lab's network and ends with the lab. */
  async enter(): Promise<readonly string[]> {
    const group = await makeCgroup(cgroupName(this.#state.name, 'run'));
    const script = 'while [ "$1" != -- ]; do echo $$ > "$1"; shift; done; shift; exec "$@"';
    const netns = `--net=/run/netns/${netnsName(this.#state.name)}`;
    return ['sh', '-c', script, 'sh', ...group, '--', 'nsenter', netns, '--'];
  }

  /** An `ssh` command line to a host that asks nothing. */
  ssh(host: string, user: string, command: string): readonly string[] {
    const options = [
      'BatchMode=yes',
      `UserKnownHostsFile=${this.knownHosts}`,
      'IdentitiesOnly=yes',
      'ConnectTimeout=10',
    ];
    return [
      'ssh',
      '-F',
      '/dev/null',
      '-i',
      this.key,
      ...options.flatMap(option => ['-o', option]),
      `${user}@${this.host(host).address}`,
      command,
    ];
  }

  /** A relay to a host's port, `delayMs` away in each direction; listens on the lab's bridge. */
  async relay(host: string, delayMs: number, port = 22): Promise<LabRelay> {
    const target = {host: this.host(host).address, port};
    return startLabRelay(await this.enter(), addressesOf(this.#state.prefix, 1).v4, target, delayMs);
  }

  /** Pulls the network cable of a host. */
  cut(host: string): Promise<void> {
    return setCable(this.#state.name, this.host(host).index, false);
  }

  /** Plugs the network cable in again. */
  mend(host: string): Promise<void> {
    return setCable(this.#state.name, this.host(host).index, true);
  }

  /** Takes a host's power away. */
  kill(host: string): Promise<void> {
    return powerCut(this.#state, this.host(host));
  }

  /** Shuts a host down in good order. */
  shutDown(host: string): Promise<void> {
    return shutDown(this.#state, this.host(host));
  }

  /** Boots a host that is off, with the files it had, and waits until it takes logins. */
  async boot(host: string): Promise<void> {
    await powerOn(this.#state, this.host(host));
    await waitUntilUp(this.#state, this.host(host));
  }

  isOn(host: string): boolean {
    return isOn(this.#state, this.host(host));
  }

  /** Stops every process of a host, as a paused virtual machine. */
  pause(host: string): void {
    setPaused(this.#state, this.host(host), true);
  }

  resume(host: string): void {
    setPaused(this.#state, this.host(host), false);
  }

  /** What a host has written on its console. */
  console(host: string): Promise<string> {
    return readFile(guestPaths(this.#state.dir, this.host(host).index).console, 'utf8');
  }

  /** Ends everything and removes every trace but the caches; may be called again. */
  down(): Promise<void> {
    return downLab(this.#state.name, this.#state.cache);
  }
}
