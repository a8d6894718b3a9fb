/** Who a run is, and what its lock acts through. */
import type {Diagnostic} from '../base/diagnostic.ts';
import type {Emit} from '../base/event.ts';
import type {HostTarget} from '../transport/connection.ts';
import type {HostSession} from './session.ts';

/** A run as the lock names it; all texts are one line. */
export interface RunIdentity {
  /** Letters, digits and `-`: also the fence of every request that changes something. */
  readonly runId: string;
  /** "alice@bastion (pid 4711)". */
  readonly who: string;
  /** When it began, by the controller's clock: shown to people, compared with nothing. */
  readonly since: string;
  /** The command line, without values that may be secret. */
  readonly command: string;
  /** Seconds without a sign of life after which another run may take the lock over. */
  readonly leaseSeconds: number;
}

/** The user who locks a host: root where the run becomes root there, else the login user (undefined), who may be root. */
export type Lockers = ReadonlyMap<string, string | undefined>;

/** A host of a cluster of the run that is not itself in the run (`--limit`): how to reach it, or why that is not known. */
export interface Peer {
  readonly cluster: string;
  readonly target?: HostTarget;
  readonly problem?: Diagnostic;
}

/** What the lock of a run needs. */
export interface RunLockOptions {
  readonly identity: RunIdentity;
  readonly check: boolean;
  readonly sessions: ReadonlyMap<string, HostSession>;
  readonly lockers: Lockers;
  /** Of the hosts to lock, those that may not be needed: locked when they are. */
  readonly quiet: ReadonlySet<string>;
  readonly peers: ReadonlyMap<string, Peer>;
  /** A session for a host outside the run, which tells no events. */
  readonly openPeer: (target: HostTarget) => HostSession;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly monotonicMs: () => number;
  /** Makes all that is known of hosts, members and the controller be asked anew. */
  readonly forget: () => void;
}
