/** Texts in etcd's configuration: URLs to listen on or to tell others, durations, whole numbers. */
import {isIpv4, isIpv6} from './url.ts';

/** Whether a text is a whole number from 0. */
export function isWholeText(text: string): boolean {
  return /^\d+$/.test(text);
}

/** Whether a text is a duration as Go writes it: `24h`, `1h30m`, `1.5h`. */
export function isPlainDuration(text: string): boolean {
  return /^[-+]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))+$/.test(text);
}

/** Why etcd would not take a comma-separated list of URLs (client/pkg/types/urls.go, embed/config.go `checkBindURLs`); undefined = it would. */
export function urlListFault(
  list: string,
  use: 'listen' | 'advertise',
): {readonly what: string; readonly hint: string} | undefined {
  if (list === '') return undefined;
  for (const url of list.split(',').map(part => part.trim())) {
    if (/^unixs?:/.test(url)) continue;
    const match = /^https?:\/\/(?:\[([^\]]*)\]|([^:/?#[\]@]*)):(\d{1,5})$/.exec(url);
    if (match === null || Number(match[3]) > 65535) {
      return {
        what: `and ${JSON.stringify(url)} is not a URL that etcd takes: scheme, host and port, nothing behind`,
        hint: 'write it like https://10.10.10.10:2379, several separated by commas.',
      };
    }
    const host = match[1] ?? match[2] ?? '';
    if (use === 'advertise' && host === '')
      return {what: `and ${url} names no host to reach`, hint: 'name the address under which others reach the member.'};
    if (use === 'listen' && host !== 'localhost' && !isIpv4(host) && !isIpv6(host.replace(/%.*$/, ''))) {
      return {
        what: `and etcd listens on IP addresses only, not on ${JSON.stringify(host)}`,
        hint: 'use an IP address of the host, or 0.0.0.0.',
      };
    }
  }
  return undefined;
}
