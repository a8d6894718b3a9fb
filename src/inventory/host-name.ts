/** Which host and group names are let in: what ends up in a command line, a file name or a certificate must be harmless. */

const OCTET = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const IPV4 = new RegExp(`^(?:${OCTET}\\.){3}${OCTET}$`);
const LABEL = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;
const GROUP = /^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u;

/** Whether a text is an IPv4 address in the usual notation (no leading zeros). */
export function isIpv4(text: string): boolean {
  return IPV4.test(text);
}

/** Whether a text is an IPv6 address, with an optional zone (`fe80::1%eth0`), without brackets. */
export function isIpv6(text: string): boolean {
  const [address = '', zone, ...rest] = text.split('%');
  if (rest.length > 0 || (zone !== undefined && !/^[A-Za-z0-9._-]{1,15}$/.test(zone))) return false;
  const halves = address.split('::');
  if (halves.length > 2 || !address.includes(':')) return false;
  const counts = halves.map((half, index) => countGroups(half, index === halves.length - 1));
  if (counts.includes(undefined)) return false;
  const total = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  return halves.length === 2 ? total <= 7 : total === 8;
}

/** How many 16-bit groups a part of an IPv6 address has, an IPv4 tail counting two; undefined = malformed. */
function countGroups(part: string, isLast: boolean): number | undefined {
  if (part === '') return 0;
  const groups = part.split(':');
  const tail = groups.at(-1) ?? '';
  if (isLast && isIpv4(tail)) return groups.slice(0, -1).every(isHex) ? groups.length + 1 : undefined;
  return groups.every(isHex) ? groups.length : undefined;
}

function isHex(group: string): boolean {
  return /^[0-9A-Fa-f]{1,4}$/.test(group);
}

/** What is wrong with a host name, or undefined: an IP address or an RFC 1123 name (underscores allowed) is fine. */
export function hostNameFault(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (name.includes(':')) return isIpv6(name) ? undefined : 'it is neither an IPv6 address nor host:port';
  if (isIpv6(name)) return undefined;
  if (/^[0-9.]+$/.test(name)) return numericFault(name);
  if (name.startsWith('-')) return 'it begins with a dash';
  if (/\s/.test(name)) return 'it contains white space';
  if (name.length > 253) return `it is ${name.length} characters long, the limit is 253`;
  return name.split('.').every(label => LABEL.test(label))
    ? undefined
    : 'it may only hold letters, digits, "-", "_" and dots, each part 1 to 63 characters, not beginning or ending with "-"';
}

function numericFault(name: string): string | undefined {
  if (isIpv4(name)) return undefined;
  const parts = name.split('.');
  // A plain number is a name to Ansible; a dotted one was meant as an address.
  if (parts.length === 1) return undefined;
  if (parts.length !== 4) return `an IPv4 address has 4 numbers, this has ${parts.length}`;
  const bad = parts.find(part => !isIpv4(`0.0.0.${part}`)) ?? '';
  return bad.startsWith('0')
    ? `"${bad}" has a leading zero, which some programs read as octal`
    : `"${bad}" is not between 0 and 255`;
}

/** Whether a group may be called so: letters, digits, `_`, `.`, `-`. */
export function isGroupName(name: string): boolean {
  return GROUP.test(name);
}
