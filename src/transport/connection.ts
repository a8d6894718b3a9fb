/** Hands on a machine: one connection per host, requests to the agent as data, pipelined. */
import type {Duplex, Readable} from 'node:stream';
import type {Diagnostic} from '../base/diagnostic.ts';
import type {Secret} from '../base/secret.ts';

/** How to reach a host: Ansible's `ansible_*` connection variables after resolution. */
export interface HostTarget {
  /** `inventory_hostname`. */
  readonly name: string;
  /** `ssh` (default) or `local`. */
  readonly connection: 'ssh' | 'local';
  readonly address: string;
  readonly port: number;
  readonly user?: string;
  /** Path of a private key on the controller; `~` already expanded. */
  readonly privateKeyFile?: string;
  readonly password?: Secret;
  readonly privateKeyPassphrase?: Secret;
  readonly becomePassword?: Secret;
  /** Parsed from `ansible_ssh_common_args`, `ansible_ssh_extra_args`, `ansible_ssh_args`. */
  readonly options: SshOptions;
}

/** The `-o` options we honour; any other is refused by name. */
export interface SshOptions {
  readonly userKnownHostsFiles?: readonly string[];
  readonly globalKnownHostsFiles?: readonly string[];
  readonly strictHostKeyChecking?: 'yes' | 'accept-new';
  readonly port?: number;
  readonly connectTimeoutSeconds?: number;
  readonly identityFiles?: readonly string[];
  readonly identitiesOnly?: boolean;
  readonly user?: string;
  /** `[user@]host[:port]` of each jump, first hop first. */
  readonly proxyJump?: readonly {readonly host: string; readonly port: number; readonly user?: string}[];
}

/** One request: a verb of `agent.sh` and its arguments. Arguments are data: they are framed, never pasted into a shell line. */
export interface Request {
  readonly verb: string;
  /** No NUL; anything else is allowed, newlines too. */
  readonly args: readonly string[];
  readonly stdin?: Uint8Array;
  /** Killed on the host after this time; the reply's rc is then 124. Default: 300 s. */
  readonly timeoutSeconds?: number;
}

/** The answer to one request. */
export interface Reply {
  /** Exit code; 125 with `skipped` when an earlier request of a `stopOnFailure` batch failed. */
  readonly rc: number;
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly skipped: boolean;
  /** Not done: the host's lock no longer names the run of `RunOptions.fence`; `stderr` = the lock as it is now. rc is 125. */
  readonly superseded?: true;
}

/** Who acts on the host: `root` or another name = through sudo (unless already that user); undefined = the login user. */
export interface RunOptions {
  readonly as?: string | undefined;
  /** After the first failure the host skips the rest of the batch without waiting to be told. */
  readonly stopOnFailure?: boolean | undefined;
  /** Id of the run that the host's lock must name (verb `lock`), for each of the requests. Absent = not looked at. */
  readonly fence?: string | undefined;
}

/** A connected host. */
export interface Connection {
  readonly host: string;
  /** Sends all requests at once; replies in the same order. Rejects with `ConnectionLost` if the connection dies. */
  run(requests: readonly Request[], options?: RunOptions): Promise<Reply[]>;
  /** Streams bytes to a verb's standard input on a channel of its own, so that the agent's loop stays free. */
  upload(request: Omit<Request, 'stdin'>, body: Readable, sizeBytes: number, options?: RunOptions): Promise<Reply>;
  /** A TCP connection from the host to an address (SSH direct-tcpip; for `local` a plain socket). */
  forward(address: string, port: number): Promise<Duplex>;
  close(): Promise<void>;
}

/** Opening or keeping a connection failed: the host counts as unreachable (exit code 4). */
export class ConnectionError extends Error {
  readonly diagnostic: Diagnostic;

  constructor(diagnostic: Diagnostic, options?: ErrorOptions) {
    super(diagnostic.message, options);
    this.name = 'ConnectionError';
    this.diagnostic = diagnostic;
  }
}

/** Opens connections; the executor's only way to a machine. Rejects with `ConnectionError`. */
export type Connect = (target: HostTarget, signal: AbortSignal) => Promise<Connection>;
