/** Data as text, always the same for the same data: keys sorted, absent things left out. What is signed and compared. */
import {createHash} from 'node:crypto';

/** Plain data: what JSON can hold. */
export type Plain = null | boolean | number | string | readonly Plain[] | {readonly [key: string]: Plain};

/** Any data as plain data with sorted keys: big integers as text, what has a `toJSON` (a secret) as that says, undefined left out. */
export function plain(value: unknown): Plain {
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'boolean' || typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object') return String(value);
  if ('toJSON' in value && typeof value.toJSON === 'function') return plain(value.toJSON());
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, part]): [string, Plain] => [key, plain(part)]),
  );
}

/** One line of JSON. */
export function canonical(value: unknown): string {
  return JSON.stringify(plain(value));
}

/** Lower-case hex of the sha256 of the canonical form. */
export function digest(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex');
}

/** The same data with every text in it (names of fields too) put through `clean`. */
export function mapTexts(value: Plain, clean: (text: string) => string): Plain {
  if (typeof value === 'string') return clean(value);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(part => mapTexts(part, clean));
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [clean(key), mapTexts(part as Plain, clean)]));
}
