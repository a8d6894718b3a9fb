/** Operations, as data: the only things a run can do to a host, the controller's files or a cluster. */
import {unreachable} from '../base/unreachable.ts';
import type {CertificateRequest} from '../pki/profile.ts';
import {type ClusterOp, describeClusterOp, isClusterOp, isMemberOp} from './cluster-op.ts';
import {describePreflightOp, isPreflightOp, type PreflightOp} from './preflight-op.ts';
import type {Content} from './probe.ts';

/** Owner, group (names or numeric ids) and mode (four octal digits) of a path. Absent = left as it is. */
export interface Attributes {
  readonly owner?: string;
  readonly group?: string;
  readonly mode?: string;
}

/** One operation. Those of one task run in order and stop at the first failure. */
export type Op =
  /** Temporary name in the same directory, fsync, attributes, rename. `sha256` is verified on the host before the rename. */
  | ({readonly kind: 'write'; readonly path: string; readonly content: Content; readonly sha256?: string} & Attributes)
  /** A big file from the controller on a channel of its own: gzip-compressed, verified by sha256, renamed into place. */
  | ({
      readonly kind: 'upload';
      readonly path: string;
      readonly controllerPath: string;
      readonly sha256: string;
      readonly sizeBytes: number;
    } & Attributes)
  | ({readonly kind: 'directory'; readonly path: string; readonly parents?: boolean} & Attributes)
  | ({readonly kind: 'attributes'; readonly path: string; readonly recursive?: boolean} & Attributes)
  | {readonly kind: 'link'; readonly path: string; readonly target: string}
  | {readonly kind: 'remove'; readonly path: string}
  /** Data moved aside into `/var/lib/etcdctl-play/trash/<name>` (or beside it when on another file system), with a manifest. */
  | {
      readonly kind: 'quarantine';
      readonly path: string;
      readonly manifest: Readonly<Record<string, string>>;
      /** Not while this unit runs. */
      readonly unit?: string;
      /** User to whom directories above it may belong, beside root. */
      readonly owner?: string;
    }
  /** An entry of the trash back to `path`, where it was. */
  | {
      readonly kind: 'trash-restore';
      readonly id: string;
      readonly path: string;
      readonly unit: string;
      readonly owner: string;
    }
  /** An entry of the trash deleted for good. */
  | {readonly kind: 'trash-expire'; readonly id: string}
  | {readonly kind: 'group-add'; readonly name: string; readonly system: boolean; readonly gid?: number}
  | {
      readonly kind: 'user-add';
      readonly name: string;
      readonly group?: string;
      readonly uid?: number;
      readonly home?: string;
      readonly shell?: string;
      readonly comment?: string;
      readonly system: boolean;
      readonly createHome: boolean;
    }
  | {readonly kind: 'user-remove'; readonly name: string}
  | {readonly kind: 'group-remove'; readonly name: string}
  | {
      readonly kind: 'unit';
      readonly verb:
        | 'start'
        | 'stop'
        | 'restart'
        | 'reload'
        | 'enable'
        | 'disable'
        | 'mask'
        | 'unmask'
        | 'daemon-reload'
        | 'reset-failed';
      /** '' for daemon-reload. */
      readonly unit: string;
      /** Do not wait for the job: a new cluster's members wait for each other. */
      readonly noBlock?: boolean;
      /** With `stop`: the cluster of this name is given up whole. The gate believes it only where all its members go. */
      readonly destroys?: string;
    }
  | {
      readonly kind: 'command';
      readonly argv: readonly string[];
      readonly stdin?: Content;
      readonly chdir?: string;
      readonly environment?: Readonly<Record<string, string>>;
      readonly timeoutSeconds?: number;
      /** Exit codes that mean success; default: 0. */
      readonly okCodes?: readonly number[] | 'any';
    }
  /** On the controller: write a file (0600 by default, directory 0700). */
  | {readonly kind: 'controller-write'; readonly path: string; readonly content: Content; readonly mode?: string}
  /** On the controller: make a CA (certificate `ca.crt`, key `ca.key` 0600) in a PKI directory. */
  | {
      readonly kind: 'issue-ca';
      readonly dir: string;
      readonly commonName: string;
      readonly validityDays: number;
      readonly keyAlgorithm: 'ec' | 'rsa';
    }
  /** On the controller: sign one certificate with the directory's CA (`<name>.crt`, `<name>.key` 0600). */
  | {readonly kind: 'issue-certificate'; readonly dir: string; readonly request: CertificateRequest}
  /** Operations that run to their end on the host, up to the first that fails, also when the connection dies meanwhile; the next run tells how it ended. */
  | {readonly kind: 'critical'; readonly title: string; readonly ops: readonly [CriticalOp, ...CriticalOp[]]}
  | PreflightOp
  | ClusterOp;

/** What a critical step may hold: everything that a host does by itself. */
export type CriticalOp = Exclude<
  Op,
  {
    readonly kind:
      | 'upload'
      | 'controller-write'
      | 'issue-ca'
      | 'issue-certificate'
      | PreflightOp['kind']
      | ClusterOp['kind']
      | 'critical';
  }
>;

/** The operations that an operation is made of: those of a critical step, or itself. */
export function partsOf(op: Op): readonly Op[] {
  return op.kind === 'critical' ? op.ops : [op];
}

/**
 * What an operation changes, in the words that `asks` (probe.ts) uses: `path:/x` (that path alone), `tree:/x` (it and all
 * below), `unit:x`, `user:x`, `group:x`, `controller:/x` (and all below), `etcd` (any live member), `members` (who is one), `data` (files that a
 * service writes by itself), `*` (anything on the host).
 */
export function touches(op: Op): readonly string[] {
  if (isPreflightOp(op)) return [];
  if (isMemberOp(op)) return ['etcd', 'members'];
  if (isClusterOp(op)) return op.kind === 'etcd-snapshot' ? [`controller:${op.path}`] : ['etcd'];
  switch (op.kind) {
    case 'write':
    case 'upload':
    case 'directory':
      return [`path:${op.path}`, ...unitFiles(op.path)];
    case 'attributes':
      return [op.recursive ? `tree:${op.path}` : `path:${op.path}`];
    case 'link':
    case 'remove':
      return [`tree:${op.path}`, ...unitFiles(op.path)];
    case 'quarantine':
      return [`tree:${op.path}`, ...unitFiles(op.path), 'trash'];
    case 'trash-restore':
      return [`tree:${op.path}`, 'trash', 'data'];
    case 'trash-expire':
      return ['trash'];
    case 'group-add':
    case 'group-remove':
      return [`group:${op.name}`];
    case 'user-add':
    case 'user-remove':
      return [`user:${op.name}`, `group:${op.name}`];
    case 'unit':
      return op.unit === '' ? ['unit:*', 'etcd', 'data'] : [`unit:${op.unit}`, 'etcd', 'data', runtimeDir(op.unit)];
    case 'command':
      return ['*'];
    case 'controller-write':
      return [`controller:${op.path}`];
    case 'issue-ca':
      return [`controller:${op.dir}`];
    case 'issue-certificate':
      return ['crt', 'key'].map(part => `controller:${op.dir}/${op.request.name}.${part}`);
    case 'critical':
      return op.ops.flatMap(touches);
    default:
      return unreachable(op);
  }
}

/** `RuntimeDirectory=` of a unit, which comes and goes with it; by custom it has the unit's name. */
function runtimeDir(unit: string): string {
  return `tree:/run/${unit.replace(/\.service$/, '')}`;
}

/** systemd reads its unit files from here: a change may need a daemon-reload. */
function unitFiles(path: string): readonly string[] {
  return path.startsWith('/etc/systemd/') || path.startsWith('/usr/lib/systemd/') ? ['unit:*'] : [];
}

/** One line for people: what an operation does. Shows no content. */
export function describeOp(op: Op): string {
  if (isPreflightOp(op)) return describePreflightOp(op);
  if (isClusterOp(op)) return describeClusterOp(op);
  switch (op.kind) {
    case 'write':
      return `write ${op.path}${attributesText(op)}`;
    case 'upload':
      return `upload ${op.path}${attributesText(op)}, ${(op.sizeBytes / 1e6).toFixed(1)} MB`;
    case 'directory':
      return `make directory ${op.path}${attributesText(op)}`;
    case 'attributes':
      return `set ${op.path}${attributesText(op)}${op.recursive ? ' and all below it' : ''}`;
    case 'link':
      return `link ${op.path} -> ${op.target}`;
    case 'remove':
      return `remove ${op.path}`;
    case 'quarantine':
      return `move ${op.path} aside`;
    case 'trash-restore':
      return `move ${op.id} back to ${op.path}`;
    case 'trash-expire':
      return `delete ${op.id} for good`;
    case 'group-add':
      return `add group ${op.name}`;
    case 'user-add':
      return `add user ${op.name}`;
    case 'user-remove':
      return `remove user ${op.name}`;
    case 'group-remove':
      return `remove group ${op.name}`;
    case 'unit':
      return `systemctl ${op.verb}${op.unit === '' ? '' : ` ${op.unit}`}`;
    case 'command':
      return `run ${op.argv.join(' ')}`;
    case 'controller-write':
      return `write ${op.path} on the controller`;
    case 'issue-ca':
      return `make a certificate authority in ${op.dir} on the controller`;
    case 'issue-certificate':
      return `issue certificate ${op.request.name} (${[...op.request.dnsNames, ...op.request.ipAddresses].join(', ')})`;
    case 'critical':
      return op.ops.map(describeOp).join(', then ');
    default:
      return unreachable(op);
  }
}

function attributesText({owner, group, mode}: Attributes): string {
  const who = owner === undefined && group === undefined ? '' : ` ${owner ?? ''}:${group ?? ''}`;
  return mode === undefined && who === '' ? '' : ` (${[mode, who.trim()].filter(Boolean).join(' ')})`;
}
