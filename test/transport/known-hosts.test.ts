import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, describe, expect, it} from 'vitest';
import {HostKeys} from '../../src/transport/host-key.ts';
import {
  fingerprint,
  judgeHostKey,
  knownFor,
  knownHostName,
  knownHostsLine,
  parseKnownHosts,
} from '../../src/transport/known-hosts.ts';
import {which} from './shells.ts';

const dir = mkdtempSync(join(tmpdir(), 'known-'));
afterAll(() => rmSync(dir, {recursive: true}));

/** An ed25519 key of 32 equal bytes: nobody's, but well formed. */
function key(fill: number, type = 'ssh-ed25519'): Buffer {
  const part = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  return Buffer.concat([part(Buffer.from(type)), part(Buffer.alloc(32, fill))]);
}
const line = (hosts: string, fill: number, marker = '') =>
  `${marker}${hosts} ssh-ed25519 ${key(fill).toString('base64')} a comment`;

const TEXT = [
  '# a comment',
  '',
  line('plain.example,10.0.0.1', 1),
  line('[ported.example]:2222', 2),
  line('*.wild.example,!not.wild.example', 3),
  line('10.1.?.*', 4),
  line('bad.example', 5, '@revoked '),
  line('*.ca.example', 6, '@cert-authority '),
  line('twice.example', 7),
  line('twice.example', 8),
  line('2001:db8::1', 9),
  'broken.example ssh-ed25519 AAAA',
  'broken.example',
  '@strange broken.example ssh-ed25519 AAAA',
].join('\n');
const entries = parseKnownHosts(TEXT);

describe('known_hosts', () => {
  it.each([
    ['plain.example', 22, 1, 'known'],
    ['PLAIN.Example', 22, 1, 'known'],
    ['10.0.0.1', 22, 1, 'known'],
    ['plain.example', 22, 2, 'changed'],
    ['plain.example', 2222, 1, 'known'],
    ['plain.example', 2222, 2, 'unknown'],
    ['ported.example', 2222, 2, 'known'],
    ['ported.example', 22, 2, 'unknown'],
    ['a.wild.example', 22, 3, 'known'],
    ['not.wild.example', 22, 3, 'unknown'],
    ['10.1.2.33', 22, 4, 'known'],
    ['10.1.22.33', 22, 4, 'unknown'],
    ['bad.example', 22, 5, 'revoked'],
    ['bad.example', 22, 1, 'unknown'],
    ['x.ca.example', 22, 6, 'unknown'],
    ['twice.example', 22, 8, 'known'],
    ['2001:db8::1', 22, 9, 'known'],
    ['broken.example', 22, 1, 'unknown'],
  ])('judges %s port %i with key %i as %s', (host, port, fill, kind) => {
    expect(judgeHostKey(entries, host, port, key(fill)).kind).toBe(kind);
  });

  it.runIf(which('ssh-keygen') !== undefined)('finds what ssh-keygen -F finds, in plain and in hashed files', () => {
    const file = join(dir, 'oracle');
    const usable = TEXT.split('\n')
      .filter(text => !/broken/.test(text))
      .join('\n');
    const hashable = [line('h1.example', 21), line('[h1.example]:2200', 22), line('10.2.0.1', 23)].join('\n');
    writeFileSync(file, `${hashable}\n`);
    execFileSync('ssh-keygen', ['-H', '-f', file], {stdio: 'ignore'});
    const text = `${usable}\n${readFileSync(file, 'utf8')}`;
    expect(text).toContain('|1|');
    writeFileSync(file, text);
    const names = [
      'plain.example',
      '10.0.0.1',
      '[ported.example]:2222',
      'ported.example',
      'x.wild.example',
      'not.wild.example',
      '10.1.2.3',
      '10.1.22.3',
      'bad.example',
      'a.ca.example',
      'twice.example',
      '2001:db8::1',
      'h1.example',
      '[h1.example]:2200',
      '[h1.example]:2201',
      '10.2.0.1',
      '10.2.0.2',
      'nowhere',
    ];
    for (const name of names) {
      const ours = knownFor(parseKnownHosts(text), name).map(entry => entry.key.toString('base64'));
      let theirs: string[] = [];
      try {
        const found = execFileSync('ssh-keygen', ['-F', name, '-f', file], {encoding: 'utf8'});
        theirs = parseKnownHosts(found).map(entry => entry.key.toString('base64'));
      } catch {
        // ssh-keygen exits with 1 where it finds nothing.
      }
      expect([name, ours]).toEqual([name, theirs]);
    }
  });

  it.runIf(which('ssh-keygen') !== undefined)('prints fingerprints as ssh-keygen -l does', () => {
    const file = join(dir, 'key.pub');
    writeFileSync(file, `ssh-ed25519 ${key(7).toString('base64')} x\n`);
    expect(execFileSync('ssh-keygen', ['-lf', file], {encoding: 'utf8'}).split(' ')[1]).toBe(fingerprint(key(7)));
  });

  it('is not slowed down by a pattern full of stars', () => {
    const evil = parseKnownHosts(line(`${'*a'.repeat(60)}b`, 1));
    const start = performance.now();
    expect(knownFor(evil, 'a'.repeat(250))).toEqual([]);
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('writes names as ssh does', () => {
    expect([knownHostName('Host.Example', 22), knownHostName('2001:DB8::1', 2222)]).toEqual([
      'host.example',
      '[2001:db8::1]:2222',
    ]);
  });
});

describe('the host-key policy', () => {
  const file = join(dir, 'known_hosts');
  const keys = (options = {}) =>
    new HostKeys({userKnownHostsFiles: [file], globalKnownHostsFiles: [join(dir, 'none')], ...options}, '/nonexistent');

  it('shows both fingerprints of a changed key', () => {
    writeFileSync(file, `${line('h', 1)}\n`);
    const found = keys({strictHostKeyChecking: 'accept-new'}).check('db1', 'h', 22, key(2));
    expect(found?.code).toBe('E_HOST_KEY_CHANGED');
    expect(found?.message).toBe(
      `db1: h shows the key ssh-ed25519 ${fingerprint(key(2))}, but known_hosts has ssh-ed25519 ${fingerprint(key(1))}`,
    );
    expect(readFileSync(file, 'utf8')).toBe(`${line('h', 1)}\n`);
  });

  it('takes a key of another type for a changed one, even with accept-new', () => {
    writeFileSync(file, `${line('h', 1)}\n`);
    expect(keys({strictHostKeyChecking: 'accept-new'}).check('db1', 'h', 22, key(1, 'ssh-rsa'))?.code).toBe(
      'E_HOST_KEY_CHANGED',
    );
  });

  it('refuses an unknown host and gives the exact line to add', () => {
    writeFileSync(file, '');
    const found = keys().check('db1', 'H', 2222, key(3));
    expect(found?.code).toBe('E_HOST_KEY_UNKNOWN');
    expect(found?.hint).toContain(`add this line to ${file}: [h]:2222 ssh-ed25519 ${key(3).toString('base64')}`);
    expect(found?.hint).toContain('StrictHostKeyChecking=accept-new');
    expect(readFileSync(file, 'utf8')).toBe('');
  });

  it('writes a new host down with accept-new, on a line of its own, in a file for the user alone', () => {
    rmSync(file);
    expect(keys({strictHostKeyChecking: 'accept-new'}).check('db1', 'h', 22, key(3))).toBeUndefined();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    writeFileSync(file, line('unended', 1));
    expect(keys({strictHostKeyChecking: 'accept-new'}).check('db1', 'h', 22, key(3))).toBeUndefined();
    expect(readFileSync(file, 'utf8')).toBe(`${line('unended', 1)}\n${knownHostsLine('h', 22, key(3))}\n`);
    expect(keys().check('db1', 'h', 22, key(3))).toBeUndefined();
  });

  it('says that certificate authorities are not supported, and refuses revoked keys', () => {
    writeFileSync(file, `${line('h', 1, '@cert-authority ')}\n${line('r', 2, '@revoked ')}\n${line('r', 2)}\n`);
    expect(keys().check('db1', 'h', 22, key(3))?.message).toContain('ssh certificates are not supported yet');
    expect(keys().check('db1', 'r', 22, key(2))?.code).toBe('E_HOST_KEY_REVOKED');
  });

  it('asks for the key types that are known, first', () => {
    writeFileSync(file, `${line('h', 1)}\n`);
    expect([keys().types('h', 22), keys().types('h', 2222), keys().types('other', 22)]).toEqual([
      ['ssh-ed25519'],
      ['ssh-ed25519'],
      [],
    ]);
  });
});
