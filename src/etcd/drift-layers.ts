/** A member on its host in three layers, and what a difference between them is: the words of the drift report. */
import type {DataMap} from '../base/data.ts';

/** A difference: one line of the report. A layer that has nothing to say of it is absent. */
export interface Difference {
  readonly member: string;
  readonly host: string;
  /** `etcd.conf: election-timeout`, `etcd.service`, `server.crt`, `binary` … */
  readonly what: string;
  readonly inventory?: string;
  readonly disk?: string;
  readonly process?: string;
  /** What mends it restarts the member. */
  readonly restart: boolean;
  /** The command that mends it, or what to look at. */
  readonly fix: string;
}

/** A text file: as it should be, as it is, and as it was when the process started. Absent = not there, or not known. */
export interface TextLayers {
  readonly path: string;
  readonly wanted: string;
  readonly disk?: string;
  readonly started?: string;
  /** Owner, group and mode that are not as wanted: "mode 0644 -> 0640". */
  readonly attributes: readonly string[];
}

/** A certificate as far as it can be told apart from another and from its end. */
export interface CertificateView {
  readonly fingerprint256: string;
  readonly notAfterMs: number;
}

/** A certificate file of a member. */
export interface CertificateLayers {
  /** `server.crt`, `ca.crt` … */
  readonly file: string;
  /** Of the controller's copy; absent = there is none. */
  readonly wanted?: CertificateView;
  readonly disk?: CertificateView;
  /** Of what the process shows to clients. */
  readonly served?: CertificateView;
  /** The file is read only when the process starts, and has been written since. */
  readonly isNewerThanProcess: boolean;
  /** Its key is not the controller's. */
  readonly keyDiffers: boolean;
  readonly attributes: readonly string[];
}

/** The process of a member's unit. */
export interface ProcessLayer {
  readonly program: string;
  readonly isDeleted: boolean;
  readonly argv: readonly string[];
  /** Names of `ETCD_…` variables in its environment. */
  readonly etcdVariables: readonly string[];
}

/** A member on its host, in three layers. */
export interface HostLayers {
  readonly member: string;
  readonly host: string;
  readonly config: TextLayers & {readonly options: DataMap};
  readonly unitFile: TextLayers;
  readonly environment: TextLayers;
  readonly certificates: readonly CertificateLayers[];
  /** The link to etcd's binary: where it should lead, where it leads, and the release that is wanted. */
  readonly binary: {readonly path: string; readonly wanted: string; readonly disk?: string; readonly version: string};
  readonly unit: {
    readonly name: string;
    readonly active: string;
    readonly enabled: string;
    readonly needDaemonReload: boolean;
    readonly dropIns: readonly {readonly path: string; readonly text: string}[];
  };
  /** The unit's main process; absent = it has none. */
  readonly process?: ProcessLayer;
  /** What the member answers; absent = nothing. URLs from the live member list, where it is in it. */
  readonly live?: {
    readonly version: string;
    readonly peerUrls?: readonly string[];
    readonly clientUrls?: readonly string[];
  };
  readonly peerUrl: string;
  readonly clientUrl: string;
}

/** `etcdctl-play etcd.yml -l HOST -t etcd_conf`: the step that mends a host. */
export function stepOf({host}: {readonly host: string}, tag: string): string {
  return `etcdctl-play etcd.yml -l ${host} -t ${tag}`;
}

/** Whose difference it is. */
export function whose({member, host}: HostLayers): Pick<Difference, 'member' | 'host'> {
  return {member, host};
}

/** A file that is not there, or of which nothing is known. */
export const MISSING = '(missing)';
