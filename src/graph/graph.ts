/** A directed acyclic graph that has never heard of tasks: nodes with an id, and what each one needs before it. */

export interface GraphNode {
  readonly id: string;
  /** Ids of the nodes that must have ended well before this one starts. */
  readonly needs: readonly string[];
}

/** Nodes in an order in which they could run one by one (every need comes before its dependant). */
export interface Graph<N extends GraphNode> {
  readonly nodes: readonly N[];
}

/** The nodes in dependency order, keeping the given order where the edges leave a choice. Throws on a cycle: a compiler bug. */
export function sortGraph<N extends GraphNode>(nodes: readonly N[]): Graph<N> {
  const byId = new Map(nodes.map(node => [node.id, node]));
  const state = new Map<string, 'open' | 'done'>();
  const sorted: N[] = [];
  const visit = (start: N): void => {
    const stack: {node: N; next: number}[] = [{node: start, next: 0}];
    state.set(start.id, 'open');
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const need = top.node.needs[top.next++];
      if (need === undefined) {
        state.set(top.node.id, 'done');
        sorted.push(top.node);
        stack.pop();
        continue;
      }
      const node = byId.get(need);
      if (node === undefined)
        throw new Error(`Internal error: ${top.node.id} needs ${need}, which is not in the graph`);
      if (state.get(need) === 'open')
        throw new Error(`Internal error: cycle at ${stack.map(s => s.node.id).join(' -> ')} -> ${need}`);
      if (state.get(need) === undefined) {
        state.set(need, 'open');
        stack.push({node, next: 0});
      }
    }
  };
  for (const node of nodes) if (state.get(node.id) === undefined) visit(node);
  return {nodes: sorted};
}
