/**
 * OpenSSH's known_hosts, as text: which keys are known for a host (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). Pure.
 * Held to `ssh-keygen -F` by a test, except that names are looked up in lower case, as ssh itself does.
 */
import {createHash, createHmac, timingSafeEqual} from 'node:crypto';

/** One usable line. */
export interface KnownHost {
  readonly marker: 'revoked' | 'cert-authority' | undefined;
  /** `host,[host]:port,*.domain,!not.this` or `|1|salt|hash`. */
  readonly hosts: string;
  /** `ssh-ed25519`, `ssh-rsa` … */
  readonly type: string;
  /** The key as it travels on the wire. */
  readonly key: Buffer;
}

/** What known_hosts says of a key that a host shows. */
export type HostKeyVerdict =
  | {readonly kind: 'known'}
  | {readonly kind: 'revoked'}
  /** Other keys are known for this host. */
  | {readonly kind: 'changed'; readonly known: readonly KnownHost[]}
  /** `certificate`: the host is known only through a certificate authority. */
  | {readonly kind: 'unknown'; readonly certificate: boolean};

/** The usable lines of a file; comments and lines that ssh would not understand either are left out. */
export function parseKnownHosts(text: string): KnownHost[] {
  const entries: KnownHost[] = [];
  for (const line of text.split('\n')) {
    const words = line.trim().split(/[ \t]+/);
    if (words[0] === undefined || words[0] === '' || words[0].startsWith('#')) continue;
    const marker = words[0] === '@revoked' ? 'revoked' : words[0] === '@cert-authority' ? 'cert-authority' : undefined;
    if (marker === undefined && words[0].startsWith('@')) continue;
    const [hosts, type, base64] = marker === undefined ? words : words.slice(1);
    if (hosts === undefined || type === undefined || base64 === undefined) continue;
    const key = Buffer.from(base64, 'base64');
    if (keyType(key) === type) entries.push({marker, hosts, type, key});
  }
  return entries;
}

/** The name under which ssh looks a host up: lower case, `[name]:port` unless the port is 22. */
export function knownHostName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/** The lines that speak of a name. */
export function knownFor(entries: readonly KnownHost[], name: string): KnownHost[] {
  return entries.filter(entry => matches(entry.hosts, name));
}

/** Whether a key may be trusted. As in ssh, a port that is not known is looked up once more without the port. */
export function judgeHostKey(entries: readonly KnownHost[], host: string, port: number, key: Buffer): HostKeyVerdict {
  const verdict = judge(knownFor(entries, knownHostName(host, port)), key);
  if (verdict.kind !== 'unknown' || port === 22) return verdict;
  const plain = judge(knownFor(entries, knownHostName(host, 22)), key);
  return plain.kind === 'known' || plain.kind === 'revoked' ? plain : verdict;
}

function judge(lines: readonly KnownHost[], key: Buffer): HostKeyVerdict {
  const same = lines.filter(line => line.key.equals(key));
  if (same.some(line => line.marker === 'revoked')) return {kind: 'revoked'};
  if (same.some(line => line.marker === undefined)) return {kind: 'known'};
  const known = lines.filter(line => line.marker === undefined);
  if (known.length > 0) return {kind: 'changed', known};
  return {kind: 'unknown', certificate: lines.some(line => line.marker === 'cert-authority')};
}

/** `SHA256:…` as `ssh-keygen -l` prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The type that a key names itself (RFC 4253, 6.6), '' where it is no key. */
export function keyType(key: Buffer): string {
  if (key.length < 4) return '';
  const length = key.readUInt32BE(0);
  return length > 64 || key.length < 4 + length ? '' : key.toString('latin1', 4, 4 + length);
}

/** The line that makes a key known. */
export function knownHostsLine(host: string, port: number, key: Buffer): string {
  return `${knownHostName(host, port)} ${keyType(key)} ${key.toString('base64')}`;
}

function matches(hosts: string, name: string): boolean {
  if (hosts.startsWith('|')) return matchesHash(hosts, name);
  let matched = false;
  for (const pattern of hosts.toLowerCase().split(',')) {
    // A negated pattern that matches rules the whole line out.
    if (pattern.startsWith('!') && wildcard(pattern.slice(1), name)) return false;
    if (!pattern.startsWith('!') && wildcard(pattern, name)) matched = true;
  }
  return matched;
}

function matchesHash(hosts: string, name: string): boolean {
  const [, version, salt, hash] = hosts.split('|');
  if (version !== '1' || salt === undefined || hash === undefined) return false;
  const wanted = Buffer.from(hash, 'base64');
  const actual = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return wanted.length === actual.length && timingSafeEqual(wanted, actual);
}

/** `*` and `?` only; written out because a pattern from a file must not become a regular expression that takes for ever. */
function wildcard(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let mark = 0;
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star !== -1) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
