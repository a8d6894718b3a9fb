/** One HTTP/2 connection to one member. The only file that knows grpc-js. */
import {checkServerIdentity} from 'node:tls';
import {
  Client,
  type ClientReadableStream,
  type ClientUnaryCall,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import {err, ok, type Result} from '../base/result.ts';
import {callFailure, type EtcdFailure} from './failure.ts';
import type {Rpc} from './rpc.ts';
import type {Tunnel} from './tunnel.ts';

/** Bytes of PEM for TLS in both directions, and the name that the member's certificate must have. */
export interface TlsMaterial {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly serverName: string;
}

/** A call under way: its answer, and a way to give it up. */
export interface Call<T> {
  readonly done: Promise<Result<T, EtcdFailure>>;
  readonly cancel: () => void;
}

/** A gRPC channel through a tunnel. No call is ever sent twice: adding a member three times is three additions. */
export class Channel {
  readonly #client: Client;
  readonly #tunnel: Tunnel;
  readonly #isPlain: boolean;
  #served: {readonly fingerprint256: string; readonly notAfterMs: number} | undefined;

  constructor(tunnel: Tunnel, authority: string, tls: TlsMaterial | undefined) {
    this.#tunnel = tunnel;
    this.#isPlain = tls === undefined;
    const secret =
      tls === undefined
        ? credentials.createInsecure()
        : credentials.createSsl(tls.ca, tls.key, tls.cert, {
            checkServerIdentity: (name, certificate) => {
              this.#served = {
                fingerprint256: certificate.fingerprint256,
                notAfterMs: Date.parse(certificate.valid_to),
              };
              return checkServerIdentity(name, certificate);
            },
          });
    this.#client = new Client(`unix:${tunnel.path}`, secret, {
      'grpc.enable_retries': 0,
      'grpc.service_config_disable_resolution': 1,
      'grpc.enable_http_proxy': 0,
      'grpc.use_local_subchannel_pool': 1,
      'grpc.default_authority': tls?.serverName ?? authority,
      ...(tls === undefined ? {} : {'grpc.ssl_target_name_override': tls.serverName}),
    });
  }

  /** The certificate of the member's last handshake. */
  get served(): {readonly fingerprint256: string; readonly notAfterMs: number} | undefined {
    return this.#served;
  }

  /** One request, one answer, by `timeoutMs` at the latest. */
  call<Q, R>(rpc: Rpc<Q, R>, request: Q, timeoutMs: number): Call<R> {
    let call: ClientUnaryCall | undefined;
    const done = new Promise<Result<R, EtcdFailure>>(resolve => {
      call = this.#client.makeUnaryRequest(
        rpc.path,
        rpc.requestSerialize,
        rpc.responseDeserialize,
        request,
        new Metadata(),
        {deadline: deadlineIn(timeoutMs)},
        (error: ServiceError | null, reply?: R) => {
          if (error === null && reply !== undefined) resolve(ok(reply));
          else resolve(err(this.failure(error)));
        },
      );
    });
    return {done, cancel: () => call?.cancel()};
  }

  /** One request, many answers. Errors come out of the stream: put them through `failure`. */
  stream<Q, R>(rpc: Rpc<Q, R>, request: Q): ClientReadableStream<R> {
    return this.#client.makeServerStreamRequest(
      rpc.path,
      rpc.requestSerialize,
      rpc.responseDeserialize,
      request,
      new Metadata(),
      {},
    );
  }

  /** What an error of this channel's means. */
  failure(error: unknown): EtcdFailure {
    const failure = callFailure(error, this.#tunnel.lastFailure);
    // A TLS server answers plain HTTP/2 by hanging up, without a word.
    if (!this.#isPlain || !failure.message.endsWith('Failed to connect')) return failure;
    return {reason: 'tls', message: 'it hangs up on plain http: it probably wants https'};
  }

  async close(): Promise<void> {
    this.#client.close();
    await this.#tunnel.close();
  }
}

/** gRPC takes a point of wall-clock time; it computes the rest of the time from it at once, so a later change of the clock does not matter. */
function deadlineIn(timeoutMs: number): number {
  return Date.now() + Math.max(1, timeoutMs);
}
