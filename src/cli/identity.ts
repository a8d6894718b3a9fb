/** Who runs this: what the locks of the hosts say to other runs. */
import {hostname, userInfo} from 'node:os';
import {type Diagnostic, warning} from '../base/diagnostic.ts';
import {printableLine} from '../base/printable.ts';
import type {RunIdentity} from '../execute/run-identity.ts';
import {publicCommandLine} from './command-line.ts';
import type {World} from './world.ts';

const VARIABLE = 'ETCDCTL_PLAY_LOCK_SECONDS';
const DEFAULT_SECONDS = 30;
const MIN_SECONDS = 3;
const MAX_SECONDS = 3600;

/** The identity of a run, but for its id. */
export function identityOf({argv, env, now}: World, leaseSeconds: number): Omit<RunIdentity, 'runId'> {
  const {username} = userInfo();
  // Behind sudo everybody is root.
  const user = env['SUDO_USER'] === undefined ? username : `${env['SUDO_USER']} as ${username}`;
  return {
    who: oneLine(`${user}@${hostname()} (pid ${process.pid})`),
    since: new Date(now()).toISOString().replace(/\.\d+Z$/, 'Z'),
    command: oneLine(publicCommandLine(argv)),
    leaseSeconds,
  };
}

/** Seconds without a sign of life after which another run may take over; a warning where the environment says nonsense. */
export function leaseSecondsOf(env: World['env']): {
  readonly seconds: number;
  readonly warnings: readonly Diagnostic[];
} {
  const text = env[VARIABLE];
  if (text === undefined || text === '') return {seconds: DEFAULT_SECONDS, warnings: []};
  const seconds = Number(text);
  if (/^\d+$/.test(text) && seconds >= MIN_SECONDS && seconds <= MAX_SECONDS) return {seconds, warnings: []};
  const message = `${VARIABLE} is "${printableLine(text)}": it takes a whole number of seconds from ${MIN_SECONDS} to ${MAX_SECONDS}; ${DEFAULT_SECONDS} is used`;
  return {seconds: DEFAULT_SECONDS, warnings: [warning('W_LOCK_SECONDS', message)]};
}

function oneLine(text: string): string {
  return printableLine(text).slice(0, 400);
}
