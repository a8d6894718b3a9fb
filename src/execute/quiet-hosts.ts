/** Hosts on which something is done only if another task of the run changes something: until then nobody speaks to them or of them. */
import type {Task} from '../task/task.ts';
import type {RunInput} from './run.ts';
import type {Peer} from './run-identity.ts';
import type {HostSession} from './session.ts';

/** Hosts all of whose tasks depend on a change. */
export function quietHosts(tasks: readonly Task[]): ReadonlySet<string> {
  const own = tasks.filter(({kind}) => kind !== 'barrier');
  const busy = new Set(own.filter(({onlyIfChanged}) => onlyIfChanged === undefined).map(({host}) => host));
  return new Set(own.map(({host}) => host).filter(host => !busy.has(host)));
}

/** Hosts of the run's clusters that are not in the run, or quiet in it. */
export function peersOf({peers, clusters, targets}: RunInput, quiet: ReadonlySet<string>): ReadonlyMap<string, Peer> {
  const members = [...clusters.values()].flatMap(({name, members: all}) =>
    all.flatMap(({host}): [string, Peer][] => {
      const target = targets.get(host);
      return quiet.has(host) && target !== undefined ? [[host, {cluster: name, target}]] : [];
    }),
  );
  return new Map([...(peers ?? []), ...members]);
}

/** Takes the sessions of quiet hosts out of `sessions`; the function that is given back puts one in again, when there is work for it. */
export function layToRest(sessions: Map<string, HostSession>, quiet: ReadonlySet<string>): (host: string) => void {
  const asleep = new Map([...sessions].filter(([name]) => quiet.has(name)));
  for (const name of asleep.keys()) sessions.delete(name);
  return host => {
    const session = asleep.get(host);
    if (session !== undefined) sessions.set(host, session);
    asleep.delete(host);
  };
}
