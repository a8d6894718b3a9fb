import {execFileSync, spawn} from 'node:child_process';
import {createHash, randomBytes} from 'node:crypto';
import {chmodSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Readable} from 'node:stream';
import {gzipSync} from 'node:zlib';
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest';
import {createConnect} from '../../src/transport/connect.ts';
import {type Connection, ConnectionError, type HostTarget, type SshOptions} from '../../src/transport/connection.ts';
import {fingerprint} from '../../src/transport/known-hosts.ts';
import {which} from './shells.ts';
import {Sshd, whyNoSshd} from './sshd.ts';

const missing = whyNoSshd();
if (missing !== undefined) process.stderr.write(`no test against a real sshd: ${missing}\n`);

describe.skipIf(missing !== undefined)('a connection to a real sshd', () => {
  const dir = mkdtempSync(join(tmpdir(), 'ssh-'));
  const knownHosts = join(dir, 'known_hosts');
  let sshd: Sshd;
  const open: Connection[] = [];

  beforeAll(async () => {
    sshd = await Sshd.start(dir);
  }, 30_000);
  afterAll(async () => {
    await sshd?.stop();
    rmSync(dir, {recursive: true});
  });
  beforeEach(async () => {
    await Promise.all(open.splice(0).map(connection => connection.close()));
    writeFileSync(knownHosts, sshd.knownHost('host_a'));
  });
  afterAll(() => Promise.all(open.map(connection => connection.close())));

  const target = (options: SshOptions = {}, more: Partial<HostTarget> = {}): HostTarget => ({
    name: 'db1',
    connection: 'ssh',
    address: '127.0.0.1',
    port: sshd.port,
    user: sshd.user,
    privateKeyFile: join(dir, 'client'),
    options: {userKnownHostsFiles: [knownHosts], globalKnownHostsFiles: [], connectTimeoutSeconds: 5, ...options},
    ...more,
  });
  const connect = createConnect({home: dir});
  const connected = async (to: HostTarget) => {
    const connection = await connect(to, new AbortController().signal);
    open.push(connection);
    return connection;
  };
  const problemOf = async (to: HostTarget, signal = new AbortController().signal) => {
    const error = await connect(to, signal).then(
      async connection => {
        await connection.close();
        return undefined;
      },
      (reason: unknown) => reason,
    );
    return error instanceof ConnectionError ? error.diagnostic : undefined;
  };
  const said = async (connection: Connection) => {
    const [reply] = await connection.run([{verb: 'exec', args: ['0', '', '0', 'echo', 'hello']}]);
    return reply?.stdout.toString();
  };
  const publicKey = (name: string) =>
    Buffer.from(readFileSync(join(dir, `${name}.pub`), 'utf8').split(' ')[1] ?? '', 'base64');

  it('runs requests', async () => {
    expect(await said(await connected(target()))).toBe('hello\n');
  });

  it('sends nothing to a host whose key has changed, and shows both fingerprints', async () => {
    writeFileSync(knownHosts, sshd.knownHost('host_b'));
    const before = sshd.log().length;
    const problem = await problemOf(target({strictHostKeyChecking: 'accept-new'}));
    expect(problem?.code).toBe('E_HOST_KEY_CHANGED');
    expect(problem?.message).toContain(fingerprint(publicKey('host_a')));
    expect(problem?.message).toContain(fingerprint(publicKey('host_b')));
    expect(sshd.log().slice(before)).not.toMatch(/publickey|Accepted|Failed/);
  });

  it('refuses an unknown host with the line to add; accept-new adds that very line', async () => {
    writeFileSync(knownHosts, '');
    const problem = await problemOf(target());
    expect(problem?.code).toBe('E_HOST_KEY_UNKNOWN');
    expect(problem?.hint).toContain(sshd.knownHost('host_a').trim());
    expect(await said(await connected(target({strictHostKeyChecking: 'accept-new'})))).toBe('hello\n');
    expect(readFileSync(knownHosts, 'utf8')).toBe(sshd.knownHost('host_a'));
    expect(await said(await connected(target()))).toBe('hello\n');
  });

  it('prefers the host key that is known to a stronger one that is not', async () => {
    await sshd.restart('host_a', 'host_rsa');
    writeFileSync(knownHosts, sshd.knownHost('host_rsa'));
    expect(await said(await connected(target()))).toBe('hello\n');
    await sshd.restart('host_a');
  });

  it('says which keys were tried and which could not be', async () => {
    const pkcs8 = join(dir, 'pkcs8');
    writeFileSync(pkcs8, '-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n', {mode: 0o600});
    const readable = join(dir, 'readable');
    copyFileSync(join(dir, 'client'), readable);
    chmodSync(readable, 0o644);
    const locked = join(dir, 'locked');
    copyFileSync(join(dir, 'client'), locked);
    execFileSync('ssh-keygen', ['-q', '-p', '-N', 'secret phrase', '-f', locked], {stdio: 'ignore'});
    const files = [pkcs8, readable, locked, join(dir, 'absent')];
    const problem = await problemOf(target({identityFiles: files}, {privateKeyFile: join(dir, 'stranger')}));
    expect(problem?.code).toBe('E_AUTH_FAILED');
    expect(problem?.message).toBe(
      `db1: 127.0.0.1 does not let ${sshd.user} in: tried ${join(dir, 'stranger')}; not tried: ${pkcs8}: PKCS#8 format, which is not supported: ssh-keygen -p -f ${pkcs8} rewrites it in OpenSSH's format; ${readable}: others may read it (mode 0644): chmod 600 ${readable}; ${join(dir, 'absent')}: no such file; ${locked}: encrypted: load it into an ssh-agent (ssh-add)`,
    );
  });

  it.runIf(which('ssh-agent') !== undefined)(
    'tries the keys of an ssh-agent, with IdentitiesOnly those alone that are named',
    async () => {
      const socket = join(dir, 'agent.sock');
      const agent = spawn('ssh-agent', ['-D', '-a', socket], {stdio: 'ignore'});
      const gone = new Promise(resolve => agent.once('exit', resolve));
      try {
        while (!existsSync(socket)) await new Promise(resolve => setTimeout(resolve, 20));
        const env = {...process.env, SSH_AUTH_SOCK: socket};
        for (const name of ['stranger', 'client'])
          execFileSync('ssh-add', ['-q', join(dir, name)], {env, stdio: 'ignore'});
        const home = mkdtempSync(join(dir, 'home-'));
        const withAgent = createConnect({home, agentSocket: socket});
        const {privateKeyFile: _, ...bare} = target();
        const connection = await withAgent(bare, new AbortController().signal);
        expect(await said(connection)).toBe('hello\n');
        await connection.close();
        const before = sshd.log().length;
        copyFileSync(join(dir, 'client.pub'), join(home, 'only.pub'));
        const only = await withAgent(
          {...target({identitiesOnly: true}), privateKeyFile: join(home, 'only')},
          new AbortController().signal,
        );
        expect(await said(only)).toBe('hello\n');
        await only.close();
        expect(sshd.log().slice(before)).not.toMatch(/Failed/);
        // An ssh-agent that is gone is a note, not the end.
        const error = await createConnect({home, agentSocket: join(dir, 'nowhere')})(
          bare,
          new AbortController().signal,
        ).catch((reason: unknown) => reason);
        expect(error).toMatchObject({
          diagnostic: {code: 'E_AUTH_FAILED', message: expect.stringContaining('ssh-agent')},
        });
      } finally {
        agent.kill('SIGTERM');
        await gone;
      }
    },
  );

  it('refuses other users with one attempt per key', async () => {
    const before = sshd.log().length;
    expect((await problemOf(target({}, {user: 'nosuchuser'})))?.code).toBe('E_AUTH_FAILED');
    const attempts =
      sshd
        .log()
        .slice(before)
        .match(/Failed|Invalid user/g) ?? [];
    expect(attempts.length).toBeLessThanOrEqual(2);
  });

  it('says why a host is not reached: refused, no sshd, interrupted', async () => {
    const silent = createServer(socket => socket.resume().end()).listen(0, '127.0.0.1');
    await new Promise(resolve => silent.once('listening', resolve));
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect((await problemOf(target({}, {port})))?.message).toContain('closed the connection before the SSH handshake');
    await new Promise(resolve => silent.close(resolve));
    expect((await problemOf(target({}, {port})))?.message).toBe(
      `db1: cannot connect to 127.0.0.1 port ${port}: connection refused`,
    );
    const stop = new AbortController();
    stop.abort();
    expect((await problemOf(target(), stop.signal))?.code).toBe('E_INTERRUPTED');
  });

  it('gives up on a host that accepts the connection and says nothing', async () => {
    const sockets = new Set<{destroy(): void}>();
    const mute = createServer(socket => sockets.add(socket)).listen(0, '127.0.0.1');
    await new Promise(resolve => mute.once('listening', resolve));
    const address = mute.address();
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 300);
    const problem = await problemOf(
      target({}, {port: typeof address === 'object' && address !== null ? address.port : 0}),
      stop.signal,
    );
    expect(problem?.code).toBe('E_INTERRUPTED');
    for (const socket of sockets) socket.destroy();
    await new Promise(resolve => mute.close(resolve));
  });

  it('uploads 5 MB while requests are answered', async () => {
    const connection = await connected(target());
    const bytes = randomBytes(5_000_000);
    const gz = gzipSync(bytes, {level: 1});
    const path = join(dir, 'uploaded');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const upload = connection.upload(
      {verb: 'upload', args: [path, sha256, '', '', '0600', '0644']},
      Readable.from([gz]),
      gz.length,
    );
    expect(await said(connection)).toBe('hello\n');
    expect((await upload).rc).toBe(0);
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  it('opens a connection from the host, and says by code why it cannot', async () => {
    const server = createServer(socket => socket.end('from the other side')).listen(0, '127.0.0.1');
    await new Promise(resolve => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const connection = await connected(target());
    const stream = await connection.forward('127.0.0.1', port);
    const parts: Buffer[] = [];
    for await (const part of stream) parts.push(part as Buffer);
    expect(Buffer.concat(parts).toString()).toBe('from the other side');
    stream.destroy();
    await new Promise(resolve => server.close(resolve));
    await expect(connection.forward('127.0.0.1', port)).rejects.toMatchObject({code: 'ECONNREFUSED'});
  });

  it('goes through jump hosts, each with its own host-key check, opened once for all', async () => {
    const jump = {host: '127.0.0.1', port: sshd.port, user: sshd.user};
    const before = sshd.log().split('Accepted').length;
    const both = await Promise.all([
      connected(target({proxyJump: [jump, jump]})),
      connected(target({proxyJump: [jump, jump]})),
    ]);
    expect(await Promise.all(both.map(said))).toEqual(['hello\n', 'hello\n']);
    // Two jumps that are shared, and two targets.
    expect(sshd.log().split('Accepted').length - before).toBe(4);
    await Promise.all(both.map(connection => connection.close()));
    writeFileSync(knownHosts, '');
    expect((await problemOf(target({proxyJump: [jump]})))?.code).toBe('E_HOST_KEY_UNKNOWN');
  });

  it('rejects what is under way when the connection dies, and what comes after it', async () => {
    const connection = await connected(target());
    expect(await said(connection)).toBe('hello\n');
    const lost = connection.run([{verb: 'exec', args: ['0', '', '0', 'sleep', '5']}]);
    const caught = lost.catch((error: unknown) => error);
    await new Promise(resolve => setTimeout(resolve, 100));
    sshd.dropConnections();
    expect(await caught).toMatchObject({name: 'ConnectionError', diagnostic: {code: 'E_CONNECTION_LOST'}});
    await expect(said(connection)).rejects.toMatchObject({diagnostic: {code: 'E_CONNECTION_LOST'}});
    await expect(connection.forward('127.0.0.1', 1)).rejects.toThrow();
  });

  it('works for twenty connections and their channels at once', async () => {
    const all = await Promise.all(Array.from({length: 20}, () => connected(target())));
    expect(await Promise.all(all.map(said))).toEqual(all.map(() => 'hello\n'));
  }, 30_000);
});
