/** The graph as it grows: ids, edges, barriers. */
import {dataMap} from '../base/data.ts';
import {type Graph, sortGraph} from '../graph/graph.ts';
import type {Task} from '../task/task.ts';
import {Chains} from './edges.ts';

/** Why hosts wait for each other. */
export type BarrierReason = 'play' | 'serial' | 'any_errors_fatal';

/** Collects tasks in the order in which they are met, which is an order of the graph. */
export class GraphBuilder {
  readonly #tasks: Task[] = [];
  readonly #ids = new Set<string>();
  readonly #chains = new Chains();
  #barriers = 0;
  /** A barrier that is wanted before the next task, so that none stands at the end. */
  #wanted:
    | {readonly play: string; readonly id: string; readonly reason: BarrierReason; readonly maxFailPercentage?: number}
    | undefined;

  /** Adds a task after the earlier tasks of `waitsFor`; the later tasks of `holds` wait for it. Gives its id. */
  add(task: Omit<Task, 'needs'>, waitsFor: readonly string[], holds: readonly string[]): string {
    this.#placeBarrier();
    const id = this.#unique(task.id);
    this.#tasks.push({...task, id, needs: this.#chains.needs(waitsFor)});
    this.#chains.advance(holds, id);
    return id;
  }

  /** Every later task waits for every earlier one. */
  barrier(play: string, id: string, reason: BarrierReason, maxFailPercentage?: number): void {
    if (this.#chains.ends().length === 0) return;
    this.#wanted = {play, id, reason, ...(maxFailPercentage === undefined ? {} : {maxFailPercentage})};
  }

  /** Ids so far. */
  get size(): number {
    return this.#tasks.length;
  }

  /** The tasks so far, in the order in which they were met. */
  get tasks(): readonly Task[] {
    return this.#tasks;
  }

  /** Ids of the tasks from a number on. */
  idsFrom(start: number): readonly string[] {
    return this.#tasks.slice(start).map(task => task.id);
  }

  graph(): Graph<Task> {
    return sortGraph(this.#tasks);
  }

  #placeBarrier(): void {
    const wanted = this.#wanted;
    if (wanted === undefined) return;
    this.#wanted = undefined;
    const id = this.#unique(`${wanted.id}/-/barrier-${++this.#barriers}@localhost`);
    const {reason, maxFailPercentage} = wanted;
    this.#tasks.push({
      id,
      play: wanted.play,
      name: BARRIER_NAMES[reason],
      host: 'localhost',
      kind: 'barrier',
      args: dataMap([
        ['reason', reason],
        ...(maxFailPercentage === undefined ? [] : [['max_fail_percentage', maxFailPercentage] as const]),
      ]),
      tags: [],
      needs: this.#chains.ends(),
    });
    this.#chains.restart(id);
  }

  /** A handler that is flushed twice on a host, or a role used twice, gets another number. */
  #unique(id: string): string {
    let unique = id;
    for (let n = 2; this.#ids.has(unique); n++) unique = id.replace(/(\[\d+\])?@/, `.${n}$1@`);
    this.#ids.add(unique);
    return unique;
  }
}

const BARRIER_NAMES: Readonly<Record<BarrierReason, string>> = {
  play: 'all hosts have finished the play before',
  serial: 'all hosts of the batch before have finished',
  any_errors_fatal: 'all hosts have done the task before',
};
