/** Host ranges: `node[01:03]`, `10.10.10.[10:12]`, `db-[a:c]`, `n[1:9:2]`, several in one name. */
import {err, ok, type Result} from '../base/result.ts';

/** More hosts than this from one entry is a slip of the keyboard. */
const MAX_HOSTS = 200_000;
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** The names that a host entry stands for, or what is wrong with its range (Ansible's `expand_hostname_range`). */
export function expandHostRange(pattern: string): Result<readonly string[], string> {
  const open = pattern.indexOf('[');
  const close = pattern.indexOf(']');
  if (open === -1 && close === -1) return ok([pattern]);
  if (open === -1 || close < open) return err('the brackets do not match');
  const values = rangeValues(pattern.slice(open + 1, close));
  if (!values.ok) return values;
  const tails = expandHostRange(pattern.slice(close + 1));
  if (!tails.ok) return tails;
  if (values.value.length * tails.value.length > MAX_HOSTS)
    return err(`the range stands for more than ${MAX_HOSTS} hosts`);
  const head = pattern.slice(0, open);
  return ok(values.value.flatMap(value => tails.value.map(tail => `${head}${value}${tail}`)));
}

function rangeValues(range: string): Result<readonly string[], string> {
  const [begin = '', end = '', stepText = '1', ...rest] = range.split(':');
  if (!range.includes(':') || rest.length > 0)
    return err(`a range is [first:last] or [first:last:step], this is [${range}]`);
  const step = /^[0-9]{1,6}$/.test(stepText) ? Number(stepText) : 0;
  if (step === 0) return err(`the step "${stepText}" is not a number above 0`);
  if (/^[A-Za-z]$/.test(begin) && /^[A-Za-z]$/.test(end)) {
    const [from, to] = [LETTERS.indexOf(begin), LETTERS.indexOf(end)];
    return from > to
      ? err(`"${begin}" comes after "${end}"`)
      : ok(series(from, to, step).map(index => LETTERS.charAt(index)));
  }
  const first = begin === '' ? '0' : begin;
  if (!/^[0-9]{1,9}$/.test(first) || !/^[0-9]{1,9}$/.test(end))
    return err(`[${range}] holds neither two numbers nor two letters`);
  const isPadded = first.startsWith('0') && first.length > 1;
  if (isPadded && first.length !== end.length)
    return err(`"${first}" and "${end}" must have the same number of digits`);
  const [from, to] = [Number(first), Number(end)];
  if (from > to) return err(`${first} is greater than ${end}`);
  if ((to - from) / step > MAX_HOSTS) return err(`the range stands for more than ${MAX_HOSTS} hosts`);
  return ok(series(from, to, step).map(number => String(number).padStart(isPadded ? first.length : 0, '0')));
}

function series(from: number, to: number, step: number): number[] {
  return Array.from({length: Math.floor((to - from) / step) + 1}, (_, index) => from + index * step);
}

/** A host entry's name and SSH port: `web1:2222`, `[2001:db8::1]:2222`; a bare IPv6 address has no port. */
export function splitPort(entry: string): {readonly name: string; readonly port?: number} {
  const bracketed = /^\[([^\]]*:[^\]]*:[^\]]*|[^\]:]+)\](?::([0-9]+))?$/.exec(entry);
  if (bracketed?.[1] !== undefined) return withPort(bracketed[1], bracketed[2]);
  const plain = /^((?:[^:[\]]|\[[^\]]*\])*):([0-9]+)$/.exec(entry);
  return plain?.[1] === undefined ? {name: entry} : withPort(plain[1], plain[2]);
}

function withPort(name: string, port: string | undefined): {readonly name: string; readonly port?: number} {
  return port === undefined ? {name} : {name, port: Number(port)};
}
