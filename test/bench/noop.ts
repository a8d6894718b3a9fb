/**
 * `npm run bench`: how long a run takes that changes nothing, beside as many parallel OpenSSH commands as there are hosts
 * that only read the same facts; once as the lab is, once with 40 ms of round-trip delay between controller and hosts.
 * Both are whole processes, started in turn (A B A B …), medians compared. Ends by itself; needs root.
 */
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createLab} from '../../src/lab/create.ts';
import {ensureEtcdArchive} from '../../src/lab/etcd-archive.ts';
import {inventoryOf} from '../../src/lab/inventory.ts';
import type {Lab} from '../../src/lab/lab.ts';
import {ensurePrerequisites} from '../../src/lab/prerequisites.ts';
import {putAway} from '../rig/distance.ts';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 9);
const HOSTS = Number(process.env.BENCH_HOSTS ?? 3);
const DELAY_MS = 40;
const BIN = join(import.meta.dirname, '../../bin/etcdctl-play');

/** What the role's probes read, as a person would type it for one host. */
const FACTS = [
  'stat -c "%n %a %U %G %s %Y" /etc/etcd /data/etcd /etc/etcd/* /usr/local/bin/etcd /usr/local/bin/etcdctl /opt/etcd/*/*',
  'sha256sum /etc/etcd/*.crt /etc/etcd/*.key /opt/etcd/*/SHA256SUMS',
  'cat /etc/etcd/etcd.conf /etc/systemd/system/etcd.service /etc/profile.d/etcdctl.sh /run/etcd/started.*',
  'getent passwd etcd; getent group etcd',
  'systemctl show etcd.service',
  '. /etc/profile.d/etcdctl.sh; etcdctl endpoint status -w json; etcdctl member list -w json',
].join('; ');

interface Sample {
  readonly wallMs: number;
  readonly peakMiB: number;
}

async function main(): Promise<void> {
  const ready = await ensurePrerequisites(say);
  if (!ready.ok) throw new Error(ready.error.map(({message}) => message).join('; '));
  const archive = await ensureEtcdArchive('sid');
  const dir = mkdtempSync(join(tmpdir(), 'etcdctl-play-bench-'));
  const lab = await createLab({name: 'bench', hosts: HOSTS, say});
  try {
    const inventory = join(dir, 'bench.yml');
    writeFileSync(inventory, inventoryOf(lab.state, {vars: {etcd_archive: archive.path}}));
    await play(lab, inventory, 'create');
    const near = await compare(lab, inventory, host => ({address: lab.host(host).address, port: 22}), lab.knownHosts);
    report(`${HOSTS} hosts, no added delay`, near, 2);
    const far = await withDelay(lab, dir, archive.path);
    report(`${HOSTS} hosts, ${DELAY_MS} ms added round-trip delay`, far, 1.5);
    say(
      `controller peak memory: ${Math.max(...[...near.ours, ...far.ours].map(({peakMiB}) => peakMiB)).toFixed(0)} MiB`,
    );
  } finally {
    await lab.down();
    rmSync(dir, {recursive: true, force: true});
  }
}

interface Comparison {
  readonly ours: readonly Sample[];
  readonly theirs: readonly Sample[];
}

/** The same cluster, reached through one delay line per host. */
async function withDelay(lab: Lab, dir: string, archive: string): Promise<Comparison> {
  const write = (name: string, text: string) => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };
  const distance = await putAway(lab, write, DELAY_MS / 2, {vars: {etcd_archive: archive}});
  try {
    const inventory = write('bench.yml', distance.inventory);
    const reach = (host: string) => distance.relays[host] ?? {address: '', port: 0};
    return await compare(lab, inventory, reach, join(dir, `known_hosts.${DELAY_MS / 2}ms`));
  } finally {
    await distance.close();
  }
}

async function compare(
  lab: Lab,
  inventory: string,
  reach: (host: string) => {address: string; port: number},
  knownHosts: string,
): Promise<Comparison> {
  const ours: Sample[] = [];
  const theirs: Sample[] = [];
  await play(lab, inventory, 'warm-up');
  await openSsh(lab, reach, knownHosts);
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await play(lab, inventory, 'changed=0'));
    theirs.push(await openSsh(lab, reach, knownHosts));
  }
  return {ours, theirs};
}

/** One whole run of the program; `changed=0` is asserted where it is expected. */
async function play(lab: Lab, inventory: string, expectation: string): Promise<Sample> {
  const start = performance.now();
  let peakKiB = 0;
  const {child, done} = await lab.spawn([
    process.execPath,
    BIN,
    '-i',
    inventory,
    'etcd.yml',
    '--output',
    'text',
    '--no-log-file',
  ]);
  const watch = setInterval(() => {
    peakKiB = Math.max(peakKiB, peakOf(child.pid));
  }, 20);
  const result = await done.finally(() => clearInterval(watch));
  const wallMs = performance.now() - start;
  if (result.code !== 0) throw new Error(`the run ended with ${result.code}:\n${result.stdout}\n${result.stderr}`);
  const recap = result.stdout.split('\n').filter(line => / ok=\d+ /.test(line));
  if (expectation === 'changed=0' && !recap.every(line => line.includes('changed=0 ')))
    throw new Error(`not a no-op:\n${result.stdout}`);
  return {wallMs, peakMiB: peakKiB / 1024};
}

function peakOf(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0; // it has just ended
  }
}

/** The facts of all hosts, read by as many OpenSSH clients at once. */
async function openSsh(
  lab: Lab,
  reach: (host: string) => {address: string; port: number},
  knownHosts: string,
): Promise<Sample> {
  const start = performance.now();
  const ends = await Promise.all(
    lab.hosts.map(host => {
      const {address, port} = reach(host.name);
      const options = [
        '-F',
        '/dev/null',
        '-i',
        lab.key,
        '-p',
        String(port),
        '-o',
        `UserKnownHostsFile=${knownHosts}`,
        '-o',
        'BatchMode=yes',
        '-o',
        'IdentitiesOnly=yes',
      ];
      return lab.run(['ssh', ...options, `ops@${address}`, `sudo -n sh -c '${FACTS}'`]);
    }),
  );
  for (const end of ends) if (end.code !== 0) throw new Error(`ssh ended with ${end.code}: ${end.stderr}`);
  return {wallMs: performance.now() - start, peakMiB: 0};
}

function report(title: string, {ours, theirs}: Comparison, aim: number): void {
  const a = ours.map(({wallMs}) => wallMs);
  const b = theirs.map(({wallMs}) => wallMs);
  const ratio = median(a) / median(b);
  say(`${title} (${ROUNDS} rounds, milliseconds: min / median / max)`);
  say(`  etcdctl-play etcd.yml, nothing to change   ${spread(a)}`);
  say(`  ${HOSTS} parallel ssh that read the same facts   ${spread(b)}`);
  say(`  ratio of medians ${ratio.toFixed(2)} (aim: ${aim} or less)${ratio <= aim ? '' : '  <-- above the aim'}`);
}

function spread(values: readonly number[]): string {
  return [Math.min(...values), median(values), Math.max(...values)].map(value => value.toFixed(0)).join(' / ');
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((x, y) => x - y);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

await main();
