/** `--graph mermaid`: a flowchart, one column per host. */

import {groupBy} from '../base/group-by.ts';
import type {Task} from '../task/task.ts';
import type {Compiled} from './input.ts';

/** The graph as a Mermaid flowchart, a line break at the end. */
export function graphMermaid({graph}: Pick<Compiled, 'graph'>): string {
  const names = new Map(graph.nodes.map((task, index) => [task.id, `t${index}`]));
  const nameOf = (id: string) => names.get(id) ?? 'unknown';
  const columns = [...groupBy(graph.nodes, task => task.host)].flatMap(([host, tasks], index) => [
    `  subgraph h${index}["${escaped(host)}"]`,
    ...tasks.map(task => `    ${nameOf(task.id)}${box(task)}`),
    '  end',
  ]);
  const edges = graph.nodes.flatMap(task => [
    ...task.needs.map(id => `  ${nameOf(id)} --> ${nameOf(task.id)}`),
    ...(task.onlyIfChanged ?? []).map(id => `  ${nameOf(id)} -. changed .-> ${nameOf(task.id)}`),
  ]);
  return `${['flowchart TD', ...columns, ...edges].join('\n')}\n`;
}

/** Barriers are diamonds, handlers round, skipped tasks slanted, all others boxes. */
function box(task: Task): string {
  const text = `"${escaped(`${task.role === undefined ? '' : `${task.role} : `}${task.name}`)}"`;
  if (task.kind === 'barrier') return `{${text}}`;
  if (task.onlyIfChanged !== undefined) return `([${text}])`;
  return task.skip === undefined ? `[${text}]` : `[/${text}/]`;
}

/** Mermaid's own way to write characters that mean something to it. */
function escaped(text: string): string {
  return text.replace(/[^\p{L}\p{N} .,:;_=/()+-]/gu, char => `#${char.codePointAt(0)};`);
}
