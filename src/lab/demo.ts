/** The demo: a lab of three hosts, an inventory for it, and etcd on it by the very command that a user types. */
import {spawn} from 'node:child_process';
import {existsSync} from 'node:fs';
import {mkdir, rm, rmdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {cacheDir, purgeCache} from './cache.ts';
import {createLab, openLab} from './create.ts';
import {downLab, labNames} from './down.ts';
import {LabError} from './error.ts';
import {ensureEtcdArchive} from './etcd-archive.ts';
import {inventoryOf} from './inventory.ts';
import type {Lab} from './lab.ts';
import {ensurePrerequisites} from './prerequisites.ts';

const NAME = 'demo';
const INVENTORY = 'inventory/demo.yml';
const PKI = 'inventory/pki/demo';
const COMMAND = ['bin/etcdctl-play', '-i', INVENTORY, 'etcd.yml'] as const;

/** Where the demo runs, and whom it tells what it does. */
export interface DemoOptions {
  /** The project's directory: inventory/demo.yml is written below it. */
  readonly project: string;
  readonly say: (text: string) => void;
}

/** Builds the demo, or converges the one that is there; the exit code is that of etcdctl-play. */
export async function demoUp({project, say}: DemoOptions): Promise<number> {
  const start = Date.now();
  const ready = await ensurePrerequisites(say);
  if (!ready.ok) throw new LabError(ready.error.map(problem => `${problem.message} (${problem.hint})`).join('; '));
  const lab = (await running(say)) ?? (await build(say));
  const archive = await ensureEtcdArchive('sid', say);
  await mkdir(join(project, 'inventory'), {recursive: true});
  const about = '# Made by "npm run demo" and removed by "npm run demo -- --down".\n';
  await writeFile(join(project, INVENTORY), about + inventoryOf(lab.state, {vars: {etcd_archive: archive.path}}));
  say(`$ ${COMMAND.join(' ')}`);
  const code = await inTerminal([process.execPath, ...COMMAND], project);
  if (code === 0) say(await tables(lab));
  say(
    code === 0
      ? howToGoOn(lab)
      : 'The lab is still there to look at: "npm run demo" tries again, "npm run demo -- --down" removes it.',
  );
  say(`${((Date.now() - start) / 1000).toFixed(1)} s in all`);
  return code;
}

/** Removes the lab and what the demo has written; the caches only where asked. */
export async function demoDown({project, say}: DemoOptions, cachesToo: boolean): Promise<void> {
  await downLab(NAME);
  await rm(join(project, INVENTORY), {force: true});
  await rm(join(project, PKI), {recursive: true, force: true});
  await rmdir(join(project, 'inventory/pki')).catch(() => {}); // other inventories may keep theirs there
  say('The demo is gone.');
  const backup = join(project, 'inventory/backup');
  if (existsSync(backup)) say(`Snapshots are not removed: see ${backup}.`);
  if (!cachesToo) return;
  const others = labNames();
  if (others.length > 0) throw new LabError(`the cache stays: other labs use it (${others.join(', ')})`);
  await purgeCache();
  say(`The caches in ${cacheDir()} are gone.`);
}

/** The demo that is already up; one that lost hosts, as by a reboot of the machine, is removed. */
async function running(say: (text: string) => void): Promise<Lab | undefined> {
  const lab = await openLab(NAME);
  if (lab?.hosts.every(host => lab.isOn(host.name))) {
    say(`the lab "${NAME}" is up already`);
    return lab;
  }
  await downLab(NAME);
  return undefined;
}

async function build(say: (text: string) => void): Promise<Lab> {
  const lab = await createLab({name: NAME, hosts: 3, reachable: true, say});
  say(`three hosts are up: ${lab.hosts.map(host => host.address).join(', ')}`);
  return lab;
}

/** What etcdctl says on the first host, in a login shell: so the environment that the role has written is seen to work. */
async function tables(lab: Lab): Promise<string> {
  const script = ['member list', 'endpoint health', 'endpoint status']
    .map(words => `etcdctl ${words} -w table`)
    .join(' && ');
  const done = await lab.exec('h1', ['bash', '-lc', script], {timeoutMs: 30_000});
  if (done.code !== 0) throw new LabError(`etcdctl on ${lab.host('h1').address} failed: ${done.stderr.trim()}`);
  return `\n$ ssh ${lab.host('h1').address} '${script}'\n${done.stdout}`;
}

function howToGoOn(lab: Lab): string {
  const address = lab.host('h1').address;
  return `Go on as you like; the hosts answer on this machine only:
  bin/etcdctl-play -i ${INVENTORY} etcd.yml                  run it again: nothing changes
  bin/etcdctl-play -i ${INVENTORY} etcd.yml --check --diff   what would change, and where
  ssh -i ${lab.key} -o UserKnownHostsFile=${lab.knownHosts} ops@${address}
  npm run demo -- --down                                       remove everything
`;
}

function inTerminal(argv: readonly string[], cwd: string): Promise<number> {
  const [command = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {cwd, stdio: 'inherit'});
    child.once('error', reject);
    child.once('close', code => resolve(code ?? 130));
  });
}
