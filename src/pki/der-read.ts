/** Three things that node:crypto does not tell of a certificate or key, read from its DER. Never used to trust anything. */

interface Element {
  readonly tag: number;
  readonly content: Buffer;
  /** Where the next element starts. */
  readonly end: number;
}

const SUBJECT_KEY_ID = Buffer.from('551d0e', 'hex');

/** The content of a certificate's subject (its RDNs, without tag and length), byte for byte: a leaf's issuer must equal it. */
export function subjectContent(certificate: Buffer): Buffer {
  const subject = tbsFields(certificate)[4];
  if (subject === undefined || subject.tag !== 0x30) throw new Error('the certificate has no subject');
  return subject.content;
}

/** The subject key identifier of a certificate, where it has one. */
export function subjectKeyId(certificate: Buffer): Buffer | undefined {
  const wrapper = tbsFields(certificate).find(field => field.tag === 0xa3);
  if (wrapper === undefined) return undefined;
  for (const extension of elements(elementAt(wrapper.content, 0).content)) {
    const [id, ...rest] = elements(extension.content);
    const value = rest.at(-1);
    if (id?.content.equals(SUBJECT_KEY_ID) && value !== undefined) return elementAt(value.content, 0).content;
  }
  return undefined;
}

/** The bits of the key itself inside a SubjectPublicKeyInfo (without the count of unused bits). */
export function publicKeyBits(spki: Buffer): Buffer {
  const key = elements(elementAt(spki, 0).content)[1];
  if (key === undefined || key.tag !== 0x03) throw new Error('not a SubjectPublicKeyInfo');
  return key.content.subarray(1);
}

/** The content of a SubjectPublicKeyInfo, without its own tag and length. */
export function spkiContent(spki: Buffer): Buffer {
  return elementAt(spki, 0).content;
}

/** Serial, algorithm, issuer, validity, subject, key, extensions: always from the serial on, whether or not a version is written. */
function tbsFields(certificate: Buffer): Element[] {
  const tbs = elementAt(elementAt(certificate, 0).content, 0);
  const fields = elements(tbs.content);
  return fields[0]?.tag === 0xa0 ? fields.slice(1) : fields;
}

function elements(content: Buffer): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < content.length; at = found.at(-1)?.end ?? content.length) found.push(elementAt(content, at));
  return found;
}

/** Throws where the bytes end too early. */
function elementAt(bytes: Buffer, at: number): Element {
  const tag = bytes.readUInt8(at);
  const first = bytes.readUInt8(at + 1);
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (lengthBytes > 4 || first === 0x80) throw new Error('not DER');
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(at + 2, lengthBytes);
  const start = at + 2 + lengthBytes;
  if (start + length > bytes.length) throw new Error('DER ends too early');
  return {tag, content: bytes.subarray(start, start + length), end: start + length};
}
