/** Addresses and URLs as etcd writes them: IPv6 in brackets, always with a port, nothing behind it. */

/** The parts of a member's URL; `address` without brackets. */
export interface MemberUrl {
  readonly scheme: 'http' | 'https';
  readonly address: string;
  readonly port: number;
}

/** `https://10.10.10.10:2379`, `https://[fd00::1]:2379`. The text is what etcd hashes into the member's id: it is not rewritten. */
export function formatUrl({scheme, address, port}: MemberUrl): string {
  return `${scheme}://${isIpv6(address) ? `[${address}]` : address}:${port}`;
}

/** Takes a member's URL apart; undefined for anything etcd would not take either (no port, a path, another scheme). */
export function parseUrl(url: string): MemberUrl | undefined {
  const match = /^(https?):\/\/(?:\[([^\]]*)\]|([^:/?#[\]@]+)):(\d{1,5})$/.exec(url);
  if (match === null) return undefined;
  const [, scheme, ipv6, name = ''] = match;
  const port = Number(match[4]);
  if (port < 1 || port > 65535 || (ipv6 !== undefined && !isIpv6(ipv6))) return undefined;
  return {scheme: scheme as MemberUrl['scheme'], address: ipv6 ?? name, port};
}

/** Whether a text is an IPv4 address in the four-number form. */
export function isIpv4(address: string): boolean {
  const parts = address.split('.');
  return parts.length === 4 && parts.every(part => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

/** Whether a text is an IPv6 address, without brackets and without a zone. */
export function isIpv6(address: string): boolean {
  return address.includes(':') && /^[0-9A-Fa-f:.]+$/.test(address) && URL.canParse(`http://[${address}]/`);
}

/** Whether a text is a host name as DNS allows it; the last label is not all digits (that would be a broken IPv4 address). */
export function isHostName(address: string): boolean {
  const labels = address.split('.');
  return (
    address.length <= 253 &&
    labels.every(label => /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$/.test(label)) &&
    !/^\d+$/.test(labels.at(-1) ?? '')
  );
}

/** One spelling for every way to write the same address, for comparing only. */
export function canonicalAddress(address: string): string {
  return isIpv6(address) ? new URL(`http://[${address}]/`).hostname.slice(1, -1) : address.toLowerCase();
}

/** Whether an address means "this machine": nobody else can reach a member there. */
export function isLoopback(address: string): boolean {
  const canonical = canonicalAddress(address);
  return (
    canonical === 'localhost' ||
    canonical.endsWith('.localhost') ||
    canonical === '::1' ||
    (isIpv4(canonical) && canonical.startsWith('127.'))
  );
}

/** Whether an address means "every address": fine to listen on, meaningless to advertise. */
export function isUnspecified(address: string): boolean {
  return address === '0.0.0.0' || canonicalAddress(address) === '::';
}
