/** Ansible's connection variables of one host, checked: what it takes to connect. */
import {resolve as resolvePath} from 'node:path';
import type {Data} from '../base/data.ts';
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {err, ok, type Result} from '../base/result.ts';
import {Secret} from '../base/secret.ts';
import type {Location} from '../base/source.ts';
import {isHostAddress, isUserName, parsePort} from './address.ts';
import type {HostTarget, SshOptions} from './connection.ts';
import {expandHome, parseSshArgs} from './ssh-options.ts';

/** A variable's final value and where it was written. */
export interface Variable {
  readonly value: Data;
  readonly at?: Location;
}

/** What the controller gives where the inventory says nothing. */
export interface TargetDefaults {
  readonly home: string;
  /** `--user`. */
  readonly user?: string;
}

/** Spellings of each setting, the strongest first. */
const NAMES = {
  host: ['ansible_host', 'ansible_ssh_host'],
  port: ['ansible_port', 'ansible_ssh_port'],
  user: ['ansible_user', 'ansible_ssh_user'],
  key: ['ansible_ssh_private_key_file', 'ansible_private_key_file'],
  passphrase: ['ansible_ssh_private_key_passphrase', 'ansible_private_key_passphrase'],
  password: ['ansible_password', 'ansible_ssh_password', 'ansible_ssh_pass'],
  become: ['ansible_become_password', 'ansible_become_pass', 'ansible_sudo_pass', 'ansible_sudo_password'],
  connection: ['ansible_connection'],
  becomeMethod: ['ansible_become_method'],
  args: ['ansible_ssh_args', 'ansible_ssh_common_args', 'ansible_ssh_extra_args'],
} as const;

const SSH_NAMES = new Set([
  'ssh',
  'smart',
  'paramiko',
  'paramiko_ssh',
  'ansible.builtin.ssh',
  'ansible.builtin.paramiko_ssh',
]);
const LOCAL_NAMES = new Set(['local', 'ansible.builtin.local']);

/** Every problem of the variables is told at once; secrets are never part of a message. */
export function parseTarget(
  name: string,
  vars: Readonly<Record<string, Variable>>,
  defaults: TargetDefaults,
): Result<HostTarget> {
  const reader = new VariableReader(name, vars);
  const connection = reader.connection();
  const address =
    reader.checked(
      'host',
      isHostAddress,
      'is no host name and no address',
      'give an IPv4 or IPv6 address or a DNS name.',
    ) ?? name;
  if (connection === 'ssh' && !reader.has('host') && !isHostAddress(name)) {
    reader.refuse('E_ADDRESS', `"${name}" is no host name and no address`, undefined, `set ansible_host for ${name}.`);
  }
  const port = reader.port();
  const user =
    reader.checked(
      'user',
      isUserName,
      'is no user name',
      'a user name starts with a letter or "_" and has no blanks.',
    ) ?? defaults.user;
  const key = reader.text('key');
  const options = reader.options(defaults.home);
  const passphrase = reader.secret('passphrase');
  const password = reader.secret('password');
  const become = reader.secret('become');
  reader.becomeMethod();
  if (reader.problems.length > 0) return err(reader.problems);
  return ok({
    name,
    connection,
    address,
    port: port ?? options.port ?? 22,
    options,
    ...(user === undefined ? {} : {user}),
    ...(key === undefined ? {} : {privateKeyFile: resolvePath(expandHome(key, defaults.home))}),
    ...(password === undefined ? {} : {password}),
    ...(passphrase === undefined ? {} : {privateKeyPassphrase: passphrase}),
    ...(become === undefined ? {} : {becomePassword: become}),
  });
}

/** Reads settings by any of their spellings and collects what is wrong. */
class VariableReader {
  readonly problems: Diagnostic[] = [];
  readonly #host: string;
  readonly #vars: Readonly<Record<string, Variable>>;

  constructor(host: string, vars: Readonly<Record<string, Variable>>) {
    this.#host = host;
    this.#vars = vars;
  }

  refuse(code: `E_${string}`, message: string, at: Location | undefined, hint: string): undefined {
    this.problems.push(problem(code, `${this.#host}: ${message}`, {hint, ...(at === undefined ? {} : {at})}));
    return undefined;
  }

  has(setting: keyof typeof NAMES): boolean {
    return this.#find(setting) !== undefined;
  }

  /** A setting as text; numbers count as their digits (a password of digits is a number in YAML). */
  text(setting: keyof typeof NAMES): string | undefined {
    const found = this.#find(setting);
    if (found === undefined) return undefined;
    const {name, variable} = found;
    const {value, at} = variable;
    if (typeof value === 'number' || typeof value === 'bigint') return String(value);
    if (typeof value !== 'string' || value.includes('\0')) {
      return this.refuse('E_CONNECTION_VARIABLE', `${name} must be a string`, at, 'put the value in quotes.');
    }
    return value === '' ? undefined : value;
  }

  checked(
    setting: keyof typeof NAMES,
    isGood: (text: string) => boolean,
    why: string,
    hint: string,
  ): string | undefined {
    const text = this.text(setting);
    if (text === undefined || isGood(text)) return text;
    const found = this.#find(setting);
    return this.refuse('E_ADDRESS', `${found?.name}: "${text}" ${why}`, found?.variable.at, hint);
  }

  port(): number | undefined {
    const found = this.#find('port');
    if (found === undefined) return undefined;
    const port = parsePort(found.variable.value);
    if (port !== undefined) return port;
    return this.refuse(
      'E_ADDRESS',
      `${found.name}: "${String(found.variable.value)}" is no port`,
      found.variable.at,
      'a port is a number from 1 to 65535.',
    );
  }

  secret(setting: 'passphrase' | 'password' | 'become'): Secret | undefined {
    const text = this.text(setting);
    if (text === undefined) return undefined;
    if (/[\r\n]/.test(text)) {
      const found = this.#find(setting);
      return this.refuse(
        'E_CONNECTION_VARIABLE',
        `${found?.name} holds a line break`,
        found?.variable.at,
        'a password is one line: check the quoting, or a trailing newline.',
      );
    }
    return new Secret(text);
  }

  becomeMethod(): void {
    const method = this.text('becomeMethod') ?? 'sudo';
    if (method === 'sudo' || method === 'ansible.builtin.sudo') return;
    const at = this.#find('becomeMethod')?.variable.at;
    this.refuse(
      'E_CONNECTION_VARIABLE',
      `ansible_become_method: "${method}" is not supported`,
      at,
      'use sudo, or log in as root.',
    );
  }

  connection(): 'ssh' | 'local' {
    const text = this.text('connection') ?? 'ssh';
    if (LOCAL_NAMES.has(text)) return 'local';
    if (!SSH_NAMES.has(text)) {
      this.refuse(
        'E_CONNECTION_VARIABLE',
        `ansible_connection: "${text}" is not supported`,
        this.#find('connection')?.variable.at,
        'use ssh or local.',
      );
    }
    return 'ssh';
  }

  options(home: string): SshOptions {
    let options: SshOptions = {};
    for (const variable of NAMES.args) {
      const found = this.#vars[variable];
      if (found === undefined || found.value === null || found.value === '') continue;
      if (typeof found.value !== 'string') {
        this.refuse(
          'E_SSH_OPTION',
          `${variable} must be a string`,
          found.at,
          'write the options as one string, as on the command line of ssh.',
        );
        continue;
      }
      const parsed = parseSshArgs(found.value, {variable: `${this.#host}: ${variable}`, at: found.at}, home, options);
      options = parsed.options;
      this.problems.push(...parsed.problems);
    }
    const forgetful = options.userKnownHostsFiles?.[0] === '/dev/null' || options.userKnownHostsFiles?.length === 0;
    if (options.strictHostKeyChecking === 'accept-new' && forgetful) {
      const at = NAMES.args.map(variable => this.#vars[variable]?.at).find(Boolean);
      this.refuse(
        'E_SSH_OPTION',
        'accept-new with no file to remember keys in accepts every key every time',
        at,
        'leave UserKnownHostsFile out, or name a file.',
      );
    }
    return options;
  }

  #find(setting: keyof typeof NAMES): {readonly name: string; readonly variable: Variable} | undefined {
    for (const name of NAMES[setting]) {
      const variable = Object.hasOwn(this.#vars, name) ? this.#vars[name] : undefined;
      if (variable !== undefined && variable.value !== null) return {name, variable};
    }
    return undefined;
  }
}
