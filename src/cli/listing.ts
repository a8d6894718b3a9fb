/** What is printed instead of running: lists, the graph, or that the input is in order. */
import {EXIT} from '../base/event.ts';
import {graphJson} from '../compile/graph-json.ts';
import {graphMermaid} from '../compile/graph-mermaid.ts';
import {graphText} from '../compile/graph-text.ts';
import {listText} from '../compile/list.ts';
import type {Options} from './options.ts';
import type {Project} from './project.ts';

/** Prints what was asked for and returns the exit code. */
export function printListing({compiled, playbooks}: Project, options: Options, write: (text: string) => void): number {
  const {list, graph, syntaxCheck} = options;
  if (list.size > 0)
    write(listText(compiled, {hosts: list.has('hosts'), tasks: list.has('tasks'), tags: list.has('tags')}));
  if (graph !== undefined) write(endLine(GRAPHS[graph](compiled)));
  else if (syntaxCheck && list.size === 0 && options.output !== 'json') {
    write(`${playbooks.map(({path}) => `playbook: ${path}`).join('\n')}\nno mistakes found\n`);
  }
  return EXIT.done;
}

const GRAPHS = {text: graphText, json: graphJson, mermaid: graphMermaid} as const;

function endLine(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
