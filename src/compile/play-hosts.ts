/** The hosts of a play: its pattern, within the limit. */
import {type Diagnostic, problem, warning} from '../base/diagnostic.ts';
import {err, ok, type Result} from '../base/result.ts';
import {selectHosts} from '../inventory/patterns.ts';
import type {CompileInput} from './input.ts';
import type {Play} from './node.ts';

/** Hosts that `-l` allows; undefined = all. */
export function limitOf({inventory, limit}: CompileInput): Result<ReadonlySet<string> | undefined> {
  if (limit === undefined || limit.trim() === '') return ok(undefined);
  const selected = selectHosts(inventory, limit, {listedOnly: true});
  if (selected.ok) return ok(new Set(selected.value));
  // `localhost` needs no inventory.
  return limit === 'localhost' ? ok(new Set(['localhost'])) : err(selected.error);
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
  if (hosts.length > 0) return ok({hosts, warnings: []});
  if (selected.value.length > 0) {
    const hint = 'its hosts are all outside the limit (-l).';
    return ok({
      hosts,
      warnings: [warning('W_PLAY_NO_HOSTS', `the play "${play.name}" has no host to run on`, {at, hint})],
    });
  }
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
