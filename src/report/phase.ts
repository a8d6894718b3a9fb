/** How tasks are named on a screen: by phase of the work, role and name. */
import type {TaskRef} from '../base/event.ts';

/** Ansible's tags with a meaning of their own: no name of a phase. */
const SPECIAL = new Set(['always', 'never', 'tagged', 'untagged', 'all']);

/**
 * The phase of a task: the word before the bar in its name where that is a tag of its (`conf | …`), else the tag that its role writes in a short and a long form (`conf`, `etcd_conf`), else its first own tag,
 * else its role, else its name.
 */
export function phaseOf({role, name, tags}: TaskRef): string {
  const own = tags.filter(tag => !SPECIAL.has(tag) && tag !== role);
  const named = /^([\w-]+) \| /.exec(name)?.[1];
  if (named !== undefined && own.includes(named)) return named;
  const paired = own.find(tag => role !== undefined && own.includes(`${role}_${tag}`));
  const first = paired ?? own[0];
  if (first === undefined) return role ?? name;
  return role !== undefined && first.startsWith(`${role}_`) ? first.slice(role.length + 1) : first;
}

/** `etcd : conf | render etcd.conf`: role, phase, name; what says nothing new is left out. */
export function titleOf(task: TaskRef): string {
  const phase = phaseOf(task);
  const named =
    phase === task.role || task.name === phase || task.name.startsWith(`${phase} `)
      ? task.name
      : `${phase} | ${task.name}`;
  return task.role === undefined ? named : `${task.role} : ${named}`;
}
