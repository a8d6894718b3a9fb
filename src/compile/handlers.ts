/** Handlers of a play: who notified which, and where. */
import {problem} from '../base/diagnostic.ts';
import {nearestName} from '../base/names.ts';
import type {Location} from '../base/source.ts';
import type {TaskNode} from './node.ts';
import type {Place} from './place.ts';
import type {Scope} from './scope.ts';

/** A handler as written. */
export interface Handler {
  readonly node: TaskNode;
  readonly place: Place;
  readonly number: number;
}

/** Tasks that may have notified a handler, by host. */
export type Notifiers = ReadonlyMap<string, readonly string[]>;

/** The handlers of a play and their notifications that wait for the next flush. */
export class Handlers {
  readonly #all: Handler[] = [];
  readonly #added = new Set<string>();
  readonly #waiting = new Map<Handler, Map<string, string[]>>();

  /** Adds handlers, those of one source once. */
  add(source: string, nodes: readonly TaskNode[], place: Place): void {
    if (this.#added.has(source)) return;
    this.#added.add(source);
    for (const node of nodes) this.#all.push({node, place: {...place, isHandler: true}, number: this.#all.length + 1});
  }

  /** Notes that a task, should it change something on a host, wants a handler there. */
  notify(name: string, hosts: readonly string[], task: string, scope: Scope, at: Location): void {
    const found = this.#find(name, scope);
    if (found.length === 0) {
      const names = this.#all.flatMap(handler => [nameOf(handler, scope), ...listens(handler)]);
      const near = nearestName(name, names);
      const hint =
        near === undefined
          ? 'add it under "handlers", or to handlers/main.yml of the role.'
          : `did you mean "${near}"?`;
      scope.problem(problem('E_HANDLER_UNKNOWN', `there is no handler "${name}"`, {at, hint}));
    }
    for (const handler of found) {
      const byHost = this.#waiting.get(handler) ?? new Map<string, string[]>();
      this.#waiting.set(handler, byHost);
      for (const host of hosts) byHost.set(host, [...(byHost.get(host) ?? []), task]);
    }
  }

  /** Each handler that some of the hosts were notified of, in the order written, with the tasks that did it by host. */
  *flush(hosts: readonly string[]): Generator<{readonly handler: Handler; readonly notifiers: Notifiers}> {
    for (const handler of this.#all) {
      const waiting = this.#waiting.get(handler);
      const notifiers = new Map([...(waiting ?? [])].filter(([host]) => hosts.includes(host)));
      if (notifiers.size === 0) continue;
      for (const host of notifiers.keys()) waiting?.delete(host);
      yield {handler, notifiers};
    }
  }

  /** The last one of that name, and all that listen. */
  #find(name: string, scope: Scope): readonly Handler[] {
    const named = this.#all.filter(handler => {
      const own = nameOf(handler, scope);
      return (
        own === name || (handler.place.sight.role !== undefined && `${handler.place.sight.role.name} : ${own}` === name)
      );
    });
    const listening = this.#all.filter(handler => listens(handler).includes(name));
    return [...new Set([...named.slice(-1), ...listening])];
  }
}

function nameOf({node}: Handler, scope: Scope): string {
  if (node.name === undefined) return '';
  const {value, at} = node.name;
  if (typeof value !== 'string' || !value.includes('{')) return String(value);
  const rendered = scope.templar.render(value, at);
  return String(rendered.ok ? rendered.value : value);
}

function listens({node}: Handler): readonly string[] {
  return node.type === 'step' || node.type === 'include' ? node.listen : [];
}
