/** The clusters that an inventory manages, as the quorum gate needs to know them: what stands for a member on its host, and how it is asked. */

/** One member, on its host. */
export interface ManagedMember {
  readonly host: string;
  readonly name: string;
  readonly seq: number;
  readonly peerUrl: string;
  readonly clientUrl: string;
  /** `etcd.service`. */
  readonly unit: string;
  readonly dataDir: string;
  /** Absent: the write-ahead log is inside the data directory. */
  readonly walDir?: string;
  /** The machine it runs on (`machineOf`): two hosts of an inventory may be one machine. */
  readonly machine: string;
}

/** One cluster, whole, whatever the limit of the run. */
export interface ManagedCluster {
  readonly name: string;
  /** By sequence number. */
  readonly members: readonly ManagedMember[];
  /** On the controller: the client certificate with which members are asked. */
  readonly pkiDir: string;
  /** Clusters of one or two may be interrupted. */
  readonly allowDowntime: boolean;
  /** Seconds for a member to be back. */
  readonly healthTimeoutSeconds: number;
}

/** Hosts that are reached in the same way are the same machine. */
export function machineOf(address: string, port: number | undefined, isLocal: boolean): string {
  return isLocal ? 'localhost' : `${address}:${port ?? 22}`;
}
