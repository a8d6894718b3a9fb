/** Filters on URLs and addresses. */
import {typeFailure} from '../failure.ts';
import {named, type Routine} from '../routine.ts';
import {iterate} from '../values/access.ts';
import {isIPv6} from '../values/address.ts';
import {mappingEntries} from '../values/compare.ts';
import {dictOf, isList, PyTuple, type Value} from '../values/model.ts';
import {ownList} from '../values/owned.ts';
import {str} from '../values/text.ts';

/** `urllib.parse.quote`: UTF-8, everything but letters, digits, `_.-~` and `safe`. */
function percent(text: string, safe: string): string {
  return Array.from(Buffer.from(text, 'utf8'), byte => {
    const char = String.fromCharCode(byte);
    return /[\w.~-]/.test(char) || safe.includes(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

function urlEncode(input: Value, text: (value: Value) => string): string {
  const entries =
    mappingEntries(input) ??
    (typeof input === 'string' || (!isList(input) && !(input instanceof PyTuple))
      ? undefined
      : iterate(input).map(pairOf));
  if (entries === undefined) return percent(text(input), '/');
  const inQuery = (value: Value) => percent(text(value), '').replaceAll('%20', '+');
  return entries.map(([key, value]) => `${inQuery(key)}=${inQuery(value)}`).join('&');
}

function pairOf(pair: Value): [Value, Value] {
  const [key, value] = iterate(pair);
  if (key === undefined || value === undefined)
    throw typeFailure('a mapping, a list of pairs or a text is needed here');
  return [key, value];
}

const URL_PARTS: readonly string[] = [
  'fragment',
  'hostname',
  'netloc',
  'password',
  'path',
  'port',
  'query',
  'scheme',
  'username',
];

/** `urllib.parse.urlsplit`, part by part; RFC 3986's own expression. */
function urlSplit(url: string): Record<string, Value> {
  const match = /^(?:([A-Za-z][\w+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#([\s\S]*))?$/.exec(url);
  const [, scheme = '', netloc = '', path = '', query = '', fragment = ''] = match ?? [];
  const at = netloc.lastIndexOf('@');
  const [user, ...password] = at === -1 ? [] : netloc.slice(0, at).split(':');
  const host = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/.exec(netloc.slice(at + 1));
  const hostname = host?.[1] ?? host?.[2] ?? '';
  const port = host?.[3] ?? '';
  return dictOf([
    ['fragment', fragment],
    ['hostname', hostname === '' ? null : hostname.toLowerCase()],
    ['netloc', netloc],
    ['password', password.length === 0 ? null : password.join(':')],
    ['path', path],
    ['port', port === '' ? null : Number(port)],
    ['query', query],
    ['scheme', scheme.toLowerCase()],
    ['username', user ?? null],
  ]);
}

/** An IPv6 address in brackets, its prefix length behind them; anything else as it is. */
function wrap(value: Value): Value {
  if (isList(value)) return ownList(value.map(wrap));
  if (typeof value !== 'string') return value;
  const [address = '', ...prefix] = value.split('/');
  return isIPv6(address) ? [`[${address}]`, ...prefix].join('/') : value;
}

/** Filters by name. */
export const NETWORK_FILTERS: readonly (readonly [string, Routine])[] = [
  ...named('urlencode', '', (input, _args, {meter}) => urlEncode(input, value => str(value, meter))),
  ...named('urldecode', '', (input, _args, {meter}) => {
    try {
      return decodeURIComponent(str(input, meter).replaceAll('+', ' '));
    } catch {
      throw typeFailure('the text is not percent-encoded UTF-8');
    }
  }),
  ...named('urlsplit', 'query', (input, args, {meter}) => {
    const parts = urlSplit(str(input, meter));
    const wanted = args.text(0, '');
    if (wanted === '') return parts;
    if (!URL_PARTS.includes(wanted))
      throw typeFailure(`"${wanted}" is no part of a URL`, `parts are: ${URL_PARTS.join(', ')}.`);
    return parts[wanted] ?? null;
  }),
  ...named('ipwrap ansible.utils.ipwrap ansible.netcommon.ipwrap', '', wrap),
];
