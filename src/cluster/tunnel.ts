/**
 * A way from gRPC, which connects by itself, to a member that only an SSH connection reaches: a unix socket that nobody but
 * this user can open (no TCP port for other users of the controller), each connection piped to one through `dial`.
 */
import {mkdtemp, rm} from 'node:fs/promises';
import {createServer, type Server, type Socket} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Duplex} from 'node:stream';
import {err, ok, type Result} from '../base/result.ts';
import {dialFailure, type EtcdFailure, errorText} from './failure.ts';

/** Opens a TCP connection from somewhere in the network. Rejects where it cannot. */
export type Dial = (address: string, port: number) => Promise<Duplex>;

/** A unix socket's path may have 107 bytes. */
const MAX_DIR_LENGTH = 80;

/** Opens the tunnel; the first connection is made at once, so that its failure is known exactly and costs no detour. */
export async function openTunnel(
  dial: Dial,
  address: string,
  port: number,
  timeoutMs: number,
): Promise<Result<Tunnel, EtcdFailure>> {
  const first = await dialWithin(dial, address, port, timeoutMs);
  if (!first.ok) return first;
  try {
    const base = Buffer.byteLength(tmpdir()) > MAX_DIR_LENGTH ? '/tmp' : tmpdir();
    const dir = await mkdtemp(join(base, 'etcdctl-play-'));
    const tunnel = new Tunnel(dir, first.value, () => dialWithin(dial, address, port, timeoutMs));
    await tunnel.listen().catch(async (error: unknown) => {
      await tunnel.close();
      throw error;
    });
    return ok(tunnel);
  } catch (error) {
    first.value.destroy();
    return err({
      reason: 'error',
      message: `cannot make a socket for the tunnel on the controller: ${errorText(error)}`,
    });
  }
}

/** An open tunnel. `close` leaves no socket, no file and nothing that keeps the process alive. */
export class Tunnel {
  readonly path: string;
  readonly #dir: string;
  readonly #redial: () => Promise<Result<Duplex, EtcdFailure>>;
  readonly #server: Server;
  readonly #open = new Set<Duplex>();
  #first: Duplex | undefined;
  #lastFailure: EtcdFailure | undefined;

  constructor(dir: string, first: Duplex, redial: () => Promise<Result<Duplex, EtcdFailure>>) {
    this.path = join(dir, 's');
    this.#dir = dir;
    this.#first = this.#keep(first);
    this.#redial = redial;
    this.#server = createServer(local => void this.#connect(local));
  }

  /** Why the last attempt to connect again failed; undefined where none did. */
  get lastFailure(): EtcdFailure | undefined {
    return this.#lastFailure;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.path, resolve);
    });
  }

  async close(): Promise<void> {
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()));
    for (const stream of this.#open) stream.destroy();
    await closed;
    await rm(this.#dir, {recursive: true, force: true});
  }

  async #connect(local: Socket): Promise<void> {
    local.on('error', () => local.destroy());
    this.#keep(local);
    const first = this.#first;
    this.#first = undefined;
    const remote: Result<Duplex, EtcdFailure> =
      first !== undefined && !first.destroyed ? ok(first) : await this.#redial();
    if (!remote.ok) {
      this.#lastFailure = remote.error;
      local.destroy();
      return;
    }
    this.#lastFailure = undefined;
    if (remote.value !== first) this.#keep(remote.value);
    if (local.destroyed || !this.#server.listening) {
      remote.value.destroy();
      local.destroy();
      return;
    }
    local.pipe(remote.value).pipe(local);
    local.once('close', () => remote.value.destroy());
    remote.value.once('close', () => local.destroy());
  }

  /** Remembers a stream until it closes. (Its errors show on the other end as a closed connection.) */
  #keep<T extends Duplex>(stream: T): T {
    this.#open.add(stream);
    stream.once('close', () => this.#open.delete(stream));
    return stream;
  }
}

/** Dials, but not for ever; a connection that comes too late is closed. */
async function dialWithin(
  dial: Dial,
  address: string,
  port: number,
  timeoutMs: number,
): Promise<Result<Duplex, EtcdFailure>> {
  const dialing = (async () => {
    const stream = await dial(address, port);
    // At once: a member that dies right now must not end this program with an error nobody listens to.
    stream.on('error', () => stream.destroy());
    return stream;
  })();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>(resolve => {
    timer = setTimeout(resolve, timeoutMs, 'late');
  });
  try {
    const stream = await Promise.race([dialing, late]);
    if (stream !== 'late') return ok(stream);
    dialing.then(
      unwanted => unwanted.destroy(),
      () => undefined,
    );
    return err(dialFailure(new Error('connection timed out'), address, port));
  } catch (error) {
    return err(dialFailure(error, address, port));
  } finally {
    clearTimeout(timer);
  }
}
