/** A host pattern taken apart: `etcd,!10.10.10.12`, `web*:&staging`, IPv6 addresses left whole. */
import {isIpv6} from './host-name.ts';

/** One part of a pattern. */
export interface PatternPart {
  /** As written, sign included. */
  readonly text: string;
  /** `!` takes hosts away, `&` keeps only those, '' adds. */
  readonly sign: '' | '!' | '&';
  /** Without sign and subscript. */
  readonly expression: string;
  /** `[2]` or `[0:1]`, both ends included; `last` undefined = to the end; negative numbers count from the end. */
  readonly subscript?: {readonly first: number; readonly last: number | undefined; readonly isRange: boolean};
}

/** The parts of a pattern in the order Ansible applies them: those that add, then `&`, then `!`. */
export function splitPattern(pattern: string): readonly PatternPart[] {
  const parts = words(pattern).map(readPart);
  const isAdding = parts.some(({sign}) => sign === '');
  const everything: PatternPart[] = isAdding || parts.length === 0 ? [] : [{text: 'all', sign: '', expression: 'all'}];
  const signed = (sign: PatternPart['sign']) => parts.filter(part => part.sign === sign);
  return [...everything, ...signed(''), ...signed('&'), ...signed('!')];
}

/** Commas separate; without any, colons do, except inside an IPv6 address or brackets. A regular expression is never split at colons. */
function words(pattern: string): readonly string[] {
  const trimmed = (list: readonly string[]) => list.map(word => word.trim()).filter(word => word !== '');
  if (pattern.includes(',')) return trimmed(pattern.split(','));
  if (/^[!&]?~/.test(pattern.trim())) return trimmed([pattern]);
  return trimmed(pattern.split(/:(?=[!&])/)).flatMap(word =>
    isAddress(word) ? [word] : (word.match(/(?:[^\s:[\]]|\[[^\]]*\])+/g) ?? []),
  );
}

function isAddress(word: string): boolean {
  const bare = word.replace(/^[!&]/, '');
  return bare.includes('::') || isIpv6(bare) || /^(?:[0-9A-Fa-f*?]{1,4}:){2,7}[0-9A-Fa-f*?]{1,4}$/.test(bare);
}

function readPart(text: string): PatternPart {
  const sign = text.startsWith('!') ? '!' : text.startsWith('&') ? '&' : '';
  const expression = text.slice(sign.length);
  if (expression.startsWith('~')) return {text, sign, expression};
  const match = /^(.+)\[(?:(-?[0-9]+)|([0-9]+):([0-9]*))\]$/.exec(expression);
  if (match?.[1] === undefined) return {text, sign, expression};
  const [, base, single, first, last] = match;
  const subscript =
    single === undefined
      ? {first: Number(first), last: last === '' ? undefined : Number(last), isRange: true}
      : {first: Number(single), last: Number(single), isRange: false};
  return {text, sign, expression: base, subscript};
}
