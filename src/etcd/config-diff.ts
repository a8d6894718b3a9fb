/** Two configurations compared as etcd reads them, option by option. */
import {type Data, type DataMap, isMap} from '../base/data.ts';
import {parseYaml, toData} from '../base/yaml.ts';

/** The configuration in the text of a file; undefined where it is not a mapping in YAML. */
export function readConfig(path: string, text: string): DataMap | undefined {
  const parsed = parseYaml({path, text});
  const data = parsed.ok ? toData(parsed.value) : undefined;
  return isMap(data) ? data : undefined;
}

/** Options that are not the same in all of some configurations, by the path of a key (`peer-transport-security.cert-file`). */
export function differingOptions(configs: readonly DataMap[]): readonly string[] {
  const flat = configs.map(flatOptions);
  const keys = [...new Set(flat.flatMap(options => [...options.keys()]))];
  return keys.filter(key => new Set(flat.map(options => canonical(options.get(key)))).size > 1);
}

/** Values by path: keys of mappings one level down get a path of their own. */
export function flatOptions(config: DataMap): ReadonlyMap<string, Data> {
  return new Map(
    Object.entries(config).flatMap(([key, value]): [string, Data][] =>
      isMap(value) ? Object.entries(value).map(([inner, part]) => [`${key}.${inner}`, part]) : [[key, value]],
    ),
  );
}

/** Values compare as etcd reads them: `100` and `"100"` are the same, and so are nothing and an empty value. */
export function canonical(value: Data | undefined): string {
  if (value === undefined || value === null) return '';
  if (isMap(value))
    return JSON.stringify(
      Object.entries(value)
        .map(([key, part]) => [key, canonical(part)])
        .sort(),
    );
  return Array.isArray(value) ? JSON.stringify(value.map(canonical)) : String(value);
}

/** A value in one line. */
export function showOption(value: Data | undefined): string {
  if (value === undefined || value === null) return '(not set)';
  return typeof value === 'object'
    ? JSON.stringify(value, (_key, part) => (typeof part === 'bigint' ? String(part) : part))
    : String(value);
}
