/** A real sshd of the test's own on a free port of 127.0.0.1. */
import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {connect, createServer} from 'node:net';
import {userInfo} from 'node:os';
import {join} from 'node:path';
import {IS_ROOT, which} from './shells.ts';

/** Why there can be no sshd here, or undefined. */
export function whyNoSshd(): string | undefined {
  for (const program of ['sshd', 'ssh-keygen']) if (which(program) === undefined) return `${program} is not installed`;
  if (/nologin|false$/.test(userInfo().shell ?? '')) return `${userInfo().username} may not log in`;
  // sshd started by root insists on its own directory; another user's sshd serves that user only and needs none.
  if (!IS_ROOT || existsSync('/run/sshd')) return undefined;
  try {
    mkdirSync('/run/sshd', {mode: 0o755});
    return undefined;
  } catch {
    return '/run/sshd cannot be made';
  }
}

export class Sshd {
  readonly port: number;
  readonly dir: string;
  readonly user = userInfo().username;
  #process: ChildProcess | undefined;

  private constructor(dir: string, port: number) {
    this.dir = dir;
    this.port = port;
  }

  /** Makes keys (`host_a`, `host_b`, `client`, `stranger`) and starts the server with `host_a`. */
  static async start(dir: string): Promise<Sshd> {
    const sshd = new Sshd(dir, await freePort());
    for (const name of ['host_a', 'host_b', 'client', 'stranger']) keygen(join(dir, name), 'ed25519');
    keygen(join(dir, 'host_rsa'), 'rsa');
    writeFileSync(join(dir, 'authorized_keys'), readFileSync(join(dir, 'client.pub')));
    await sshd.restart('host_a');
    return sshd;
  }

  async restart(...hostKeys: string[]): Promise<void> {
    await this.stop();
    const config = join(this.dir, 'sshd_config');
    writeFileSync(
      config,
      [
        `ListenAddress 127.0.0.1:${this.port}`,
        ...hostKeys.map(key => `HostKey ${join(this.dir, key)}`),
        `AuthorizedKeysFile ${join(this.dir, 'authorized_keys')}`,
        'PidFile none',
        'StrictModes no',
        'UsePAM no',
        'PermitRootLogin yes',
        'PasswordAuthentication no',
        'KbdInteractiveAuthentication no',
        'MaxStartups 100',
        'PrintMotd no',
        '',
      ].join('\n'),
    );
    const log = join(this.dir, 'log');
    this.#process = spawn(which('sshd') ?? 'sshd', ['-D', '-f', config, '-E', log], {stdio: 'ignore'});
    await this.#answering(log);
  }

  /** The line of known_hosts for one of the host keys. */
  knownHost(key: string): string {
    const [type, base64] = readFileSync(join(this.dir, `${key}.pub`), 'utf8').split(' ');
    return `[127.0.0.1]:${this.port} ${type} ${base64}\n`;
  }

  /** Everything that sshd has logged. */
  log(): string {
    return readFileSync(join(this.dir, 'log'), 'utf8');
  }

  /** Kills the processes that serve connections, as a crash of the host would. */
  dropConnections(): void {
    const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(this.#process?.pid)], {encoding: 'utf8'});
    for (const pid of children.split('\n').map(Number).filter(Boolean)) process.kill(pid, 'SIGKILL');
  }

  async stop(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const gone = new Promise(resolve => running.once('exit', resolve));
    running.kill('SIGTERM');
    await gone;
  }

  async #answering(log: string): Promise<void> {
    for (let attempt = 0; attempt < 100; attempt++) {
      const open = await new Promise<boolean>(resolve => {
        const socket = connect(this.port, '127.0.0.1');
        socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
        socket.once('connect', () => socket.destroy());
      });
      if (open) return;
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    throw new Error(`sshd does not answer: ${existsSync(log) ? readFileSync(log, 'utf8') : 'no log'}`);
  }
}

function keygen(file: string, type: string): void {
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', 'test', '-f', file], {stdio: 'ignore'});
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
