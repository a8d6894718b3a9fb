import {beforeAll, describe, expect, it} from 'vitest';
import {startLedger} from '../rig/ledger.ts';
import {SMALL_SNAPSHOTS} from '../rig/operations.ts';
import {figures} from '../rig/verdict.ts';
import {etcdctl, expectCode} from './helpers/cluster.ts';
import {withLab} from './helpers/lab.ts';
import {withWorkspace} from './helpers/play.ts';

/** The short form of what `npm run soak` does many times: fewer clients, one rolling restart. */
describe('three members under the ledger', () => {
  const lab = withLab({hosts: 3});
  const work = withWorkspace();
  const run = (...args: string[]) => work.play(lab(), ['-i', 'inventory/lab.yml', 'etcd.yml', ...args]);
  /** Light, for two cores that also carry the hosts. */
  const load = {writers: 4, readers: 1, paceMs: 25};

  beforeAll(async () => {
    // snapshots of the log often, so that a member that was away is sent one
    await work.inventory(lab());
    expectCode(await run(...SMALL_SNAPSHOTS), 0);
  });

  it('a rolling restart loses nothing, and one member is down at a time', async () => {
    const ledger = await startLedger(lab(), work, load);
    const options = [...SMALL_SNAPSHOTS, '-e', 'etcd_election_timeout=1200'];
    expectCode(await run(...options), 0);
    const verdict = await ledger.verdict();
    process.stdout.write(`rolling restart of three: ${figures(verdict)}\n`);
    expect(verdict.lost).toEqual([]);
    expect(verdict.problems).toEqual([]);
    expect(Object.keys(verdict.observed.downMs).sort()).toEqual(['etcd-1', 'etcd-2', 'etcd-3']);
    expect(verdict.observed.maxDown).toBe(1);
    expect(verdict.leaderChanges).toBeLessThanOrEqual(4);
    // generous: the machine may be busy; the soak measures, this only notices an outage
    expect(verdict.gapMs).toBeLessThan(3000);
  });

  it('the ledger itself is told on by a single key that is gone', async () => {
    const ledger = await startLedger(lab(), work, load);
    const first = `get --prefix --keys-only --limit 1 ${ledger.prefix}w/0/`;
    let key = '';
    while (key === '') key = (await etcdctl(lab(), 'h1', first)).stdout.trim();
    await etcdctl(lab(), 'h1', `del ${key}`);
    const {problems, lost} = await ledger.verdict();
    expect(lost.length).toBe(3);
    expect(problems).toContain(lost[0]);
    expect(problems.some(problem => problem.includes(`the watcher saw ${key} being deleted`))).toBe(true);
  });
});
