/** Checks a configuration for etcd against what its release knows: etcd itself is silent about a misspelt key. */
import {type Data, type DataMap, isMap} from '../base/data.ts';
import {absence, isKnownTo, unknownHint} from './option-hints.ts';
import {managedOptions} from './option-managed.ts';
import {type Fault, RULES, secretFault} from './option-rules.ts';
import {OPTIONS, type OptionEntry, SECURITY_OPTIONS} from './option-table.ts';
import {showValue, typeFault} from './option-types.ts';
import {lineOf, parseVersion, type Version} from './versions.ts';

/** One thing wrong with a configuration. `key` is the path as a person writes it: `peer-transport-security.cert-file`. */
export interface ConfigProblem {
  readonly key: string;
  readonly code: `E_ETCD_OPTION_${string}` | `W_ETCD_OPTION_${string}`;
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

/**
 * What is wrong with the values of the user's own options, in a configuration that holds them: they would stop etcd, mean
 * something else, are dangerous, hold a secret, or belong to the role. (The role's variables have a schema of their own.)
 */
export function lintOwnOptions(own: DataMap, config: DataMap, version: string): readonly ConfigProblem[] {
  const release = parseVersion(version);
  const managed = managedOptions(own).map(({key, isRefused, hint}): ConfigProblem => {
    const message = `"${key}" is set by the role, which relies on its value`;
    return {key, code: isRefused ? 'E_ETCD_OPTION_MANAGED' : 'W_ETCD_OPTION_MANAGED', message, hint};
  });
  if (release === undefined) return managed;
  const refused = managed.filter(({code}) => code.startsWith('E_')).map(({key}) => key);
  const values = Object.entries(own).flatMap(([key, value]): [string, Data, OptionEntry | undefined][] =>
    isMap(value) && SECTIONS.includes(key)
      ? Object.entries(value).map(([inner, part]) => [`${key}.${inner}`, part, entryOf(SECURITY_OPTIONS, inner)])
      : [[key, value, entryOf(OPTIONS, key)]],
  );
  const faults = values.flatMap(([key, value, entry]): ConfigProblem[] => {
    const isJudged = entry !== undefined && isKnownTo(entry[1], release) && value !== null && !refused.includes(key);
    const isTyped = isJudged && typeFault(entry[0], value) === undefined;
    const rule = isTyped && Object.hasOwn(RULES, key) ? RULES[key] : undefined;
    const fault = secretFault(value) ?? rule?.(value, config, release);
    return fault === undefined ? [] : [faultProblem(key, value, fault)];
  });
  return [...managed, ...withoutEcho(faults)];
}

/** A heartbeat and a timeout that do not fit together are one mistake. */
function withoutEcho(faults: readonly ConfigProblem[]): readonly ConfigProblem[] {
  const isPair =
    faults.some(({key}) => key === 'heartbeat-interval') && faults.some(({key}) => key === 'election-timeout');
  return isPair
    ? faults.filter(({key, message}) => key !== 'heartbeat-interval' || !message.includes('election'))
    : faults;
}

const FAULT_CODES = {
  stops: 'E_ETCD_OPTION_VALUE',
  odd: 'W_ETCD_OPTION_VALUE',
  danger: 'E_ETCD_OPTION_DANGER',
  risk: 'W_ETCD_OPTION_RISK',
} as const;

function faultProblem(key: string, value: Data, {kind, what, hint}: Fault): ConfigProblem {
  const shown = kind === 'danger' && secretFault(value) !== undefined ? 'a text' : showValue(value);
  return {key, code: FAULT_CODES[kind], message: `"${key}" is ${shown}, ${what}`, hint};
}

function entryOf(table: Readonly<Record<string, OptionEntry>>, key: string): OptionEntry | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
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
  const entry = entryOf(table, key);
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
