/** The shells that a host's /bin/sh may be, as far as this machine has them. */
import {execFileSync, spawnSync} from 'node:child_process';
import {existsSync, mkdirSync} from 'node:fs';
import {join} from 'node:path';
import type {HostTarget} from '../../src/transport/connection.ts';

/** A shell to run the agent in: a name for titles, and the words that start it. */
export interface Shell {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

/** Finds dash, bash and busybox; says which are missing. `dir` takes busybox's own tools, so that none of GNU's help it. */
export function findShells(dir: string): Shell[] {
  const found: Shell[] = [];
  const dash = which('dash');
  const bash = which('bash');
  const busybox = which('busybox');
  if (dash !== undefined) found.push({name: 'dash', command: [dash]});
  if (bash !== undefined)
    found.push({name: 'bash', command: [bash]}, {name: 'bash --posix', command: [bash, '--posix']});
  if (busybox !== undefined) {
    const tools = join(dir, 'busybox');
    mkdirSync(tools);
    execFileSync(busybox, ['--install', '-s', tools], {stdio: 'ignore'});
    found.push({name: 'busybox sh', command: ['/usr/bin/env', `PATH=${tools}`, busybox, 'sh']});
  }
  const missing = [dash ?? 'dash', bash ?? 'bash', busybox ?? 'busybox'].filter(path => !path.startsWith('/'));
  if (missing.length > 0) process.stderr.write(`not installed here, so not tested: ${missing.join(', ')}\n`);
  return found;
}

/** The path of a program, where there is one. */
export function which(program: string): string | undefined {
  const paths = ['/bin', '/usr/bin', '/sbin', '/usr/sbin', '/usr/local/bin', '/usr/local/sbin'];
  return paths.map(path => join(path, program)).find(path => existsSync(path));
}

/** This machine as a target. */
export const LOCAL: HostTarget = {name: 'here', connection: 'local', address: '127.0.0.1', port: 22, options: {}};

/** Whether tests act as root. */
export const IS_ROOT = process.getuid?.() === 0;

/** Whether `sudo -n` works for the acting user (it need not). */
export function hasSudo(): boolean {
  return spawnSync('sudo', ['-n', 'true'], {stdio: 'ignore'}).status === 0;
}
