import {expect, test} from 'vitest';
import {canonicalIp, ipBytes} from '../../src/pki/ip.ts';
import {issueCertificate} from '../../src/pki/issue.ts';
import {reissue, reissueReason, subjectField} from '../../src/pki/judge.ts';
import {DAY_MS} from '../../src/pki/profile.ts';
import {type CertificateFacts, certificateFacts} from '../../src/pki/read.ts';
import {makeCa, NOW, request, unwrap} from './fixtures.ts';

/** Facts of a good certificate for `request()`. */
const good: CertificateFacts = {
  name: 'etcd-1/server',
  certExists: true,
  keyExists: true,
  keyMatchesCert: true,
  signedByCa: true,
  subject: 'O=etcd, CN=etcd-1',
  notBeforeMs: NOW - 600_000,
  notAfterMs: NOW + 397 * DAY_MS,
  dnsNames: ['ETCD-1', 'localhost', 'extra.example'],
  ipAddresses: ['10.0.0.1', '127.0.0.1', '0:0:0:0:0:0:0:1', 'fd00::a:1', '10.9.9.9'],
  extendedKeyUsages: ['clientAuth', 'serverAuth', '1.2.3'],
  keyAlgorithm: 'rsa',
};

test.each<[string, Partial<CertificateFacts>, string | undefined]>([
  ['a good certificate, with more names and usages than wanted', {}, undefined],
  ['no certificate', {certExists: false}, 'no certificate yet'],
  ['no key', {keyExists: false}, 'no private key'],
  [
    'unreadable files',
    {error: 'the private key is encrypted with a passphrase'},
    'the private key is encrypted with a passphrase',
  ],
  ['a key of another certificate', {keyMatchesCert: false}, 'key does not match'],
  ['a certificate of another CA', {signedByCa: false}, 'signed by another CA'],
  ['another common name', {subject: 'CN=etcd-2'}, 'subject CN differs: etcd-2, wanted etcd-1'],
  ['no common name', {subject: 'O=etcd'}, 'subject CN differs: none, wanted etcd-1'],
  ['a missing address', {ipAddresses: ['10.0.0.1', '::1', 'fd00:0::a:1']}, 'SAN 127.0.0.1 is missing'],
  ['missing names', {dnsNames: [], ipAddresses: good.ipAddresses ?? []}, 'SAN etcd-1, localhost are missing'],
  ['a missing usage', {extendedKeyUsages: ['serverAuth']}, 'extended key usage clientAuth is missing'],
  ['a usage that covers all', {extendedKeyUsages: ['any']}, undefined],
  ['an end 31 days away', {notAfterMs: NOW + 31 * DAY_MS}, undefined],
  ['an end 12.5 days away', {notAfterMs: NOW + 12.5 * DAY_MS}, 'expires in 12 days'],
  ['an end tomorrow', {notAfterMs: NOW + 1.5 * DAY_MS}, 'expires in 1 day'],
  ['an end today', {notAfterMs: NOW + 1000}, 'expires within a day'],
  ['an end in the past', {notAfterMs: NOW}, 'expired on 2026-03-01'],
  ['a start in the future', {notBeforeMs: NOW + 1000}, 'not valid before 2026-03-01T12:00:01.000Z'],
])('%s', (_, more, reason) => {
  expect(reissueReason(request(), {...good, ...more}, NOW, 30)).toBe(reason);
});

test('an organization matters only where one is asked for', () => {
  expect(reissueReason(request({organization: 'db'}), good, NOW, 30)).toBe('subject O differs: etcd, wanted db');
});

test('a certificate that was just issued is never a reason to issue it again', async () => {
  const {ca} = await makeCa({validityDays: 20});
  for (const wanted of [
    request(),
    request({validityDays: 5}),
    request({organization: 'a, b', commonName: 'x, CN=y + "é" \\ #1'}),
  ]) {
    const {certificatePem, privateKeyPem} = unwrap(await issueCertificate(wanted, ca, NOW));
    const fact = certificateFacts(
      {name: wanted.name, certificate: certificatePem, privateKey: privateKeyPem},
      ca.certificate,
    );
    expect(reissueReason(wanted, fact, NOW, 30, ca.notAfterMs)).toBe(undefined);
  }
});

test('a leaf that ends with its CA is renewed once the CA has been', () => {
  const fact = {...good, notAfterMs: NOW + 5 * DAY_MS};
  expect(reissueReason(request(), fact, NOW, 30, NOW + 5 * DAY_MS)).toBe(undefined);
  expect(reissueReason(request(), fact, NOW, 30, NOW + 3650 * DAY_MS)).toBe('expires in 5 days');
});

test('subjects are taken apart with their escapes', () => {
  expect(subjectField('C=DE, O=a\\, CN=no, CN=x\\+y\\0A', 'CN')).toBe('x+y\n');
  expect(subjectField('CN=a + UID=b', 'UID')).toBe('b');
});

test('an address has one spelling and its bytes; what is none has neither', () => {
  const spellings = [
    '10.0.0.1',
    '::1',
    '0:0:0:0:0:0:0:1',
    'FD00::A:1',
    '::ffff:1.2.3.4',
    '0:0:0:0:0:FFFF:102:304',
    '2001:db8::',
  ];
  expect(spellings.map(text => [canonicalIp(text), ipBytes(text)?.toString('hex')])).toEqual([
    ['10.0.0.1', '0a000001'],
    ['::1', '00000000000000000000000000000001'],
    ['::1', '00000000000000000000000000000001'],
    ['fd00::a:1', 'fd0000000000000000000000000a0001'],
    ['1.2.3.4', '01020304'],
    ['1.2.3.4', '01020304'],
    ['2001:db8::', '20010db8000000000000000000000000'],
  ]);
  for (const text of [
    '',
    '10.0.0',
    '010.0.0.1',
    '1.2.3.4.',
    '1.2.3.256',
    'fe80::1%eth0',
    ':::',
    '1::2::3',
    'a.b',
    '[::1]',
    '::1]:80/[::1',
  ]) {
    expect([text, canonicalIp(text), ipBytes(text)]).toEqual([text, undefined, undefined]);
  }
});

test('the reasons are told for programs too, each missing name by itself', () => {
  const wanted = request({dnsNames: ['etcd-1', 'new-1', 'new-2'], ipAddresses: ['10.0.0.1']});
  expect(reissue(wanted, good, NOW, 30)?.causes).toEqual([
    {code: 'san_missing', detail: 'new-1'},
    {code: 'san_missing', detail: 'new-2'},
  ]);
  expect(reissue(request(), {...good, signedByCa: false}, NOW, 30)?.causes).toEqual([
    {code: 'other_ca', detail: request().name},
  ]);
});
