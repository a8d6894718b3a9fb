/** A certificate, built and signed: RFC 5280 in the order in which it is written. */
import {createHash, type KeyObject} from 'node:crypto';
import * as der from './der.ts';
import {publicKeyBits, spkiContent} from './der-read.ts';
import {type Signature, signatureOf, signBytes} from './signature.ts';

/** Everything that is written into a certificate. Times in milliseconds since the epoch, cut to the second. */
export interface CertificateFields {
  readonly serial: Buffer;
  readonly issuer: der.Der;
  readonly subject: der.Der;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly publicKey: KeyObject;
  readonly extensions: readonly der.Der[];
}

/** Signs a certificate; the result is PEM. Throws for a key that `signatureOf` does not know: check before. */
export function signCertificate(fields: CertificateFields, key: KeyObject): string {
  const signature = signatureOf(key);
  if (signature === undefined) throw new Error('Internal error: this kind of key cannot sign certificates');
  const algorithm = () => algorithmIdentifier(signature);
  const tbs = der.sequence(
    der.explicit(0, der.integer(Buffer.of(2))),
    der.integer(fields.serial),
    algorithm(),
    fields.issuer,
    der.sequence(der.time(fields.notBeforeMs), der.time(fields.notAfterMs)),
    fields.subject,
    der.sequenceFrom(spkiContent(spkiOf(fields.publicKey))),
    der.explicit(3, der.sequence(...fields.extensions)),
  );
  const signed = signBytes(der.encode(tbs), key, signature);
  return toPem(der.encode(der.sequence(tbs, algorithm(), der.bits(signed))));
}

/** RDNs of a name: organization first where there is one, then the common name. */
export function distinguishedName(commonName: string, organization?: string): der.Der {
  const attribute = (id: string, text: string) => der.setOf(der.sequence(der.oid(id), der.utf8(text)));
  return der.sequence(
    ...(organization === undefined ? [] : [attribute('2.5.4.10', organization)]),
    attribute('2.5.4.3', commonName),
  );
}

/** One extension. */
export function extension(id: string, value: der.Der, critical = false): der.Der {
  return der.sequence(der.oid(id), ...(critical ? [der.boolean(true)] : []), der.octets(der.encode(value)));
}

/** Identifier of a public key: the leftmost 160 bits of the SHA-256 of its bits (RFC 7093, method 1). */
export function keyId(publicKey: KeyObject): Buffer {
  return createHash('sha256')
    .update(publicKeyBits(spkiOf(publicKey)))
    .digest()
    .subarray(0, 20);
}

function algorithmIdentifier(signature: Signature): der.Der {
  return signature.hasNull ? der.sequence(der.oid(signature.oid), der.nothing()) : der.sequence(der.oid(signature.oid));
}

function spkiOf(publicKey: KeyObject): Buffer {
  return publicKey.export({type: 'spki', format: 'der'});
}

function toPem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
