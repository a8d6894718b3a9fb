import {beforeAll, describe, expect, it} from 'vitest';
import {type KillMatrix, killMatrix} from '../rig/kill-matrix.ts';
import {pointText} from '../rig/kill-points.ts';
import {startLedger} from '../rig/ledger.ts';
import {operations} from '../rig/operations.ts';
import {figures} from '../rig/verdict.ts';
import {expectCode} from './helpers/cluster.ts';
import {withLab} from './helpers/lab.ts';
import {withWorkspace} from './helpers/play.ts';

/** A few points of each operation, another few each time; `npm run soak` meets every one. */
describe('a controller that is killed', () => {
  const lab = withLab({hosts: 3});
  const work = withWorkspace();

  beforeAll(async () => {
    await work.inventory(lab());
  });

  async function kill(name: string, matrix: KillMatrix): Promise<void> {
    const report = await killMatrix(matrix);
    const missed = report.missed.map(pointText).join(', ');
    process.stdout.write(
      `${name}: ${report.rounds} kills, RIG_SEED=${report.seed}${missed === '' ? '' : `, too late: ${missed}`}\n`,
    );
    // the end of a last task may come together with the program's own
    expect(report.missed.length).toBeLessThanOrEqual(1);
  }

  it(
    'leaves hosts on which a rerun makes the same healthy cluster',
    () => kill('create', {...operations(lab(), work).create, points: 3}),
    600_000,
  );

  it('in a rolling restart leaves a cluster that has lost nothing, and a rerun ends the restart', async () => {
    const {restart} = operations(lab(), work);
    expectCode(await restart.play(['etcd.yml']), 0);
    const ledger = await startLedger(lab(), work, {writers: 4, readers: 1, paceMs: 25});
    await kill('restart', {...restart, points: 1});
    const verdict = await ledger.verdict();
    process.stdout.write(`restart: ${figures(verdict)}\n`);
    expect(verdict.problems).toEqual([]);
    expect(verdict.observed.maxDown).toBe(1);
  }, 600_000);

  it(
    'in a clean leaves hosts on which a rerun ends it, and the cluster is made anew',
    () => kill('clean', {...operations(lab(), work).clean, points: 2}),
    600_000,
  );

  it(
    'in a purge leaves hosts on which a rerun ends it, and has saved a snapshot',
    () => kill('purge', {...operations(lab(), work).purge, points: 1}),
    600_000,
  );
});
