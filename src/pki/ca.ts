/** A certificate authority that can sign: ours, or any that the user put into the directory. */
import type {KeyObject, X509Certificate} from 'node:crypto';
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {err, ok, type Result} from '../base/result.ts';
import type {Secret} from '../base/secret.ts';
import {ownCertificate, readCertificates, readPrivateKey} from './pem.ts';
import {signatureOf} from './signature.ts';

/** A CA certificate with its key, checked. The key is a handle: printing it shows nothing. */
export interface Ca {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
  readonly notAfterMs: number;
}

/** Shortest RSA key of a CA that we sign with: below it, OpenSSL and Go's defaults refuse the chain. */
const MIN_RSA_BITS = 2048;

/**
 * Reads a CA (the certificate of the bundle that belongs to the key) and checks that it may and can sign at `nowMs`.
 * All problems at once; `where` names the pair of files in the messages.
 */
export function loadCa(certificatePem: string, keyPem: Secret, nowMs: number, where = 'the CA'): Result<Ca> {
  const certificates = readCertificates(certificatePem);
  const key = readPrivateKey(keyPem);
  const unreadable: Diagnostic[] = [];
  if (!certificates.ok)
    unreadable.push(problem('E_CA_UNREADABLE', `${where}: ${certificates.error}`, {hint: HINTS.certificate}));
  if (!key.ok) unreadable.push(problem('E_CA_KEY_UNREADABLE', `${where}: ${key.error}`, {hint: HINTS.key}));
  if (!certificates.ok || !key.ok) return err(unreadable);
  const certificate = ownCertificate(certificates.value, key.value);
  const problems = caProblems(certificate, key.value, nowMs, where);
  return problems.length > 0
    ? err(problems)
    : ok({certificate, key: key.value, notAfterMs: Date.parse(certificate.validTo)});
}

function caProblems(certificate: X509Certificate, key: KeyObject, nowMs: number, where: string): Diagnostic[] {
  const problems: Diagnostic[] = [];
  if (!certificate.ca) {
    problems.push(
      problem(
        'E_CA_NOT_A_CA',
        `${where}: the certificate "${certificate.subject.replaceAll('\n', ', ')}" is not a CA certificate`,
        {
          hint: 'it needs basicConstraints CA:TRUE and, where it has keyUsage, keyCertSign; put the CA itself into ca.crt.',
        },
      ),
    );
  }
  if (!certificate.checkPrivateKey(key)) {
    problems.push(
      problem('E_CA_KEY_MISMATCH', `${where}: the private key does not belong to the certificate`, {
        hint: 'put the ca.crt and the ca.key of one and the same CA into the directory.',
      }),
    );
  }
  if (Date.parse(certificate.validTo) <= nowMs) {
    problems.push(
      problem('E_CA_EXPIRED', `${where}: the CA certificate expired on ${isoDay(certificate.validTo)}`, {
        hint: 'certificates signed with it would be refused everywhere: renew the CA first.',
      }),
    );
  }
  if (Date.parse(certificate.validFrom) > nowMs) {
    problems.push(
      problem(
        'E_CA_NOT_YET_VALID',
        `${where}: the CA certificate is not valid before ${isoDay(certificate.validFrom)}`,
        {
          hint: `check the clock of this machine (it says ${new Date(nowMs).toISOString()}).`,
        },
      ),
    );
  }
  return [...problems, ...keyProblems(key, where)];
}

function keyProblems(key: KeyObject, where: string): Diagnostic[] {
  const bits = key.asymmetricKeyDetails?.modulusLength;
  if (bits !== undefined && bits < MIN_RSA_BITS) {
    return [
      problem('E_CA_KEY_WEAK', `${where}: its RSA key has ${bits} bits`, {
        hint: `TLS libraries refuse less than ${MIN_RSA_BITS}: use another CA.`,
      }),
    ];
  }
  if (signatureOf(key) === undefined) {
    const kind = key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType ?? 'unknown';
    return [
      problem('E_CA_KEY_TYPE', `${where}: its key is of type ${kind}`, {
        hint: 'use a CA with an RSA key, or an EC key on P-256, P-384 or P-521.',
      }),
    ];
  }
  return [];
}

function isoDay(x509Time: string): string {
  return new Date(x509Time).toISOString().slice(0, 10);
}

const HINTS = {
  certificate: 'ca.crt must be PEM ("-----BEGIN CERTIFICATE-----").',
  key: 'ca.key must be an unencrypted PEM key with mode 0600; decrypt it with: openssl pkey -in <encrypted> -out ca.key',
} as const;
