/** Tasks that would now do something else than the plan says, and input that has changed. */
import {canonical} from './canonical.ts';
import {changing} from './guard.ts';
import type {Moved} from './moved.ts';
import type {PlanBody, PlannedTask} from './saved-plan.ts';

/** Differences that are named one by one; of the rest only their number is told. */
const MAX_NAMED = 12;
/** Operations of one task that are named. */
const MAX_OPS = 3;

/** Files, tasks and hosts that are not those of the plan; empty where the graph is the same. */
export function movedInput(
  before: Pick<PlanBody, 'graph' | 'files' | 'version' | 'tasks'>,
  now: Pick<PlanBody, 'graph' | 'files' | 'version'> & {readonly inputs: ReadonlyMap<string, string>},
): readonly Moved[] {
  const moved: Moved[] = [];
  if (before.version !== now.version)
    moved.push({what: 'the version of etcdctl-play', before: before.version, now: now.version});
  if (before.graph === now.graph) return moved;
  const files = [...new Set([...Object.keys(before.files), ...Object.keys(now.files)])].sort();
  for (const path of files) {
    const [was, is] = [before.files[path], now.files[path]];
    if (was !== is) moved.push({what: `the file ${path}`, before: sumText(was), now: sumText(is)});
  }
  moved.push(...movedTaskInputs(before.tasks, now.inputs));
  if (moved.length === 0)
    moved.push({what: 'the graph of tasks', before: sumText(before.graph), now: sumText(now.graph)});
  return capped(moved);
}

function sumText(sum: string | undefined): string {
  return sum === undefined ? 'absent' : `sha256 ${sum.slice(0, 12)}…`;
}

function movedTaskInputs(before: readonly PlannedTask[], now: ReadonlyMap<string, string>): Moved[] {
  const planned = new Set(before.map(({id}) => id));
  const fresh = [...now.keys()].filter(id => !planned.has(id));
  return [
    ...grouped(before, task => {
      const input = now.get(task.id);
      if (input === task.input) return undefined;
      return {before: 'planned', now: input === undefined ? 'gone' : 'another: its arguments have changed'};
    }),
    ...fresh.map(id => ({what: `the task ${id}`, before: 'not in the plan', now: 'part of the run'})),
  ];
}

/** Tasks that a check of this moment decides otherwise. What only follows from another failure is left out. */
export function movedTasks(before: readonly PlannedTask[], now: readonly PlannedTask[]): readonly Moved[] {
  const current = new Map(now.map(task => [task.id, task]));
  const moved = grouped(before, task => {
    const is = current.get(task.id);
    if (is === undefined || is.status === 'blocked' || decisionOf(task) === decisionOf(is)) return undefined;
    return difference(task, is);
  });
  return capped(moved);
}

/** What a decision is compared by: reasons may tell a process id or a time. */
function decisionOf({status, ops, diffs, causes}: PlannedTask): string {
  return canonical([status, changing(ops), diffs, causes]);
}

function difference(was: PlannedTask, is: PlannedTask): Pick<Moved, 'before' | 'now'> {
  const [before, now] = [decisionText(was), decisionText(is)];
  if (before !== now) return {before, now};
  const path = [...was.diffs, ...is.diffs][0]?.path;
  return path === undefined
    ? {before: `${before}, with other contents`, now}
    : {before: `${before}`, now: `${now}, but ${path} is not as it was`};
}

function decisionText({status, reason, ops}: PlannedTask): string {
  const rest = ops.length > MAX_OPS ? ` and ${ops.length - MAX_OPS} more` : '';
  const shown = ops.slice(0, MAX_OPS).map(({text}) => text);
  const what = ops.length === 0 ? '' : `, to ${shown.join('; ')}${rest}`;
  return `"${status}" (${reason}${what})`;
}

/** The same difference of one task on several hosts is told once. */
function grouped(
  tasks: readonly PlannedTask[],
  differs: (task: PlannedTask) => Pick<Moved, 'before' | 'now'> | undefined,
): Moved[] {
  const groups = new Map<string, {name: string; hosts: string[]; moved: Pick<Moved, 'before' | 'now'>}>();
  for (const task of tasks) {
    const moved = differs(task);
    if (moved === undefined) continue;
    const key = canonical([task.name, moved]);
    const group = groups.get(key) ?? {name: task.name, hosts: [], moved};
    group.hosts.push(task.host);
    groups.set(key, group);
  }
  return [...groups.values()].map(({name, hosts, moved}) => ({
    what: `the task "${name}" on ${hosts.join(', ')}`,
    ...moved,
  }));
}

function capped(moved: readonly Moved[]): readonly Moved[] {
  if (moved.length <= MAX_NAMED) return moved;
  const rest = moved.length - MAX_NAMED;
  return [
    ...moved.slice(0, MAX_NAMED),
    {what: `the rest (${rest} more differences)`, before: 'planned', now: 'not as planned'},
  ];
}
