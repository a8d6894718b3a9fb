/** Real etcd members on loopback ports, for tests: binaries from the directory in ETCD_BIN_DIR. */
import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {EtcdArgs} from '../../src/task/probe.ts';

/** Why these tests cannot run here; undefined where they can. */
export function etcdMissing(): string | undefined {
  const dir = process.env['ETCD_BIN_DIR'];
  if (dir === undefined) return 'ETCD_BIN_DIR names no directory with an etcd binary';
  return existsSync(join(dir, 'etcd')) ? undefined : `there is no etcd binary in ETCD_BIN_DIR (${dir})`;
}

/** A running member. */
export interface RealMember {
  readonly name: string;
  readonly endpoint: EtcdArgs;
  readonly process: ChildProcess;
}

/** Members with certificates, in a directory of their own. */
export class RealCluster {
  readonly dir = mkdtempSync(join(tmpdir(), 'etcd-test-'));
  readonly members: RealMember[] = [];

  /** Makes `ca`, one certificate for all (DNS name `etcd.test`), and a second, foreign CA. */
  makeCertificates(): void {
    const openssl = (...args: string[]) => execFileSync('openssl', args, {cwd: this.dir, stdio: 'pipe'});
    for (const ca of ['ca', 'other-ca']) {
      openssl(
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-days',
        '2',
        '-subj',
        `/CN=${ca}`,
        '-keyout',
        `${ca}.key`,
        '-out',
        `${ca}.crt`,
      );
    }
    writeFileSync(
      join(this.dir, 'ext'),
      'subjectAltName=DNS:etcd.test,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n',
    );
    for (const [name, ca] of [
      ['member', 'ca'],
      ['stranger', 'other-ca'],
    ] as const) {
      openssl(
        'req',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-subj',
        '/CN=root',
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.csr`,
      );
      openssl(
        'x509',
        '-req',
        '-in',
        `${name}.csr`,
        '-CA',
        `${ca}.crt`,
        '-CAkey',
        `${ca}.key`,
        '-CAcreateserial',
        '-days',
        '2',
        '-extfile',
        'ext',
        '-out',
        `${name}.crt`,
      );
    }
  }

  /** Starts `count` members of one new cluster, over TLS with client certificates or in the clear. Does not wait for them. */
  async start(count: number, scheme: 'https' | 'http', extra: readonly string[] = []): Promise<readonly RealMember[]> {
    const ports = await freePorts(count * 2);
    const plans = Array.from({length: count}, (_, i) => ({
      name: `m-${this.members.length + i + 1}`,
      clientUrl: `${scheme}://127.0.0.1:${ports[i * 2]}`,
      peerUrl: `http://127.0.0.1:${ports[i * 2 + 1]}`,
    }));
    const initial = plans.map(({name, peerUrl}) => `${name}=${peerUrl}`).join(',');
    return plans.map(plan =>
      this.launch(plan.name, plan.clientUrl, plan.peerUrl, [
        '--initial-cluster',
        initial,
        '--initial-cluster-state',
        'new',
        ...extra,
      ]),
    );
  }

  /** Starts one member's process. */
  launch(name: string, clientUrl: string, peerUrl: string, extra: readonly string[]): RealMember {
    const dir = join(this.dir, name);
    mkdirSync(dir, {recursive: true, mode: 0o700});
    const tls = clientUrl.startsWith('https')
      ? ['--cert-file', 'member.crt', '--key-file', 'member.key', '--client-cert-auth', '--trusted-ca-file', 'ca.crt']
      : [];
    const args = [
      ...[
        '--name',
        name,
        '--data-dir',
        dir,
        '--initial-cluster-token',
        'test',
        '--heartbeat-interval',
        '50',
        '--election-timeout',
        '500',
      ],
      ...['--listen-client-urls', clientUrl, '--advertise-client-urls', clientUrl],
      ...['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl, ...tls, ...extra],
    ];
    const child = spawn(join(process.env['ETCD_BIN_DIR'] ?? '', 'etcd'), args, {
      cwd: this.dir,
      stdio: 'ignore',
      env: {PATH: process.env['PATH']},
    });
    const files = {
      ca: join(this.dir, 'ca.crt'),
      cert: join(this.dir, 'member.crt'),
      key: join(this.dir, 'member.key'),
      serverName: 'etcd.test',
    };
    const member: RealMember = {
      name,
      endpoint: {member: name, host: name, clientUrl, ...(tls.length > 0 ? {tls: files} : {})},
      process: child,
    };
    this.members.push(member);
    return member;
  }

  /** Ends every member and removes the directory. */
  async stop(): Promise<void> {
    for (const {process: child} of this.members) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    rmSync(this.dir, {recursive: true, force: true});
  }
}

/** Ports that were free a moment ago. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({length: count}, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map(server => (server.address() as {port: number}).port);
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))));
  return ports;
}
