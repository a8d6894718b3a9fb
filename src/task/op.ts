/** Operations, as data: the only things a run can do to a host, the controller's files or a cluster. */
import type {Diagnostic} from '../base/diagnostic.ts';
import {unreachable} from '../base/unreachable.ts';
import type {Expectation} from '../etcd/facts.ts';
import type {Way} from '../etcd/preflight-reach.ts';
import type {CertificateRequest} from '../pki/profile.ts';
import type {Content, EtcdArgs} from './probe.ts';

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
  | {readonly kind: 'quarantine'; readonly path: string; readonly manifest: Readonly<Record<string, string>>}
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
  /** On the controller: stream a snapshot from a member into a file, verified by its sha256 trailer, renamed when whole. */
  | {readonly kind: 'etcd-snapshot'; readonly endpoint: EtcdArgs; readonly path: string}
  /** Waits until the members agree on cluster id, leader and members; fails with what each one said. */
  | {
      readonly kind: 'etcd-wait';
      readonly endpoints: readonly EtcdArgs[];
      /** Members that must answer, agree and pass a linearizable read; default all. */
      readonly expect: Expectation;
      readonly timeoutSeconds: number;
    }
  /** Writes, renames and removes a file in (or above) each directory, runs one where programs will be, times synced writes. */
  | {
      readonly kind: 'disk-test';
      readonly directories: readonly string[];
      readonly programs?: string;
      /** Directory on the disk whose synced writes are timed, and milliseconds from which on they are slow. */
      readonly sync: string;
      readonly slowMs: number;
    }
  /** Connects each way; where nothing listens at its end, a listener is put there for some seconds. Tells `found` with what it finds. */
  | {readonly kind: 'peer-test'; readonly ways: readonly Way[]; readonly found: readonly Diagnostic[]};

/**
 * What an operation changes, in the words that `asks` (probe.ts) uses: `path:/x` (that path alone), `tree:/x` (it and all
 * below), `unit:x`, `user:x`, `group:x`, `controller:/x` (and all below), `etcd` (any live member), `data` (files that a
 * service writes by itself), `*` (anything on the host).
 */
export function touches(op: Op): readonly string[] {
  switch (op.kind) {
    case 'write':
    case 'upload':
    case 'directory':
      return [`path:${op.path}`, ...unitFiles(op.path)];
    case 'attributes':
      return [op.recursive ? `tree:${op.path}` : `path:${op.path}`];
    case 'link':
    case 'remove':
    case 'quarantine':
      return [`tree:${op.path}`, ...unitFiles(op.path)];
    case 'group-add':
    case 'group-remove':
      return [`group:${op.name}`];
    case 'user-add':
    case 'user-remove':
      return [`user:${op.name}`, `group:${op.name}`];
    case 'unit':
      return [op.unit === '' ? 'unit:*' : `unit:${op.unit}`, 'etcd', 'data'];
    case 'command':
      return ['*'];
    case 'controller-write':
      return [`controller:${op.path}`];
    case 'issue-ca':
    case 'issue-certificate':
      return [`controller:${op.dir}`];
    case 'etcd-snapshot':
      return [`controller:${op.path}`];
    case 'etcd-wait':
      return ['etcd'];
    case 'disk-test':
    case 'peer-test':
      return [];
    default:
      return unreachable(op);
  }
}

/** systemd reads its unit files from here: a change may need a daemon-reload. */
function unitFiles(path: string): readonly string[] {
  return path.startsWith('/etc/systemd/') || path.startsWith('/usr/lib/systemd/') ? ['unit:*'] : [];
}

/** One line for people: what an operation does. Shows no content. */
export function describeOp(op: Op): string {
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
    case 'etcd-snapshot':
      return `save a snapshot of ${op.endpoint.member} to ${op.path} on the controller`;
    case 'etcd-wait':
      return `wait until ${op.endpoints.map(endpoint => endpoint.member).join(', ')} agree (at most ${op.timeoutSeconds} s)`;
    case 'disk-test':
      return `test writing in ${op.directories.join(', ')}`;
    case 'peer-test':
      return `test ${op.ways.length} ways between members`;
    default:
      return unreachable(op);
  }
}

function attributesText({owner, group, mode}: Attributes): string {
  const who = owner === undefined && group === undefined ? '' : ` ${owner ?? ''}:${group ?? ''}`;
  return mode === undefined && who === '' ? '' : ` (${[mode, who.trim()].filter(Boolean).join(' ')})`;
}
