/** The three streams of a command, whatever carries them. */
import type {Readable, Writable} from 'node:stream';

/** A command on a host: an SSH channel, or a process of this machine. */
export interface AgentStreams {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles once, when the command is gone. `lost` = the whole connection is gone, and why. */
  readonly closed: Promise<{readonly code: number | undefined; readonly lost: string | undefined}>;
  destroy(): void;
}
