/** Operations that only try something out on hosts: what they make is gone when they end. */
import type {Diagnostic} from '../base/diagnostic.ts';
import type {Way} from '../etcd/preflight-reach.ts';

/** A trial before anything is changed. */
export type PreflightOp =
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

/** Whether an operation is a trial. */
export function isPreflightOp(op: {readonly kind: string}): op is PreflightOp {
  return op.kind === 'disk-test' || op.kind === 'peer-test';
}

/** One line for people. */
export function describePreflightOp(op: PreflightOp): string {
  return op.kind === 'disk-test'
    ? `test writing in ${op.directories.join(', ')}`
    : `test ${op.ways.length} ways between members`;
}
