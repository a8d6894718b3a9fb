/** Answers, as data. Facts come from outside: they are parsed strictly and never rendered as templates. */
import type {PortHolder} from '../etcd/evidence.ts';
import type {ListedMember, MemberState} from '../etcd/facts.ts';
import type {
  ConnectFact,
  DropInFact,
  FilesystemFact,
  MachineFact,
  NamesFact,
  ListenerFact as SocketFact,
  SystemdFact,
} from '../etcd/preflight-facts.ts';
import type {WalReading} from '../etcd/wal.ts';
import type {CertificateFacts} from '../pki/read.ts';
import type {RunStateFact, TrashEntry} from './state-fact.ts';

export type {LockOwner, RunStateFact, StepFact, TrashEntry} from './state-fact.ts';

/** What a path is. Modes are four octal digits (`0640`), times seconds since the epoch on that machine. */
export type PathFact =
  | {readonly exists: false}
  | {
      readonly exists: true;
      readonly type: 'file' | 'directory' | 'link' | 'other';
      readonly mode: string;
      readonly owner: string;
      readonly group: string;
      readonly uid: number;
      readonly gid: number;
      readonly sizeBytes: number;
      readonly mtime: number;
      /** Of a link. */
      readonly target?: string;
      /** Lower-case hex, where asked for and the path is a file. */
      readonly sha256?: string;
      /** Where asked for, the path is a file, at most 1 MiB and valid UTF-8. */
      readonly text?: string;
    };

export interface UnitFact {
  /** `loaded`, `not-found`, `masked`, `bad-setting` … */
  readonly load: string;
  /** `active`, `inactive`, `failed`, `activating` … */
  readonly active: string;
  readonly sub: string;
  /** `enabled`, `disabled`, `static`, `masked`, '' … */
  readonly enabled: string;
  readonly mainPid: number;
  /** Unit file changed on disk since systemd read it. */
  readonly needDaemonReload: boolean;
  readonly fragment: string;
  readonly dropIns: readonly string[];
  readonly result: string;
  readonly restarts: number;
  /** Seconds since boot at which the main process started; 0 = never. */
  readonly startedMonotonic: number;
}

/** A unit and the process that it runs now. */
export interface ProcessFact {
  readonly unit: UnitFact;
  readonly dropIns: readonly {readonly path: string; readonly text: string}[];
  /** The main process; absent where there is none. */
  readonly main?: {
    readonly pid: number;
    /** The program file that it was started from (`/proc/PID/exe`). */
    readonly program: string;
    /** That file has been removed or replaced since. */
    readonly isDeleted: boolean;
    readonly argv: readonly string[];
    /** Names of the `ETCD_…` variables in its environment. */
    readonly etcdVariables: readonly string[];
    /** Seconds since the epoch on that machine, as its clock stands now: comparable with times of files there. */
    readonly startedAt: number;
  };
}

export type UserFact =
  | {readonly exists: false}
  | {
      readonly exists: true;
      readonly uid: number;
      readonly gid: number;
      readonly group: string;
      readonly home: string;
      readonly shell: string;
      readonly comment: string;
    };

export type GroupFact =
  | {readonly exists: false}
  | {readonly exists: true; readonly gid: number; readonly members: readonly string[]};

export interface SystemFact {
  /** `uname -m`: `x86_64`, `aarch64` … */
  readonly machine: string;
  /** etcd's word for it: `amd64`, `arm64` … */
  readonly arch: string;
  readonly kernel: string;
  readonly hostname: string;
  readonly osId: string;
  readonly osVersion: string;
  readonly machineId: string;
  readonly bootId: string;
  readonly epochSeconds: number;
  readonly systemd: boolean;
}

export interface CommandFact {
  readonly rc: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What an etcd release holds, or why there is none. */
export type ReleaseFact =
  | {
      readonly ok: true;
      readonly version: string;
      readonly arch: string;
      readonly archive: string;
      readonly archiveSha256: string;
      /** Unpacked, verified copies on the controller. */
      readonly files: readonly {
        readonly name: string;
        readonly path: string;
        readonly sha256: string;
        readonly sizeBytes: number;
      }[];
    }
  | {readonly ok: false; readonly code: `E_${string}`; readonly message: string; readonly hint: string};

/** One certificate (or CA) of a cluster's PKI directory on the controller. */
export type CertificateFact = CertificateFacts;

/** A cluster's PKI directory on the controller: what exists, parsed. */
export interface PkiFact {
  readonly dir: string;
  readonly ca: CertificateFact;
  readonly certificates: Readonly<Record<string, CertificateFact>>;
}

export interface EtcdDataFact {
  readonly exists: boolean;
  /** There is a write-ahead log or a database: evidence of a member. */
  readonly hasMember: boolean;
  /** Whose it is, by the head of its oldest log file; absent where there is no log. */
  readonly identity?: WalReading;
  /** On disk, all in all. */
  readonly sizeBytes: number;
  /** Of the log files and of the database. */
  readonly walBytes: number;
  readonly dbBytes: number;
  /** Seconds since the log or the database was last written, by the host's own clock; absent without either. */
  readonly ageSeconds?: number;
  /** Entries of the directory other than `member`. */
  readonly foreign: readonly string[];
}

/** Who holds ports while the unit has no process. */
export interface ListenerFact {
  readonly others: readonly PortHolder[];
}

/** What a member says of itself, or why it says nothing. */
export type EtcdFact = MemberState;

/** A row of a live member list. */
export type EtcdMemberFact = ListedMember;

/** The answer to each kind of question. A host that cannot be asked gives no fact: the task does not get to `plan`. */
export interface FactTypes {
  path: PathFact;
  'controller-path': PathFact;
  list: {readonly exists: boolean; readonly names: readonly string[]};
  unit: UnitFact;
  process: ProcessFact;
  user: UserFact;
  group: GroupFact;
  system: SystemFact;
  command: CommandFact;
  release: ReleaseFact;
  pki: PkiFact;
  'etcd-data': EtcdDataFact;
  'run-state': RunStateFact;
  listener: ListenerFact;
  trash: {readonly entries: readonly TrashEntry[]};
  etcd: EtcdFact;
  filesystem: FilesystemFact;
  sockets: readonly SocketFact[];
  'drop-ins': readonly DropInFact[];
  systemd: SystemdFact;
  machine: MachineFact;
  names: {readonly answers: NamesFact};
  tcp: ConnectFact;
}

/** The fact that answers a probe; for a probe about another host, `undefined` where that host is not in the run or unreachable. */
export type FactOf<P> = P extends {readonly kind: infer K extends keyof FactTypes}
  ? P extends {readonly at: string}
    ? FactTypes[K] | undefined
    : FactTypes[K]
  : never;

/** Any answer. */
export type Fact = FactTypes[keyof FactTypes];
