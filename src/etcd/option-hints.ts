/** Where an option of etcd has gone, and what was probably meant by one that never was. */
import {nearestName} from '../base/names.ts';
import {OPTIONS, type OptionEntry} from './option-table.ts';
import {compareVersions, lineOf, parseVersion, type Version} from './versions.ts';

/** Whether a release knows a key, from the list of lines and first patches. */
export function isKnownTo(since: string, release: Version): boolean {
  return since.split(' ').some(first => {
    const from = parseVersion(first) ?? parseVersion(`${first}.0`);
    return from !== undefined && lineOf(from) === lineOf(release) && compareVersions(from, release) <= 0;
  });
}

/** Whether a key that a release does not know is gone or still to come, and what to do. */
export function absence(
  key: string,
  since: string,
  release: Version,
): {readonly removed: boolean; readonly hint: string} {
  const firsts = since.split(' ');
  const last = parseVersion(`${firsts.at(-1)?.split('.').slice(0, 2).join('.')}.0`);
  const removed = last !== undefined && (release.major - last.major || release.minor - last.minor) > 0;
  if (!removed)
    return {
      removed,
      hint: `it exists in ${firsts.map(first => `${first} and later`).join(', ')}: upgrade first or leave it out.`,
    };
  const heir = successor(key, release);
  return {removed, hint: heir === undefined ? 'leave it out.' : `use ${heir} instead.`};
}

/** What an `experimental-…` option became (etcd's CHANGELOG-3.6). */
function successor(key: string, release: Version): string | undefined {
  const gate = FEATURE_GATES[key];
  if (gate !== undefined) return `"feature-gates: ${gate}=true"`;
  if (key === 'log-output') return '"log-outputs"';
  if (key === 'debug') return '"log-level: debug"';
  if (key === 'discovery') return '"discovery-config"';
  const plain = SPECIAL_HEIRS[key] ?? key.replace(/^experimental-/, '');
  const entry = plain === key || !Object.hasOwn(OPTIONS, plain) ? undefined : OPTIONS[plain];
  if (entry !== undefined) return isKnownTo(entry[1], release) ? `"${plain}"` : undefined;
  return plain.startsWith('peer-transport-security.') ? `"${plain}"` : undefined;
}

const FEATURE_GATES: Readonly<Record<string, string>> = {
  'experimental-stop-grpc-service-on-defrag': 'StopGRPCServiceOnDefrag',
  'experimental-txn-mode-write-with-shared-buffer': 'TxnModeWriteWithSharedBuffer',
  'experimental-initial-corrupt-check': 'InitialCorruptCheck',
  'experimental-compact-hash-check-enabled': 'CompactHashCheck',
  'experimental-enable-lease-checkpoint': 'LeaseCheckpoint',
  'experimental-enable-lease-checkpoint-persist': 'LeaseCheckpointPersist',
};
const SPECIAL_HEIRS: Readonly<Record<string, string>> = {
  'experimental-snapshot-catch-up-entries': 'snapshot-catchup-entries',
  'experimental-backend-bbolt-freelist-type': 'backend-bbolt-freelist-type',
  'experimental-peer-skip-client-san-verification': 'peer-transport-security.skip-client-san-verification',
};
/** Options of the command line that the file writes in another place. */
const FLAG_PLACES: Readonly<Record<string, string>> = Object.fromEntries([
  ...[
    'cert-file',
    'key-file',
    'client-cert-auth',
    'trusted-ca-file',
    'auto-tls',
    'client-cert-file',
    'client-key-file',
  ].flatMap(flag => [
    [flag, `client-transport-security.${flag}`],
    [`peer-${flag}`, `peer-transport-security.${flag}`],
  ]),
  ['client-cert-allowed-hostname', 'client-transport-security.allowed-hostname'],
  ['peer-cert-allowed-cn', 'peer-transport-security.allowed-cn'],
  ['peer-cert-allowed-hostname', 'peer-transport-security.allowed-hostname'],
  ['discovery-token', 'discovery-config.token'],
  ['discovery-endpoints', 'discovery-config.client.endpoints'],
]);

/** What to write instead of a key that nobody knows. */
export function unknownHint(key: string, table: Readonly<Record<string, OptionEntry>>, release: Version): string {
  const place = table === OPTIONS ? FLAG_PLACES[key] : undefined;
  if (place !== undefined) return `that is its name on the command line; in the file it is "${place}".`;
  const known = Object.keys(table).filter(name => isKnownTo(table[name]?.[1] ?? '', release));
  const nearest = nearestName(key.replaceAll('_', '-'), known);
  return nearest === undefined
    ? "leave it out, or look it up in etcd's list of options."
    : `did you mean "${nearest}"?`;
}
