/** Opens connections: over SSH, over SSH through jump hosts (each opened once for all hosts behind it), or on this machine. */
import {userInfo} from 'node:os';
import type {Duplex} from 'node:stream';
import {problem} from '../base/diagnostic.ts';
import {AgentPool} from './agent-pool.ts';
import {type Connect, type Connection, ConnectionError, type HostTarget} from './connection.ts';
import {HostKeys} from './host-key.ts';
import {readIdentities} from './identities.ts';
import {connectLocal} from './local.ts';
import {dial, withTimeout} from './socket.ts';
import {openSsh} from './ssh.ts';
import {type Destination, unreachableProblem} from './ssh-errors.ts';
import type {SshLink} from './ssh-link.ts';

/** What connections need of the controller's surroundings. */
export interface ConnectEnvironment {
  /** The user's home directory: default keys, known_hosts. */
  readonly home: string;
  /** `SSH_AUTH_SOCK`. */
  readonly agentSocket?: string | undefined;
}

interface Hop {
  readonly host: string;
  readonly port: number;
  readonly user: string;
}

/** A shared connection to the last of some jump hosts. */
interface Jump {
  readonly link: Promise<SshLink>;
  users: number;
}

const DEFAULT_CONNECT_SECONDS = 10;
/** sshd may wait for DNS, PAM or LDAP before it answers a login. */
const LOGIN_SECONDS = 20;
/** A busy sshd (MaxStartups) drops new connections at random; these are the waits before another attempt. */
const RETRY_MS = [300, 900];

/** The executor's way to machines. Jump hosts are shared among all connections that this function's result opens. */
export function createConnect(environment: ConnectEnvironment): Connect {
  const jumps = new Map<string, Jump>();
  return (target, signal) =>
    target.connection === 'local'
      ? Promise.resolve(connectLocal(target))
      : connectSsh(target, environment, jumps, signal);
}

async function connectSsh(
  target: HostTarget,
  environment: ConnectEnvironment,
  jumps: Map<string, Jump>,
  signal: AbortSignal,
): Promise<Connection> {
  const opener = new Opener(target, environment, jumps, signal);
  const link = await opener.open();
  const pool = new AgentPool({
    host: target.name,
    open: texts => link.exec(texts.startLine),
    becomePassword: target.becomePassword,
    startSeconds: 30,
  });
  return {
    host: target.name,
    run: (requests, options) => pool.run(requests, options),
    upload: (request, body, sizeBytes, options) => pool.upload(request, body, sizeBytes, options),
    forward: (address, port) => link.forward(address, port),
    close: async () => {
      await pool.close();
      await link.close();
      await opener.release();
    },
  };
}

/** One target's way, hop by hop. */
class Opener {
  readonly #target: HostTarget;
  readonly #environment: ConnectEnvironment;
  readonly #jumps: Map<string, Jump>;
  readonly #signal: AbortSignal;
  readonly #hostKeys: HostKeys;
  readonly #user: string;
  readonly #held: string[] = [];

  constructor(target: HostTarget, environment: ConnectEnvironment, jumps: Map<string, Jump>, signal: AbortSignal) {
    this.#target = target;
    this.#environment = environment;
    this.#jumps = jumps;
    this.#signal = signal;
    this.#hostKeys = new HostKeys(target.options, environment.home);
    this.#user = target.user ?? target.options.user ?? userInfo().username;
  }

  async open(): Promise<SshLink> {
    const jumps = (this.#target.options.proxyJump ?? []).map(hop => ({
      host: hop.host,
      port: hop.port,
      user: hop.user ?? this.#user,
    }));
    try {
      const last = await this.#openJumps(jumps);
      return await this.#openHop(
        {host: this.#target.address, port: this.#target.port, user: this.#user},
        jumps.at(-1),
        last,
        true,
      );
    } catch (error) {
      await this.release();
      throw error;
    }
  }

  /** Gives back the jump hosts; the last user closes them. */
  async release(): Promise<void> {
    for (const key of this.#held.splice(0).reverse()) {
      const jump = this.#jumps.get(key);
      if (jump === undefined || --jump.users > 0) continue;
      this.#jumps.delete(key);
      await jump.link.then(link => link.close()).catch(() => {});
    }
  }

  async #openJumps(hops: readonly Hop[]): Promise<SshLink | undefined> {
    let before: SshLink | undefined;
    for (const [index, hop] of hops.entries()) {
      const key = JSON.stringify([hops.slice(0, index + 1), this.#target.privateKeyFile, this.#target.options]);
      const through = before;
      before = await this.#hold(key, () => this.#openHop(hop, hops[index - 1], through, false));
    }
    return before;
  }

  /** The shared connection of that key, counted as used before anything is waited for; a dead one is replaced. */
  async #hold(key: string, open: () => Promise<SshLink>): Promise<SshLink> {
    for (;;) {
      const jump = this.#jumps.get(key) ?? {link: open(), users: 0};
      this.#jumps.set(key, jump);
      jump.users++;
      const link = await jump.link.catch((error: unknown) => {
        if (this.#jumps.get(key) === jump) this.#jumps.delete(key);
        throw error;
      });
      if (link.lost === undefined) {
        this.#held.push(key);
        return link;
      }
      if (this.#jumps.get(key) === jump) this.#jumps.delete(key);
    }
  }

  async #openHop(hop: Hop, previous: Hop | undefined, through: SshLink | undefined, last: boolean): Promise<SshLink> {
    const {options, name} = this.#target;
    const to: Destination = {
      label: name,
      address: hop.host,
      port: hop.port,
      user: hop.user,
      via: previous === undefined ? undefined : `${previous.host}:${previous.port}`,
    };
    const seconds = options.connectTimeoutSeconds ?? DEFAULT_CONNECT_SECONDS;
    for (let attempt = 0; ; attempt++) {
      const socket = await this.#socket(to, through, seconds);
      const stop = (): void => void socket.destroy();
      this.#signal.addEventListener('abort', stop, {once: true});
      try {
        return await openSsh({
          ...this.#credentials(last),
          to,
          socket,
          timeoutSeconds: seconds + LOGIN_SECONDS,
          ...this.#hostKey(hop),
        });
      } catch (error) {
        socket.destroy();
        if (this.#signal.aborted) throw interrupted(name);
        const wait = RETRY_MS[attempt];
        if (wait === undefined || !isDropped(error)) throw error;
        await new Promise(resolve => setTimeout(resolve, wait));
      } finally {
        this.#signal.removeEventListener('abort', stop);
      }
    }
  }

  #hostKey({host, port}: Hop) {
    return {
      knownTypes: this.#hostKeys.types(host, port),
      checkHostKey: (key: Buffer) => this.#hostKeys.check(this.#target.name, host, port, key),
    };
  }

  /** A jump host gets keys only: the password is the target's. */
  #credentials(last: boolean) {
    const {privateKeyFile, options, privateKeyPassphrase, password} = this.#target;
    const files = [...(privateKeyFile === undefined ? [] : [privateKeyFile]), ...(options.identityFiles ?? [])];
    const {usable, publicKeys, notes} = readIdentities(files, this.#environment.home, privateKeyPassphrase);
    const socket = this.#environment.agentSocket;
    const agent =
      socket === undefined || socket === ''
        ? undefined
        : {socket, only: options.identitiesOnly ? publicKeys : undefined};
    return {identities: usable, notes, agent, password: last ? password : undefined};
  }

  async #socket(to: Destination, through: SshLink | undefined, seconds: number): Promise<Duplex> {
    if (this.#signal.aborted) throw interrupted(this.#target.name);
    try {
      return await (through === undefined
        ? dial(to, seconds, this.#signal)
        : withTimeout(through.forward(to.address, to.port), seconds));
    } catch (error) {
      if (this.#signal.aborted) throw interrupted(this.#target.name);
      throw new ConnectionError(unreachableProblem(to, error, seconds), {cause: error});
    }
  }
}

/** The other end hung up before it said who it is. */
function isDropped(error: unknown): boolean {
  const cause = error instanceof Error ? (error.cause as NodeJS.ErrnoException | undefined) : undefined;
  return cause !== undefined && (/before handshake/i.test(cause.message) || cause.code === 'ECONNRESET');
}

function interrupted(host: string): ConnectionError {
  return new ConnectionError(
    problem('E_INTERRUPTED', `${host}: interrupted while connecting`, {hint: 'run the same command again.'}),
  );
}
