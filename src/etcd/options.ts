/** Checks a configuration for etcd against what its release knows: etcd itself is silent about a misspelt key. */
import {type Data, type DataMap, isMap} from '../base/data.ts';
import {absence, isKnownTo, unknownHint} from './option-hints.ts';
import {OPTIONS, type OptionEntry, SECURITY_OPTIONS} from './option-table.ts';
import {showValue, typeFault} from './option-types.ts';
import {lineOf, parseVersion, type Version} from './versions.ts';

/** One thing wrong with a configuration. `key` is the path as a person writes it: `peer-transport-security.cert-file`. */
export interface ConfigProblem {
  readonly key: string;
  readonly code: 'E_ETCD_OPTION_UNKNOWN' | 'E_ETCD_OPTION_REMOVED' | 'E_ETCD_OPTION_TYPE';
  readonly message: string;
  readonly hint: string;
}

/** Maps whose keys are checked. */
const SECTIONS = ['client-transport-security', 'peer-transport-security'];
/** Lines whose keys are in the table. */
const KNOWN_LINES = ['3.4', '3.5', '3.6', '3.7'];

/**
 * Every problem of a configuration file's content under a release (`3.5.30`). A release newer than the table is judged by the
 * newest line known, by types only, since it may have new keys; a text that is no version gives no problems here.
 */
export function lintConfig(config: DataMap, version: string): readonly ConfigProblem[] {
  const release = parseVersion(version);
  if (release === undefined) return [];
  return Object.entries(config).flatMap(([key, value]) => {
    const found = lintKey(key, '', value, OPTIONS, release);
    if (found.length > 0 || !SECTIONS.includes(key) || !isMap(value)) return found;
    return Object.entries(value).flatMap(([inner, part]) => lintKey(inner, `${key}.`, part, SECURITY_OPTIONS, release));
  });
}

function lintKey(
  key: string,
  prefix: string,
  value: Data,
  table: Readonly<Record<string, OptionEntry>>,
  release: Version,
): readonly ConfigProblem[] {
  const path = `${prefix}${key}`;
  const name = `etcd ${release.major}.${release.minor}.${release.patch}`;
  const entry = Object.hasOwn(table, key) ? table[key] : undefined;
  if (entry === undefined) {
    if (!KNOWN_LINES.includes(lineOf(release))) return [];
    const message = `"${path}" is not an option of ${name}'s configuration file, and etcd would ignore it silently`;
    return [{key: path, code: 'E_ETCD_OPTION_UNKNOWN', message, hint: unknownHint(key, table, release)}];
  }
  const [type, since] = entry;
  if (KNOWN_LINES.includes(lineOf(release)) && !isKnownTo(since, release)) {
    const {removed, hint} = absence(key, since, release);
    const message = removed ? `"${path}" is gone in ${name}` : `"${path}" does not exist yet in ${name}`;
    return [{key: path, code: removed ? 'E_ETCD_OPTION_REMOVED' : 'E_ETCD_OPTION_UNKNOWN', message, hint}];
  }
  const wanted = typeFault(type, value);
  if (wanted === undefined) return [];
  return [
    {
      key: path,
      code: 'E_ETCD_OPTION_TYPE',
      message: `"${path}" is ${showValue(value)}, but etcd wants ${wanted.what}`,
      hint: wanted.hint,
    },
  ];
}
