/** What the machine needs before a lab can be built: checked at once, installed where apt can. */
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {err, ok, type Result} from '../base/result.ts';
import {run} from './command.ts';

/** A command or file that the lab uses, and the Debian package that brings it. */
export interface Need {
  readonly what: string;
  readonly package: string;
}

const NEEDS: readonly Need[] = [
  {what: 'debootstrap', package: 'debootstrap'},
  {what: 'systemd-nspawn', package: 'systemd-container'},
  {what: 'ip', package: 'iproute2'},
  {what: 'nsenter', package: 'util-linux'},
  {what: 'unshare', package: 'util-linux'},
  {what: 'mount', package: 'mount'},
  {what: 'ssh', package: 'openssh-client'},
  {what: 'ssh-keygen', package: 'openssh-client'},
  {what: 'dpkg', package: 'dpkg'},
  {what: 'tar', package: 'tar'},
  {what: 'gzip', package: 'gzip'},
  {what: 'kill', package: 'procps'},
  {what: '/usr/share/keyrings/debian-archive-keyring.gpg', package: 'debian-archive-keyring'},
  {what: '/etc/ssl/certs/ca-certificates.crt', package: 'ca-certificates'},
];

/** What some unit tests use beside the lab; where a tool is missing they are skipped, and say so. */
export const TEST_TOOLS: readonly Need[] = [
  {what: 'openssl', package: 'openssl'},
  {what: 'busybox', package: 'busybox'},
  {what: 'shellcheck', package: 'shellcheck'},
];

/** What is asked of the machine; tests give other answers. */
export interface Machine {
  readonly platform: string;
  readonly uid: number;
  /** Whether a command is in PATH (or, with a slash, a file is there). */
  readonly has: (what: string) => boolean;
  /** Runs a command to its end and returns its exit code and error output. */
  readonly run: (argv: readonly string[]) => Promise<{readonly code: number | undefined; readonly stderr: string}>;
}

/** This machine. */
export function thisMachine(): Machine {
  const path = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin', '/usr/bin', '/bin'].filter(Boolean);
  return {
    platform: process.platform,
    uid: process.getuid?.() ?? -1,
    has: what => (what.includes('/') ? existsSync(what) : path.some(dir => existsSync(join(dir, what)))),
    run: argv => run(argv, {env: {DEBIAN_FRONTEND: 'noninteractive'}}),
  };
}

/** Makes the machine ready for a lab, installing missing Debian packages, or says in one sentence why it cannot. */
export async function ensurePrerequisites(
  say: (text: string) => void,
  machine: Machine = thisMachine(),
  more: readonly Need[] = [],
): Promise<Result<void>> {
  const needs = [...NEEDS, ...more];
  const unfit = unfitness(machine);
  if (unfit !== undefined) return err([unfit]);
  const missing = missingPackages(machine, needs);
  if (missing.length === 0) return ok(undefined);
  if (!machine.has('apt-get')) {
    return refuse(
      `the lab needs ${missing.join(', ')}, and this machine has no apt-get to install them`,
      'install them by hand, or use a Debian machine',
    );
  }
  say(`installing with apt-get: ${missing.join(' ')}`);
  const install = ['apt-get', '-q', '-y', '--no-install-recommends', 'install', ...missing];
  let done = await machine.run(install);
  if (done.code !== 0) {
    // a fresh machine has no package lists yet, an old one stale ones
    say('reading the package lists (apt-get update)');
    await machine.run(['apt-get', '-q', 'update']);
    done = await machine.run(install);
  }
  const still = missingPackages(machine, needs);
  if (done.code === 0 && still.length === 0) return ok(undefined);
  const words = done.stderr.trim().split('\n').at(-1) ?? '';
  return refuse(
    `apt-get could not install ${(still.length > 0 ? still : missing).join(', ')}: ${words}`,
    `run "apt-get install ${missing.join(' ')}" by hand`,
  );
}

/** Why this machine can never hold a lab, or undefined; needs no network and changes nothing. */
export function unfitness(machine: Machine = thisMachine()): Diagnostic | undefined {
  if (machine.platform !== 'linux') {
    return problem('E_LAB_MACHINE', `the lab needs Linux, and this is ${machine.platform}`, {
      hint: 'use a Debian machine, a virtual one will do',
    });
  }
  if (machine.uid !== 0) {
    return problem('E_LAB_MACHINE', `the lab needs root, and this is user ${machine.uid}`, {hint: 'run it as root'});
  }
  return undefined;
}

function missingPackages(machine: Machine, needs: readonly Need[]): readonly string[] {
  return [...new Set(needs.filter(need => !machine.has(need.what)).map(need => need.package))];
}

function refuse(message: string, hint: string): Result<never> {
  return err([problem('E_LAB_MACHINE', message, {hint})]);
}
