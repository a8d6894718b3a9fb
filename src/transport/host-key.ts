/** Whether a host is who it says it is: known_hosts files, strict or `accept-new`, and what to tell the user. */
import {appendFileSync, mkdirSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {ConnectionError, type SshOptions} from './connection.ts';
import {
  fingerprint,
  judgeHostKey,
  type KnownHost,
  keyType,
  knownFor,
  knownHostName,
  knownHostsLine,
  parseKnownHosts,
} from './known-hosts.ts';

/** Checks the keys of the hosts of one connection (the target and its jumps). */
export class HostKeys {
  readonly #userFiles: readonly string[];
  readonly #entries: readonly KnownHost[];
  readonly #acceptNew: boolean;

  /** Reads the files. Throws `ConnectionError` for one that exists and cannot be read. */
  constructor(options: SshOptions, home: string) {
    this.#userFiles = options.userKnownHostsFiles ?? [join(home, '.ssh/known_hosts'), join(home, '.ssh/known_hosts2')];
    const globalFiles = options.globalKnownHostsFiles ?? ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'];
    this.#entries = [...this.#userFiles, ...globalFiles].flatMap(file => parseKnownHosts(readIfThere(file)));
    this.#acceptNew = options.strictHostKeyChecking === 'accept-new';
  }

  /** Key types known for a host: they are asked for first, so that a second key of the host does not look like a changed one. */
  types(host: string, port: number): string[] {
    const lines = knownFor(this.#entries, knownHostName(host, port)).concat(
      port === 22 ? [] : knownFor(this.#entries, knownHostName(host, 22)),
    );
    return [...new Set(lines.filter(line => line.marker === undefined).map(line => line.type))];
  }

  /** What is wrong with a key, or undefined. With `accept-new`, a new host's key is written down. */
  check(label: string, host: string, port: number, key: Buffer): Diagnostic | undefined {
    const verdict = judgeHostKey(this.#entries, host, port, key);
    const shown = `${keyType(key)} ${fingerprint(key)}`;
    const name = knownHostName(host, port);
    switch (verdict.kind) {
      case 'known':
        return undefined;
      case 'revoked':
        return problem(
          'E_HOST_KEY_REVOKED',
          `${label}: ${name} shows the key ${shown}, which is marked @revoked in known_hosts`,
          {
            hint: 'somebody may be in the middle, or the host has kept a key that must not be used: do not connect before that is clear.',
          },
        );
      case 'changed':
        return problem(
          'E_HOST_KEY_CHANGED',
          `${label}: ${name} shows the key ${shown}, but known_hosts has ${verdict.known.map(line => `${line.type} ${fingerprint(line.key)}`).join(', ')}`,
          {
            hint: `somebody may be in the middle, or the host was reinstalled. Nothing was sent to it. If it was: ssh-keygen -R '${name}' -f ${this.#userFiles[0]}, then add the new key.`,
          },
        );
      case 'unknown':
        return this.#unknown(label, host, port, key, verdict.certificate);
    }
  }

  #unknown(label: string, host: string, port: number, key: Buffer, certificate: boolean): Diagnostic | undefined {
    const name = knownHostName(host, port);
    const line = knownHostsLine(host, port, key);
    const file = this.#userFiles[0];
    if (certificate) {
      return problem(
        'E_HOST_KEY_UNKNOWN',
        `${label}: ${name} is known only by a certificate authority, and ssh certificates are not supported yet`,
        {
          hint: `compare ${fingerprint(key)} with the host's own (ssh-keygen -lf /etc/ssh/ssh_host_*.pub) and add this line to ${file}: ${line}`,
        },
      );
    }
    if (this.#acceptNew && file !== undefined) return remember(label, file, line);
    return problem(
      'E_HOST_KEY_UNKNOWN',
      `${label}: the key of ${name} is not known: ${keyType(key)} ${fingerprint(key)}`,
      {
        hint: `compare the fingerprint on the host (ssh-keygen -lf /etc/ssh/ssh_host_*.pub), then add this line to ${file}: ${line} — or trust new hosts on first use: ansible_ssh_common_args: '-o StrictHostKeyChecking=accept-new'`,
      },
    );
  }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return '';
    throw new ConnectionError(
      problem('E_KNOWN_HOSTS', `cannot read ${file}: ${code}`, {
        hint: 'make it readable: it decides which hosts are trusted.',
      }),
      {
        cause: error,
      },
    );
  }
}

/** One write of one line in append mode: several connections may do so at once. */
function remember(label: string, file: string, line: string): Diagnostic | undefined {
  try {
    mkdirSync(dirname(file), {recursive: true, mode: 0o700});
    const before = readIfThere(file);
    appendFileSync(file, `${before === '' || before.endsWith('\n') ? '' : '\n'}${line}\n`, {mode: 0o600});
    return undefined;
  } catch (error) {
    return problem(
      'E_KNOWN_HOSTS',
      `${label}: cannot write down the host's key in ${file}: ${(error as Error).message}`,
      {
        hint: `make the file writable, or add the line yourself: ${line}`,
      },
    );
  }
}
