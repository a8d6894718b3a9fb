/** IP addresses as certificates hold them: 4 or 16 bytes, with one spelling each. */

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/** The bytes of an address (4 or 16; an IPv4-mapped IPv6 address is its IPv4 address, as in Go), or undefined if it is none. */
export function ipBytes(text: string): Buffer | undefined {
  if (IPV4.test(text)) return Buffer.from(text.split('.').map(Number));
  if (!/^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*$/.test(text) || !URL.canParse(`http://[${text}]`)) return undefined;
  const groups = expandGroups(new URL(`http://[${text}]`).hostname.slice(1, -1));
  const bytes = Buffer.from(groups.flatMap(group => [group >> 8, group & 0xff]));
  const isMapped = bytes.subarray(0, 10).every(byte => byte === 0) && bytes.readUInt16BE(10) === 0xffff;
  return isMapped ? bytes.subarray(12) : bytes;
}

/** The one spelling in which two equal addresses are equal strings (`::1`, `10.0.0.1`), or undefined if it is no address. */
export function canonicalIp(text: string): string | undefined {
  const bytes = ipBytes(text);
  if (bytes === undefined) return undefined;
  return bytes.length === 4 ? bytes.join('.') : new URL(`http://[${text}]`).hostname.slice(1, -1);
}

/** The eight numbers of a compressed, valid IPv6 address. */
function expandGroups(compressed: string): number[] {
  const [head = '', tail] = compressed.split('::');
  const numbers = (part: string) => (part === '' ? [] : part.split(':').map(group => Number.parseInt(group, 16)));
  const before = numbers(head);
  const after = numbers(tail ?? '');
  return [...before, ...Array.from({length: 8 - before.length - after.length}, () => 0), ...after];
}
