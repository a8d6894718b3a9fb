/**
 * One gRPC connection to one member, as a client library keeps it, but with nothing done behind one's back: no call is sent
 * twice, a broken connection is opened again at the next call, and every call has a deadline.
 * The messages are those of the `etcd3` package (a development dependency), which has transactions, watches and leases.
 */
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import {
  Client,
  type ClientDuplexStream,
  credentials,
  Metadata,
  type MethodDefinition,
  type ServiceDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import {loadSync} from '@grpc/proto-loader';
import type {ResponseHeader} from '../../src/cluster/api.ts';
import {RPC, type Rpc} from '../../src/cluster/rpc.ts';

/** A key with its value and its place in history; 64-bit numbers as decimal text. */
export interface KeyValue {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly mod_revision: string;
  readonly version: string;
}

export interface RangeReply {
  readonly header: ResponseHeader;
  readonly kvs: readonly KeyValue[];
  readonly more: boolean;
}

export interface TxnReply {
  readonly header: ResponseHeader;
  readonly succeeded: boolean;
  readonly responses: readonly {readonly response_range?: RangeReply | null}[];
}

export interface WatchReply {
  readonly header: ResponseHeader;
  readonly created: boolean;
  readonly canceled: boolean;
  readonly compact_revision: string;
  readonly events: readonly {readonly type: 'Put' | 'Delete'; readonly kv: KeyValue}[];
}

interface RangeRequest {
  readonly key: Buffer;
  readonly range_end?: Buffer;
  readonly limit?: number;
  readonly revision?: number;
  readonly serializable?: boolean;
  readonly count_only?: boolean;
}

/** A transaction: `if` the version of `key` is this, `then` put; else read, where asked for. */
export interface TxnRequest {
  readonly compare: readonly {
    readonly key: Buffer;
    readonly target: 'Version';
    readonly result: 'Equal';
    readonly version: number;
  }[];
  readonly success: readonly {readonly request_put: {readonly key: Buffer; readonly value: Buffer; lease?: string}}[];
  readonly failure: readonly {readonly request_range: RangeRequest}[];
}

const definitions = loadSync('rpc.proto', {
  includeDirs: [join(dirname(createRequire(import.meta.url).resolve('etcd3/package.json')), 'proto')],
  keepCase: true,
  longs: String,
  enums: String,
  defaults: true,
});

function rpc<Request, Response>(service: string, method: string): Rpc<Request, Response> {
  const definition = (definitions[`etcdserverpb.${service}`] as ServiceDefinition | undefined)?.[method];
  if (definition === undefined) throw new Error(`rpc.proto has no ${service}.${method}`);
  return definition as MethodDefinition<Request, Response>;
}

/** Every call the rig makes. */
export const CALL = {
  range: rpc<RangeRequest, RangeReply>('KV', 'Range'),
  txn: rpc<TxnRequest, TxnReply>('KV', 'Txn'),
  watch: rpc<unknown, WatchReply>('Watch', 'Watch'),
  leaseGrant: rpc<{readonly TTL: number}, {readonly ID: string; readonly TTL: string}>('Lease', 'LeaseGrant'),
  leaseKeepAlive: rpc<{readonly ID: string}, {readonly ID: string; readonly TTL: string}>('Lease', 'LeaseKeepAlive'),
  leaseTimeToLive: rpc<{readonly ID: string}, {readonly TTL: string}>('Lease', 'LeaseTimeToLive'),
  status: RPC.status,
  memberList: RPC.memberList,
  hashKv: RPC.hashKv,
  alarm: RPC.alarm,
};

/** PEM of the cluster's CA and of a client's certificate and key. */
export interface ClientFiles {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** A connection to a member at `address` (`10.10.10.10:2379`), whose certificate has the DNS name `name`. */
export class Connection {
  readonly #client: Client;

  constructor(address: string, name: string, files: ClientFiles) {
    this.#client = new Client(address, credentials.createSsl(files.ca, files.key, files.cert), {
      'grpc.ssl_target_name_override': name,
      'grpc.default_authority': name,
      'grpc.enable_retries': 0,
      'grpc.enable_http_proxy': 0,
      'grpc.service_config_disable_resolution': 1,
      'grpc.use_local_subchannel_pool': 1,
      // A member that is back is seen at once: the rig measures the cluster, not its own patience.
      'grpc.initial_reconnect_backoff_ms': 50,
      'grpc.max_reconnect_backoff_ms': 50,
      'grpc.max_receive_message_length': -1,
    });
  }

  /** One request, one answer; rejects with grpc-js' error. */
  call<Q, R>(method: Rpc<Q, R>, request: Q, timeoutMs: number): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        new Metadata(),
        {deadline: Date.now() + timeoutMs},
        (error: ServiceError | null, reply?: R) => {
          if (error !== null || reply === undefined) reject(error ?? new Error('no reply'));
          else resolve(reply);
        },
      );
    });
  }

  /** Many requests, many answers; etcd ends it when its member has lost the leader. */
  open<Q, R>(method: Rpc<Q, R>, timeoutMs?: number): ClientDuplexStream<Q, R> {
    const metadata = new Metadata();
    metadata.set('hasleader', 'true');
    return this.#client.makeBidiStreamRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      metadata,
      timeoutMs === undefined ? {} : {deadline: Date.now() + timeoutMs},
    );
  }

  /** The first answer to one request on a stream. */
  ask<Q, R>(method: Rpc<Q, R>, request: Q, timeoutMs: number): Promise<R> {
    const stream = this.open(method, timeoutMs);
    return new Promise<R>((resolve, reject) => {
      stream.on('error', reject);
      stream.once('data', resolve);
      stream.once('end', () => reject(new Error('the stream ended')));
      stream.write(request);
    }).finally(() => stream.cancel());
  }

  close(): void {
    this.#client.close();
  }
}

/** What went wrong, in one word where it matters: `refused` = nobody listens or the connection was closed, `silent` = no answer in time. */
export function trouble(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  if (/ECONNREFUSED|ECONNRESET|EPIPE|Connection dropped|Stream refused|socket hang up|server stopped/i.test(said))
    return 'refused';
  if (/DEADLINE_EXCEEDED|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/.test(said)) return 'silent';
  return said.replace(/ \(\d{4}-\d\d-\d\dT[\d:.]+Z\)/g, '').slice(0, 160);
}
