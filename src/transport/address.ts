/** What may be the name of a host, a user, a port: everything else is refused before it gets anywhere near a command. */
import {isIP} from 'node:net';

/** A host name (RFC 1123, underscores tolerated) or an IPv4 or IPv6 address (with or without a zone). */
export function isHostAddress(text: string): boolean {
  if (isIP(text) !== 0) return true;
  if (text.length > 253 || /^[\d.]+$/.test(text)) return false;
  return text
    .replace(/\.$/, '')
    .split('.')
    .every(label => /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(label));
}

/** A login name that cannot be taken for an option. */
export function isUserName(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_.@$-]{0,255}$/.test(text);
}

/** 1..65535, as a number or in digits; undefined otherwise. */
export function parsePort(value: unknown): number | undefined {
  const port =
    typeof value === 'number'
      ? value
      : typeof value === 'string' && /^\d{1,5}$/.test(value.trim())
        ? Number(value)
        : Number.NaN;
  return Number.isInteger(port) && port >= 1 && port <= 65535 ? port : undefined;
}

/** `[user@]host[:port]`, `[user@][v6]:port`, `ssh://…`: one hop of ProxyJump. */
export function parseHop(
  text: string,
): {readonly host: string; readonly port: number; readonly user?: string} | undefined {
  const bare = text
    .trim()
    .replace(/^ssh:\/\//, '')
    .replace(/\/$/, '');
  const at = bare.lastIndexOf('@');
  const user = at === -1 ? undefined : bare.slice(0, at);
  const place = bare.slice(at + 1);
  const match =
    /^\[([^\]]+)\](?::(\d+))?$/.exec(place) ??
    (isIP(place) === 6 ? [place, place] : /^([^:]+)(?::(\d+))?$/.exec(place));
  const host = match?.[1];
  const port = match?.[2] === undefined ? 22 : parsePort(match[2]);
  if (host === undefined || port === undefined || !isHostAddress(host)) return undefined;
  if (user !== undefined && !isUserName(user)) return undefined;
  return {host, port, ...(user === undefined ? {} : {user})};
}
