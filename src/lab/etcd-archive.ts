/** Release archives in upstream's layout, made from Debian's own etcd packages: for machines that reach no release site. */
import {createHash} from 'node:crypto';
import {existsSync, readdirSync} from 'node:fs';
import {chmod, copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {cacheDir} from './cache.ts';
import {must, run} from './command.ts';
import {LabError} from './error.ts';
import {debianArchive} from './mirror.ts';

/** The Debian suites that the archives come from, oldest etcd first. */
export const ETCD_SUITES = ['bookworm', 'trixie', 'sid'] as const;

/** One of the suites. */
export type EtcdSuite = (typeof ETCD_SUITES)[number];

/** A release archive; `SHA256SUMS` lies beside it. */
export interface EtcdArchive {
  readonly suite: EtcdSuite;
  /** As `etcd --version` says it, without a `v`: `3.5.30`. */
  readonly version: string;
  readonly path: string;
}

/** The directory of the archives and their `SHA256SUMS`. */
export function archiveDir(cache = cacheDir()): string {
  return join(cache, 'etcd');
}

/** The newest patch of each suite: 3.4 from bookworm, 3.5 from trixie and sid (as of late 2026). */
export async function ensureEtcdArchives(
  suites: readonly EtcdSuite[] = ETCD_SUITES,
  say: (text: string) => void = () => {},
  cache = cacheDir(),
): Promise<readonly EtcdArchive[]> {
  const archives: EtcdArchive[] = [];
  for (const suite of suites) archives.push(await ensureEtcdArchive(suite, say, cache));
  return archives;
}

/** The archive of one suite, made now where it is not there yet (about ten seconds, mostly the suite's package list). */
export async function ensureEtcdArchive(
  suite: EtcdSuite,
  say: (text: string) => void = () => {},
  cache = cacheDir(),
): Promise<EtcdArchive> {
  const dir = archiveDir(cache);
  const known = await knownArchive(dir, suite);
  if (known !== undefined) return known;
  await mkdir(dir, {recursive: true});
  say(`making an etcd release archive from Debian ${suite}'s packages (once)`);
  const work = await mkdtemp(join(dir, `.work-${suite}-`));
  try {
    const unpacked = await unpackPackages(work, suite);
    const version = await versionOf(join(unpacked, 'usr/bin/etcd'));
    const path = await pack(dir, work, unpacked, version);
    await writeSums(dir);
    await writeFile(join(dir, `${suite}.json`), `${JSON.stringify({suite, version, path})}\n`);
    return {suite, version, path};
  } finally {
    await rm(work, {recursive: true, force: true});
  }
}

/** Without network: the archive that an earlier call has made, or undefined. */
export async function knownArchive(dir: string, suite: EtcdSuite): Promise<EtcdArchive | undefined> {
  const text = await readFile(join(dir, `${suite}.json`), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const {version} = JSON.parse(text) as EtcdArchive;
  const path = join(dir, `${releaseName(version, await architecture())}.tar.gz`);
  return existsSync(path) ? {suite, version, path} : undefined;
}

/** Downloads and unpacks etcd-server and etcd-client with lists and caches of our own: the system's apt never sees the suite. */
async function unpackPackages(work: string, suite: EtcdSuite): Promise<string> {
  const at = (name: string) => join(work, name);
  await mkdir(at('lists/partial'), {recursive: true});
  await mkdir(at('cache/archives/partial'), {recursive: true});
  await mkdir(at('debs'));
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  await writeFile(at('sources.list'), `deb [signed-by=${keyring}] ${await debianArchive()} ${suite} main\n`);
  await writeFile(at('status'), '');
  const settings = {
    'Dir::Etc::sourcelist': at('sources.list'),
    'Dir::Etc::sourceparts': '-',
    'Dir::Etc::preferences': '-',
    'Dir::Etc::preferencesparts': '-',
    'Dir::State::Lists': at('lists'),
    'Dir::State::status': at('status'),
    'Dir::Cache': at('cache'),
    'Dir::Cache::pkgcache': '',
    'Dir::Cache::srcpkgcache': '',
    'APT::Sandbox::User': 'root',
    'Acquire::Languages': 'none',
  };
  const apt = ['apt-get', '-q', ...Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`])];
  await must([...apt, 'update']);
  await must([...apt, 'download', 'etcd-server', 'etcd-client'], {cwd: at('debs')});
  for (const deb of readdirSync(at('debs'))) await must(['dpkg', '-x', join(at('debs'), deb), at('unpacked')]);
  return at('unpacked');
}

/** The version that an etcd binary says it has. */
async function versionOf(etcd: string): Promise<string> {
  const said = await run([etcd, '--version'], {timeoutMs: 30_000});
  const version = /^etcd Version: (\d+\.\d+\.\d+\S*)/m.exec(said.stdout)?.[1];
  if (version === undefined)
    throw new LabError(`${etcd} --version does not name a version: ${said.stdout}${said.stderr}`);
  return version;
}

/** As upstream packs it; 3.4 has no etcdutl, there as here. */
async function pack(dir: string, work: string, unpacked: string, version: string): Promise<string> {
  const name = releaseName(version, await architecture());
  const release = join(work, name);
  await mkdir(release);
  for (const program of ['etcd', 'etcdctl', 'etcdutl']) {
    const from = join(unpacked, 'usr/bin', program);
    if (!existsSync(from)) continue;
    await copyFile(from, join(release, program));
    await chmod(join(release, program), 0o755);
  }
  await writeFile(join(release, 'README.md'), `etcd ${version}, from Debian's packages etcd-server and etcd-client.\n`);
  const tar = ['tar', '--owner=0', '--group=0', '--sort=name', '-C', work, '-czf', join(work, 'release.tar.gz'), name];
  await must(tar);
  const path = join(dir, `${name}.tar.gz`);
  await rename(join(work, 'release.tar.gz'), path);
  return path;
}

/** `SHA256SUMS` of every archive in the directory, replaced in one step. */
async function writeSums(dir: string): Promise<void> {
  const names = readdirSync(dir)
    .filter(name => name.endsWith('.tar.gz'))
    .sort();
  const lines: string[] = [];
  for (const name of names) {
    const digest = createHash('sha256')
      .update(await readFile(join(dir, name)))
      .digest('hex');
    lines.push(`${digest}  ${name}\n`);
  }
  const part = join(dir, `.SHA256SUMS.${process.pid}`);
  await writeFile(part, lines.join(''));
  await rename(part, join(dir, 'SHA256SUMS'));
}

function releaseName(version: string, arch: string): string {
  return `etcd-v${version}-linux-${arch}`;
}

/** Debian's and Go's names agree for amd64 and arm64. */
async function architecture(): Promise<string> {
  return (await must(['dpkg', '--print-architecture'])).trim();
}
