/** PEM files as people have them: bundles, keys in three dialects, encrypted ones. */
import {createPrivateKey, type KeyObject, X509Certificate} from 'node:crypto';
import {err, ok, type Result} from '../base/result.ts';
import type {Secret} from '../base/secret.ts';

const BLOCK = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[\s\S]*?-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;

/** Every certificate of a PEM text, in order (a CA file may hold the old and the new one); an error in words otherwise. */
export function readCertificates(pem: string): Result<readonly [X509Certificate, ...X509Certificate[]], string> {
  const blocks = pem.match(BLOCK) ?? [];
  const certificates: X509Certificate[] = [];
  for (const block of blocks) {
    try {
      certificates.push(new X509Certificate(block));
    } catch (error) {
      return err(`certificate ${certificates.length + 1} in the file cannot be read (${reasonOf(error)})`);
    }
  }
  const [first, ...rest] = certificates;
  return first === undefined ? err('there is no PEM certificate in the file') : ok([first, ...rest]);
}

/** A private key in PKCS#8, PKCS#1 or SEC1 PEM; an error in words otherwise. No part of the key is ever in the words. */
export function readPrivateKey(pem: Secret): Result<KeyObject, string> {
  const text = pem.reveal();
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text)) {
    return err('the private key is encrypted with a passphrase');
  }
  try {
    return ok(createPrivateKey(text));
  } catch (error) {
    return err(`the private key cannot be read (${reasonOf(error)})`);
  }
}

/** The certificate of a bundle that belongs to the key, or its first where none does. */
export function ownCertificate(
  certificates: readonly [X509Certificate, ...X509Certificate[]],
  key: KeyObject | undefined,
): X509Certificate {
  return (key && certificates.find(certificate => certificate.checkPrivateKey(key))) ?? certificates[0];
}

/** OpenSSL's codes say more than its messages, and never quote the input. */
function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
}
