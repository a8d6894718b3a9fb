/** How each host is reached: its `ansible_…` variables, rendered. */
import {problem} from '../base/diagnostic.ts';
import type {HostState} from './host-state.ts';
import type {CompiledHost} from './input.ts';
import {NOWHERE} from './place.ts';
import type {PlayScope} from './play-scope.ts';
import {Scope} from './scope.ts';

/** A host with its connection, seen from the first play that it is in (a play's variables may say how to connect). */
export function compiledHost(host: HostState, play: PlayScope, isLimited: boolean): CompiledHost {
  const scope = new Scope(host, play, NOWHERE);
  const names = new Set([...scope.names()].filter(name => name.startsWith('ansible_')));
  const connection: Record<string, CompiledHost['connection'][string]> = {};
  for (const name of names) {
    const found = scope.find(name);
    if (found === undefined) continue;
    const value = found.at === undefined ? found.value : scope.render({value: found.value, at: found.at});
    if (value !== undefined) connection[name] = {value, ...(found.at === undefined ? {} : {at: found.at})};
  }
  return {
    name: host.name,
    ...(host.member === undefined ? {} : {cluster: host.member.cluster}),
    connection,
    ...(isLimited ? {limited: true as const} : {}),
  };
}

/** The problem of a task delegated to a machine that the inventory does not have. */
export function unknownDelegate(name: string) {
  return problem('E_DELEGATE_UNKNOWN', `a task is delegated to "${name}", which is not in the inventory`, {
    hint: 'add the host to the inventory, or delegate to localhost.',
  });
}
