/** Writing DER: the only file that knows node-forge, and it only writes (its security holes are all in reading). */
import forge from 'node-forge';

const {asn1, util} = forge;
const {Class, Type} = asn1;

/** A piece of ASN.1, ready to be written. */
export type Der = forge.asn1.Asn1;

/** The bytes of a piece. */
export function encode(node: Der): Buffer {
  return Buffer.from(asn1.toDer(node).getBytes(), 'binary');
}

/** SEQUENCE. */
export function sequence(...items: readonly Der[]): Der {
  return asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, [...items]);
}

/** SET of one. */
export function setOf(item: Der): Der {
  return asn1.create(Class.UNIVERSAL, Type.SET, true, [item]);
}

/** OBJECT IDENTIFIER from its dotted form. */
export function oid(dotted: string): Der {
  return asn1.create(Class.UNIVERSAL, Type.OID, false, asn1.oidToDer(dotted).getBytes());
}

/** A non-negative INTEGER from big-endian bytes. */
export function integer(bytes: Buffer): Der {
  const firstUsed = bytes.findIndex(byte => byte !== 0);
  const digits = firstUsed === -1 ? Buffer.of(0) : bytes.subarray(firstUsed);
  const signed = ((digits[0] ?? 0) & 0x80) === 0 ? digits : Buffer.concat([Buffer.of(0), digits]);
  return asn1.create(Class.UNIVERSAL, Type.INTEGER, false, signed.toString('binary'));
}

/** BOOLEAN. */
export function boolean(value: boolean): Der {
  return asn1.create(Class.UNIVERSAL, Type.BOOLEAN, false, value ? '\xff' : '\x00');
}

/** NULL. */
export function nothing(): Der {
  return asn1.create(Class.UNIVERSAL, Type.NULL, false, '');
}

/** UTF8String. */
export function utf8(text: string): Der {
  return asn1.create(Class.UNIVERSAL, Type.UTF8, false, util.encodeUtf8(text));
}

/** OCTET STRING. */
export function octets(bytes: Buffer): Der {
  return asn1.create(Class.UNIVERSAL, Type.OCTETSTRING, false, bytes.toString('binary'));
}

/** BIT STRING; `unused` = how many bits at the end of the last byte do not count. */
export function bits(bytes: Buffer, unused = 0): Der {
  return asn1.create(Class.UNIVERSAL, Type.BITSTRING, false, String.fromCharCode(unused) + bytes.toString('binary'));
}

/** A time, to the second: UTCTime until 2049, GeneralizedTime from 2050 (RFC 5280 4.1.2.5). */
export function time(ms: number): Der {
  const date = new Date(ms);
  return date.getUTCFullYear() < 2050
    ? asn1.create(Class.UNIVERSAL, Type.UTCTIME, false, asn1.dateToUtcTime(date))
    : asn1.create(Class.UNIVERSAL, Type.GENERALIZEDTIME, false, asn1.dateToGeneralizedTime(date));
}

/** `[n]` around items (explicit). */
export function explicit(tag: number, ...items: readonly Der[]): Der {
  return asn1.create(Class.CONTEXT_SPECIFIC, tag, true, [...items]);
}

/** `[n]` in place of a primitive's own tag (implicit). */
export function implicit(tag: number, bytes: Buffer): Der {
  return asn1.create(Class.CONTEXT_SPECIFIC, tag, false, bytes.toString('binary'));
}

/** A SEQUENCE that is already DER, given without its tag and length. */
export function sequenceFrom(content: Buffer): Der {
  // 0x20 is the "constructed" bit, which forge sets only for items that it encodes itself.
  return asn1.create(Class.UNIVERSAL, Type.SEQUENCE | 0x20, false, content.toString('binary'));
}
