/** Ansible's host patterns (`hosts:`, `-l`): from `etcd:!10.10.10.12` to names of hosts. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {nearestName} from '../base/names.ts';
import {err, ok, type Result} from '../base/result.ts';
import type {Location} from '../base/source.ts';
import {isWild, matcherOf} from './glob.ts';
import {type PatternPart, splitPattern} from './split-pattern.ts';
import type {Inventory, InventoryGroup} from './types.ts';

/** How to choose. */
export interface SelectOptions {
  /** Where the pattern is written. */
  readonly at?: Location;
  /** Only these hosts can be chosen; default: all of the inventory. */
  readonly all?: readonly string[];
  /** A part that matches nothing: an error (default), or passed over as Ansible does for `hosts:`. */
  readonly missing?: 'error' | 'ignore';
  /**
   * For `-l`: a group means the hosts listed under it, where there are any. `-l etcd` then means the group that the user wrote,
   * not every cluster of the inventory, as `hosts: etcd` does.
   */
  readonly listedOnly?: boolean;
}

/** Hosts that a pattern means, in inventory order. Fails with `E_PATTERN`, or `E_LIMIT_NO_MATCH` for each part that matches nothing. */
export function selectHosts(
  inventory: Inventory,
  pattern: string,
  options: SelectOptions = {},
): Result<readonly string[]> {
  const {at, missing = 'error'} = options;
  const place = at === undefined ? {} : {at};
  const scope = scopeOf(inventory, options);
  const parts = splitPattern(pattern);
  if (parts.length === 0) {
    return err([
      problem('E_PATTERN', 'the host pattern is empty', {...place, hint: 'name a host, a group, or "all".'}),
    ]);
  }
  const problems: Diagnostic[] = [];
  let chosen = new Set<string>();
  for (const part of parts) {
    const matched = matchPart(part, scope);
    if (!matched.ok) problems.push({...matched.error, ...place});
    else if (matched.value.length === 0 && missing === 'error') problems.push({...noMatch(part, inventory), ...place});
    else chosen = combine(chosen, part, new Set(matched.value));
  }
  if (problems.length > 0) return err(problems);
  if (chosen.size === 0 && missing === 'error') {
    const hint = 'the parts with "&" or "!" take every host away.';
    return err([problem('E_LIMIT_NO_MATCH', `the pattern "${pattern}" leaves no host`, {...place, hint})]);
  }
  return ok([...inventory.hosts.keys()].filter(name => chosen.has(name)));
}

function combine(chosen: ReadonlySet<string>, {sign}: PatternPart, matched: ReadonlySet<string>): Set<string> {
  if (sign === '') return new Set([...chosen, ...matched]);
  return new Set([...chosen].filter(name => matched.has(name) === (sign === '&')));
}

/** What a part can match: names of groups with their hosts, and names of hosts. */
interface Scope {
  readonly groups: ReadonlyMap<string, readonly string[]>;
  readonly hosts: ReadonlySet<string>;
}

function scopeOf(inventory: Inventory, {all, listedOnly}: SelectOptions): Scope {
  const hosts = new Set(all ?? inventory.hosts.keys());
  const members = ({hosts: everyone, listed}: InventoryGroup) => (listedOnly && listed.length > 0 ? listed : everyone);
  const groups = [...inventory.groups.values()].map(group => [group.name, members(group)] as const);
  return {hosts, groups: new Map(groups)};
}

/** The hosts of the groups that match; where none does, or the part is wild or has a dot, also the hosts that match. */
function matchPart(part: PatternPart, scope: Scope): Result<readonly string[], Diagnostic> {
  const expression = part.expression === '*' ? 'all' : part.expression;
  const wild = isWild(expression);
  const matcher = wild ? matcherOf(expression) : ok((name: string) => name === expression);
  if (!matcher.ok) {
    const hint = 'after "~" comes a regular expression: check its brackets.';
    return err(problem('E_PATTERN', `"${part.text}" is not a valid pattern: ${matcher.error}`, {hint}));
  }
  const matching = (names: Iterable<string>) => [...names].filter(matcher.value);
  const groups = wild ? matching(scope.groups.keys()) : scope.groups.has(expression) ? [expression] : [];
  const found = new Set(groups.flatMap(name => scope.groups.get(name) ?? []));
  if (wild) for (const name of matching(scope.hosts)) found.add(name);
  else if (groups.length === 0 || expression.includes('.')) found.add(expression);
  return ok(
    subscripted(
      [...found].filter(name => scope.hosts.has(name)),
      part,
    ),
  );
}

/** Python's indexing: negative numbers count from the end; an index beyond the end is no host. */
function subscripted(hosts: readonly string[], {subscript}: PatternPart): readonly string[] {
  if (subscript === undefined) return hosts;
  const {first, last, isRange} = subscript;
  if (isRange) return hosts.slice(first, last === undefined ? undefined : last + 1);
  const host = hosts.at(first);
  return host === undefined ? [] : [host];
}

function noMatch(part: PatternPart, inventory: Inventory): Diagnostic {
  const size = inventory.groups.get(part.expression)?.hosts.length;
  if (part.subscript !== undefined && size !== undefined && size > 0) {
    const hint = `the group ${part.expression} has ${size} hosts: use [0] to [${size - 1}].`;
    return problem('E_LIMIT_NO_MATCH', `"${part.text}" matches no host`, {hint});
  }
  if (size === 0)
    return problem('E_LIMIT_NO_MATCH', `the group ${part.expression} has no hosts`, {
      hint: 'list hosts under it, or choose another group.',
    });
  const near = isWild(part.expression)
    ? undefined
    : nearestName(part.expression, candidates(part.expression, inventory));
  const hint = near === undefined ? 'name a host or group of the inventory.' : `did you mean ${near}?`;
  return problem('E_LIMIT_NO_MATCH', `"${part.text}" matches no host and no group of the inventory`, {hint});
}

/** Names that may be meant: for an address only addresses, which differ by more than a slip of one digit otherwise. */
function* candidates(name: string, {groups, hosts}: Inventory): Iterable<string> {
  yield* groups.keys();
  for (const host of hosts.keys()) if (Math.abs(host.length - name.length) <= 2) yield host;
}
