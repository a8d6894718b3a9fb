/** Entries of a host's trash for people (a table) and for programs (data). */
import type {DataMap} from '../base/data.ts';
import type {TrashEntry} from './fact.ts';

const UNITS: Readonly<Record<string, number>> = {m: 60, h: 3600, d: 86_400, w: 604_800};

/** Seconds of `90m`, `12h`, `7d`, `2w`; undefined for anything else. */
export function parseAge(text: string): number | undefined {
  const match = /^(\d{1,6})([mhdw])$/.exec(text);
  return match === null ? undefined : Number(match[1]) * (UNITS[match[2] ?? ''] ?? Number.NaN);
}

/** `7d`, `3h`, `5m`, or `?` where the host did not note it. */
export function age({ageSeconds}: TrashEntry): string {
  if (ageSeconds === undefined) return '?';
  const unit = ageSeconds >= 2 * 86_400 ? 'd' : ageSeconds >= 2 * 3600 ? 'h' : 'm';
  return `${Math.floor(ageSeconds / (UNITS[unit] ?? 1))}${unit}`;
}

/** Size on disk, or `gone`. */
export function size({sizeBytes}: TrashEntry): string {
  return sizeBytes === undefined ? 'gone' : `${(sizeBytes / 1e6).toFixed(1)} MB`;
}

/** One line an entry, below a head; '' without entries. */
export function tableOf(entries: readonly TrashEntry[]): string {
  if (entries.length === 0) return '';
  const rows = entries.map(entry => {
    const {cluster = '?', member = '?', cluster_id: clusterId = '?', reason = '?'} = entry.manifest;
    return [
      entry.id,
      entry.path,
      cluster,
      clusterId,
      member,
      size(entry),
      entry.host['date'] ?? '?',
      age(entry),
      reason,
    ];
  });
  const all = [['ID', 'PATH', 'CLUSTER', 'CLUSTER ID', 'MEMBER', 'SIZE', 'WHEN', 'AGE', 'REASON'], ...rows];
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map(row => (row[column] ?? '').length)));
  return all
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** An entry for programs. */
export function dataOfEntry(entry: TrashEntry): DataMap {
  return {
    id: entry.id,
    path: entry.path,
    location: entry.location,
    is_free: entry.isFree,
    size_bytes: entry.sizeBytes ?? null,
    age_seconds: entry.ageSeconds ?? null,
    host: entry.host,
    manifest: entry.manifest,
  };
}
