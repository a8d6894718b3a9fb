/** Which signature a CA's key makes: hash, and how the algorithm is written in a certificate. */
import {type KeyObject, sign} from 'node:crypto';

/** A signature algorithm of X.509. */
export interface Signature {
  readonly hash: 'sha256' | 'sha384' | 'sha512';
  readonly oid: string;
  /** RSA's algorithm identifiers carry a NULL (RFC 4055), ECDSA's carry nothing (RFC 5758). */
  readonly hasNull: boolean;
}

const RSA: Signature = {hash: 'sha256', oid: '1.2.840.113549.1.1.11', hasNull: true};
const EC: ReadonlyMap<string, Signature> = new Map([
  ['prime256v1', {hash: 'sha256', oid: '1.2.840.10045.4.3.2', hasNull: false}],
  ['secp384r1', {hash: 'sha384', oid: '1.2.840.10045.4.3.3', hasNull: false}],
  ['secp521r1', {hash: 'sha512', oid: '1.2.840.10045.4.3.4', hasNull: false}],
]);

/** The signature that a key makes, or undefined for keys that etcd's TLS does not take. */
export function signatureOf(key: KeyObject): Signature | undefined {
  if (key.asymmetricKeyType === 'rsa') return RSA;
  return key.asymmetricKeyType === 'ec' ? EC.get(key.asymmetricKeyDetails?.namedCurve ?? '') : undefined;
}

/** Signs bytes. */
export function signBytes(bytes: Buffer, key: KeyObject, {hash}: Signature): Buffer {
  return sign(hash, bytes, key);
}
