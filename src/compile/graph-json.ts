/** `--graph json`: the graph as it is. */
import type {Compiled} from './input.ts';

/** The graph as JSON, one task per line; tasks under `no_log` without their arguments. */
export function graphJson({graph, plays}: Pick<Compiled, 'graph' | 'plays'>): string {
  const tasks = graph.nodes.map(task => {
    const {late, args, ...rest} = task;
    const shown = task.noLog ? rest : {...rest, args, ...(late === undefined ? {} : {late})};
    return `    ${JSON.stringify(shown, bigIntText)}`;
  });
  const playList = plays.map(play => `    ${JSON.stringify(play)}`);
  return `{\n  "plays": [\n${playList.join(',\n')}\n  ],\n  "tasks": [\n${tasks.join(',\n')}\n  ]\n}\n`;
}

function bigIntText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
