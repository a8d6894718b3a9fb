/** `serial`: the batches in which a play goes through its hosts. */
import type {Data} from '../base/data.ts';
import {problem} from '../base/diagnostic.ts';
import {err, ok, type Result} from '../base/result.ts';
import type {Location} from '../base/source.ts';

/** Splits hosts into batches as ansible-core does: sizes in order, the last one again and again; percentages round down, at least 1. */
export function batchesOf(
  hosts: readonly string[],
  serial: Data,
  at: Location,
): Result<readonly (readonly string[])[]> {
  const written = Array.isArray(serial) ? (serial as readonly Data[]) : [serial];
  const sizes = written.map(size => sizeOf(size, hosts.length));
  const bad = sizes.indexOf(undefined);
  if (bad !== -1 || sizes.length === 0) {
    const hint = 'write a number of hosts, a percentage such as "30%", or a list of them.';
    return err([
      problem('E_SERIAL', `serial is ${JSON.stringify(String(written[bad] ?? ''))}, which is no number of hosts`, {
        at,
        hint,
      }),
    ]);
  }
  const batches: (readonly string[])[] = [];
  for (let first = 0, index = 0; first < hosts.length; index++) {
    const size = sizes[Math.min(index, sizes.length - 1)] || hosts.length;
    batches.push(hosts.slice(first, first + size));
    first += size;
  }
  return ok(batches);
}

/** 0 = all at once. */
function sizeOf(size: Data, hosts: number): number | undefined {
  const text = String(size).trim();
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1];
  if (percent !== undefined) return Math.max(1, Math.floor((Number(percent) / 100) * hosts));
  return /^\d+$/.test(text) ? Number(text) : undefined;
}
