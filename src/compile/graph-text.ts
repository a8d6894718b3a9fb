/** `--graph text`: the graph in words, hosts that do the same in one line. */

import {groupBy} from '../base/group-by.ts';
import {stepOf} from '../task/step-id.ts';
import type {Task} from '../task/task.ts';
import type {Compiled} from './input.ts';
import {groupTasks, groupTitle, namesInCommon, type TaskGroup} from './task-group.ts';

/** More hosts than this in one line are counted, not named. */
const MAX_NAMED = 8;

/** The graph as text, a line break at the end. */
export function graphText({graph, plays}: Pick<Compiled, 'graph' | 'plays'>): string {
  const index = indexOf(graph.nodes);
  const parts = plays.map(play => {
    const tasks = play.tasks.flatMap(id => index.tasks.get(id) ?? []);
    const title = `play ${play.name}: ${play.hosts.length === 0 ? 'no hosts' : named(play.hosts)}`;
    return [title, ...phases(groupTasks(tasks)).flatMap(phase => phaseLines(phase, play.hosts, index))].join('\n');
  });
  return `${parts.join('\n\n')}\n`;
}

/** Tasks by id, and titles by step. */
interface Index {
  readonly tasks: ReadonlyMap<string, Task>;
  readonly titles: ReadonlyMap<string, string>;
}

function indexOf(tasks: readonly Task[]): Index {
  const steps = groupBy(tasks, task => stepOf(task.id));
  return {
    tasks: new Map(tasks.map(task => [task.id, task])),
    titles: new Map([...steps].map(([step, alike]) => [step, namesInCommon(alike)])),
  };
}

interface Phase {
  readonly name: string;
  readonly groups: TaskGroup[];
}

/** Consecutive steps with the same tags are one phase. */
function phases(groups: readonly TaskGroup[]): readonly Phase[] {
  const found: Phase[] = [];
  for (const group of groups) {
    const name = group.tasks[0]?.tags.join(', ') ?? '';
    const last = found.at(-1);
    if (last?.name === name) last.groups.push(group);
    else found.push({name, groups: [group]});
  }
  return found;
}

function phaseLines({name, groups}: Phase, hosts: readonly string[], index: Index): string[] {
  return ['', `  [${name === '' ? 'untagged' : name}]`, ...groups.flatMap(group => groupLines(group, hosts, index))];
}

function groupLines(group: TaskGroup, hosts: readonly string[], index: Index): string[] {
  const [first] = group.tasks;
  if (first?.kind === 'barrier') return [`  ---- ${first.name} ----`];
  const byOwner = groupBy(group.tasks, task => task.id.slice(task.id.lastIndexOf('@') + 1));
  const bySaying = groupBy(byOwner.values(), tasks => JSON.stringify(sayings(tasks, index)));
  const lines = [...bySaying.values()].flatMap(owners => {
    const names = [...new Set(owners.flatMap(tasks => tasks.map(task => task.host)))];
    return sayings(owners[0] ?? [], index).map(saying => `      ${where(names, hosts)}${saying}`);
  });
  return [`  ${groupTitle(group)} (${first?.kind})`, ...lines];
}

/** What is to be said of one host's tasks of a step: one line for all items that are alike. */
function sayings(tasks: readonly Task[], index: Index): readonly string[] {
  const own = new Set(tasks.map(task => task.id));
  const after = waited(
    tasks.flatMap(task => task.needs).filter(id => !own.has(id)),
    tasks,
    index,
  );
  return [...groupBy(tasks, task => sentence(task, index))].map(([text, alike], place) => {
    const items = alike.length > 1 ? `, ${alike.length} items` : '';
    return `${items}${text}${place === 0 && after.length > 0 ? `, after ${named(after)}` : ''}`;
  });
}

/** Other hosts whose tasks have to end first. */
function waited(needs: readonly string[], tasks: readonly Task[], index: Index): readonly string[] {
  const found = needs.flatMap(id => index.tasks.get(id) ?? []).filter(need => need.kind !== 'barrier');
  return [...new Set(found.map(need => need.host))].filter(host => tasks.every(task => task.host !== host));
}

/** What is special about a task, in words. */
function sentence(task: Task, index: Index): string {
  const notifiers = [...new Set((task.onlyIfChanged ?? []).map(id => index.titles.get(stepOf(id)) ?? id))];
  return [
    pathOf(task),
    notifiers.length === 0 ? '' : `, if changed: ${notifiers.join(', ')}`,
    task.skip === undefined ? '' : `, skipped: ${task.skip}`,
    task.late === undefined ? '' : `, decided after ${waitsFor(task)}`,
  ].join('');
}

/** The path that a task is about, where it has one. */
function pathOf({args}: Task): string {
  const path = args.path ?? args.dest;
  return typeof path === 'string' ? `: ${path}` : '';
}

function waitsFor({late}: Task): string {
  const [condition] = late?.when ?? [];
  return condition === undefined ? 'earlier results' : `earlier results (when: ${condition})`;
}

function where(names: readonly string[], hosts: readonly string[]): string {
  const isAll = hosts.length > 1 && hosts.every(host => names.includes(host)) && names.length === hosts.length;
  return isAll ? 'on each host' : `on ${named(names)}`;
}

function named(names: readonly string[]): string {
  if (names.length <= MAX_NAMED) return names.join(', ');
  return `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}
