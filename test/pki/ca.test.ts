import {generateKeyPairSync} from 'node:crypto';
import {describe, expect, test} from 'vitest';
import {Secret} from '../../src/base/secret.ts';
import {loadCa} from '../../src/pki/ca.ts';
import {issueCertificate} from '../../src/pki/issue.ts';
import {DAY_MS} from '../../src/pki/profile.ts';
import {certificateFacts, readCa} from '../../src/pki/read.ts';
import {codesOf, makeCa, NOW, request, unwrap} from './fixtures.ts';
import {OpensslDir, opensslMissing} from './openssl.ts';

test('a CA that may not sign is refused with every reason at once', async () => {
  const {ca} = await makeCa({validityDays: 10});
  const other = await makeCa();
  const leaf = unwrap(await issueCertificate(request(), ca, NOW));
  expect(codesOf(loadCa(leaf.certificatePem, other.files.privateKeyPem, NOW + 20 * DAY_MS))).toEqual([
    'E_CA_NOT_A_CA',
    'E_CA_KEY_MISMATCH',
    'E_CA_EXPIRED',
  ]);
});

test('a CA from the future is refused and the clock is named', async () => {
  const {files} = await makeCa();
  const result = loadCa(files.certificatePem, files.privateKeyPem, NOW - DAY_MS, 'pki/ca.crt');
  expect(result).toEqual({
    ok: false,
    error: [
      {
        code: 'E_CA_NOT_YET_VALID',
        severity: 'error',
        message: 'pki/ca.crt: the CA certificate is not valid before 2026-03-01',
        hint: 'check the clock of this machine (it says 2026-02-28T12:00:00.000Z).',
      },
    ],
  });
});

test('files that are no certificate and no key are two problems, and quote nothing of the key', () => {
  const result = loadCa(
    'garbage',
    new Secret('-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n'),
    NOW,
  );
  expect(codesOf(result)).toEqual(['E_CA_UNREADABLE', 'E_CA_KEY_UNREADABLE']);
  expect(JSON.stringify(result)).not.toContain('c2VjcmV0');
});

test('a weak RSA key and a curve that TLS does not use are refused by name', async () => {
  const {files} = await makeCa();
  const pem = (key: {export(options: {type: 'pkcs8'; format: 'pem'}): string | Buffer}) =>
    new Secret(key.export({type: 'pkcs8', format: 'pem'}).toString());
  const rsa = generateKeyPairSync('rsa', {modulusLength: 1024}).privateKey;
  expect(codesOf(loadCa(files.certificatePem, pem(rsa), NOW))).toEqual(['E_CA_KEY_MISMATCH', 'E_CA_KEY_WEAK']);
  const curve = generateKeyPairSync('ec', {namedCurve: 'secp256k1'}).privateKey;
  expect(codesOf(loadCa(files.certificatePem, pem(curve), NOW))).toEqual(['E_CA_KEY_MISMATCH', 'E_CA_KEY_TYPE']);
});

test('of a bundle with an old and a new CA, the one that belongs to the key signs and judges', async () => {
  const [old, fresh] = [await makeCa(), await makeCa()];
  const bundle = `# old\n${old.files.certificatePem}\n# new\n${fresh.files.certificatePem}`;
  const ca = unwrap(loadCa(bundle, fresh.files.privateKeyPem, NOW));
  expect(ca.certificate.fingerprint256).toBe(fresh.ca.certificate.fingerprint256);
  const signer = readCa({name: 'ca', certificate: bundle, privateKey: fresh.files.privateKeyPem});
  const byOld = unwrap(await issueCertificate(request(), old.ca, NOW));
  const byNew = unwrap(await issueCertificate(request(), ca, NOW));
  expect(certificateFacts({name: 'a', certificate: byOld.certificatePem}, signer).signedByCa).toBe(false);
  expect(certificateFacts({name: 'a', certificate: byNew.certificatePem}, signer).signedByCa).toBe(true);
});

describe.skipIf(opensslMissing)(
  `with keys made by OpenSSL${opensslMissing ? ` (skipped: ${opensslMissing})` : ''}`,
  () => {
    test.each([
      ['PKCS#8', ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-aes256', '-pass', 'pass:x']],
      ['PKCS#1', ['genrsa', '-traditional', '-aes128', '-passout', 'pass:x', '2048']],
    ])('an encrypted %s key is refused with the command that decrypts it', async (_, args) => {
      using dir = new OpensslDir();
      const {files} = await makeCa();
      const result = loadCa(files.certificatePem, new Secret(dir.run(...args)), NOW);
      expect(result.ok ? [] : result.error.map(({code, message, hint}) => ({code, message, hint}))).toEqual([
        {
          code: 'E_CA_KEY_UNREADABLE',
          message: 'the CA: the private key is encrypted with a passphrase',
          hint: 'ca.key must be an unencrypted PEM key with mode 0600; decrypt it with: openssl pkey -in <encrypted> -out ca.key',
        },
      ]);
    });
  },
);
