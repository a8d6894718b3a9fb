/** `ansible_ssh_common_args` and its sisters: ssh's command-line options, those that we honour; any other is refused by name. */
import {join} from 'node:path';
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import type {Location} from '../base/source.ts';
import {isUserName, parseHop, parsePort} from './address.ts';
import type {SshOptions} from './connection.ts';
import {splitWords} from './word-split.ts';

/** Where an option was written. */
interface Place {
  readonly variable: string;
  readonly at: Location | undefined;
}

/** A setting, or what is wrong with it. */
type Setting = Partial<SshOptions> | {readonly wrong: string; readonly hint: string};

type Reader = (value: string, home: string) => Setting;

const REFUSED_HINT =
  'this program speaks SSH itself and knows UserKnownHostsFile, GlobalKnownHostsFile, StrictHostKeyChecking, Port, ConnectTimeout, ProxyJump, User, IdentityFile, IdentitiesOnly.';

/** Options that make no difference here: one connection per host is kept anyway, and nothing is forwarded. */
const WITHOUT_EFFECT = new Set([
  'controlmaster',
  'controlpersist',
  'controlpath',
  'serveraliveinterval',
  'serveralivecountmax',
  'tcpkeepalive',
  'compression',
  'loglevel',
  'batchmode',
  'requesttty',
  'hashknownhosts',
  'visualhostkey',
  'preferredauthentications',
  'passwordauthentication',
  'pubkeyauthentication',
  'kbdinteractiveauthentication',
  'connectionattempts',
]);
/** Options that are off here and may be said to be off. */
const ONLY_OFF = new Set([
  'forwardagent',
  'forwardx11',
  'forwardx11trusted',
  'gssapiauthentication',
  'gssapidelegatecredentials',
  'updatehostkeys',
  'verifyhostkeydns',
  'checkhostip',
  'hostbasedauthentication',
  'permitlocalcommand',
]);

const READERS: Readonly<Record<string, Reader>> = {
  userknownhostsfile: (value, home) => ({userKnownHostsFiles: files(value, home)}),
  globalknownhostsfile: (value, home) => ({globalKnownHostsFiles: files(value, home)}),
  stricthostkeychecking: strictness,
  port: value => {
    const port = parsePort(value);
    return port === undefined ? {wrong: `"${value}" is no port`, hint: 'a port is a number from 1 to 65535.'} : {port};
  },
  connecttimeout: value => {
    const seconds = /^\d{1,5}$/.test(value) ? Number(value) : 0;
    return seconds < 1
      ? {wrong: `"${value}" is no time`, hint: 'give whole seconds, 1 or more.'}
      : {connectTimeoutSeconds: seconds};
  },
  proxyjump: value => {
    if (value.toLowerCase() === 'none') return {};
    const hops = value.split(',').map(parseHop);
    const good = hops.filter(hop => hop !== undefined);
    return good.length === hops.length
      ? {proxyJump: good}
      : {wrong: `"${value}" names no jump hosts`, hint: 'write [user@]host[:port], several with commas between.'};
  },
  user: value =>
    isUserName(value)
      ? {user: value}
      : {wrong: `"${value}" is no user name`, hint: 'a user name starts with a letter or "_".'},
  identityfile: (value, home) => (value.toLowerCase() === 'none' ? {} : {identityFiles: [expandHome(value, home)]}),
  identitiesonly: value => ({identitiesOnly: isYes(value)}),
};

/** Letters of `ssh -X value` that are short for an option. */
const LETTERS: Readonly<Record<string, string>> = {p: 'Port', i: 'IdentityFile', J: 'ProxyJump', l: 'User'};
/** Letters without a value that change nothing here: no forwarding, quiet, IPv4/6 is found by itself. */
const NO_VALUE = new Set(['-C', '-q', '-T', '-a', '-x', '-v', '-vv', '-vvv']);

/** Reads one variable's options into settings; as in ssh, the first value of an option wins (`into` comes first). */
export function parseSshArgs(
  text: string,
  place: Place,
  home: string,
  into: SshOptions,
): {readonly options: SshOptions; readonly problems: readonly Diagnostic[]} {
  const refuse = (message: string, hint: string): Diagnostic =>
    problem('E_SSH_OPTION', `${place.variable}: ${message}`, {hint, ...(place.at === undefined ? {} : {at: place.at})});
  const words = splitWords(text);
  if (words === undefined)
    return {options: into, problems: [refuse('a quote is not closed', 'close it, or put a backslash before it.')]};
  const problems: Diagnostic[] = [];
  let options = into;
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (NO_VALUE.has(word)) continue;
    const letter = /^-([A-Za-z])/.exec(word)?.[1] ?? '';
    const value = word.length > 2 ? word.slice(2) : rest.shift();
    if (letter === 'F' && (value === '/dev/null' || value === 'none')) continue;
    const named = letter === 'o' ? splitOption(value ?? '', rest) : [LETTERS[letter] ?? '', value ?? ''];
    const [name, setting] = named;
    if (name === undefined || name === '' || setting === undefined || setting === '') {
      problems.push(refuse(`the option "${word}" is not supported`, REFUSED_HINT));
      continue;
    }
    const read = readOption(name, setting, home);
    if ('wrong' in read) problems.push(refuse(`${name}: ${read.wrong}`, read.hint));
    else options = merge(options, read);
  }
  return {options, problems};
}

/** `K=V`, `K V` in one word, or `K` and `V` in two. */
function splitOption(word: string, rest: string[]): [string | undefined, string | undefined] {
  const match = /^\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+)(.*)$/s.exec(word);
  return match === null ? [/^[A-Za-z0-9]+$/.test(word) ? word : undefined, rest.shift()] : [match[1], match[2]?.trim()];
}

function readOption(name: string, value: string, home: string): Setting {
  const key = name.toLowerCase();
  const reader = Object.hasOwn(READERS, key) ? READERS[key] : undefined;
  if (reader !== undefined) return reader(value, home);
  if (WITHOUT_EFFECT.has(key)) return {};
  if (ONLY_OFF.has(key) && /^(?:no|false|none)$/i.test(value)) return {};
  const hint = key === 'proxycommand' ? 'use -o ProxyJump=[user@]host[:port] instead.' : REFUSED_HINT;
  return {wrong: `the option is not supported (value "${value}")`, hint};
}

function strictness(value: string): Setting {
  switch (value.toLowerCase()) {
    case 'yes':
    case 'true':
    case 'ask':
      return {strictHostKeyChecking: 'yes'};
    case 'accept-new':
      return {strictHostKeyChecking: 'accept-new'};
    default:
      return {
        wrong: `"${value}" is refused: anybody in the middle could take the place of a host`,
        hint: 'use accept-new (trusts a host on first use and notices a change), or add the hosts to known_hosts.',
      };
  }
}

function merge(first: SshOptions, later: Partial<SshOptions>): SshOptions {
  const identityFiles = [...(first.identityFiles ?? []), ...(later.identityFiles ?? [])];
  return {...later, ...first, ...(identityFiles.length > 0 ? {identityFiles} : {})};
}

function files(value: string, home: string): string[] {
  return value.toLowerCase() === 'none'
    ? []
    : value
        .split(/\s+/)
        .filter(Boolean)
        .map(file => expandHome(file, home));
}

function isYes(value: string): boolean {
  return /^(?:yes|true)$/i.test(value);
}

/** `~` and `%d` are the user's home directory. */
export function expandHome(path: string, home: string): string {
  if (path === '~') return home;
  return path.startsWith('~/') ? join(home, path.slice(2)) : path.replace(/^%d(?=\/)/, () => home);
}
