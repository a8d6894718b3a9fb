/** Hosts on which something is done only if another task of the run changes something: until then nobody speaks to them or of them. */
import type {Task} from '../task/task.ts';

/** Hosts all of whose tasks depend on a change. */
export function quietHosts(tasks: readonly Task[]): ReadonlySet<string> {
  const own = tasks.filter(({kind}) => kind !== 'barrier');
  const busy = new Set(own.filter(({onlyIfChanged}) => onlyIfChanged === undefined).map(({host}) => host));
  return new Set(own.map(({host}) => host).filter(host => !busy.has(host)));
}
