/** Values of etcd's options: what this program says of them, and what real binaries of several releases do with them. */
import {execFileSync, spawn} from 'node:child_process';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, describe, expect, it} from 'vitest';
import {readConfig} from '../../src/etcd/config-diff.ts';
import {lintConfig, lintOwnOptions} from '../../src/etcd/options.ts';
import {archiveDir, ETCD_SUITES, type EtcdArchive, knownArchive} from '../../src/lab/etcd-archive.ts';
import {freePorts} from '../cluster/real-etcd.ts';

/** Codes that the program gives for options written in YAML, without the common beginning. */
function judge(yaml: string, version = '3.5.30'): string[] {
  const own = readConfig('own.yml', yaml) ?? {};
  const found = [...lintConfig(own, version), ...lintOwnOptions(own, own, version)];
  return found.map(({code, key}) => `${code.replace('ETCD_OPTION_', '')} ${key}`);
}

describe('the rules', () => {
  it.each<[string, string[]]>([
    ['heartbeat-interval: 0', ['E_VALUE heartbeat-interval']],
    ['heartbeat-interval: 300', ['E_VALUE heartbeat-interval']],
    ['heartbeat-interval: 200', []],
    ['heartbeat-interval: 300\nelection-timeout: 1400', ['E_VALUE election-timeout']],
    ['heartbeat-interval: 300\nelection-timeout: 1500', []],
    ['election-timeout: 499', ['E_VALUE election-timeout']],
    ['election-timeout: 50001', ['E_VALUE election-timeout']],
    ['election-timeout: "1000"', ['E_TYPE election-timeout']],
    ['quota-backend-bytes: 8589934592', []],
    ['quota-backend-bytes: 8589934593', ['W_VALUE quota-backend-bytes']],
    ['quota-backend-bytes: -1', ['W_VALUE quota-backend-bytes']],
    ['snapshot-count: 0', ['W_VALUE snapshot-count']],
    ['max-request-bytes: 10485761', ['W_VALUE max-request-bytes']],
    ['bcrypt-cost: 99', ['W_VALUE bcrypt-cost']],
    ['log-level: verbose', ['E_VALUE log-level']],
    ['auto-compaction-mode: hourly', ['E_VALUE auto-compaction-mode']],
    ['auto-compaction-retention: 1x', ['E_VALUE auto-compaction-retention']],
    ['auto-compaction-retention: 1h30m', []],
    ['auto-compaction-mode: revision\nauto-compaction-retention: 24h', ['W_VALUE auto-compaction-retention']],
    ['auto-compaction-mode: revision\nauto-compaction-retention: "1000"', []],
    ['logger: capnslog', ['E_VALUE logger']],
    ['auth-token: nonsense', ['E_VALUE auth-token']],
    ['auth-token: jwt,pub-key=/a,sign-method=RS256', []],
    ['tls-min-version: TLS1.1', ['E_VALUE tls-min-version']],
    ['cors: nonsense', ['E_VALUE cors']],
    ['cors: "*"', []],
    ['listen-metrics-urls: http://127.0.0.1:2381', []],
    ['listen-metrics-urls: http://localhost:2381', []],
    ['listen-metrics-urls: http://[::1]:2381,http://0.0.0.0:2382', []],
    ['listen-metrics-urls: http://db.example.com:2381', ['E_VALUE listen-metrics-urls']],
    ['listen-metrics-urls: http://127.0.0.1', ['E_VALUE listen-metrics-urls']],
    ['listen-metrics-urls: 127.0.0.1:2381', ['E_VALUE listen-metrics-urls']],
    ['listen-metrics-urls: http://127.0.0.1:2381/metrics', ['E_VALUE listen-metrics-urls']],
    ['listen-client-urls: http://127.0.0.1:1,http://127.0.0.1:1', ['W_MANAGED listen-client-urls']],
    [
      'listen-peer-urls: http://127.0.0.1:1,http://127.0.0.1:1',
      ['W_MANAGED listen-peer-urls', 'E_VALUE listen-peer-urls'],
    ],
    ['enable-log-rotation: true', ['E_VALUE enable-log-rotation']],
    ['enable-log-rotation: true\nlog-outputs: [/var/log/etcd.log]', []],
    ['proxy: "on"', ['E_VALUE proxy']],
    ['enable-v2: true', ['W_RISK enable-v2']],
    ['force-new-cluster: true', ['E_DANGER force-new-cluster']],
    ['force-new-cluster: false', []],
    ['unsafe-no-fsync: true', ['E_DANGER unsafe-no-fsync']],
    ['strict-reconfig-check: false', ['W_RISK strict-reconfig-check']],
    ['client-transport-security: {client-cert-auth: false}', ['W_RISK client-transport-security.client-cert-auth']],
    ['peer-transport-security: {auto-tls: true}', ['W_RISK peer-transport-security.auto-tls']],
    ['client-transport-security: {cert-file: /a}', ['E_MANAGED client-transport-security.cert-file']],
    ['name: mine', ['E_MANAGED name']],
    ['data-dir: /srv', ['E_MANAGED data-dir']],
    ['initial-cluster-state: joining', ['E_MANAGED initial-cluster-state']],
    ['initial-cluster-token: t', ['W_MANAGED initial-cluster-token']],
    ['advertise-client-urls: http://a:1', ['E_MANAGED advertise-client-urls']],
    ['discovery-srv: example.com', ['E_MANAGED discovery-srv']],
    ['cors: https://user:word@example.com', ['E_DANGER cors']],
    ['host-whitelist: "-----BEGIN EC PRIVATE KEY-----"', ['E_DANGER host-whitelist']],
    ['qouta-backend-bytes: 1', ['E_UNKNOWN qouta-backend-bytes']],
  ])('%s', (yaml, expected) => {
    expect(judge(yaml)).toEqual(expected);
  });

  it('go with the release', () => {
    expect(judge('logger: capnslog', '3.4.23')).toEqual([]);
    expect(judge('log-level: INFO', '3.4.23')).toEqual(['E_VALUE log-level']);
    expect(judge('log-level: INFO', '3.5.16')).toEqual([]);
    expect(judge('tls-min-version: TLS1.1', '3.4.23')).toEqual(['E_UNKNOWN tls-min-version']);
    expect(judge('enable-v2: true', '3.6.14')).toEqual(['E_REMOVED enable-v2']);
  });

  it('never show a secret', () => {
    const own = readConfig('own.yml', 'cors: https://user:geheim@example.com') ?? {};
    expect(JSON.stringify(lintOwnOptions(own, own, '3.5.30'))).not.toContain('geheim');
  });
});

const archives = (await Promise.all(ETCD_SUITES.map(suite => knownArchive(archiveDir(), suite)))).filter(
  (archive): archive is EtcdArchive => archive !== undefined,
);

if (archives.length === 0)
  process.stderr.write(
    'option-rules: real binaries are not asked: the lab has no etcd archives (npm test makes them)\n',
  );

describe.each(archives)('etcd $version', ({version, path}) => {
  const dir = mkdtempSync(join(tmpdir(), 'etcd-options-'));
  execFileSync('tar', ['-xzf', path, '-C', dir, '--strip-components=1', '--wildcards', '*/etcd']);
  afterAll(() => rmSync(dir, {recursive: true, force: true}));

  // Only options that do not name ports of their own: those that are judged "E_VALUE" must stop etcd, the others must not.
  it.each([
    'heartbeat-interval: 0',
    'heartbeat-interval: 300',
    'election-timeout: 60000',
    'initial-cluster-state: joining',
    'log-level: verbose',
    'log-level: INFO',
    'auto-compaction-mode: hourly',
    'auto-compaction-retention: 1x',
    'auto-compaction-mode: revision\nauto-compaction-retention: 24h',
    'logger: nope',
    'auth-token: nonsense',
    'cors: nonsense',
    'listen-metrics-urls: http://db.example.com:2381',
    'discovery-srv: example.com',
    'tls-min-version: TLS1.1',
    'enable-log-rotation: true',
    'quota-backend-bytes: 17179869184',
    'snapshot-count: 0',
    'bcrypt-cost: 99',
    'force-new-cluster: true',
    'max-wals: "5"',
    'grpc-keepalive-interval: 2h',
    'qouta-backend-bytes: 100',
    'quota_backend_bytes: 100',
    'experimental-nonsense: 1',
  ])(
    '%s',
    async yaml => {
      const codes = judge(yaml, version);
      const stops = codes.some(code => /^E_(?:VALUE|TYPE)/.test(code)) || STOPPED_AND_MANAGED.includes(yaml);
      expect({codes, starts: await starts(dir, yaml)}).toEqual({codes, starts: !stops});
    },
    60_000,
  );
});

/** Refused because they are the role's; etcd does not start with them either. */
const STOPPED_AND_MANAGED = ['initial-cluster-state: joining', 'discovery-srv: example.com'];

/** Whether etcd becomes ready with a small configuration that holds these options. */
async function starts(dir: string, yaml: string): Promise<boolean> {
  const [client, peer] = await freePorts(2);
  const own = readConfig('own.yml', yaml) ?? {};
  const base = [
    'name: m1',
    `data-dir: ${mkdtempSync(join(dir, 'data-'))}`,
    `listen-client-urls: http://127.0.0.1:${client}`,
    `advertise-client-urls: http://127.0.0.1:${client}`,
    `listen-peer-urls: http://127.0.0.1:${peer}`,
    `initial-advertise-peer-urls: http://127.0.0.1:${peer}`,
    `initial-cluster: m1=http://127.0.0.1:${peer}`,
    'logger: zap',
    'log-outputs: [stderr]',
  ];
  const lines = base.filter(line => !Object.hasOwn(own, line.split(':')[0] ?? ''));
  mkdirSync(join(dir, 'conf'), {recursive: true});
  const file = join(dir, 'conf', `${client}.yml`);
  writeFileSync(file, `${lines.join('\n')}\n${yaml}\n`);
  const child = spawn(join(dir, 'etcd'), ['--config-file', file], {
    cwd: dir,
    env: {PATH: process.env['PATH']},
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  try {
    return await new Promise<boolean>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', () => resolve(false));
      let text = '';
      child.stderr.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (/ready to serve client requests|serving (?:insecure )?client requests|became leader/.test(text))
          resolve(true);
      });
    });
  } finally {
    child.removeAllListeners('exit');
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise(resolve => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    }
  }
}
