/**
 * What a value of the right type may not be: values that keep etcd from starting, that it takes for something else without a
 * word, or that give up what a cluster is for. Measured on 3.4.23, 3.5.16 and 3.5.30 (test/etcd/option-rules.test.ts runs
 * them); the checks are etcd's own, server/embed/config.go `Validate` and server/etcdmain/config.go.
 */
import {type Data, type DataMap, isMap} from '../base/data.ts';
import {isPlainDuration, isWholeText, urlListFault} from './option-values.ts';
import {lineOf, type Version} from './versions.ts';

/** What is wrong with a value. `stops` = etcd does not start; `odd` = it starts, but not as meant; `danger`, `risk` = refused, or told. */
export interface Fault {
  readonly kind: 'stops' | 'odd' | 'danger' | 'risk';
  /** What etcd does with it, as the end of a sentence that names option and value. */
  readonly what: string;
  readonly hint: string;
}

/** A rule: the value as the file would have it, the whole configuration, and the release. */
type Rule = (value: Data, config: DataMap, release: Version) => Fault | undefined;

const stops = (what: string, hint: string): Fault => ({kind: 'stops', what, hint});
const odd = (what: string, hint: string): Fault => ({kind: 'odd', what, hint});
const danger = (what: string, hint: string): Fault => ({kind: 'danger', what, hint});
const risk = (what: string, hint: string): Fault => ({kind: 'risk', what, hint});

/** etcd's `MaxQuotaBytes`. */
const MAX_QUOTA_BYTES = 8_589_934_592n;
/** etcd's `recommendedMaxRequestBytes`. */
const MAX_REQUEST_BYTES = 10_485_760;
/** etcd's `maxElectionMs`. */
const MAX_ELECTION_MS = 50_000;
const DEFAULT_ELECTION_MS = 1000;
const DEFAULT_HEARTBEAT_MS = 100;

const LEVELS = ['debug', 'info', 'warn', 'error', 'dpanic', 'panic', 'fatal'];

function oneOf(words: readonly string[]): Rule {
  return value =>
    typeof value === 'string' && value !== '' && !words.includes(value)
      ? stops('which etcd does not know and does not start with', `use ${words.join(' or ')}.`)
      : undefined;
}

const when =
  (wrong: Data, fault: Fault): Rule =>
  value =>
    value === wrong ? fault : undefined;

const zero = (value: Data): boolean => value === 0 || value === 0n;

function numberAt(config: DataMap, key: string, otherwise: number): number {
  const value = config[key];
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : otherwise;
}

const heartbeat: Rule = (value, config) => {
  if (zero(value))
    return stops('and etcd does not start with 0', "leave it out: etcd's default is 100 (milliseconds).");
  const election = numberAt(config, 'election-timeout', DEFAULT_ELECTION_MS);
  return Number(value) * 5 <= election
    ? undefined
    : stops(
        `and election-timeout is ${election}: etcd does not start when that is less than 5 heartbeats`,
        `raise election-timeout to ${Number(value) * 5} or more, or lower the heartbeat.`,
      );
};

const election: Rule = (value, config) => {
  if (zero(value))
    return stops('and etcd does not start with 0', "leave it out: etcd's default is 1000 (milliseconds).");
  if (Number(value) > MAX_ELECTION_MS)
    return stops('which is above what etcd starts with', `use ${MAX_ELECTION_MS} or less.`);
  const beat = numberAt(config, 'heartbeat-interval', DEFAULT_HEARTBEAT_MS);
  return beat * 5 <= Number(value)
    ? undefined
    : stops(
        `and heartbeat-interval is ${beat}: etcd does not start with less than 5 heartbeats`,
        `use ${beat * 5} or more.`,
      );
};

const quota: Rule = value => {
  const bytes = BigInt(value as number | bigint);
  if (bytes < 0n)
    return odd(
      'which etcd takes for no quota at all: the database grows until the disk is full',
      'use a number from 1.',
    );
  return bytes > MAX_QUOTA_BYTES
    ? odd(
        'which is more than etcd is made for: it warns, and starts and recovers slowly',
        `use ${MAX_QUOTA_BYTES} (8 GiB) or less.`,
      )
    : undefined;
};

const retention: Rule = (value, config) => {
  const text = String(value);
  if (text === '' || isWholeText(text)) return undefined;
  const hint = 'write "24h" or "30m" (periodic), or a number of revisions (revision).';
  if (!isPlainDuration(text))
    return stops('which is neither a number nor a duration, and etcd does not start with it', hint);
  return config['auto-compaction-mode'] === 'revision'
    ? odd('and the mode is "revision": etcd takes the time for a huge number of revisions and never compacts', hint)
    : undefined;
};

const logLevel: Rule = (value, config, release) => {
  const known = lineOf(release) === '3.4' ? String(value) : String(value).toLowerCase();
  return value === '' || LEVELS.includes(known) ? undefined : oneOf(LEVELS)(value, config, release);
};

const urls =
  (use: 'listen' | 'advertise'): Rule =>
  value => {
    const fault = urlListFault(String(value), use);
    return fault === undefined ? undefined : stops(fault.what, fault.hint);
  };

const peerListen: Rule = (value, config, release) => {
  const list = String(value)
    .split(',')
    .map(url => url.trim());
  const twice = list.find((url, index) => list.indexOf(url) !== index);
  return twice === undefined
    ? urls('listen')(value, config, release)
    : stops(`and ${twice} is there twice: etcd finds its own port taken and does not start`, 'name each URL once.');
};

const rotation: Rule = (value, config) => {
  const outputs = config['log-outputs'];
  const isFile = Array.isArray(outputs) && outputs.length === 1 && /^(?!default$|std|systemd)/.test(String(outputs[0]));
  return value === true && !isFile
    ? stops(
        'and log-outputs is not one file: etcd does not start',
        'let systemd\'s journal rotate, or set log-outputs to ["/path/of/a/file"].',
      )
    : undefined;
};

const NO_CLIENT_CERTIFICATE = risk(
  'and CIS 2.2 and 2.5 ask for true (etcd wants a certificate all the same while trusted-ca-file is set)',
  'leave it out: the role sets it to true.',
);
const AUTO_TLS = risk(
  'and certificates that etcd makes itself prove nothing (CIS 2.3, 2.6)',
  'leave it out: the role issues certificates.',
);
const NO_SAN_CHECK = risk('and a peer may come from any address with any certificate of the CA', 'leave it out.');

/** By the path of the key in etcd's configuration file. */
export const RULES: Readonly<Record<string, Rule>> = {
  'advertise-client-urls': urls('advertise'),
  'auth-token': value =>
    /^(?:|simple|jwt(?:,.+)?)$/.test(String(value))
      ? undefined
      : stops(
          'which etcd does not know and does not start with',
          'use "simple", or "jwt,pub-key=…,priv-key=…,sign-method=…".',
        ),
  'auto-compaction-mode': oneOf(['periodic', 'revision']),
  'auto-compaction-retention': retention,
  'bcrypt-cost': value =>
    Number(value) < 4 || Number(value) > 31
      ? odd('which is outside 4 to 31: etcd uses its default instead', 'use a number from 4 to 31.')
      : undefined,
  'client-transport-security.auto-tls': when(true, AUTO_TLS),
  'client-transport-security.client-cert-auth': when(false, NO_CLIENT_CERTIFICATE),
  cors: value =>
    /^(?:|\*|https?:\/\/[^,\s]+(?:,\s*https?:\/\/[^,\s]+)*)$/.test(String(value))
      ? undefined
      : stops('at which etcd panics', 'use "*", or URLs separated by commas.'),
  'election-timeout': election,
  'enable-log-rotation': rotation,
  'enable-v2': when(
    true,
    risk(
      'and the v2 API is gone in 3.6: what is written through it stops the upgrade',
      'move to the v3 API, then leave it out.',
    ),
  ),
  'experimental-peer-skip-client-san-verification': when(true, NO_SAN_CHECK),
  'force-new-cluster': when(
    true,
    danger(
      'and at every start etcd would throw all other members out of the cluster',
      'leave it out: it is for disasters, once, by hand.',
    ),
  ),
  'heartbeat-interval': heartbeat,
  'initial-advertise-peer-urls': urls('advertise'),
  'initial-cluster-state': oneOf(['new', 'existing']),
  'listen-client-http-urls': urls('listen'),
  'listen-client-urls': urls('listen'),
  'listen-metrics-urls': urls('listen'),
  'listen-peer-urls': peerListen,
  'log-level': logLevel,
  logger: (value, config, release) =>
    oneOf(lineOf(release) === '3.4' ? ['zap', 'capnslog'] : ['zap'])(value, config, release),
  'max-request-bytes': value =>
    Number(value) > MAX_REQUEST_BYTES
      ? odd(
          'which is more than the 10 MiB that etcd recommends: big requests hold up the heartbeat',
          `use ${MAX_REQUEST_BYTES} or less.`,
        )
      : undefined,
  'peer-transport-security.auto-tls': when(true, AUTO_TLS),
  'peer-transport-security.client-cert-auth': when(false, NO_CLIENT_CERTIFICATE),
  'peer-transport-security.skip-client-san-verification': when(true, NO_SAN_CHECK),
  proxy: value =>
    value === '' || value === 'off'
      ? undefined
      : stops('and as a v2 proxy etcd is no member of the cluster', 'leave it out.'),
  'quota-backend-bytes': quota,
  'snapshot-count': value =>
    zero(value) ? odd('which etcd takes for its default', 'leave it out, or use a number from 1.') : undefined,
  'strict-reconfig-check': when(
    false,
    risk(
      'and etcd would let a membership change cost the cluster its quorum',
      'leave it out: the role sets it to true.',
    ),
  ),
  'tls-max-version': oneOf(['TLS1.2', 'TLS1.3']),
  'tls-min-version': oneOf(['TLS1.2', 'TLS1.3']),
  'unsafe-no-fsync': when(
    true,
    danger('and what the cluster has acknowledged would be lost with the power', 'leave it out.'),
  ),
};

/** A secret in a place where diffs and the file itself show it: a private key, or a password in a URL. */
export function secretFault(value: Data): Fault | undefined {
  if (isMap(value)) return Object.values(value).map(secretFault).find(Boolean);
  if (Array.isArray(value)) return (value as readonly Data[]).map(secretFault).find(Boolean);
  if (typeof value !== 'string') return undefined;
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(value))
    return danger(
      'which holds a private key',
      "put the key into a file that only etcd's group may read, and name the file.",
    );
  if (/:\/\/[^/@\s]*:[^/@\s]*@/.test(value))
    return danger('which holds a password in a URL', 'take the password out of the URL.');
  return undefined;
}
