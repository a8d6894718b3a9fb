/** Making certificates: a CA of our own, and leaves signed by any CA. */
import {err, ok, type Result} from '../base/result.ts';
import {Secret} from '../base/secret.ts';
import type {Ca} from './ca.ts';
import {nameProblems, requestProblems} from './check.ts';
import * as der from './der.ts';
import {subjectContent, subjectKeyId} from './der-read.ts';
import {type Entropy, type KeyPair, systemEntropy} from './entropy.ts';
import {ipBytes} from './ip.ts';
import {BACKDATE_MS, type CaRequest, type CertificateRequest, DAY_MS, USAGE_OIDS} from './profile.ts';
import {distinguishedName, extension, keyId, signCertificate} from './x509.ts';

/** A certificate and its key, as PEM texts (the key PKCS#8, not encrypted). */
export interface Issued {
  readonly certificatePem: string;
  readonly privateKeyPem: Secret;
}

/** Makes a self-signed CA that may sign leaves only (`pathlen:0`). Fails with E_CERT_NAME, E_CERT_VALIDITY. */
export async function issueCa(request: CaRequest, entropy: Entropy = systemEntropy): Promise<Result<Issued>> {
  const problems = nameProblems(request.commonName, request.validityDays);
  if (problems.length > 0) return err(problems);
  const keys = await entropy.keyPair(request.keyAlgorithm);
  const name = distinguishedName(request.commonName);
  const certificatePem = signCertificate(
    {
      serial: entropy.serial(),
      issuer: name,
      subject: name,
      notBeforeMs: request.nowMs - BACKDATE_MS,
      notAfterMs: request.nowMs + request.validityDays * DAY_MS,
      publicKey: keys.publicKey,
      extensions: [
        extension(OID.basicConstraints, der.sequence(der.boolean(true), der.integer(Buffer.of(0))), true),
        extension(OID.keyUsage, der.bits(Buffer.of(KEY_CERT_SIGN | CRL_SIGN), 1), true),
        extension(OID.subjectKeyId, der.octets(keyId(keys.publicKey))),
      ],
    },
    keys.privateKey,
  );
  return ok({certificatePem, privateKeyPem: pemOf(keys)});
}

/**
 * Signs a leaf with a fresh key. It never outlives its CA. Fails with E_CERT_NAME, E_CERT_VALIDITY, E_CERT_SAN, E_CERT_USAGE;
 * the CA was checked by `loadCa`.
 */
export async function issueCertificate(
  request: CertificateRequest,
  ca: Ca,
  nowMs: number,
  entropy: Entropy = systemEntropy,
): Promise<Result<Issued>> {
  const problems = requestProblems(request);
  if (problems.length > 0) return err(problems);
  const keys = await entropy.keyPair(request.keyAlgorithm);
  const certificatePem = signCertificate(
    {
      serial: entropy.serial(),
      issuer: der.sequenceFrom(subjectContent(ca.certificate.raw)),
      subject: distinguishedName(request.commonName, request.organization),
      notBeforeMs: nowMs - BACKDATE_MS,
      notAfterMs: Math.min(nowMs + request.validityDays * DAY_MS, ca.notAfterMs),
      publicKey: keys.publicKey,
      extensions: leafExtensions(request, ca, keys),
    },
    ca.key,
  );
  return ok({certificatePem, privateKeyPem: pemOf(keys)});
}

function leafExtensions(request: CertificateRequest, ca: Ca, keys: KeyPair): der.Der[] {
  const usage =
    request.keyAlgorithm === 'rsa'
      ? der.bits(Buffer.of(DIGITAL_SIGNATURE | KEY_ENCIPHERMENT), 5)
      : der.bits(Buffer.of(DIGITAL_SIGNATURE), 7);
  const authority = subjectKeyId(ca.certificate.raw) ?? keyId(ca.certificate.publicKey);
  const names = [
    ...request.dnsNames.map(name => der.implicit(2, Buffer.from(name, 'latin1'))),
    ...request.ipAddresses.map(address => der.implicit(7, ipBytes(address) ?? Buffer.alloc(0))),
  ];
  return [
    extension(OID.basicConstraints, der.sequence(), true),
    extension(OID.keyUsage, usage, true),
    extension(OID.extendedKeyUsage, der.sequence(...request.usages.map(name => der.oid(USAGE_OIDS[name] ?? '')))),
    extension(OID.subjectKeyId, der.octets(keyId(keys.publicKey))),
    extension(OID.authorityKeyId, der.sequence(der.implicit(0, authority))),
    ...(names.length === 0 ? [] : [extension(OID.subjectAltName, der.sequence(...names))]),
  ];
}

function pemOf(keys: KeyPair): Secret {
  return new Secret(keys.privateKey.export({type: 'pkcs8', format: 'pem'}).toString());
}

const OID = {
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
} as const;

/** RFC 5280 4.2.1.3, as bits of the first byte. */
const DIGITAL_SIGNATURE = 0x80;
const KEY_ENCIPHERMENT = 0x20;
const KEY_CERT_SIGN = 0x04;
const CRL_SIGN = 0x02;
