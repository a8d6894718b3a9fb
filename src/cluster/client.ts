/** One member of a live cluster, asked through a tunnel. */
import {readFile} from 'node:fs/promises';
import {performance} from 'node:perf_hooks';
import {err, ok, type Result} from '../base/result.ts';
import {formatUrl, parseUrl} from '../etcd/url.ts';
import type {TlsMaterial} from './channel.ts';
import {type EtcdFailure, errorText} from './failure.ts';
import type {EtcdClient} from './member-client.ts';
import {type Dial, openTunnel} from './tunnel.ts';

/** A member's client URL and how to be let in. */
export interface Endpoint {
  readonly clientUrl: string;
  /** Paths on the controller; absent for plain http. `serverName`: a DNS name in the member's certificate. */
  readonly tls?: {readonly ca: string; readonly cert: string; readonly key: string; readonly serverName: string};
  readonly timeoutSeconds?: number;
}

/** How long a question may take in all, where the caller does not say. */
const DEFAULT_TIMEOUT_SECONDS = 5;

/** Loads what `openEtcd` needs (gRPC is big), so that it is there when the first connection is. */
export async function prepareEtcd(): Promise<void> {
  await Promise.all([import('./channel.ts'), import('./member-client.ts')]);
}

/**
 * Connects to a member. Fails with a reason, never with an exception: certificate files missing, nothing listening, no way
 * through the tunnel. TLS is negotiated with the first call, whose failure then says so. Close the client after use.
 */
export async function openEtcd(endpoint: Endpoint, dial: Dial): Promise<Result<EtcdClient, EtcdFailure>> {
  const startedMs = performance.now();
  const timeoutMs = (endpoint.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000;
  const url = parseUrl(endpoint.clientUrl);
  if (url === undefined)
    return err({reason: 'error', message: `"${endpoint.clientUrl}" is not a client URL like https://10.10.10.10:2379`});
  if (url.scheme === 'https' && endpoint.tls === undefined) {
    return err({
      reason: 'no-credentials',
      message: `${endpoint.clientUrl} needs a client certificate, and none is configured`,
    });
  }
  const tls = url.scheme === 'https' && endpoint.tls !== undefined ? await readTls(endpoint.tls) : ok(undefined);
  if (!tls.ok) return tls;
  const [tunnel, {Channel}, {EtcdClient: Client}] = await Promise.all([
    openTunnel(dial, url.address, url.port, timeoutMs),
    import('./channel.ts'),
    import('./member-client.ts'),
  ]);
  if (!tunnel.ok) return tunnel;
  const authority = formatUrl(url).replace(/^\w+:\/\//, '');
  try {
    const channel = new Channel(tunnel.value, authority, tls.value);
    return ok(new Client(channel, timeoutMs, Math.max(1, timeoutMs - (performance.now() - startedMs))));
  } catch (error) {
    // grpc-js throws at once for a key or certificate that it cannot read.
    await tunnel.value.close();
    return err({
      reason: 'no-credentials',
      message: `the client certificate of the cluster cannot be used: ${errorText(error)}`,
    });
  }
}

async function readTls({
  ca,
  cert,
  key,
  serverName,
}: NonNullable<Endpoint['tls']>): Promise<Result<TlsMaterial | undefined, EtcdFailure>> {
  try {
    const [caBytes, certBytes, keyBytes] = await Promise.all([ca, cert, key].map(path => readFile(path)));
    if (caBytes === undefined || certBytes === undefined || keyBytes === undefined)
      throw new Error('Internal error: three files read, fewer given');
    return ok({ca: caBytes, cert: certBytes, key: keyBytes, serverName});
  } catch (error) {
    return err({
      reason: 'no-credentials',
      message: `cannot read the client certificate on the controller: ${errorText(error)}`,
    });
  }
}
