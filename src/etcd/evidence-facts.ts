/** What is known of the members of a cluster before anything is done, and what may be decided from it. */
import type {Diagnostic} from '../base/diagnostic.ts';
import type {WalReading} from './wal.ts';

/** What is known of one member of the inventory. */
export interface MemberEvidence {
  readonly name: string;
  readonly host: string;
  readonly peerUrl: string;
  /** What its host shows; undefined: the host is not part of this run, or cannot be reached. */
  readonly disk?: DiskEvidence;
  /** The host was to be part of this run but cannot be reached. */
  readonly hostLost: boolean;
  readonly live:
    | {
        readonly answers: true;
        readonly memberId: string;
        readonly clusterId: string;
        readonly version: string;
        readonly members: readonly ListedMember[];
      }
    | {readonly answers: false; readonly reason: string; readonly message: string};
}

/** What a host shows of its member. */
export interface DiskEvidence {
  /** The data directory. */
  readonly path: string;
  /** It holds a member. */
  readonly hasData: boolean;
  /** Whose: absent where there is no log. */
  readonly identity?: WalReading;
  /** Our marker: a new cluster that has not been seen healthy yet. */
  readonly isBootstrapping: boolean;
  readonly unitActive: boolean;
  /** The unit or its configuration is there. Data without both is what a half purge left, or somebody else. */
  readonly isManaged: boolean;
  /** Other processes on the member's ports, looked for where the unit has no process. */
  readonly holders: readonly PortHolder[];
}

/** A process that is not our unit's and listens on a port of the member's. */
export interface PortHolder {
  readonly port: number;
  /** 0 = not found. */
  readonly pid: number;
  readonly command: string;
  /** Of an etcd: whose log it has open. */
  readonly identity?: WalReading;
}

/** One row of a live member list. */
export interface ListedMember {
  readonly id: string;
  /** '' = added by `member add`, never started. */
  readonly name: string;
  readonly peerUrls: readonly string[];
  /** Empty until the member has started once. */
  readonly clientUrls: readonly string[];
}

/** What the operator says. None of it decides: it can only make the answer stricter, or agree to what is named. */
export interface Intent {
  /** `etcd_init`: '' = nothing expected. */
  readonly init: '' | 'new' | 'existing';
  /** `etcd_token`: with the peer URLs it foretells the ids of a new cluster. */
  readonly token: string;
  /** Data that lies there without a unit and a configuration is ours. */
  readonly adopt: boolean;
  /** Members that have lost their data are to be replaced. */
  readonly repair: boolean;
}

/** What the cluster is. */
export type ClusterState = 'new' | 'bootstrapping' | 'stopped' | 'running';

/** The decision: a state with its reason, or why the run must not go on. */
export type EvidenceDecision =
  | {
      readonly ok: true;
      readonly state: ClusterState;
      readonly reason: string;
      readonly warnings: readonly Diagnostic[];
      /** Names of empty members that the running cluster does not list, or lists as never started: to be added. */
      readonly joining: readonly string[];
      /** Names of members that have lost their data and are to be replaced. */
      readonly repairing: readonly string[];
    }
  | {readonly ok: false; readonly problems: readonly Diagnostic[]};

/** A member whose host has been seen. */
export type SeenMember = MemberEvidence & {readonly disk: DiskEvidence};

/** Whether a member's host has been seen. */
export function isSeen(member: MemberEvidence): member is SeenMember {
  return member.disk !== undefined;
}

/** Ids on a member's disk, where they can be read. */
export function idsOf({disk}: MemberEvidence): {readonly memberId: string; readonly clusterId: string} | undefined {
  return disk?.identity?.ok ? disk.identity : undefined;
}
