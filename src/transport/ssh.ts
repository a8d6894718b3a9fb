/** One SSH connection over a socket that is already there. The only file that knows `ssh2`. */
import {Socket} from 'node:net';
import type {Duplex} from 'node:stream';
import type {AnyAuthMethod, Client, ClientChannel, ConnectConfig, ParsedKey, ServerHostKeyAlgorithm} from 'ssh2';
import type {Diagnostic} from '../base/diagnostic.ts';
import {connectionLost} from './agent-errors.ts';
import type {AgentStreams} from './agent-streams.ts';
import {ConnectionError} from './connection.ts';
import {deferred} from './socket.ts';
import {authProblem, type Destination, forwardError, unreachableProblem} from './ssh-errors.ts';
import type {SshLink, SshRequest} from './ssh-link.ts';

type Ssh2 = typeof import('ssh2');

/** ssh2's algorithms for each type of host key; SHA-1 signatures are left out. */
const HOST_KEY_ALGORITHMS: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};

const CHANNEL_ATTEMPTS = 7;

/** Authenticates and returns the connection. Rejects with `ConnectionError`; the socket is then closed. */
export async function openSsh(request: SshRequest): Promise<SshLink> {
  // Loaded here so that commands which touch no host start without it.
  const ssh2: Ssh2 = (await import('ssh2')).default as unknown as Ssh2;
  const client = new ssh2.Client();
  const login = new Login(ssh2, request);
  let lost: string | undefined;
  const gone = deferred<string>();
  let hostKeyProblem: Diagnostic | undefined;
  const types = [...new Set([...request.knownTypes, ...Object.keys(HOST_KEY_ALGORITHMS)])];
  const config: ConnectConfig = {
    sock: request.socket,
    username: request.to.user,
    keepaliveInterval: 10_000,
    keepaliveCountMax: 3,
    readyTimeout: request.timeoutSeconds * 1000,
    algorithms: {serverHostKey: types.flatMap(type => HOST_KEY_ALGORITHMS[type] ?? [])},
    hostVerifier: (key: Buffer): boolean => {
      hostKeyProblem = request.checkHostKey(key);
      return hostKeyProblem === undefined;
    },
    authHandler: (left, _partial, next) => next((login.next(left) ?? false) as AnyAuthMethod),
  };
  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error & {level?: string}): void => {
      if (login.isPassing(error)) return;
      lost ??= error.level === 'client-timeout' ? 'no sign of life for 30 s' : error.message;
      gone.resolve(lost);
      const diagnostic =
        hostKeyProblem ?? login.problem(error) ?? unreachableProblem(request.to, error, request.timeoutSeconds);
      reject(new ConnectionError(diagnostic, {cause: error}));
      client.destroy();
    };
    client.on('ready', resolve).on('error', fail);
    // A tunnel through a jump host may end without closing.
    const ended = (): void => fail(new Error('connection closed'));
    client.on('end', ended).on('close', ended);
    try {
      if (request.socket.destroyed || request.socket.readableEnded) throw new Error('Connection lost before handshake');
      client.connect(config);
    } catch (error) {
      fail(error as Error);
    }
  });
  return {
    get lost() {
      return lost;
    },
    exec: line => execute(client, request.to.label, line, gone.promise, () => lost),
    forward: (address, port) => forward(client, address, port),
    close: () => closeClient(client, request.socket),
  };
}

/** What is tried, one after another, and what came of it. */
class Login {
  readonly #tried: string[] = [];
  readonly #notes: string[];
  readonly #to: Destination;
  readonly #queue: {readonly method: string; readonly label: string; readonly make: () => AnyAuthMethod}[] = [];

  constructor(ssh2: Ssh2, {to, identities, notes, agent, password}: SshRequest) {
    this.#to = to;
    this.#notes = [...notes];
    const username = to.user;
    const offered = new Set<string>();
    for (const {path, text, passphrase} of identities) {
      const key = ssh2.utils.parseKey(text.reveal(), passphrase?.reveal());
      if (key instanceof Error) {
        this.#notes.push(
          `${path}: ${/no passphrase/.test(key.message) ? 'encrypted: load it into an ssh-agent (ssh-add)' : key.message}`,
        );
        continue;
      }
      offered.add(key.getPublicSSH().toString('base64'));
      this.#queue.push({method: 'publickey', label: path, make: () => ({type: 'publickey', username, key})});
    }
    if (agent !== undefined) {
      const keys = new ssh2.OpenSSHAgent(agent.socket);
      const all = keys.getIdentities.bind(keys);
      keys.getIdentities = callback =>
        all((error, found) => {
          const wanted = ((found ?? []) as ParsedKey[]).filter(key => {
            const blob = key.getPublicSSH().toString('base64');
            return !offered.has(blob) && (agent.only === undefined || agent.only.includes(blob));
          });
          this.#tried.push(...wanted.map(key => `${key.comment || key.type} (ssh-agent)`));
          callback(error, wanted);
        });
      this.#queue.push({method: 'publickey', label: '', make: () => ({type: 'agent', username, agent: keys})});
    }
    if (password !== undefined) {
      this.#queue.push({
        method: 'password',
        label: 'the password',
        make: () => ({type: 'password', username, password: password.reveal()}),
      });
      this.#queue.push({
        method: 'keyboard-interactive',
        label: 'the password',
        make: () => ({
          type: 'keyboard-interactive',
          username,
          prompt: (_name, _instructions, _lang, prompts, finish) =>
            finish(prompts.map(({echo}) => (echo ? '' : password.reveal()))),
        }),
      });
    }
  }

  /** The next attempt that the host allows (`left` is null before the first one). */
  next(left: readonly string[] | null): AnyAuthMethod | undefined {
    for (let entry = this.#queue.shift(); entry !== undefined; entry = this.#queue.shift()) {
      // The same password is not offered twice: by the other method only where the first is not allowed.
      if (left !== null && !left.includes(entry.method)) continue;
      if (entry.method !== 'publickey' && this.#tried.includes(entry.label)) continue;
      if (entry.label !== '') this.#tried.push(entry.label);
      return entry.make();
    }
    return undefined;
  }

  /** Errors after which ssh2 goes on by itself: an ssh-agent that does not answer, a key that cannot sign. */
  isPassing(error: Error & {level?: string}): boolean {
    const passing =
      error.level === 'agent' || (error.level === 'client-authentication' && !/^All configured/.test(error.message));
    if (passing) this.#notes.push(`ssh-agent or key: ${error.message}`);
    return passing;
  }

  /** Why nobody was let in, where that is what the error says. */
  problem(error: Error & {level?: string}): Diagnostic | undefined {
    if (error.level !== 'client-authentication' && !/authentication failures/i.test(error.message)) return undefined;
    return authProblem(this.#to, this.#tried, this.#notes, error.message);
  }
}

async function execute(
  client: Client,
  label: string,
  line: string,
  gone: Promise<string>,
  lost: () => string | undefined,
): Promise<AgentStreams> {
  for (let attempt = 1; ; attempt++) {
    try {
      return streamsOf(await execOnce(client, line), gone, lost);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const why = lost();
      // sshd frees a session some time after it has ended (MaxSessions).
      if (why !== undefined || !/channel open failure/i.test(message) || attempt === CHANNEL_ATTEMPTS) {
        throw new ConnectionError(connectionLost(label, why ?? message), {cause: error});
      }
      await new Promise(resolve => setTimeout(resolve, 50 * 2 ** attempt));
    }
  }
}

function execOnce(client: Client, line: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(line, (error, channel) => (error ? reject(error) : resolve(channel)));
  });
}

function streamsOf(channel: ClientChannel, gone: Promise<string>, lost: () => string | undefined): AgentStreams {
  let code: number | undefined;
  channel.on('exit', (status: number | null) => {
    code = status ?? undefined;
  });
  return {
    stdin: channel,
    stdout: channel,
    stderr: channel.stderr,
    closed: new Promise(resolve => {
      channel.on('close', () => resolve({code, lost: lost()}));
      void gone.then(why => resolve({code: undefined, lost: why}));
    }),
    destroy: () => channel.destroy(),
  };
}

function forward(client: Client, address: string, port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    try {
      client.forwardOut('127.0.0.1', 0, address, port, (error, channel) =>
        error ? reject(forwardError(error)) : resolve(channel),
      );
    } catch (error) {
      reject(error as Error);
    }
  });
}

/**
 * Says goodbye. A plain TCP socket needs no answer: what is written is sent even if this program has ended. A tunnel through a
 * jump host does: its last words travel on another connection, which is closed next.
 */
async function closeClient(client: Client, socket: Duplex): Promise<void> {
  if (socket instanceof Socket) {
    client.end();
    socket.destroySoon();
    return;
  }
  let patience: NodeJS.Timeout | undefined;
  const closed = new Promise<void>(resolve => {
    if (socket.destroyed) resolve();
    socket.once('close', resolve).once('end', resolve);
    patience = setTimeout(resolve, 1000);
  });
  client.end();
  await closed;
  clearTimeout(patience);
  socket.destroy();
}
