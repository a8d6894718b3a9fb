/** The gate's queue by itself: whatever the graph, everybody comes through, one at a time. */
import {describe, expect, it} from 'vitest';
import {GateQueue} from '../../src/execute/gate-queue.ts';
import type {Task} from '../../src/task/task.ts';
import {task} from '../helpers/fake-fleet.ts';

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** What became of a graph: how each task ended, who went through when, and at most how many of a cluster at once. */
interface Walked {
  readonly order: readonly string[];
  readonly most: number;
  readonly stuck: readonly string[];
}

/** Lanes without operations: `stops` tells which tasks take a member down, `pick` chooses among those at the gate. */
async function walk(
  tasks: readonly Task[],
  stops: (id: string) => boolean,
  rank: (host: string) => number,
): Promise<Walked> {
  const ended = new Set<string>();
  const waiting = new Map<string, (() => void)[]>();
  const endOf = (id: string) =>
    ended.has(id)
      ? Promise.resolve()
      : new Promise<void>(resolve => waiting.set(id, [...(waiting.get(id) ?? []), resolve]));
  const end = (id: string) => {
    ended.add(id);
    for (const wake of waiting.get(id) ?? []) wake();
  };
  const queue = new GateQueue({
    tasks,
    hosts: name => new Set(tasks.filter(one => one.cluster === name).map(({host}) => host)),
    hasEnded: id => ended.has(id),
    ended: endOf,
    signal: new AbortController().signal,
    pick: async entries => {
      const [first] = [...entries].sort((a, b) => rank(a.task.host) - rank(b.task.host));
      return {first: first === undefined ? [] : [first]};
    },
    progress: () => undefined,
  });
  const order: string[] = [];
  const inside = new Map<string, number>();
  let most = 0;
  const lane = async (own: readonly Task[]) => {
    for (const one of own) {
      await Promise.all(one.needs.map(endOf));
      if (stops(one.id)) {
        const cluster = one.cluster ?? '';
        const turn = await queue.enter({task: one, clusters: [cluster]});
        inside.set(cluster, (inside.get(cluster) ?? 0) + 1);
        most = Math.max(most, inside.get(cluster) ?? 0);
        order.push(one.id);
        await new Promise(resolve => setImmediate(resolve));
        inside.set(cluster, (inside.get(cluster) ?? 0) - 1);
        turn?.leave();
      }
      end(one.id);
    }
  };
  const lanes = [...new Set(tasks.map(one => (one.kind === 'barrier' ? one.id : one.host)))].map(name =>
    lane(tasks.filter(one => (one.kind === 'barrier' ? one.id : one.host) === name)),
  );
  const all = Promise.all(lanes).then(() => true);
  const late = new Promise<boolean>(resolve => setTimeout(() => resolve(false), 5000).unref());
  const isDone = await Promise.race([all, late]);
  return {order, most, stuck: isDone ? [] : tasks.filter(({id}) => !ended.has(id)).map(({id}) => id)};
}

/** Hosts of two clusters with steps in any order, needs in any direction that is no circle, some steps left out, some that stop nobody. */
function anyGraph(seed: number): {tasks: readonly Task[]; stops: ReadonlySet<string>} {
  const next = random(seed);
  const among = (count: number) => Math.floor(next() * count);
  const tasks: Task[] = [];
  const stops = new Set<string>();
  const hosts = Array.from({length: 2 + among(4)}, (_, index) => `h${index}`);
  const rounds = 2 + among(4);
  const seen = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    for (const host of [...hosts].sort(() => next() - 0.5)) {
      const step = `s${among(3)}`;
      const id = `${step}@${host}`;
      if (seen.has(id) || next() < 0.15) continue;
      seen.add(id);
      const before = tasks.filter(one => one.host === host).at(-1);
      const others = tasks.filter(() => next() < 0.08).map(one => one.id);
      const needs = [...new Set([...(before === undefined ? [] : [before.id]), ...others])];
      tasks.push(task(step, host, 'command', {}, {needs, cluster: `c${Number(host.slice(1)) % 2}`}));
      if (next() < 0.8) stops.add(id);
    }
    if (next() < 0.2 && tasks.length > 0) {
      const needs = tasks.filter(one => one.kind !== 'barrier').map(({id}) => id);
      tasks.push(task(`barrier-${round}`, 'localhost', 'barrier', {}, {needs}));
    }
  }
  return {tasks, stops};
}

describe('the queue', () => {
  it('lets everybody through in 400 graphs of all sorts, never two of a cluster at once', async () => {
    let gated = 0;
    for (let seed = 1; seed <= 400; seed++) {
      const {tasks, stops} = anyGraph(seed);
      const walked = await walk(
        tasks,
        id => stops.has(id),
        host => Number(host.slice(1)),
      );
      expect({seed, stuck: walked.stuck, tasks: walked.stuck.length === 0 ? [] : tasks}).toEqual({
        seed,
        stuck: [],
        tasks: [],
      });
      expect(walked.most, `seed ${seed}`).toBeLessThanOrEqual(1);
      gated += walked.order.length;
    }
    expect(gated).toBeGreaterThan(1000);
  }, 120_000);

  it('keeps the order where the hosts come in any order, with other tasks before and between two steps', async () => {
    const hosts = ['h0', 'h2', 'h4'];
    const tasks = hosts.flatMap(host => {
      const names = [
        ...Array.from({length: Number(host.slice(1))}, (_, index) => `before${index}`),
        'one',
        'between',
        'two',
      ];
      return names.map((name, index) =>
        task(name, host, 'command', {}, {cluster: 'c', needs: index === 0 ? [] : [`${names[index - 1]}@${host}`]}),
      );
    });
    // h0 comes first and is to go last.
    const {order} = await walk(
      tasks,
      id => /^(?:one|two)@/.test(id),
      host => (host === 'h0' ? 9 : Number(host.slice(1))),
    );
    expect(order).toEqual(['one@h2', 'one@h4', 'one@h0', 'two@h2', 'two@h4', 'two@h0']);
  });
});
