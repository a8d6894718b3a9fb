import {beforeAll, describe, expect, it} from 'vitest';
import {expectCode} from '../e2e/helpers/cluster.ts';
import {withLab} from '../e2e/helpers/lab.ts';
import {withWorkspace} from '../e2e/helpers/play.ts';
import {type KillMatrix, killMatrix} from '../rig/kill-matrix.ts';
import {pointText} from '../rig/kill-points.ts';
import {startLedger} from '../rig/ledger.ts';
import {operations} from '../rig/operations.ts';
import {figures} from '../rig/verdict.ts';
import {MINUTES, row} from './row.ts';

describe('a controller that is killed at every task, before, during and after', () => {
  const lab = withLab({hosts: 3});
  const work = withWorkspace();

  beforeAll(async () => {
    await work.inventory(lab());
  });

  async function kill(name: string, matrix: KillMatrix): Promise<void> {
    const started = performance.now();
    const report = await killMatrix({...matrix, minutes: MINUTES});
    for (const point of report.missed) process.stdout.write(`${name}: too late ${pointText(point)}\n`);
    row({
      'kill matrix': name,
      kills: report.rounds - report.missed.length,
      'too late': report.missed.length,
      'no time for': report.left,
      minutes: Math.round((performance.now() - started) / 60_000),
    });
    expect(report.missed.length).toBeLessThan(report.rounds / 3);
  }

  it('create', () => kill('create', operations(lab(), work).create));

  it('restart, under the ledger', async () => {
    const {restart} = operations(lab(), work);
    expectCode(await restart.play(['etcd.yml']), 0);
    const ledger = await startLedger(lab(), work, {writers: 2, readers: 1, paceMs: 50, maxSeconds: 3 * 3600});
    await kill('restart', restart);
    const verdict = await ledger.verdict();
    process.stdout.write(`restart: ${figures(verdict)}\n`);
    expect(verdict.problems).toEqual([]);
    expect(verdict.observed.maxDown).toBe(1);
  });

  it('clean', () => kill('clean', operations(lab(), work).clean));

  it('purge', () => kill('purge', operations(lab(), work).purge));
});
