/** What the agent's `disk-test` found. */
import {problem, warning} from '../base/diagnostic.ts';
import {printableLine} from '../base/printable.ts';
import type {Op} from '../task/op.ts';
import type {OpReply} from '../task/task.ts';

const BLOCK_BYTES = 2048;

/** The reply with one problem for all directories that cannot be used, or a warning of a slow disk. Reports the mean: `dd` tells no percentiles. */
export function diskTestReply({sync, slowMs}: Extract<Op, {kind: 'disk-test'}>, reply: OpReply): OpReply {
  const lines = reply.stdout.split('\n');
  const failed = lines.flatMap(line => {
    const match = /^fail (\S+) (\S+) (.*)$/.exec(line);
    if (match === null) return [];
    const [, path, nearest, why = ''] = match;
    const place = path === nearest ? path : `${nearest} (for ${path})`;
    return [`  ${place}: ${printableLine(why).replace(/^(?:\.new)?: /, '')}`];
  });
  if (failed.length > 0) {
    const message = `a file cannot be written, renamed or run in:\n${failed.join('\n')}`;
    const hint =
      'look at the mount (findmnt -T DIRECTORY), quotas, chattr, SELinux (ausearch -m avc) and free space (df, df -i) of these directories.';
    return {...reply, rc: 1, refused: true, diagnostic: problem('E_PREFLIGHT_WRITE', message, {hint})};
  }
  const meanMs = meanOf(lines);
  if (meanMs === undefined || meanMs <= slowMs) return reply;
  const message = `a synced write below ${sync} takes ${meanMs.toFixed(1)} ms on average, more than ${slowMs} ms`;
  const hint =
    'etcd syncs its log before it answers; etcd advises that 99 of 100 syncs take less than 10 ms (etcd_disk_wal_fsync_duration_seconds): a slow disk costs latency and, under load, leaders. Give it an SSD of its own (etcd_wal_dir).';
  return {...reply, diagnostic: warning('W_PREFLIGHT_FSYNC', message, {hint})};
}

/** Milliseconds of one synced write; undefined where none was timed. */
function meanOf(lines: readonly string[]): number | undefined {
  const match = lines.map(line => /^sync (\d+\.\d+) (\d+\.\d+) (\d+)$/.exec(line)).find(found => found !== null);
  const [, begin, end, bytes] = match ?? [];
  const writes = Math.floor(Number(bytes ?? 0) / BLOCK_BYTES);
  return writes === 0 ? undefined : ((Number(end) - Number(begin)) * 1000) / writes;
}
