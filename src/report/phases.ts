/** How far each phase of a run has come, by hosts: what the live view draws. */
import type {Event, TaskStatus} from '../base/event.ts';
import {phaseOf} from './phase.ts';

/** A phase that some hosts have entered and some have not left. */
export interface PhaseProgress {
  readonly name: string;
  /** Hosts that have gone on to a later phase. */
  readonly done: number;
  readonly hosts: number;
  /** Ends worth telling, by status. */
  readonly counts: readonly (readonly [TaskStatus, number])[];
}

interface Phase {
  readonly play: string;
  readonly name: string;
  /** Hosts that have started it. */
  readonly entered: Set<string>;
  readonly left: Set<string>;
  readonly counts: Map<TaskStatus, number>;
}

const TOLD: readonly TaskStatus[] = ['changed', 'failed', 'refused', 'blocked', 'undecided'];

/** Follows hosts from phase to phase. */
export class Phases {
  readonly #hosts = new Map<string, number>();
  readonly #phases = new Map<string, Phase>();
  /** The phase in which a host is now. */
  readonly #at = new Map<string, Phase>();
  #connecting = 0;
  #connected = 0;

  on(event: Event): void {
    if (event.type === 'play-start') this.#hosts.set(event.play, event.hosts.length);
    else if (event.type === 'host-connecting') this.#connecting++;
    else if (event.type === 'host-connected' || event.type === 'host-unreachable') this.#connected++;
    else if (event.type === 'task-start') this.#enter(event.task);
    else if (event.type === 'task-end') {
      const phase = this.#enter(event.task);
      phase.counts.set(event.status, (phase.counts.get(event.status) ?? 0) + 1);
    }
  }

  /** Phases under way, earliest first; connecting counts as one. */
  current(): PhaseProgress[] {
    const connect: PhaseProgress[] =
      this.#connected < this.#connecting
        ? [{name: 'connect', done: this.#connected, hosts: this.#connecting, counts: []}]
        : [];
    const open = [...this.#phases.values()].filter(phase => phase.left.size < phase.entered.size);
    return [
      ...connect,
      ...open.map(({play, name, entered, left, counts}) => ({
        name,
        done: left.size,
        hosts: Math.max(entered.size, this.#hosts.get(play) ?? 0),
        counts: TOLD.flatMap(status => (counts.has(status) ? [[status, counts.get(status) ?? 0] as const] : [])),
      })),
    ];
  }

  #enter(task: Parameters<typeof phaseOf>[0]): Phase {
    const name = phaseOf(task);
    const key = JSON.stringify([task.play, task.role, name]);
    let phase = this.#phases.get(key);
    if (phase === undefined) {
      phase = {play: task.play, name, entered: new Set(), left: new Set(), counts: new Map()};
      this.#phases.set(key, phase);
    }
    const before = this.#at.get(task.host);
    if (before !== phase) {
      before?.left.add(task.host);
      phase.entered.add(task.host);
      phase.left.delete(task.host);
      this.#at.set(task.host, phase);
    }
    return phase;
  }
}
