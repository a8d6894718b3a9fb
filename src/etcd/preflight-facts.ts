/** What hosts show before anything is changed; `task/fact.ts` lists these as answers to probes. */

/** A directory and the file system it is on, or would be made on. */
export interface DirectoryFact {
  readonly path: string;
  /** The directory itself, or the nearest one above it that is there. */
  readonly nearest: string;
  /** Whether the acting user may make files in `nearest`: false on a read-only file system and in an immutable directory. */
  readonly writable: boolean;
  /** Where the file system is mounted; undefined where `df` does not tell. */
  readonly mount?: string;
  readonly freeBytes?: number;
  /** Undefined where the file system does not count inodes. */
  readonly freeInodes?: number;
}

/** The directories of a question, in its order. */
export interface FilesystemFact {
  readonly directories: readonly DirectoryFact[];
  /** Mount options of the first one: `rw`, `noexec` … */
  readonly options: readonly string[];
}

/** A socket that listens. */
export interface ListenerFact {
  /** Canonical: `0.0.0.0`, `10.0.0.1`, `::`. */
  readonly address: string;
  readonly port: number;
  /** Who holds it; absent where that cannot be seen. */
  readonly pid?: number;
  /** Last part of the holder's control group: `etcd.service`. */
  readonly unit?: string;
  /** The holder's command line; '' for a process of the unit that was asked about. */
  readonly command: string;
}

/** One drop-in of a unit: its settings in order. */
export interface DropInFact {
  readonly path: string;
  readonly settings: readonly {readonly section: string; readonly key: string; readonly value: string}[];
}

/** systemd itself; nothing where the host did not have to be asked. */
export interface SystemdFact {
  readonly version?: number;
  /** `running`, `degraded`, `maintenance`, `offline`, `absent` … */
  readonly state?: string;
}

/** The machine behind a name, and its clock. */
export interface MachineFact {
  /** Milliseconds since the epoch on the host, `errorMs` more or less, when the controller's monotonic clock showed `atMs`. */
  readonly epochMs: number;
  readonly errorMs: number;
  readonly atMs: number;
  /** The controller's own milliseconds since the epoch at that moment: for the lifetime of certificates only. */
  readonly controllerMs: number;
  readonly bootId: string;
  /** Hardware addresses of its network interfaces, sorted; without those that are all zero. */
  readonly macs: readonly string[];
}

/** What names resolve to on a host: canonical addresses, sorted; undefined where the host has no `getent`. */
export type NamesFact = Readonly<Record<string, readonly string[]>> | undefined;

/** What came of a TCP connection from a host. */
export interface ConnectFact {
  readonly result: 'open' | 'refused' | 'timeout' | 'no-route' | 'forbidden';
  /** In the words of the host. */
  readonly message: string;
}
