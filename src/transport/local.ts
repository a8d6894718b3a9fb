/** `ansible_connection: local`: the same agent in a shell of this machine. */
import {spawn} from 'node:child_process';
import {connect as connectSocket} from 'node:net';
import {AgentPool} from './agent-pool.ts';
import type {AgentStreams} from './agent-streams.ts';
import type {AgentPlaces, AgentTexts} from './agent-text.ts';
import type {Connection, HostTarget} from './connection.ts';

/** A connection to this machine. `shell` is the POSIX shell to use, `places` where the agent keeps its state (tests name others). */
export function connectLocal(
  target: HostTarget,
  shell: readonly [string, ...string[]] = ['/bin/sh'],
  places?: AgentPlaces,
): Connection {
  const pool = new AgentPool({
    host: target.name,
    open: texts => Promise.resolve(startLocal(texts, shell)),
    becomePassword: target.becomePassword,
    startSeconds: 30,
    places,
  });
  return {
    host: target.name,
    run: (requests, options) => pool.run(requests, options),
    upload: (request, body, sizeBytes, options) => pool.upload(request, body, sizeBytes, options),
    forward: (address, port) =>
      new Promise((resolve, reject) => {
        const socket = connectSocket({host: address, port, noDelay: true});
        socket.once('connect', () => resolve(socket)).once('error', reject);
      }),
    close: () => pool.close(),
  };
}

function startLocal(texts: AgentTexts, [program, ...args]: readonly [string, ...string[]]): AgentStreams {
  // A process group of its own: Ctrl-C on the terminal ends the controller, not an operation half-way.
  const child = spawn(program, [...args, '-c', texts.startScript, 'etcdctl-play-agent'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: '/',
    detached: true,
  });
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    closed: new Promise(resolve => {
      child.once('close', code => resolve({code: code ?? undefined, lost: undefined}));
      child.once('error', error => resolve({code: undefined, lost: error.message}));
    }),
    destroy: () => {
      child.stdin.destroy();
      child.kill('SIGKILL');
    },
  };
}
