/** `etcd_preflight`: what a host alone tells before anything is changed on it. All of it at once. */
import type {Diagnostic} from '../base/diagnostic.ts';
import {problem} from '../base/diagnostic.ts';
import {ok} from '../base/result.ts';
import {formatBytes} from '../etcd/member-table.ts';
import {diskProblems} from '../etcd/preflight-disk.ts';
import type {DropInFact, FilesystemFact, ListenerFact, SystemdFact} from '../etcd/preflight-facts.ts';
import {portProblems, withoutStrangers} from '../etcd/preflight-ports.ts';
import {dropInProblems, maskedWarning, systemdProblems} from '../etcd/preflight-service.ts';
import type {EtcdDataFact, Fact, PathFact, ReleaseFact, SystemFact, UnitFact} from './fact.ts';
import type {Probe} from './probe.ts';
import {releaseProbe, releaseVersion} from './release-name.ts';
import {defineKind, failure, refusal} from './task.ts';

interface Args {
  readonly unit: string;
  readonly data: string;
  /** '' = in the data directory. */
  readonly wal: string;
  /** Other directories that files are written to. */
  readonly directories: readonly string[];
  readonly install_dir: string;
  /** Configuration that the running process was started with. */
  readonly started: string;
  readonly listen: string;
  readonly port: number;
  readonly peer_port: number;
  readonly archive: string;
  readonly sha256: string;
  readonly version: string;
  readonly arch: string;
  readonly release_url: string;
  /** Bytes that have to be free beside binaries and database. */
  readonly free_bytes: number;
  readonly slow_ms: number;
  /** Test a host that has its member already, too. */
  readonly always: boolean;
}

type Facts = Readonly<Record<string, Fact | undefined>>;

/** Refuses, before anything is changed, a host on which a member could not be made or would not run. */
export const etcdPreflightKind = defineKind<Args, Readonly<Record<string, Probe>>>({
  name: 'etcd_preflight',
  summary:
    'Refuses a host that has not the room, the ports, the rights, the machine type or the systemd that a member needs.',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['unit', 'data', 'install_dir', 'started', 'listen', 'port', 'peer_port'],
    properties: {
      unit: {type: 'string'},
      data: {type: 'string'},
      wal: {type: 'string', default: ''},
      directories: {type: 'array', items: {type: 'string'}, default: []},
      install_dir: {type: 'string'},
      started: {type: 'string'},
      listen: {type: 'string'},
      port: {type: 'integer'},
      peer_port: {type: 'integer'},
      archive: {type: 'string', default: ''},
      sha256: {type: 'string', default: ''},
      version: {type: 'string', default: ''},
      arch: {type: 'string', default: 'amd64'},
      release_url: {type: 'string', default: ''},
      free_bytes: {type: 'integer', minimum: 0, default: 268435456},
      slow_ms: {type: 'number', minimum: 0, default: 10},
      always: {type: 'boolean', default: false},
    },
  },
  probe: args => ({
    unit: {kind: 'unit', unit: args.unit},
    system: {kind: 'system'},
    data: {kind: 'etcd-data', path: args.data},
    release: releaseProbe(args),
    binary: {kind: 'path', path: binaryOf(args)},
    filesystem: {kind: 'filesystem', paths: [args.install_dir, ...directoriesOf(args)]},
    sockets: {
      kind: 'sockets',
      unit: args.unit,
      ports: [args.port, args.peer_port],
      ...(args.always ? {} : {started: args.started}),
    },
    dropIns: {kind: 'drop-ins', unit: args.unit},
    systemd: {kind: 'systemd', ...(args.always ? {} : {unless: args.data})},
  }),
  plan: (args, facts, {host, check}) => {
    const isFirst = !(facts.data as EtcdDataFact).hasMember && (facts.unit as UnitFact).mainPid === 0;
    const found = hostProblems(args, facts, host, isFirst);
    const problems = found.filter(({severity}) => severity === 'error');
    const warnings = found.filter(({severity}) => severity === 'warning');
    if (problems.length > 0) {
      // A release that cannot be had is no matter of safety.
      const isRefused = (facts.release as ReleaseFact).ok || problems.length > 1;
      return (isRefused ? refusal : failure)(...problems, ...warnings);
    }
    const reason = freeText(facts.filesystem as FilesystemFact, args.data);
    if (!isFirst && !args.always) return ok({kind: 'satisfied', reason, warnings});
    if (check) {
      const left = 'writing and the speed of the disk are not tested in a check run';
      return ok({kind: 'satisfied', reason: `${reason}; ${left}`, warnings});
    }
    return ok({
      kind: 'change',
      reason: `${reason}; ${isFirst ? 'a first member here' : 'asked for'}: writing and the speed of the disk are tested`,
      ops: [
        {
          kind: 'disk-test',
          directories: [args.install_dir, ...directoriesOf(args)],
          programs: args.install_dir,
          sync: args.wal === '' ? args.data : args.wal,
          slowMs: args.slow_ms,
        },
      ],
      warnings,
    });
  },
});

function directoriesOf({data, wal, directories}: Args): string[] {
  return [...new Set([data, ...(wal === '' ? [] : [wal]), ...directories])];
}

function binaryOf(args: Args): string {
  return `${args.install_dir}/${releaseVersion(args.archive) ?? args.version.replace(/^v/, '')}/etcd`;
}

function hostProblems(args: Args, facts: Facts, host: string, isFirst: boolean): readonly Diagnostic[] {
  const unit = facts.unit as UnitFact;
  const isInstalled = (facts.binary as PathFact).exists;
  const listeners = facts.sockets as readonly ListenerFact[];
  const loopback = args.listen === '127.0.0.1' ? [] : ['127.0.0.1'];
  return [
    ...releaseProblems(facts.release as ReleaseFact, facts.system as SystemFact, host),
    ...systemdProblems(facts.systemd as SystemdFact, host),
    ...maskedWarning(unit.load, args.unit, host),
    ...dropInProblems(facts.dropIns as readonly DropInFact[], args.unit, host),
    ...portProblems(args.always ? listeners : withoutStrangers(listeners, args), {
      host,
      unit: args.unit,
      mainPid: unit.mainPid,
      ports: [
        {port: args.port, addresses: [args.listen, ...loopback], variable: 'etcd_port'},
        {port: args.peer_port, addresses: [args.listen], variable: 'etcd_peer_port'},
      ],
    }),
    ...diskProblems(facts.filesystem as FilesystemFact, {
      host,
      bytes: neededBytes(args, facts, isInstalled),
      isFirst: isFirst || !isInstalled,
      ...(isInstalled ? {} : {programs: args.install_dir}),
    }),
  ];
}

/** A release that cannot run here is found before any of it is sent. */
function releaseProblems(release: ReleaseFact, system: SystemFact, host: string): readonly Diagnostic[] {
  if (!release.ok) return [problem(release.code, release.message, {hint: release.hint})];
  if (system.arch === release.arch) return [];
  const text = `${host}: the release is for ${release.arch}, but this host is ${system.machine} (${system.arch})`;
  const hint = `give this host an archive for ${system.arch}: set etcd_archive (or etcd_arch) for the host.`;
  return [problem('E_ARCHIVE_ARCH', text, {hint})];
}

/** The binaries and a tenth more, where they are not there yet; twice what the data directory holds, and something to begin with. */
function neededBytes(args: Args, facts: Facts, isInstalled: boolean): ReadonlyMap<string, number> {
  const release = facts.release as ReleaseFact;
  const sizes = release.ok && !isInstalled ? release.files.map(({sizeBytes}) => sizeBytes) : [];
  const binaries = 1.1 * sizes.reduce((sum, size) => sum + size, 0);
  const wal: [string, number][] = args.wal === '' ? [] : [[args.wal, args.free_bytes]];
  return new Map([
    [args.install_dir, binaries],
    [args.data, 2 * (facts.data as EtcdDataFact).sizeBytes + args.free_bytes],
    ...wal,
  ]);
}

function freeText({directories}: FilesystemFact, data: string): string {
  const free = directories.find(({path}) => path === data)?.freeBytes;
  return free === undefined
    ? 'nothing speaks against this host'
    : `${formatBytes(free)} free for ${data}, ports not taken`;
}
