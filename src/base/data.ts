/** Plain data as YAML and Jinja2 know it. Mappings have a null prototype, so `constructor` is just a key. */

/** A value of a variable, a task argument, a template result. */
export type Data = null | boolean | number | bigint | string | readonly Data[] | DataMap;

/** A mapping with string keys (null prototype, insertion order kept). */
export interface DataMap {
  readonly [key: string]: Data;
}

/** Whether a value is a mapping. */
export function isMap(value: Data | undefined): value is DataMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A new mapping with a null prototype. */
export function dataMap(entries: Iterable<readonly [string, Data]> = []): Record<string, Data> {
  const map: Record<string, Data> = Object.create(null);
  for (const [key, value] of entries) map[key] = value;
  return map;
}
