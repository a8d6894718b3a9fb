/** The hosts of a play: its pattern, within the limit. */
import {type Diagnostic, problem, warning} from '../base/diagnostic.ts';
import {ok, type Result} from '../base/result.ts';
import {selectHosts} from '../inventory/patterns.ts';
import type {CompileInput} from './input.ts';
import type {Play} from './node.ts';

/** Hosts that `-l` allows; undefined = all. */
export function limitOf({inventory, limit}: CompileInput): Result<ReadonlySet<string> | undefined> {
  if (limit === undefined || limit.trim() === '') return ok(undefined);
  // `localhost` needs no inventory.
  const parts = limit.split(',').map(part => part.trim());
  const isLocal = parts.includes('localhost') && !inventory.hosts.has('localhost');
  const others = isLocal ? parts.filter(part => part !== 'localhost').join(',') : limit;
  if (others === '') return ok(new Set(['localhost']));
  const selected = selectHosts(inventory, others, {listedOnly: true});
  return selected.ok ? ok(new Set([...selected.value, ...(isLocal ? ['localhost'] : [])])) : selected;
}

/** A play's hosts in inventory order, all and within the limit; `pattern` is rendered. A pattern that matches nothing gives a warning. */
export function playHosts(
  pattern: string,
  play: Play,
  input: CompileInput,
  limit: ReadonlySet<string> | undefined,
): Result<{readonly hosts: readonly string[]; readonly warnings: readonly Diagnostic[]}> {
  const {at} = play.hosts;
  const selected = isLocal(pattern, input)
    ? ok(['localhost'])
    : selectHosts(input.inventory, pattern, {at, missing: 'ignore'});
  if (!selected.ok) return selected;
  const hosts = selected.value.filter(name => limit === undefined || limit.has(name));
  // A play whose hosts are all outside the limit has nothing to do, and that is meant.
  if (selected.value.length > 0) return ok({hosts, warnings: []});
  const hint = 'compare the pattern with the groups of the inventory.';
  return ok({
    hosts,
    warnings: [
      warning('W_PLAY_NO_HOSTS', `the pattern "${pattern}" of the play "${play.name}" matches no host`, {at, hint}),
    ],
  });
}

function isLocal(pattern: string, {inventory}: CompileInput): boolean {
  return (pattern === 'localhost' || pattern === '127.0.0.1') && !inventory.hosts.has(pattern);
}

/** Nothing at all would run. */
export function nothingToDo(input: CompileInput): Diagnostic {
  const hint =
    input.limit === undefined
      ? 'compare "hosts:" of the plays with the inventory.'
      : `check the limit "${input.limit}" (-l).`;
  return problem('E_NO_HOSTS', 'no play has a host to run on', {hint});
}
