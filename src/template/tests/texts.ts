/** Tests on texts: patterns, versions, paths, addresses. */
import {typeFailure} from '../failure.ts';
import {compilePattern, paySearch} from '../regex.ts';
import {named, type Routine} from '../routine.ts';
import {isIPv4, isIPv6} from '../values/address.ts';
import type {Meter} from '../values/meter.ts';
import type {Value} from '../values/model.ts';
import {str} from '../values/text.ts';
import {versionTest} from './versions.ts';

function matches(
  value: Value,
  pattern: string,
  flags: {ignoreCase: boolean; multiline: boolean},
  mode: 'search' | 'match' | 'fullmatch',
  meter: Meter,
): boolean {
  const subject = str(value, meter);
  const compiled = compilePattern(pattern, flags, mode);
  paySearch(subject, meter);
  return compiled.test(subject);
}

function pattern(name: string, mode: 'search' | 'match'): (readonly [string, Routine])[] {
  return named(name, 'pattern ignorecase multiline', (value, args, {meter}) =>
    matches(value, args.text(0, ''), {ignoreCase: args.flag(1), multiline: args.flag(2)}, mode, meter),
  );
}

function modeOf(name: string): 'search' | 'match' | 'fullmatch' {
  if (name === 'search' || name === 'match' || name === 'fullmatch') return name;
  throw typeFailure(`"${name}" is no way to match`, 'search, match and fullmatch are.');
}

/** The address of `address/prefix`, where the prefix fits. */
function addressOf(value: Value, meter: Meter): {address: string; version: 4 | 6 | undefined; hasPrefix: boolean} {
  const [address = '', prefix, ...more] = str(value, meter).split('/');
  const version = isIPv4(address) ? 4 : isIPv6(address) ? 6 : undefined;
  const fits =
    prefix === undefined ||
    (more.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128));
  return {address, version: fits ? version : undefined, hasPrefix: prefix !== undefined};
}

function address(
  name: string,
  holds: (found: {version: 4 | 6 | undefined; hasPrefix: boolean}) => boolean,
): (readonly [string, Routine])[] {
  return named(`${name} ansible.utils.${name}`, '', (value, _args, {meter}) => holds(addressOf(value, meter)));
}

/** Tests by name. */
export const TEXT_TESTS: readonly (readonly [string, Routine])[] = [
  ...pattern('match', 'match'),
  ...pattern('search', 'search'),
  ...named('regex', 'pattern ignorecase multiline match_type', (value, args, {meter}) =>
    matches(
      value,
      args.text(0, ''),
      {ignoreCase: args.flag(1), multiline: args.flag(2)},
      modeOf(args.text(3, 'search')),
      meter,
    ),
  ),
  ...named('version version_compare', 'version operator strict version_type', versionTest),
  ...named('lower', '', (value, _args, {meter}) => isCase(str(value, meter), 'lower')),
  ...named('upper', '', (value, _args, {meter}) => isCase(str(value, meter), 'upper')),
  ...named('abs is_abs', '', (value, _args, {meter}) => str(value, meter).startsWith('/')),
  ...address('ip', found => found.version !== undefined),
  ...address('ip_address', found => found.version !== undefined && !found.hasPrefix),
  ...address('ipv4', found => found.version === 4),
  ...address('ipv4_address', found => found.version === 4 && !found.hasPrefix),
  ...address('ipv6', found => found.version === 6),
  ...address('ipv6_address', found => found.version === 6 && !found.hasPrefix),
];

/** Python's `islower`/`isupper`: at least one letter, and all of the case. */
function isCase(text: string, which: 'lower' | 'upper'): boolean {
  const [same, other] =
    which === 'lower' ? [text.toLowerCase(), text.toUpperCase()] : [text.toUpperCase(), text.toLowerCase()];
  return text === same && text !== other;
}
