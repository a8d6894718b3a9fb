/** Why a host could not be reached, each cause in its own words. Pure. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {printableLine} from '../base/printable.ts';

/** Where a connection was going. */
export interface Destination {
  /** `inventory_hostname`. */
  readonly label: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** `bastion:22` where the way leads over a jump host. */
  readonly via: string | undefined;
}

/** An error of the network, of DNS or of the SSH handshake. */
export function unreachableProblem(to: Destination, error: unknown, timeoutSeconds: number): Diagnostic {
  const place = `${to.label}: cannot connect to ${to.address} port ${to.port}${to.via === undefined ? '' : ` through ${to.via}`}`;
  const codes = errorCodes(error);
  const text = printableLine(error instanceof Error ? error.message : String(error)).slice(0, 300);
  const says = (why: string, hint: string): Diagnostic => problem('E_UNREACHABLE', `${place}: ${why}`, {hint});
  if (codes.includes('ENOTFOUND') || codes.includes('EAI_AGAIN') || codes.includes('EAI_FAIL')) {
    return says(
      'the name cannot be resolved',
      `set ansible_host to an address, or check DNS: getent hosts ${to.address}`,
    );
  }
  if (codes.includes('ECONNREFUSED') || /connection refused/i.test(text)) {
    return says('connection refused', 'is sshd running there, on this port (ansible_port)?');
  }
  if (
    codes.includes('EHOSTUNREACH') ||
    codes.includes('ENETUNREACH') ||
    /no route to host|network is unreachable/i.test(text)
  ) {
    return says('no route to the host', 'check the address, the network and the firewall between here and there.');
  }
  if (codes.includes('ETIMEDOUT') || codes.includes('E_TIMEOUT') || /timed out|timeout/i.test(text)) {
    return says(
      `no answer within ${timeoutSeconds} s`,
      'is the host up? A firewall that drops packets looks the same. A longer wait: -o ConnectTimeout=30',
    );
  }
  if (/before handshake|ECONNRESET|socket hang up/i.test(`${text} ${codes.join(' ')}`)) {
    return says(
      'the other end closed the connection before the SSH handshake',
      "look at sshd's log there: MaxStartups, PerSourcePenalties, or no sshd on this port.",
    );
  }
  if (/no matching/i.test(text)) {
    return says(
      `no common SSH algorithms (${text})`,
      'the host allows only algorithms that this program does not have; widen KexAlgorithms, HostKeyAlgorithms, Ciphers or MACs in its sshd_config.',
    );
  }
  if (/administratively prohibited/i.test(text))
    return says(text, 'set AllowTcpForwarding yes in sshd_config of the jump host.');
  return says(text === '' ? 'connection closed' : text, "look at sshd's log on the host.");
}

function errorCodes(error: unknown): string[] {
  if (error instanceof AggregateError) return error.errors.flatMap(errorCodes);
  const code = (error as {code?: unknown} | undefined)?.code;
  return typeof code === 'string' ? [code] : [];
}

/** Nothing that was tried was accepted. `tried` = identities in the order of trying; `notes` = what could not be tried and why. */
export function authProblem(
  to: Destination,
  tried: readonly string[],
  notes: readonly string[],
  detail: string,
): Diagnostic {
  const attempts = tried.length === 0 ? 'there was nothing to try' : `tried ${tried.join(', ')}`;
  const unused = notes.length === 0 ? '' : `; not tried: ${notes.join('; ')}`;
  const many = /too many/i.test(detail) ? ' (the host gave up: too many attempts)' : '';
  return problem(
    'E_AUTH_FAILED',
    `${to.label}: ${to.address} does not let ${to.user} in: ${attempts}${many}${unused}`,
    {
      hint: many
        ? 'name the right key with ansible_ssh_private_key_file and set -o IdentitiesOnly=yes, so that the keys of the ssh-agent are left out.'
        : `check ansible_user and ansible_ssh_private_key_file; the public key belongs into ~${to.user}/.ssh/authorized_keys on the host.`,
    },
  );
}

/** A tunnel that was not opened: sshd tells the reason in words, sockets tell it by `code`, and so does this error. */
export function forwardError(error: Error): Error {
  const words: [RegExp, string][] = [
    [/refused/i, 'ECONNREFUSED'],
    [/timed out/i, 'ETIMEDOUT'],
    [/no route|unreachable/i, 'EHOSTUNREACH'],
    [/prohibited/i, 'EPERM'],
  ];
  return Object.assign(error, {code: words.find(([pattern]) => pattern.test(error.message))?.[1] ?? 'EIO'});
}
