/**
 * The kill matrix: a run whose controller gets SIGKILL at one task, then the same command again without any clean-up by
 * hand, then once more, which must change nothing; for as many tasks and moments as there is time for.
 *
 *   await killMatrix({
 *     play: (args, options) => work.play(lab(), ['-i', 'inventory/lab.yml', ...args], options),
 *     command: ['etcd.yml'], prepare: wipe, assert: () => expectHealthy(lab(), 'h1', 3), points: 5,
 *   });
 */
import type {ChildProcess} from 'node:child_process';
import type {Event} from '../../src/base/event.ts';
import type {Finished, RunOptions} from '../../src/lab/command.ts';
import {eventsOf, expectCode, expectNoChange} from '../e2e/helpers/cluster.ts';
import {choose, type KillPoint, killPoints, pointText} from './kill-points.ts';
import {chance, seedOfRun} from './seed.ts';

/** What is run, killed, and held to what. */
export interface KillMatrix {
  /** Runs etcdctl-play. */
  readonly play: (args: readonly string[], options?: RunOptions) => Promise<Finished>;
  /** The command that is killed; with the number of the round where every round needs another one. */
  readonly command: readonly string[] | ((round: number) => readonly string[]);
  /** Brings the hosts to where the command starts, before every round and before the undisturbed run. */
  readonly prepare?: () => Promise<void>;
  /** The runs after the kill, which all have to succeed; by default the command again. */
  readonly reruns?: (command: readonly string[]) => readonly (readonly string[])[];
  /** What has to hold after them, beside that the last of them, run once more, changes nothing. */
  readonly assert?: (point: KillPoint) => Promise<void>;
  /** How many points; by default every one. */
  readonly points?: number;
  /** No round begins after this time. */
  readonly minutes?: number;
  readonly seed?: number;
}

/** What was done. */
export interface KillReport {
  readonly seed: number;
  readonly rounds: number;
  /** Rounds in which the run had ended before its controller could be killed. */
  readonly missed: readonly KillPoint[];
  /** Points for which there was no time. */
  readonly left: number;
}

/** Kills and reruns; rejects with the point, the seed and the output where anything is not as it has to be. */
export async function killMatrix(matrix: KillMatrix): Promise<KillReport> {
  const {command, prepare = async () => {}, reruns = again => [again], assert = async () => {}} = matrix;
  const {seed = seedOfRun(), points: count = Number.POSITIVE_INFINITY, minutes = 120} = matrix;
  const random = chance(seed);
  const commandOf = (round: number) => (typeof command === 'function' ? command(round) : command);
  const deadline = performance.now() + minutes * 60_000;
  await prepare();
  const undisturbed = await matrix.play([...commandOf(0), '--output', 'json']);
  expectCode(undisturbed, 0);
  const all = killPoints(eventsOf(undisturbed.stdout) as unknown as readonly Event[], random);
  const points = choose(all, count, random);
  const missed: KillPoint[] = [];
  let rounds = 0;
  for (const point of points) {
    if (performance.now() > deadline) break;
    rounds += 1;
    const args = commandOf(rounds);
    try {
      await prepare();
      if (!(await killAt(point, args, matrix.play))) missed.push(point);
      const runs = reruns(args);
      for (const rerun of runs) expectCode(await matrix.play(rerun), 0);
      await assert(point);
      expectNoChange(await matrix.play(runs.at(-1) ?? args));
    } catch (error) {
      const place = `round ${rounds} of ${points.length}, seed ${seed}: "${args.join(' ')}" killed ${pointText(point)}`;
      throw new Error(`${place}: ${error instanceof Error ? error.message : String(error)}`, {cause: error});
    }
  }
  return {seed, rounds, missed, left: points.length - rounds};
}

/** Whether the controller was still there to be killed. */
async function killAt(point: KillPoint, args: readonly string[], play: KillMatrix['play']): Promise<boolean> {
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let rest = '';
  const kill = () => void child?.kill('SIGKILL');
  const see = (event: Event) => {
    if (!('task' in event) || event.task.id !== point.id) return;
    if (point.moment === 'before' || event.type === 'task-end') kill();
    else if (point.moment === 'during' && event.type === 'task-start') timer = setTimeout(kill, point.delayMs);
    else if (point.moment === 'during' && event.type === 'task-progress') kill();
  };
  const end = await play([...args, '--output', 'json'], {
    onSpawn: started => {
      child = started;
    },
    onOutput: text => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.startsWith('{')) see(JSON.parse(line) as Event);
    },
  });
  clearTimeout(timer);
  return end.signal === 'SIGKILL';
}
