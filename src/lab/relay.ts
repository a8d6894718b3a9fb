/**
 * A TCP relay that adds distance: bytes arrive later, but as many at a time as before (a delay line, not
 * stop-and-wait), so that pipelining shows its worth. It can also go silent, as a broken path does.
 */
import {connect, createServer, type Socket} from 'node:net';

/** From where to where, and how far. */
export interface RelayOptions {
  /** Listens here; port 0 picks a free one. */
  readonly listen: {readonly host: string; readonly port: number};
  readonly target: {readonly host: string; readonly port: number};
  /** One way, in milliseconds: a round trip takes twice as long. */
  readonly delayMs: number;
}

/** A running relay. */
export interface Relay {
  readonly port: number;
  /** From now on nothing passes, and nobody is told. */
  cut(): void;
  /** What was held back passes now. */
  mend(): void;
  /** Resets every connection. */
  reset(): void;
  /** Changes the one-way delay for bytes that arrive from now on. */
  setDelay(delayMs: number): void;
  close(): Promise<void>;
}

/** What all connections of a relay share. */
interface Path {
  delayMs: number;
  cut: boolean;
  /** Called on mend. */
  readonly waiting: Set<() => void>;
}

/** A reader that is this far ahead of its delayed bytes has to wait: memory is not endless. */
const MAX_IN_FLIGHT = 64 * 1024 * 1024;

/** Starts a relay. */
export function startRelay(options: RelayOptions): Promise<Relay> {
  const path: Path = {delayMs: options.delayMs, cut: false, waiting: new Set()};
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.once('close', () => sockets.delete(socket));
    return socket;
  };
  const server = createServer({allowHalfOpen: true, noDelay: true}, near => {
    keep(near);
    const toFar = new DelayLine(path);
    const toNear = new DelayLine(path);
    let far: Socket | undefined;
    // an orderly end travels as such; a reset travels too, behind the bytes that were sent before it
    near.on('error', () => toFar.after(1, () => far?.resetAndDestroy()));
    toFar.read(near);
    // The caller's handshake with us was free. Over a real path the other side's first byte takes two round trips from
    // here: connecting after three ways and one way back for the byte is the same time.
    toFar.after(3, () => {
      far = keep(connect({...options.target, allowHalfOpen: true}));
      far.on('error', () => toNear.after(1, () => near.resetAndDestroy()));
      toNear.read(far);
      toNear.write(near);
      toFar.write(far);
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.listen.port, options.listen.host, () => {
      const address = server.address();
      resolve(controls(server, sockets, path, typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

function controls(server: ReturnType<typeof createServer>, sockets: Set<Socket>, path: Path, port: number): Relay {
  const reset = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port,
    cut() {
      path.cut = true;
    },
    mend() {
      path.cut = false;
      for (const wake of path.waiting) wake();
      path.waiting.clear();
    },
    reset,
    setDelay(delayMs) {
      path.delayMs = delayMs;
    },
    close() {
      reset();
      return new Promise(resolve => server.close(() => resolve()));
    },
  };
}

/** One direction of one connection: whatever goes in comes out later, in the same order. */
class DelayLine {
  readonly #path: Path;
  readonly #queue: {readonly due: number; readonly act: () => void}[] = [];
  #timer: NodeJS.Timeout | undefined;
  #out: Socket | undefined;
  #held: (() => void)[] = [];
  #inFlight = 0;

  constructor(path: Path) {
    this.#path = path;
  }

  /** Takes every byte, and the end, of a socket. */
  read(from: Socket): void {
    from.on('data', (chunk: Buffer) => {
      this.#inFlight += chunk.length;
      if (this.#inFlight > MAX_IN_FLIGHT) from.pause();
      this.after(1, () =>
        this.#toOut(out => {
          this.#inFlight -= chunk.length;
          if (this.#inFlight <= MAX_IN_FLIGHT) from.resume();
          if (!out.destroyed) out.write(chunk);
        }),
      );
    });
    from.once('end', () => this.after(1, () => this.#toOut(out => out.end())));
  }

  /** Where the bytes come out; those that were due before wait for it. */
  write(to: Socket): void {
    this.#out = to;
    for (const act of this.#held.splice(0)) act();
  }

  /** Does something after so many ways, and after everything that went in before. */
  after(ways: number, act: () => void): void {
    const last = this.#queue.at(-1)?.due ?? 0;
    this.#queue.push({due: Math.max(last, performance.now() + ways * this.#path.delayMs), act});
    this.#arm();
  }

  #toOut(act: (out: Socket) => void): void {
    const out = this.#out;
    if (out === undefined) this.#held.push(() => this.#toOut(act));
    else act(out);
  }

  #arm(): void {
    const next = this.#queue[0];
    if (this.#timer !== undefined || next === undefined) return;
    this.#timer = setTimeout(() => this.#drain(), Math.max(0, next.due - performance.now()));
  }

  #drain(): void {
    this.#timer = undefined;
    if (this.#path.cut) {
      this.#path.waiting.add(() => this.#drain());
      return;
    }
    for (let next = this.#queue[0]; next !== undefined && next.due <= performance.now() + 0.5; next = this.#queue[0]) {
      this.#queue.shift();
      next.act();
    }
    this.#arm();
  }
}
