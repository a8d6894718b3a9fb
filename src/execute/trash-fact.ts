/** What has been moved aside on a host, read as facts. */
import {isMap} from '../base/data.ts';
import {printableLine} from '../base/printable.ts';
import {err, ok} from '../base/result.ts';
import type {TrashEntry} from '../task/fact.ts';
import type {Read} from './answer.ts';

/** Where data is moved that is taken out of use. */
export const TRASH = '/var/lib/etcdctl-play/trash';

const WORDS = 7;

/** The answer of `trash`: the host's clock, then seven words an entry. */
export function parseTrash(stdout: string): Read<{readonly entries: readonly TrashEntry[]}> {
  const words = stdout.split('\0');
  const now = words.shift() ?? '';
  if (!/^\d+$/.test(now) || words.pop() !== '' || words.length % WORDS !== 0)
    return err('its answer is not understood');
  const entries: TrashEntry[] = [];
  for (let at = 0; at < words.length; at += WORDS) entries.push(entryOf(words.slice(at, at + WORDS), Number(now)));
  return ok({entries});
}

function entryOf(
  [id = '', path = '', location = '', state, kib = '', facts = '', manifest = '']: string[],
  now: number,
): TrashEntry {
  const host = Object.fromEntries(
    facts.split('\n').flatMap(line => {
      const equals = line.indexOf('=');
      return equals === -1 ? [] : [[line.slice(0, equals), printableLine(line.slice(equals + 1))]];
    }),
  );
  const epoch = Number(host['epoch']);
  return {
    id,
    path,
    location,
    isFree: state === 'free',
    ...(/^\d+$/.test(kib) ? {sizeBytes: Number(kib) * 1024} : {}),
    ...(Number.isInteger(epoch) ? {ageSeconds: Math.max(0, now - epoch)} : {}),
    host,
    manifest: manifestOf(manifest),
  };
}

function manifestOf(text: string): Readonly<Record<string, string>> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (!isMap(parsed as never)) return {};
    return Object.fromEntries(
      Object.entries(parsed as Record<string, unknown>).flatMap(([key, value]) =>
        typeof value === 'string' ? [[key, printableLine(value)]] : [],
      ),
    );
  } catch {
    // written by somebody else, or cut off: the entry is shown without what it was
    return {};
  }
}
