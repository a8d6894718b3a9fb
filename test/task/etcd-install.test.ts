import {describe, expect, it} from 'vitest';
import type {CertificateFact} from '../../src/task/fact.ts';
import {ABSENT, decide, memberArgs, text} from '../helpers/decide-etcd.ts';

describe('etcd_ca', () => {
  const DAY = 86_400_000;
  const ca = (more: Partial<CertificateFact> = {}): CertificateFact => ({
    name: 'ca',
    certExists: true,
    keyExists: true,
    keyMode: '0600',
    keyMatchesCert: true,
    isCa: true,
    notAfterMs: 9000 * DAY,
    ...more,
  });
  const args = {
    dir: '/pki',
    common_name: 'ca',
    validity: 10,
    admin_validity: 10,
    renew: 1,
    key_algorithm: 'ec',
    installed: '/etc/ca.crt',
    members: memberArgs(1),
  };
  const NONE = ca({certExists: false, keyExists: false});

  it.each([
    ['none anywhere', NONE, undefined, 'change issue-ca issue-certificate'],
    ['hosts trust one, the controller has none', NONE, 'THEIRS', 'refused E_ETCD_CA_MISSING'],
    ['hosts trust another', ca(), 'THEIRS', 'refused E_ETCD_CA_MISMATCH'],
    ['hosts trust ours, no client certificate yet', ca(), 'OURS', 'change issue-certificate'],
    ['a bundle that holds ours', ca(), 'THEIRS\nOURS\n', 'change issue-certificate'],
    ['the key is lost', ca({keyExists: false}), 'OURS', 'failed E_ETCD_CA'],
    ['the key is of another', ca({keyMatchesCert: false}), 'OURS', 'failed E_ETCD_CA'],
    ['others may read the key', ca({keyMode: '0640'}), 'OURS', 'failed E_ETCD_CA'],
    ['it has expired', ca({notAfterMs: 0}), 'OURS', 'failed E_ETCD_CA'],
    ['it is no authority', ca({isCa: false}), 'OURS', 'failed E_ETCD_CA'],
  ])('%s', (_, authority, installed, expected) => {
    const facts = {
      pki: {dir: '/pki', ca: authority, certificates: {}},
      own: authority.certExists ? text('OURS\n') : ABSENT,
      'installed:m1': installed === undefined ? ABSENT : text(installed),
    };
    expect(decide('etcd_ca', args, facts)).toBe(expected);
  });
});

describe('etcd_binary', () => {
  const args = {
    state: 'present',
    archive: '',
    sha256: '',
    version: '3.5.30',
    arch: 'amd64',
    release_url: '',
    install_dir: '/opt',
    bin_dir: '/bin',
  };
  const dir = '/opt/3.5.30';
  const file = (more: object = {}) => ({exists: true, type: 'file', sizeBytes: 4, mode: '0755', mtime: 1, ...more});
  const THERE = {
    release: {
      ok: true,
      version: '3.5.30',
      arch: 'amd64',
      files: [{name: 'etcd', path: '/c/etcd', sha256: 'aa', sizeBytes: 4}],
    },
    system: {arch: 'amd64', machine: 'x86_64'},
    manifest: {...text('aa  etcd\n'), mtime: 2},
    'file:etcd': file(),
    'link:etcd': {exists: true, type: 'link', target: `${dir}/etcd`},
  };
  const INSTALL = 'change directory directory upload command write';

  it.each([
    ['all as released', {}, 'satisfied'],
    ['nothing verified it', {manifest: ABSENT}, INSTALL],
    ['another size', {'file:etcd': file({sizeBytes: 3})}, INSTALL],
    ['another mode', {'file:etcd': file({mode: '0700'})}, INSTALL],
    ['written after it was verified', {'file:etcd': file({mtime: 3})}, INSTALL],
    ['only the link is missing', {'link:etcd': ABSENT}, 'change link'],
    ['a file of somebody else in the way', {'link:etcd': file()}, 'failed E_FOREIGN_BINARY'],
    ['another machine', {system: {arch: 'arm64', machine: 'aarch64'}}, 'failed E_ARCHIVE_ARCH'],
  ])('%s', (_, change, expected) => {
    expect(decide('etcd_binary', args, {...THERE, ...change})).toBe(expected);
  });
});
