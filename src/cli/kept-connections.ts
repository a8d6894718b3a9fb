/** Connections that outlive one pass over the graph, so that a second pass finds them open. */
import type {Connect, Connection} from '../transport/connection.ts';

/** Opens each host's connection once; `close` closes all of them. */
export interface KeptConnections {
  readonly connect: Connect;
  close(): Promise<void>;
}

/** Wraps a way to connect. */
export function keepConnections(connect: Connect): KeptConnections {
  const open = new Map<string, Promise<Connection>>();
  return {
    connect: async (target, signal) => {
      const connecting = open.get(target.name) ?? connect(target, signal);
      open.set(target.name, connecting);
      const connection = await connecting;
      return {
        host: connection.host,
        run: (requests, options) => connection.run(requests, options),
        upload: (request, body, sizeBytes, options) => connection.upload(request, body, sizeBytes, options),
        forward: (address, port) => connection.forward(address, port),
        close: () => Promise.resolve(),
      };
    },
    close: async () => {
      await Promise.allSettled([...open.values()].map(async connection => (await connection).close()));
    },
  };
}
