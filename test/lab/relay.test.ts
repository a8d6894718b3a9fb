import {connect, createServer, type Server, type Socket} from 'node:net';
import {afterEach, describe, expect, test} from 'vitest';
import {type Relay, startRelay} from '../../src/lab/relay.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A server on a free port of this machine. */
async function serve(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({allowHalfOpen: true}, socket => {
    sockets.add(socket);
    socket.on('error', () => {});
    onSocket(socket);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>(resolve => server.close(() => resolve()));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function relayTo(port: number, delayMs: number): Promise<Relay> {
  const relay = await startRelay({listen: {host: '127.0.0.1', port: 0}, target: {host: '127.0.0.1', port}, delayMs});
  closing.push(() => relay.close());
  return relay;
}

function dial(port: number): Socket {
  const socket = connect({host: '127.0.0.1', port, noDelay: true});
  closing.push(async () => {
    socket.destroy();
  });
  return socket;
}

/** The next `length` bytes, or fewer where the socket ends before. */
function take(socket: Socket, length: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const finish = () => {
      socket.off('data', onData).off('end', finish).off('error', reject);
      resolve(text);
    };
    const onData = (chunk: Buffer) => {
      text += chunk.toString();
      if (text.length >= length) finish();
    };
    socket.on('data', onData);
    socket.once('end', finish);
    socket.once('error', reject);
  });
}

const echo = (socket: Socket) => void socket.pipe(socket);

describe('a relay with delay', () => {
  test('a round trip takes twice the one-way delay', async () => {
    const relay = await relayTo(await serve(echo), 0);
    const socket = dial(relay.port);
    socket.write('x');
    await take(socket, 1);
    const medians: number[] = [];
    for (const delayMs of [10, 40]) {
      relay.setDelay(delayMs);
      const times: number[] = [];
      for (let i = 0; i < 7; i++) {
        const start = performance.now();
        socket.write('x');
        await take(socket, 1);
        times.push(performance.now() - start);
      }
      medians.push(times.sort((a, b) => a - b)[3] ?? 0);
    }
    const [short = 0, long = 0] = medians;
    const slope = (long - short) / 30;
    expect(slope).toBeGreaterThan(1.8);
    expect(slope).toBeLessThan(2.4);
  });

  test('a server that speaks first is heard two round trips after the call', async () => {
    const relay = await relayTo(await serve(socket => socket.write('SSH')), 30);
    const start = performance.now();
    expect(await take(dial(relay.port), 3)).toBe('SSH');
    const took = performance.now() - start;
    expect(took).toBeGreaterThanOrEqual(119);
    expect(took).toBeLessThan(200);
  });

  test('pipelined requests cost one round trip together, and keep their order', async () => {
    const relay = await relayTo(await serve(echo), 0);
    const socket = dial(relay.port);
    socket.write('x');
    await take(socket, 1);
    relay.setDelay(50);
    const words = Array.from({length: 20}, (_, i) => `${String(i).padStart(3, '0')},`);
    const start = performance.now();
    for (const word of words) {
      socket.write(word);
      await new Promise(resolve => setTimeout(resolve, 2));
    }
    expect(await take(socket, 80)).toBe(words.join(''));
    expect(performance.now() - start).toBeLessThan(300);
  });

  test('every byte of a large transfer arrives, and then the end', async () => {
    const size = 20 * 1024 * 1024;
    const relay = await relayTo(await serve(echo), 20);
    const socket = dial(relay.port);
    const whole = take(socket, Number.POSITIVE_INFINITY);
    socket.end(Buffer.alloc(size, 'abcdefgh'));
    const answer = await whole;
    expect(answer.length).toBe(size);
    expect(answer === 'abcdefgh'.repeat(size / 8)).toBe(true);
  });
});

describe('a relay with a cut', () => {
  test('holds everything back while cut, and delivers it in order afterwards', async () => {
    const relay = await relayTo(await serve(echo), 1);
    const socket = dial(relay.port);
    socket.write('a');
    expect(await take(socket, 1)).toBe('a');
    relay.cut();
    let heard = '';
    socket.on('data', chunk => {
      heard += String(chunk);
    });
    socket.write('b');
    socket.write('c');
    await new Promise(resolve => setTimeout(resolve, 60));
    expect(heard).toBe('');
    relay.mend();
    await new Promise(resolve => setTimeout(resolve, 60));
    expect(heard).toBe('bc');
  });

  test('a reset reaches the caller as an error', async () => {
    const relay = await relayTo(await serve(echo), 1);
    const socket = dial(relay.port);
    socket.write('a');
    await take(socket, 1);
    const failed = new Promise<string | undefined>(resolve =>
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code)),
    );
    relay.reset();
    expect(await failed).toBe('ECONNRESET');
  });

  test('a target that refuses resets the caller', async () => {
    const port = await serve(echo);
    for (const close of closing.splice(0)) await close();
    const relay = await relayTo(port, 1);
    const socket = dial(relay.port);
    const failed = new Promise<string | undefined>(resolve =>
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code)),
    );
    expect(await failed).toBe('ECONNRESET');
  });
});
