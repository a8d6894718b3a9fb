/** How to reach the hosts of a run: their `ansible_…` variables and the command line, all mistakes at once. */
import {userInfo} from 'node:os';
import type {Diagnostic} from '../base/diagnostic.ts';
import {err, ok, type Result} from '../base/result.ts';
import type {CompiledHost} from '../compile/input.ts';
import type {Peer} from '../execute/run-identity.ts';
import type {HostTarget} from '../transport/connection.ts';
import {type Passwords, withConnectionDefaults} from './connection-defaults.ts';
import {expandHome} from './files.ts';
import type {Options} from './options.ts';
import type {World} from './world.ts';

/** A target for each host that the run may touch, by name. Opens nothing. */
export async function targetsOf(
  hosts: readonly CompiledHost[],
  passwords: Passwords,
  options: Options,
  {home}: World,
): Promise<Result<ReadonlyMap<string, HostTarget>>> {
  const {parseTarget} = await import('../transport/target.ts');
  const settings = withHome(options, home);
  const targets = new Map<string, HostTarget>();
  const problems: Diagnostic[] = [];
  for (const host of hosts) {
    if (host.limited) continue;
    const variables = withConnectionDefaults(host.connection, settings, passwords);
    const target = parseTarget(host.name, variables, {home, user: userInfo().username});
    if (target.ok) targets.set(host.name, target.value);
    else problems.push(...target.error);
  }
  return problems.length > 0 ? err(oncePerPlace(problems)) : ok(targets);
}

/**
 * How to reach the hosts of the run's clusters that are not in the run: it may have to lock them. A mistake in their variables
 * stops nothing that does not need them.
 */
export async function peersOf(
  hosts: readonly CompiledHost[],
  passwords: Passwords,
  options: Options,
  {home}: World,
): Promise<ReadonlyMap<string, Peer>> {
  const {parseTarget} = await import('../transport/target.ts');
  const settings = withHome(options, home);
  const peers = new Map<string, Peer>();
  for (const {name, cluster, connection, limited} of hosts) {
    if (!limited || cluster === undefined) continue;
    const variables = withConnectionDefaults(connection, settings, passwords);
    const target = parseTarget(name, variables, {home, user: userInfo().username});
    const [problem] = target.ok ? [] : target.error;
    peers.set(name, {
      cluster,
      ...(target.ok ? {target: target.value} : {}),
      ...(problem === undefined ? {} : {problem}),
    });
  }
  return peers;
}

function withHome(options: Options, home: string): Options {
  const {privateKey} = options;
  return privateKey === undefined ? options : {...options, privateKey: expandHome(privateKey, home)};
}

/** A variable of a group is told once, not for each of its hosts. */
function oncePerPlace(problems: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  return problems.filter(({code, at}) => {
    const key = `${code} ${at?.file.path}:${at?.start}`;
    const isNew = at === undefined || !seen.has(key);
    seen.add(key);
    return isNew;
  });
}
