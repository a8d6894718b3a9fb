/** Plain TCP connections, and waiting for them. */
import {connect as connectSocket} from 'node:net';
import type {Duplex} from 'node:stream';

/** A TCP connection without Nagle's delay; gives up after `seconds`, or when the signal says so. */
export function dial(
  to: {readonly address: string; readonly port: number},
  seconds: number,
  signal: AbortSignal,
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket({
      host: to.address,
      port: to.port,
      // Small writes must not wait for an acknowledgement: 47 ms instead of 3 for each channel.
      noDelay: true,
      keepAlive: true,
      // With several addresses each gets half the time; Node's own 250 ms are too short for a far host.
      autoSelectFamilyAttemptTimeout: Math.max(250, seconds * 500),
    });
    const timer = setTimeout(() => fail(Object.assign(new Error('timed out'), {code: 'ETIMEDOUT'})), seconds * 1000);
    const abort = (): void => fail(new Error('interrupted'));
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    };
    const fail = (error: Error): void => {
      done();
      socket.destroy();
      reject(error);
    };
    signal.addEventListener('abort', abort, {once: true});
    socket.once('error', fail).once('connect', () => {
      done();
      socket.removeListener('error', fail);
      // Nothing may be read, not even the end, before somebody listens.
      socket.pause();
      resolve(socket);
    });
  });
}

/** The same result, unless it takes too long: then an error with the code `ETIMEDOUT`. */
export function withTimeout<T>(work: Promise<T>, seconds: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(Object.assign(new Error('timed out'), {code: 'ETIMEDOUT'})), seconds * 1000);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** A promise and what settles it. */
export function deferred<T>(): {readonly promise: Promise<T>; readonly resolve: (value: T) => void} {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>(settle => {
    resolve = settle;
  });
  return {promise, resolve};
}
