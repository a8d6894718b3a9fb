import {describe, expect, it} from 'vitest';
import {expectCode} from '../e2e/helpers/cluster.ts';
import {archivePath, withLab} from '../e2e/helpers/lab.ts';
import {withWorkspace} from '../e2e/helpers/play.ts';
import {putAway} from '../rig/distance.ts';
import {startLedger} from '../rig/ledger.ts';
import {operations} from '../rig/operations.ts';
import {percentile} from '../rig/spread.ts';
import {figures, type Verdict} from '../rig/verdict.ts';
import {MINUTES, row} from './row.ts';

const RUNS = Number(process.env['SOAK_RUNS'] ?? 20);
/** What a restart may cost (docs/testing.md): the longest gap at the 99th percentile, and elections. */
const AIM_MS = 500;

describe.each([
  {hosts: 3, rttMs: 0},
  {hosts: 3, rttMs: 100},
  {hosts: 5, rttMs: 0},
])('rolling restarts of $hosts members, the controller $rttMs ms away', ({hosts, rttMs}) => {
  const lab = withLab({hosts});
  const work = withWorkspace();

  it(`lose nothing, ${RUNS} times`, async () => {
    await work.inventory(lab());
    const {restart} = operations(lab(), work);
    expectCode(await restart.play(['etcd.yml']), 0);
    const vars = {etcd_archive: await archivePath()};
    const distance = rttMs === 0 ? undefined : await putAway(lab(), work.write, rttMs / 2, {vars});
    if (distance !== undefined) work.write('inventory/lab.yml', distance.inventory);
    const deadline = performance.now() + MINUTES * 60_000;
    const verdicts: Verdict[] = [];
    for (let round = 1; round <= RUNS && performance.now() < deadline; round++) {
      const ledger = await startLedger(lab(), work);
      const command = typeof restart.command === 'function' ? restart.command(round) : restart.command;
      const run = await restart.play(command);
      const verdict = await ledger.verdict();
      verdicts.push(verdict);
      process.stdout.write(`${hosts} members, ${rttMs} ms, run ${round}: ${figures(verdict)}\n`);
      expectCode(run, 0);
      expect(verdict.problems).toEqual([]);
      expect(Object.keys(verdict.observed.downMs).length, 'members restarted').toBe(hosts);
    }
    await distance?.close();
    const gaps = verdicts.map(({gapMs}) => gapMs);
    const changes = Math.max(...verdicts.map(({leaderChanges}) => leaderChanges));
    const sum = (of: (verdict: Verdict) => number) => verdicts.reduce((total, verdict) => total + of(verdict), 0);
    row({
      'rolling restart': `${hosts} members, ${rttMs} ms`,
      runs: verdicts.length,
      'gap p50 ms': percentile(gaps, 0.5),
      p99: percentile(gaps, 0.99),
      max: Math.max(...gaps),
      'stall max ms': Math.max(...verdicts.map(({stallMs}) => stallMs)),
      'leader changes max': changes,
      'down at once': Math.max(...verdicts.map(({observed}) => observed.maxDown)),
      acknowledged: sum(({acknowledgedWrites}) => acknowledgedWrites),
      lost: sum(({lost}) => lost.length),
      unknown: sum(({unknown}) => unknown),
    });
    expect(Math.max(...verdicts.map(({observed}) => observed.maxDown))).toBe(1);
    expect(changes).toBeLessThanOrEqual(hosts + 1);
    expect(percentile(gaps, 0.99)).toBeLessThanOrEqual(AIM_MS);
  });
});
