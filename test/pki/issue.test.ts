import {createPrivateKey, X509Certificate} from 'node:crypto';
import {describe, expect, test} from 'vitest';
import {Secret} from '../../src/base/secret.ts';
import {loadCa} from '../../src/pki/ca.ts';
import {systemEntropy} from '../../src/pki/entropy.ts';
import {issueCa, issueCertificate} from '../../src/pki/issue.ts';
import {DAY_MS} from '../../src/pki/profile.ts';
import {certificateFacts} from '../../src/pki/read.ts';
import {codesOf, makeCa, NOW, request, unwrap} from './fixtures.ts';
import {OpensslDir, opensslMissing} from './openssl.ts';

test('a leaf reads back as it was asked for', async () => {
  const {ca} = await makeCa();
  const wanted = request({organization: 'a, b + "c" é', commonName: 'etcd-1'});
  const {certificatePem, privateKeyPem} = unwrap(await issueCertificate(wanted, ca, NOW));
  const fact = certificateFacts(
    {name: 'etcd-1/server', certificate: certificatePem, privateKey: privateKeyPem, keyMode: '0600'},
    ca.certificate,
  );
  const {serial, fingerprint256, ...rest} = fact;
  expect(rest).toEqual({
    name: 'etcd-1/server',
    certExists: true,
    keyExists: true,
    keyMode: '0600',
    keyMatchesCert: true,
    signedByCa: true,
    isCa: false,
    subject: 'O=a\\, b \\+ \\"c\\" é, CN=etcd-1',
    issuer: 'CN=etcd ca',
    notBeforeMs: NOW - 600_000,
    notAfterMs: NOW + 397 * DAY_MS,
    dnsNames: ['etcd-1', 'localhost'],
    ipAddresses: ['10.0.0.1', '127.0.0.1', '::1', 'fd00::a:1'],
    extendedKeyUsages: ['serverAuth', 'clientAuth'],
    keyAlgorithm: 'ec',
  });
  expect(serial).toMatch(/^[0-9A-F]{30,32}$/);
  expect(fingerprint256).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  expect(privateKeyPem.reveal()).toMatch(/^-----BEGIN PRIVATE KEY-----/);
});

test('every certificate has a serial and a key of its own', async () => {
  const {ca} = await makeCa();
  const issued = await Promise.all(
    Array.from({length: 20}, async () => unwrap(await issueCertificate(request(), ca, NOW))),
  );
  expect(new Set(issued.map(({certificatePem}) => new X509Certificate(certificatePem).serialNumber)).size).toBe(20);
  expect(new Set(issued.map(({privateKeyPem}) => privateKeyPem.reveal())).size).toBe(20);
});

test('a serial with its highest bit set is written as a positive number, one with zeros in front at its shortest', async () => {
  const {ca} = await makeCa();
  for (const first of [0xff, 0x80, 0x00]) {
    const serial = Buffer.alloc(16, 0xab);
    serial[0] = first;
    const entropy = {...systemEntropy, serial: () => serial};
    const {certificatePem} = unwrap(await issueCertificate(request(), ca, NOW, entropy));
    expect(new X509Certificate(certificatePem).serialNumber).toBe(
      serial.toString('hex').replace(/^00/, '').toUpperCase(),
    );
  }
});

test('a leaf never outlives its CA', async () => {
  const {ca} = await makeCa({validityDays: 100});
  const {certificatePem} = unwrap(await issueCertificate(request({validityDays: 397}), ca, NOW));
  expect(Date.parse(new X509Certificate(certificatePem).validTo)).toBe(NOW + 100 * DAY_MS);
});

test('a hundred years are written in a form that reads back', async () => {
  const {ca, files} = await makeCa({validityDays: 36_500});
  expect(Date.parse(new X509Certificate(files.certificatePem).validTo)).toBe(NOW + 36_500 * DAY_MS);
  const {certificatePem} = unwrap(await issueCertificate(request({validityDays: 9_000}), ca, NOW));
  expect(Date.parse(new X509Certificate(certificatePem).validTo)).toBe(NOW + 9_000 * DAY_MS);
});

test('a request that cannot be honoured is refused with all its problems', async () => {
  const {ca} = await makeCa();
  const result = await issueCertificate(
    request({
      commonName: 'x'.repeat(65),
      validityDays: 0,
      dnsNames: ['10.0.0.1', 'münchen.example', 'a..b', '-x', 'ok.example', '*.example.org'],
      ipAddresses: ['10.0.0.256', 'etcd-1', '10.0.0.1/24', '::1'],
      usages: [],
    }),
    ca,
    NOW,
  );
  expect(codesOf(result)).toEqual([
    'E_CERT_NAME',
    'E_CERT_VALIDITY',
    ...Array.from({length: 7}, () => 'E_CERT_SAN'),
    'E_CERT_USAGE',
  ]);
  expect(codesOf(await issueCertificate(request({dnsNames: [], ipAddresses: []}), ca, NOW))).toEqual(['E_CERT_SAN']);
  expect((await issueCertificate(request({dnsNames: [], ipAddresses: [], usages: ['clientAuth']}), ca, NOW)).ok).toBe(
    true,
  );
  expect(codesOf(await issueCa({commonName: '', validityDays: 1.5, keyAlgorithm: 'ec', nowMs: NOW}))).toEqual([
    'E_CERT_NAME',
    'E_CERT_VALIDITY',
  ]);
});

test('a key does not show in JSON or text of what was issued', async () => {
  const {files} = await makeCa();
  expect(`${JSON.stringify(files)}${files.privateKeyPem}`).not.toContain('PRIVATE KEY');
});

describe.skipIf(opensslMissing)(`checked by OpenSSL${opensslMissing ? ` (skipped: ${opensslMissing})` : ''}`, () => {
  test.each([
    ['ec', 'ec', 3650],
    ['rsa', 'rsa', 3650],
    ['rsa', 'ec', 36_500],
  ] as const)(
    'an %s CA and an %s leaf pass verify -x509_strict for server and client (CA of %i days)',
    async (caKey, leafKey, validityDays) => {
      const {ca, files} = await makeCa({keyAlgorithm: caKey, validityDays});
      const leaf = unwrap(await issueCertificate(request({keyAlgorithm: leafKey}), ca, NOW));
      using dir = new OpensslDir();
      dir.write('ca.crt', files.certificatePem);
      dir.write('leaf.crt', leaf.certificatePem);
      for (const purpose of ['sslserver', 'sslclient']) {
        const args = [
          '-x509_strict',
          '-check_ss_sig',
          '-attime',
          String(NOW / 1000),
          '-purpose',
          purpose,
          '-CAfile',
          'ca.crt',
        ];
        for (const name of [
          ['-verify_hostname', 'etcd-1'],
          ['-verify_ip', '10.0.0.1'],
          ['-verify_ip', 'fd00::a:1'],
          ['-verify_ip', '::1'],
        ]) {
          expect(dir.run('verify', ...args, ...name, 'leaf.crt')).toBe('leaf.crt: OK\n');
        }
      }
      const caText = dir.run('x509', '-in', 'ca.crt', '-noout', '-text');
      expect(caText).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
      expect(caText).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign\n/);
      const leafText = dir.run('x509', '-in', 'leaf.crt', '-noout', '-text');
      expect(leafText).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
      expect(leafText).toMatch(
        leafKey === 'rsa'
          ? /Key Usage: critical\s+Digital Signature, Key Encipherment\n/
          : /Key Usage: critical\s+Digital Signature\n/,
      );
      expect(caText).toContain(
        validityDays === 36_500 ? 'Not After : Feb  5 12:00:00 2126 GMT' : 'Not After : Feb 27 12:00:00 2036 GMT',
      );
    },
  );

  test.each([
    ['RSA, PKCS#1', ['genrsa', '-traditional', '-out', 'ca.key', '2048'], 'BEGIN RSA PRIVATE KEY'],
    [
      'EC, SEC1 with parameters in front',
      ['ecparam', '-name', 'secp384r1', '-genkey', '-out', 'ca.key'],
      'BEGIN EC PRIVATE KEY',
    ],
    [
      'EC, PKCS#8',
      ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-521', '-out', 'ca.key'],
      'BEGIN PRIVATE KEY',
    ],
  ])('a CA made elsewhere signs: %s', async (_, makeKey, header) => {
    using dir = new OpensslDir();
    dir.run(...makeKey);
    dir.run(
      'req',
      '-x509',
      '-new',
      '-key',
      'ca.key',
      '-subj',
      '/C=DE/O=Wörks/OU=db/CN=their ca',
      '-utf8',
      '-days',
      '3650',
      '-addext',
      'keyUsage=critical,keyCertSign',
      '-out',
      'ca.crt',
    );
    expect(dir.read('ca.key')).toContain(header);
    const now = Date.now() + 60_000;
    const ca = unwrap(loadCa(dir.read('ca.crt'), new Secret(dir.read('ca.key')), now));
    const leaf = unwrap(await issueCertificate(request(), ca, now));
    dir.write('leaf.crt', leaf.certificatePem);
    expect(dir.run('verify', '-x509_strict', '-CAfile', 'ca.crt', '-purpose', 'sslserver', 'leaf.crt')).toBe(
      'leaf.crt: OK\n',
    );
    expect(createPrivateKey(leaf.privateKeyPem.reveal()).asymmetricKeyDetails).toEqual({namedCurve: 'prime256v1'});
  });
});
