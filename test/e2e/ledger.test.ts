import {beforeAll, describe, expect, it} from 'vitest';
import {putAway} from '../rig/distance.ts';
import {startLedger} from '../rig/ledger.ts';
import {SMALL_SNAPSHOTS} from '../rig/operations.ts';
import {figures} from '../rig/verdict.ts';
import {etcdctl, expectCode, expectNoChange} from './helpers/cluster.ts';
import {archivePath, withLab} from './helpers/lab.ts';
import {withWorkspace} from './helpers/play.ts';

/** The short form of what `npm run soak` does many times: fewer clients, one rolling restart. */
describe('three members under the ledger', () => {
  const lab = withLab({hosts: 3});
  const work = withWorkspace();
  const run = (...args: string[]) => work.play(lab(), ['-i', 'inventory/lab.yml', 'etcd.yml', ...args]);
  /** Light, for two cores that also carry the hosts. */
  const load = {writers: 4, readers: 1, paceMs: 25};

  beforeAll(async () => {
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
    expect(await snapshotsSent()).toBeGreaterThan(0);
    expect(verdict.leaderChanges).toBeLessThanOrEqual(4);
    // generous: the machine may be busy; the soak measures, this only notices an outage
    expect(verdict.gapMs).toBeLessThan(3000);
  });

  /** How often a member took over a snapshot of the leader's, as its log tells. */
  async function snapshotsSent(): Promise<number> {
    const count = 'journalctl -u etcd --no-pager | grep -c "applied snapshot"; true';
    const counts = await Promise.all(lab().hosts.map(({name}) => lab().execOk(name, ['sh', '-c', count])));
    return counts.reduce((sum, text) => sum + Number(text), 0);
  }

  it('from far away, through relays, a run finds nothing to do', async () => {
    const vars = {etcd_archive: await archivePath()};
    const distance = await putAway(lab(), work.write, 20, {vars});
    work.write('inventory/lab.yml', distance.inventory);
    const again = [...SMALL_SNAPSHOTS, '-e', 'etcd_election_timeout=1200'];
    expectNoChange(await run(...again));
    await distance.close();
    await work.inventory(lab());
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
