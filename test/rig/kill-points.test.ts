import {describe, expect, it} from 'vitest';
import type {Event, TaskStatus} from '../../src/base/event.ts';
import {choose, type KillPoint, killPoints, pointText} from './kill-points.ts';
import {chance} from './seed.ts';

function task(name: string, host: string, kind: string, status: TaskStatus): readonly Event[] {
  const ref = {id: `${name}@${host}`, play: 'p', name, kind, host, tags: []};
  const end = {
    type: 'task-end',
    task: ref,
    status,
    reason: '',
    ops: [],
    diffs: [],
    durationMs: 100,
    diagnostics: [],
  } as const;
  return status === 'skipped' ? [end] : [{type: 'task-start', task: ref}, end];
}

const HOSTS = ['h1', 'h2', 'h3'];
const onAll = (name: string, kind: string, status: TaskStatus) => HOSTS.flatMap(host => task(name, host, kind, status));
const RUN = [
  ...onAll('ask', 'assert', 'ok'),
  ...onAll('skip', 'file', 'skipped'),
  ...onAll('conf', 'template', 'changed'),
  ...onAll('restart', 'etcd_restart', 'changed'),
];

const summary = (points: readonly KillPoint[]) => points.map(({id, moment}) => `${moment} ${id.split('@')[0]}`);

describe('the points of a run', () => {
  it('are three a task on one of its hosts, every host where members stop, none where a task was skipped', () => {
    const points = killPoints(RUN, chance(1));
    expect(summary(points)).toEqual([
      ...['before ask', 'during ask', 'after ask'],
      ...['before conf', 'during conf', 'after conf'],
      ...HOSTS.flatMap(() => ['before restart', 'during restart', 'after restart']),
    ]);
    expect(new Set(points.filter(({name}) => name === 'restart').map(({id}) => id)).size).toBe(3);
  });

  it('lie within the usual time of the task, and follow from the seed', () => {
    const points = killPoints(RUN, chance(5));
    expect(points.every(({delayMs}) => delayMs >= 0 && delayMs <= 100)).toBe(true);
    expect(new Set(points.map(({delayMs}) => delayMs)).size).toBeGreaterThan(3);
    expect(killPoints(RUN, chance(5))).toEqual(points);
    expect(killPoints(RUN, chance(6))).not.toEqual(points);
  });

  it('of which some are chosen: where something changes first', () => {
    const points = killPoints(RUN, chance(1));
    const chosen = choose(points, 13, chance(1));
    expect(new Set(chosen).size).toBe(13);
    expect(chosen.map(({changes}) => changes)).toEqual([...Array(12).fill(true), false]);
  });

  it('have a name that a person can find again', () => {
    const point: KillPoint = {moment: 'during', id: 'a/b@10.0.0.1', name: 'conf', delayMs: 7, changes: true};
    expect(pointText(point)).toBe('during (7 ms into) "conf" on 10.0.0.1');
    expect(pointText({...point, moment: 'after'})).toBe('after "conf" on 10.0.0.1');
  });
});
