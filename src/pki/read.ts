/** What a certificate and its key say, as plain data. Read and verified by node:crypto only. */
import type {KeyObject, X509Certificate} from 'node:crypto';
import type {Secret} from '../base/secret.ts';
import {canonicalIp} from './ip.ts';
import {ownCertificate, readCertificates, readPrivateKey} from './pem.ts';
import {USAGE_OIDS} from './profile.ts';

/** What is known of one certificate. Addresses are canonical, times in ms since the epoch. */
export interface CertificateFacts {
  readonly name: string;
  readonly certExists: boolean;
  readonly keyExists: boolean;
  /** Octal mode of the key file. */
  readonly keyMode?: string;
  readonly keyMatchesCert?: boolean;
  /** `O=etcd, CN=etcd-1`, special characters escaped as in RFC 2253. */
  readonly subject?: string;
  readonly issuer?: string;
  /** Upper-case hex. */
  readonly serial?: string;
  readonly notBeforeMs?: number;
  readonly notAfterMs?: number;
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  /** `serverAuth`, `clientAuth`, …; an unknown one by its object identifier; none = the extension is absent. */
  readonly extendedKeyUsages?: readonly string[];
  /** Signed by the CA that is in the same directory now. */
  readonly signedByCa?: boolean;
  readonly isCa?: boolean;
  /** `ec`, `rsa`, `ed25519` … */
  readonly keyAlgorithm?: string;
  /** SHA-256 of the certificate, upper-case hex with colons. */
  readonly fingerprint256?: string;
  /** The files are there but cannot be read as a certificate or key. */
  readonly error?: string;
}

/** The files of one certificate: PEM texts, undefined where a file is not there. */
export interface CertificateFiles {
  readonly name: string;
  readonly certificate?: string;
  readonly privateKey?: Secret;
  readonly keyMode?: string;
}

/** The CA certificate (of a bundle: the one that belongs to the key) that new leaves would be signed with; undefined = none readable. */
export function readCa(files: CertificateFiles): X509Certificate | undefined {
  const certificates = files.certificate === undefined ? undefined : readCertificates(files.certificate);
  if (!certificates?.ok) return undefined;
  return ownCertificate(certificates.value, keyOf(files));
}

/** Everything to know of a certificate. Unreadable files are a fact (`error`), not a failure. */
export function certificateFacts(files: CertificateFiles, ca: X509Certificate | undefined): CertificateFacts {
  const presence = {
    name: files.name,
    certExists: files.certificate !== undefined,
    keyExists: files.privateKey !== undefined,
    ...(files.keyMode === undefined ? {} : {keyMode: files.keyMode}),
  };
  const certificates = files.certificate === undefined ? undefined : readCertificates(files.certificate);
  const key = files.privateKey === undefined ? undefined : readPrivateKey(files.privateKey);
  const errors = [certificates, key].flatMap(read => (read === undefined || read.ok ? [] : [read.error]));
  const error = errors.length === 0 ? {} : {error: errors.join('; ')};
  if (!certificates?.ok) return {...presence, ...error};
  const usableKey = key?.ok ? key.value : undefined;
  const certificate = ownCertificate(certificates.value, usableKey);
  return {
    ...presence,
    ...parseCertificate(certificate),
    ...(usableKey === undefined ? {} : {keyMatchesCert: certificate.checkPrivateKey(usableKey)}),
    ...(ca === undefined ? {} : {signedByCa: isSignedBy(certificate, ca)}),
    ...error,
  };
}

/** The fields of a certificate. */
export function parseCertificate(
  certificate: X509Certificate,
): Omit<CertificateFacts, 'name' | 'certExists' | 'keyExists'> {
  const names = alternativeNames(certificate.subjectAltName ?? '');
  const algorithm = certificate.publicKey.asymmetricKeyType;
  return {
    subject: certificate.subject.replaceAll('\n', ', '),
    issuer: certificate.issuer.replaceAll('\n', ', '),
    serial: certificate.serialNumber,
    notBeforeMs: Date.parse(certificate.validFrom),
    notAfterMs: Date.parse(certificate.validTo),
    dnsNames: names.filter(name => name.type === 'DNS').map(name => name.value),
    ipAddresses: names.filter(name => name.type === 'IP Address').map(name => canonicalIp(name.value) ?? name.value),
    // Node calls the extended key usage `keyUsage`.
    extendedKeyUsages: (certificate.keyUsage ?? []).map(usageName),
    isCa: certificate.ca,
    ...(algorithm === undefined ? {} : {keyAlgorithm: algorithm}),
    fingerprint256: certificate.fingerprint256,
  };
}

/** Whether the names chain and the signature is that CA's. */
export function isSignedBy(certificate: X509Certificate, ca: X509Certificate): boolean {
  return certificate.checkIssued(ca) && certificate.verify(ca.publicKey);
}

function keyOf(files: CertificateFiles): KeyObject | undefined {
  const key = files.privateKey === undefined ? undefined : readPrivateKey(files.privateKey);
  return key?.ok ? key.value : undefined;
}

function usageName(oid: string): string {
  return Object.entries(USAGE_OIDS).find(([, known]) => known === oid)?.[0] ?? oid;
}

/** Node's text form: `DNS:a, IP Address:1.2.3.4`, values with odd characters as JSON strings. */
function alternativeNames(text: string): {type: string; value: string}[] {
  return [...text.matchAll(/(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)/g)].map(([, type = '', value = '']) => ({
    type,
    value: value.startsWith('"') ? unquote(value) : value,
  }));
}

function unquote(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}
