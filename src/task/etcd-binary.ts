/** `etcd_binary`: etcd, etcdctl and etcdutl of one release, in a directory of their version, linked from a directory on the PATH. */
import {problem} from '../base/diagnostic.ts';
import {ok} from '../base/result.ts';
import type {Fact, PathFact, ReleaseFact, SystemFact} from './fact.ts';
import type {Op} from './op.ts';
import type {Probe} from './probe.ts';
import {releaseProbe, releaseVersion} from './release-name.ts';
import {defineKind, failure} from './task.ts';

interface Args {
  readonly state: 'present' | 'absent';
  readonly archive: string;
  readonly sha256: string;
  readonly version: string;
  readonly arch: string;
  readonly release_url: string;
  readonly install_dir: string;
  readonly bin_dir: string;
}

/** What a release may hold; 3.4 has no etcdutl. */
const BINARIES = ['etcd', 'etcdctl', 'etcdutl'];
/** Beside the binaries: their checksums, written last, so that its presence says that all were verified. */
const MANIFEST = 'SHA256SUMS';

/** Brings a release's binaries to the host; each is verified by sha256 there before it gets its name. */
export const etcdBinaryKind = defineKind<Args, Readonly<Record<string, Probe>>>({
  name: 'etcd_binary',
  summary:
    "Installs a release's binaries in a directory of their version and links them; verified by sha256 on controller and host.",
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['install_dir', 'bin_dir'],
    properties: {
      state: {enum: ['present', 'absent'], default: 'present'},
      archive: {type: 'string', default: ''},
      sha256: {type: 'string', default: ''},
      version: {type: 'string', default: ''},
      arch: {type: 'string', default: 'amd64'},
      release_url: {type: 'string', default: ''},
      install_dir: {type: 'string'},
      bin_dir: {type: 'string'},
    },
  },
  probe: args => {
    const dir = versionDir(args);
    const links = Object.fromEntries(
      BINARIES.map(name => [`link:${name}`, {kind: 'path' as const, path: `${args.bin_dir}/${name}`}]),
    );
    if (args.state === 'absent') return {...links, root: {kind: 'path', path: args.install_dir}};
    return {
      ...links,
      ...Object.fromEntries(BINARIES.map(name => [`file:${name}`, {kind: 'path' as const, path: `${dir}/${name}`}])),
      manifest: {kind: 'path', path: `${dir}/${MANIFEST}`, content: 'text'},
      system: {kind: 'system'},
      release: releaseProbe(args),
    };
  },
  plan: (args, facts) => (args.state === 'absent' ? planAbsent(args, facts) : planPresent(args, facts)),
});

type Facts = Readonly<Record<string, Fact | undefined>>;

function versionDir(args: Args): string {
  return `${args.install_dir}/${releaseVersion(args.archive) ?? args.version.replace(/^v/, '')}`;
}

function planPresent(args: Args, facts: Facts): ReturnType<typeof planAbsent> {
  const release = facts.release as ReleaseFact;
  if (!release.ok) return failure(problem(release.code, release.message, {hint: release.hint}));
  const system = facts.system as SystemFact;
  if (system.arch !== release.arch) {
    return failure(
      problem(
        'E_ARCHIVE_ARCH',
        `the release is for ${release.arch}, but this host is ${system.machine} (${system.arch})`,
        {hint: `give this host an archive for ${system.arch}: set etcd_archive for the host.`},
      ),
    );
  }
  const dir = versionDir(args);
  const wanted = release.files.map(({name, sha256}) => `${sha256}  ${name}\n`).join('');
  const manifest = facts.manifest as PathFact;
  const isVerified = manifest.exists && manifest.text === wanted;
  const missing = release.files.filter(({name, sizeBytes}) => {
    const file = facts[`file:${name}`] as PathFact;
    return !(
      isVerified &&
      file.exists &&
      file.type === 'file' &&
      file.sizeBytes === sizeBytes &&
      file.mode === '0755' &&
      file.mtime <= manifest.mtime
    );
  });
  const install: Op[] = missing.length === 0 ? [] : installOps(args, dir, missing, wanted);
  const links = linkOps(
    args,
    facts,
    dir,
    release.files.map(({name}) => name),
  );
  if (!links.ok) return links;
  const ops = [...install, ...links.ops];
  const [first, ...rest] = ops;
  if (first === undefined) return ok({kind: 'satisfied', reason: `etcd ${release.version} is installed`});
  const reason =
    missing.length > 0
      ? `etcd ${release.version}: ${missing.map(({name}) => name).join(', ')} not installed or not as released`
      : `${args.bin_dir} does not link to etcd ${release.version}`;
  const causes = [
    ...missing.map(({name}) => ({code: 'binary_missing', detail: `${dir}/${name}`})),
    ...links.ops.flatMap(op => ('path' in op ? [{code: 'link_differs', detail: op.path}] : [])),
  ];
  return ok({kind: 'change', reason, ops: [first, ...rest], causes});
}

function installOps(
  args: Args,
  dir: string,
  missing: readonly {name: string; path: string; sha256: string; sizeBytes: number}[],
  manifest: string,
): Op[] {
  const root = {owner: 'root', group: 'root'};
  return [
    {kind: 'directory', path: args.install_dir, parents: true, ...root, mode: '0755'},
    {kind: 'directory', path: dir, ...root, mode: '0755'},
    ...missing.map(
      ({name, path, sha256, sizeBytes}): Op => ({
        kind: 'upload',
        path: `${dir}/${name}`,
        controllerPath: path,
        sha256,
        sizeBytes,
        ...root,
        mode: '0755',
      }),
    ),
    // A binary that does not run here (wrong machine, noexec mount) is found before anything links to it.
    ...missing
      .filter(({name}) => name !== 'etcdctl')
      .map(
        ({name}): Op => ({
          kind: 'command',
          argv: [`${dir}/${name}`, name === 'etcd' ? '--version' : 'version'],
          timeoutSeconds: 30,
        }),
      ),
    {kind: 'write', path: `${dir}/${MANIFEST}`, content: manifest, ...root, mode: '0644'},
  ];
}

function linkOps(
  {bin_dir: binDir}: Args,
  facts: Facts,
  dir: string,
  names: readonly string[],
): {ok: true; ops: Op[]} | ReturnType<typeof failure> {
  const ops: Op[] = [];
  for (const name of names) {
    const link = facts[`link:${name}`] as PathFact;
    if (link.exists && link.type !== 'link') {
      return failure(
        problem('E_FOREIGN_BINARY', `${binDir}/${name} is there already and is not a link of ours`, {
          hint: 'remove it (or its package), or set etcd_bin_dir to another directory on the PATH.',
        }),
      );
    }
    if (!link.exists || link.target !== `${dir}/${name}`)
      ops.push({kind: 'link', path: `${binDir}/${name}`, target: `${dir}/${name}`});
  }
  return {ok: true, ops};
}

function planAbsent(
  args: Args,
  facts: Facts,
): ReturnType<typeof ok<import('./task.ts').Plan>> | ReturnType<typeof failure> {
  const ours = BINARIES.filter(name => {
    const link = facts[`link:${name}`] as PathFact;
    return link.exists && link.type === 'link' && link.target?.startsWith(`${args.install_dir}/`);
  });
  const ops: Op[] = ours.map(name => ({kind: 'remove', path: `${args.bin_dir}/${name}`}));
  if ((facts.root as PathFact).exists) ops.push({kind: 'remove', path: args.install_dir});
  const [first, ...rest] = ops;
  if (first === undefined) return ok({kind: 'satisfied', reason: 'no binaries of ours'});
  return ok({
    kind: 'change',
    reason: 'binaries are installed',
    ops: [first, ...rest],
    causes: [{code: 'path_there', detail: args.install_dir}],
  });
}
