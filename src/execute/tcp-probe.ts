/** TCP connections from a host's place in the network, through its SSH connection: no tool is needed there. */
import type {Duplex} from 'node:stream';
import {printableLine} from '../base/printable.ts';
import type {ConnectFact} from '../etcd/preflight-facts.ts';
import type {HostSession} from './session.ts';

/** A way that is barred without a word is given up after this time. */
const TIMEOUT_MS = 3000;

/** What came of a connection, which is closed at once; undefined where the host itself cannot be reached. */
export async function tryConnect(
  session: HostSession | undefined,
  address: string,
  port: number,
): Promise<ConnectFact | undefined> {
  const connection = await session?.connection().catch(() => undefined);
  if (connection === undefined) return undefined;
  const dialing = connection.forward(address, port).then(
    (stream): ConnectFact => {
      closed(stream);
      return {result: 'open', message: 'open'};
    },
    (error: unknown) => failed(error),
  );
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<ConnectFact>(resolve => {
    timer = setTimeout(resolve, TIMEOUT_MS, {result: 'timeout', message: `nothing within ${TIMEOUT_MS / 1000} s`});
  });
  return Promise.race([dialing, late]).finally(() => clearTimeout(timer));
}

function closed(stream: Duplex): void {
  stream.on('error', () => undefined);
  stream.destroy();
}

const RESULTS: Readonly<Record<string, ConnectFact['result']>> = {
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timeout',
  EPERM: 'forbidden',
};

/** sshd's words, or a socket's code. A route that is a black hole gives "Invalid argument", and sshd may say no more than "open failed". */
function failed(error: unknown): ConnectFact {
  const {code = '', message} = error as NodeJS.ErrnoException;
  const text = printableLine(message).replace(/^\(SSH\) Channel open failure: /, '');
  return {result: RESULTS[code] ?? 'no-route', message: text};
}
