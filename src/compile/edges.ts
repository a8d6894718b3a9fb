/** Where edges are born: each host goes through its tasks in order, and hosts meet only where they must. */

/** The end of each host's row of tasks. */
export class Chains {
  readonly #last = new Map<string, readonly string[]>();
  #start: readonly string[] = [];

  /** What the next task of these hosts needs. */
  needs(hosts: Iterable<string>): readonly string[] {
    return [...new Set([...hosts].flatMap(host => this.#last.get(host) ?? this.#start))];
  }

  /** The next tasks of these hosts need this one. */
  advance(hosts: Iterable<string>, id: string): void {
    for (const host of hosts) this.#last.set(host, [id]);
  }

  /** The last task of every host. */
  ends(): readonly string[] {
    return [...new Set([...this.#last.values()].flat())];
  }

  /** From here on every host starts after this one. */
  restart(id: string): void {
    this.#last.clear();
    this.#start = [id];
  }
}
