/** Connection options of the command line: they hold where the inventory says nothing, as in Ansible. */
import type {Data} from '../base/data.ts';
import type {Location} from '../base/source.ts';
import type {Options} from './options.ts';

/** A host's `ansible_…` variables, with their places. */
export type ConnectionVariables = Readonly<Record<string, {readonly value: Data; readonly at?: Location}>>;

/** Passwords that were asked for (`-k`, `-K`). */
export interface Passwords {
  readonly login?: string;
  readonly become?: string;
}

/** The variables of one host together with what the command line adds. */
export function withConnectionDefaults(
  variables: ConnectionVariables,
  options: Options,
  passwords: Passwords,
): ConnectionVariables {
  const {user, privateKey, connection} = options;
  const result: Record<string, {readonly value: Data; readonly at?: Location}> = {};
  const preset = (names: readonly [string, ...string[]], value: string | undefined): void => {
    if (value !== undefined && names.every(name => variables[name] === undefined)) result[names[0]] = {value};
  };
  preset(['ansible_user', 'ansible_ssh_user'], user);
  preset(['ansible_ssh_private_key_file', 'ansible_private_key_file'], privateKey);
  preset(['ansible_connection'], connection);
  preset(['ansible_password', 'ansible_ssh_pass', 'ansible_ssh_password'], passwords.login);
  preset(['ansible_become_password', 'ansible_become_pass', 'ansible_sudo_pass'], passwords.become);
  const args = sshArgs(options);
  // The inventory's own options come first: as in ssh, the first value of an option is the one that counts.
  const own = variables['ansible_ssh_extra_args'];
  if (args !== '')
    result['ansible_ssh_extra_args'] = {...own, value: own === undefined ? args : `${String(own.value)} ${args}`};
  return {...variables, ...result};
}

function sshArgs({sshArgs: given, timeoutSeconds, acceptNewHostKeys}: Options): string {
  return [
    ...given,
    ...(timeoutSeconds === undefined ? [] : [`-o ConnectTimeout=${timeoutSeconds}`]),
    ...(acceptNewHostKeys ? ['-o StrictHostKeyChecking=accept-new'] : []),
  ].join(' ');
}
