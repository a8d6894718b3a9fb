/** When a controller can be killed: before, during and after every task that a run without disturbance has shown. Pure. */
import type {Event} from '../../src/base/event.ts';
import {shuffled} from './seed.ts';

/** `before`: as the task is announced; `during`: at its first sign of progress, or a part of its usual time later; `after`: at its end. */
export type Moment = 'before' | 'during' | 'after';

/** One place to kill at. */
export interface KillPoint {
  readonly moment: Moment;
  /** The task's id in the events, with its host. */
  readonly id: string;
  readonly name: string;
  /** `during`: how long after its start, in milliseconds. */
  readonly delayMs: number;
  /** The task changed something in the undisturbed run. */
  readonly changes: boolean;
}

/** Kinds that stop or start members: what happens on the second host is another story than on the first. */
const ON_EVERY_HOST = ['etcd_restart', 'etcd_stop', 'etcd_launch', 'etcd_quarantine'];

const MOMENTS: readonly Moment[] = ['before', 'during', 'after'];

/**
 * Every point of a run, in the order of its tasks: each step on one of its hosts (chosen by chance), those that stop or start
 * members on every host.
 */
export function killPoints(events: readonly Event[], random: () => number): readonly KillPoint[] {
  const started = new Set(events.flatMap(event => (event.type === 'task-start' ? [event.task.id] : [])));
  const ends = events.flatMap(event => (event.type === 'task-end' && started.has(event.task.id) ? [event] : []));
  const steps = new Map<string, (typeof ends)[number][]>();
  for (const end of ends) {
    const step = end.task.id.replace(/@[^@]*$/, '');
    steps.set(step, [...(steps.get(step) ?? []), end]);
  }
  return [...steps.values()].flatMap(ofStep => {
    const changes = ofStep.some(({status}) => status === 'changed');
    const isEvery = changes && ON_EVERY_HOST.includes(ofStep[0]?.task.kind ?? '');
    const hosts = isEvery ? ofStep : shuffled(ofStep, random).slice(0, 1);
    return hosts.flatMap(({task: {id, name}, durationMs}) =>
      MOMENTS.map(moment => ({
        moment,
        id,
        name,
        delayMs: moment === 'during' ? Math.round(random() * durationMs) : 0,
        changes,
      })),
    );
  });
}

/** So many of the points, by chance; those where something changes before all others. */
export function choose(points: readonly KillPoint[], count: number, random: () => number): readonly KillPoint[] {
  const mixed = shuffled(points, random);
  return [...mixed.filter(({changes}) => changes), ...mixed.filter(({changes}) => !changes)].slice(0, count);
}

/** "before "conf | /etc/etcd/etcd.conf" on 10.10.10.11". */
export function pointText({moment, id, name, delayMs}: KillPoint): string {
  const when = moment === 'during' ? `during (${delayMs} ms into)` : moment;
  return `${when} "${name}" on ${id.slice(id.lastIndexOf('@') + 1)}`;
}
