/** How a member's data directory is asked about: in the same words by every kind, so that the host answers once. */
import type {Probe} from './probe.ts';

/** Arguments of the kinds that look at data. */
export interface DataArgs {
  readonly data: string;
  /** Directory of the log files, where it is not inside `data`; '' = inside. */
  readonly wal?: string;
}

/** JSON Schema of `DataArgs`' properties. */
export const DATA_PROPERTIES = {data: {type: 'string'}, wal: {type: 'string'}} as const;

/** Asks about the data directory of the task's own host, or of host `at`. */
export function dataProbe({data, wal}: DataArgs): Extract<Probe, {kind: 'etcd-data'}>;
export function dataProbe(
  {data, wal}: DataArgs,
  at: string,
): Extract<Probe, {kind: 'etcd-data'}> & {readonly at: string};
export function dataProbe({data, wal}: DataArgs, at?: string): Extract<Probe, {kind: 'etcd-data'}> {
  return {
    kind: 'etcd-data',
    path: data,
    ...(wal === undefined || wal === '' ? {} : {wal}),
    ...(at === undefined ? {} : {at}),
  };
}
