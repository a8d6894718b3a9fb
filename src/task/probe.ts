/**
 * Questions, as data. The executor sends all that are known at once, one round trip for a whole host; equal questions
 * are asked once. A host's answer is a fact; facts come from outside and are never rendered as templates.
 */
import type {Secret} from '../base/secret.ts';
import {unreachable} from '../base/unreachable.ts';

/** Arguments of each kind of question. `at` names another host than the task's own (`localhost` = the controller). */
interface ProbeArgs {
  /** A path on the host; `content` says how much of a file to bring (`text` up to 1 MiB). Symbolic links are not followed. */
  path: {readonly path: string; readonly content?: 'none' | 'sha256' | 'text'};
  /** The same for a path on the controller. */
  'controller-path': {readonly path: string; readonly content?: 'none' | 'sha256' | 'text'};
  /** Names in a directory, sorted. */
  list: {readonly path: string};
  /** A systemd unit. */
  unit: {readonly unit: string};
  /** A systemd unit, its drop-ins, and its main process as the kernel knows it: program, words, start. */
  process: {readonly unit: string};
  user: {readonly name: string};
  group: {readonly name: string};
  /** Kernel, architecture, host name, boot id, machine id, clock, what is installed. */
  system: Record<never, never>;
  /** A command that only reads. */
  command: {readonly argv: readonly string[]; readonly timeoutSeconds?: number};
  /** An etcd release on the controller: where its archive is, what is in it. Downloads and unpacks into the cache if need be. */
  release: ReleaseArgs;
  /** The PKI of a cluster on the controller: what exists, parsed. */
  pki: {readonly dir: string; readonly names: readonly string[]};
  /** Which run has locked the host, and which critical steps ended unheard. */
  'run-state': Record<never, never>;
  /** An etcd data directory on the host: whose member it holds, and how big it is. `wal`: the log's directory, where it is not inside. */
  'etcd-data': {readonly path: string; readonly wal?: string};
  /** What has been moved aside on the host. */
  trash: Record<never, never>;
  /** Which other process listens on one of the ports, while the unit has no process. */
  listener: {readonly unit: string; readonly ports: readonly number[]};
  /** One etcd member, asked over TLS through the SSH connection of a host of the run. */
  etcd: EtcdArgs;
  /** Room, and whether one may write, in directories that need not be there yet; programs are to run in the first. */
  filesystem: {readonly paths: readonly [string, ...string[]]};
  /** Who listens on these TCP ports. Nobody is told where the unit runs, and was started with them as the file `started` says. */
  sockets: {readonly unit: string; readonly ports: readonly number[]; readonly started?: string};
  /** The drop-ins of a unit, whether it is there or not. */
  'drop-ins': {readonly unit: string};
  /** systemd's version and state; not asked where `unless`, a data directory, holds a member. */
  systemd: {readonly unless?: string};
  /** The clock, and what tells one machine from another. */
  machine: Record<never, never>;
  /** What names resolve to on the host. */
  names: {readonly names: readonly string[]};
  /** A TCP connection from the host, closed at once. */
  tcp: {readonly address: string; readonly port: number};
}

/** Which etcd release: exactly one of `archive` and `version` is needed. */
export interface ReleaseArgs {
  /** Path or URL of `etcd-vX.Y.Z-linux-ARCH.tar.gz`; `SHA256SUMS` is looked for beside it. */
  readonly archive?: string;
  readonly sha256?: string;
  readonly version?: string;
  /** etcd's word for the architecture: which archive of a `version` (default `amd64`), and what an archive must be for. */
  readonly arch?: string;
  /** Base URL of releases: `<base>/v3.5.30/etcd-v3.5.30-linux-amd64.tar.gz`. */
  readonly releaseUrl?: string;
}

/** How to reach one member's client URL. */
export interface EtcdArgs {
  readonly member: string;
  /** The inventory host on which the member runs: its own SSH connection is preferred. */
  readonly host: string;
  readonly clientUrl: string;
  /** Paths on the controller; absent for plain http. */
  readonly tls?: {readonly ca: string; readonly cert: string; readonly key: string; readonly serverName: string};
  readonly timeoutSeconds?: number;
}

/** `{kind: 'path', path: '/etc/hosts'}` and so on; `at` = ask another host. */
export type Probe = {[K in keyof ProbeArgs]: {readonly kind: K; readonly at?: string} & ProbeArgs[K]}[keyof ProbeArgs];

/** What an answer depends on, in the words of `touches` (op.ts): an operation that touches one of these makes the answer stale. */
export function asks(probe: Probe): readonly string[] {
  switch (probe.kind) {
    case 'path':
      return [`path:${probe.path}`];
    case 'list':
      return [`list:${probe.path}`, 'data'];
    case 'etcd-data':
      return [
        `list:${probe.path}`,
        `path:${probe.path}`,
        ...(probe.wal === undefined ? [] : [`list:${probe.wal}`, `path:${probe.wal}`]),
        'data',
      ];
    case 'unit':
    case 'process':
    case 'listener':
      return [`unit:${probe.unit}`];
    case 'user':
      return [`user:${probe.name}`];
    case 'group':
      return [`group:${probe.name}`];
    case 'command':
      return ['*'];
    case 'controller-path':
      return [`controller:${probe.path}`];
    case 'pki':
      return [`controller:${probe.dir}`];
    case 'etcd':
      return [
        'etcd',
        ...(probe.tls === undefined ? [] : [`controller:${probe.tls.ca}`, `controller:${probe.tls.cert}`]),
      ];
    case 'trash':
      return ['trash'];
    case 'filesystem':
    case 'drop-ins':
    case 'sockets':
    case 'names':
      return ['*'];
    case 'system':
    case 'release':
    case 'run-state':
    case 'systemd':
    case 'machine':
    case 'tcp':
      return [];
    default:
      return unreachable(probe);
  }
}

/** Whether an operation's touch makes an answer stale. */
export function overlaps(touch: string, ask: string): boolean {
  if (touch === '*' || ask === '*') return !touch.startsWith('controller:') && !ask.startsWith('controller:');
  const [touchKind, touched] = splitResource(touch);
  const [askKind, asked] = splitResource(ask);
  if (touchKind === 'tree') {
    return (askKind === 'path' || askKind === 'list') && isAtOrBelow(asked, touched);
  }
  if (touchKind === 'path') {
    return (
      (askKind === 'path' && asked === touched) ||
      (askKind === 'list' && (asked === touched || touched.startsWith(`${asked}/`)))
    );
  }
  if (touchKind !== askKind) return false;
  if (touchKind === 'controller') return isAtOrBelow(asked, touched) || isAtOrBelow(touched, asked);
  return touched === '*' || touched === asked;
}

function splitResource(resource: string): [kind: string, name: string] {
  const colon = resource.indexOf(':');
  return colon === -1 ? [resource, ''] : [resource.slice(0, colon), resource.slice(colon + 1)];
}

function isAtOrBelow(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith('/') ? root : `${root}/`);
}

/** Content of a file to write: text, a secret, or a file of the controller's. */
export type Content = string | Secret<string> | {readonly controllerPath: string};
