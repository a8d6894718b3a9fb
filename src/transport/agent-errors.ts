/** Why the agent did not start, or stopped, in words that name the remedy. Pure: what the host said comes in as text. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {printable} from '../base/printable.ts';

/** What is known when a channel closes before the agent has answered. */
export interface StartFailure {
  readonly host: string;
  /** Wanted user; undefined = the login user. */
  readonly as: string | undefined;
  readonly exitCode: number | undefined;
  /** Everything the host printed before the end. */
  readonly said: string;
  readonly passwordGiven: boolean;
  /** How often sudo asked for it. */
  readonly prompts: number;
}

/** The diagnostic for a channel on which no agent came up. */
export function startFailure(failure: StartFailure): Diagnostic {
  const {host, said, passwordGiven, prompts} = failure;
  const user = failure.as ?? 'root';
  const quoted = quote(said);
  if (
    prompts > 1 ||
    /\d+ incorrect password attempt|sudo: Authentication failed|maximum \d+ incorrect authentication/.test(said)
  ) {
    return problem('E_SUDO_WRONG_PASSWORD', `${host}: sudo does not accept the password${quoted}`, {
      hint: 'check ansible_become_password; it was sent once only, so that no account is locked.',
    });
  }
  if (/a password is required|interactive authentication is required|no tty present and no askpass/.test(said)) {
    return problem('E_SUDO_PASSWORD', `${host}: sudo wants a password to become ${user}`, {
      hint: passwordGiven
        ? 'sudo did not take a password from standard input: allow it, or use NOPASSWD in /etc/sudoers.d for the login user.'
        : 'set ansible_become_password (vault), or put NOPASSWD into /etc/sudoers.d for the login user.',
    });
  }
  if (/must have a tty|sorry, you must/.test(said)) {
    return problem('E_SUDO_DENIED', `${host}: sudo works only on a terminal (requiretty)${quoted}`, {
      hint: 'put "Defaults:<login user> !requiretty" into /etc/sudoers.d on the host.',
    });
  }
  if (
    /not in the sudoers file|is not allowed to|may not run sudo|unknown user|I'm afraid I can't do that|account validation failure/.test(
      said,
    )
  ) {
    return problem('E_SUDO_DENIED', `${host}: sudo does not let the login user become ${user}${quoted}`, {
      hint: `give the login user the right to become ${user} in /etc/sudoers.d, or connect as ${user} (ansible_user).`,
    });
  }
  if (/sudo: (?:command )?not found|sudo: No such file/.test(said)) {
    return problem('E_SUDO_DENIED', `${host}: there is no sudo on the host, and the login user is not ${user}`, {
      hint: `install sudo, or connect as ${user} (ansible_user).`,
    });
  }
  const code = failure.exitCode === undefined ? '' : ` (exit code ${failure.exitCode})`;
  return problem('E_AGENT', `${host}: the shell on the host ended before it took commands${code}${quoted}`, {
    hint: 'the login user needs a shell that may run commands (no nologin, no ForceCommand) and /bin/sh with dd and cat on the host.',
  });
}

/** The agent never answered. */
export function startTimeout(host: string, seconds: number, said: string): Diagnostic {
  return problem('E_AGENT', `${host}: the shell on the host did not start within ${seconds} s${quote(said)}`, {
    hint: 'look for what makes a login slow there: ~/.bashrc waiting for input, PAM, an unreachable LDAP or DNS server.',
  });
}

/** The connection, or the agent on its end, went away while it had work to do or was still needed. */
export function connectionLost(host: string, why: string): Diagnostic {
  return problem('E_CONNECTION_LOST', `${host}: connection lost: ${why}`, {
    hint: 'what the host was just doing may or may not be done: run the same command again, it looks before it acts.',
  });
}

/** The last words of a host, cleaned, for the end of a sentence. */
function quote(said: string): string {
  const lines = printable(said)
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '');
  return lines.length === 0 ? '' : `: ${lines.slice(-4).join(' / ').slice(-500)}`;
}
