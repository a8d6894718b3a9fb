/** A gRPC server that says what a test wants: for answers that a real etcd gives only when it is broken. */

import {once} from 'node:events';
import {connect} from 'node:net';
import {fileURLToPath} from 'node:url';
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import {loadSync} from '@grpc/proto-loader';
import type {Dial} from '../../src/cluster/tunnel.ts';

const definitions = loadSync('rpc.proto', {
  includeDirs: [fileURLToPath(new URL('../../src/cluster/proto', import.meta.url))],
  keepCase: true,
  longs: String,
  enums: String,
});

/** What to answer to a call: a reply, or an error with a gRPC status number. */
export type Reply = Record<string, unknown> | {readonly code: number; readonly details: string};

/** Answers by method name (`Status`, `MemberAdd` …); an array is a stream of replies. Methods left out are unimplemented. */
export type Script = Readonly<
  Record<string, (request: Record<string, unknown>) => Reply | readonly Record<string, unknown>[]>
>;

/** A running fake member. */
export interface FakeEtcd {
  readonly clientUrl: string;
  readonly calls: readonly string[];
  readonly close: () => void;
}

/** Starts one on a free loopback port, in the clear. */
export async function startFake(script: Script): Promise<FakeEtcd> {
  const server = new Server();
  const calls: string[] = [];
  for (const name of ['KV', 'Cluster', 'Maintenance']) {
    const service = definitions[`etcdserverpb.${name}`] as ServiceDefinition;
    const implementation: UntypedServiceImplementation = {};
    for (const [method, answer] of Object.entries(script)) {
      const definition = service[method];
      if (definition === undefined) continue;
      if (definition.responseStream) {
        implementation[method] = (call: ServerWritableStream<Record<string, unknown>, unknown>) => {
          calls.push(method);
          const replies = answer(call.request);
          if (Array.isArray(replies)) for (const reply of replies) call.write(reply);
          call.end();
        };
      } else {
        implementation[method] = (
          call: ServerUnaryCall<Record<string, unknown>, unknown>,
          done: sendUnaryData<unknown>,
        ) => {
          calls.push(method);
          const reply = answer(call.request);
          if ('code' in reply) done({code: Number(reply['code']), details: String(reply['details'])});
          else done(null, reply);
        };
      }
    }
    server.addService(service, implementation);
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {clientUrl: `http://127.0.0.1:${port}`, calls, close: () => server.forceShutdown()};
}

/** A plain TCP connection: what an SSH connection's `forward` does from a host. */
export const dialDirectly: Dial = async (address, port) => {
  const socket = connect({host: address, port, noDelay: true});
  await once(socket, 'connect');
  return socket;
};
