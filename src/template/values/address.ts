/** What an IP address looks like. */

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);

/** Whether a text is an IPv4 address in dotted form. */
export function isIPv4(text: string): boolean {
  return IPV4.test(text);
}

/** Whether a text is an IPv6 address, zone (`%eth0`) and embedded IPv4 included. */
export function isIPv6(text: string): boolean {
  const [address = '', zone, ...more] = text.split('%');
  if (more.length > 0 || zone === '') return false;
  const halves = address.split('::');
  if (halves.length > 2) return false;
  const groups = halves.map(half => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1)?.at(-1);
  let count = groups.flat().length;
  if (last?.includes('.')) {
    if (!isIPv4(last)) return false;
    groups.at(-1)?.pop();
    count++;
  }
  const areGroups = groups.flat().every(group => /^[\da-fA-F]{1,4}$/.test(group));
  return areGroups && (halves.length === 2 ? count <= 7 : count === 8);
}
