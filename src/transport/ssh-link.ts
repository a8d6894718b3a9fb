/** What an SSH connection needs and gives, in words that do not depend on who speaks the protocol. */
import type {Duplex} from 'node:stream';
import type {Diagnostic} from '../base/diagnostic.ts';
import type {Secret} from '../base/secret.ts';
import type {AgentStreams} from './agent-streams.ts';
import type {Identity} from './identities.ts';
import type {Destination} from './ssh-errors.ts';

/** Everything that one connection needs. */
export interface SshRequest {
  readonly to: Destination;
  readonly socket: Duplex;
  readonly identities: readonly Identity[];
  /** Why other identities are not tried. */
  readonly notes: readonly string[];
  /** An ssh-agent, and which of its keys may be tried (base64 of the public key); undefined = all. */
  readonly agent: {readonly socket: string; readonly only: readonly string[] | undefined} | undefined;
  readonly password: Secret | undefined;
  /** Key types known for the host, preferred in this order. */
  readonly knownTypes: readonly string[];
  /** What is wrong with the host's key; called before anything is sent that could be used elsewhere. */
  readonly checkHostKey: (key: Buffer) => Diagnostic | undefined;
  /** For handshake and authentication together. */
  readonly timeoutSeconds: number;
}

/** An authenticated connection. */
export interface SshLink {
  /** Runs a command line in the login shell. Rejects with `ConnectionError`. */
  exec(line: string): Promise<AgentStreams>;
  /** A TCP connection from the host; rejects with an `Error` whose `code` is as for a socket, where sshd tells. */
  forward(address: string, port: number): Promise<Duplex>;
  close(): Promise<void>;
  /** Why the connection is gone, once it is. */
  readonly lost: string | undefined;
}
