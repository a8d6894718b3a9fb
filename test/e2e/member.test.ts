/** Members come and go: joined, taken out, repaired, moved; under a writer that must not notice. */

import type {ChildProcess} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {setTimeout as sleep} from 'node:timers/promises';
import {beforeAll, describe, expect, it} from 'vitest';
import type {Finished} from '../../src/lab/command.ts';
import {startLedger} from '../rig/ledger.ts';
import {SMALL_SNAPSHOTS} from '../rig/operations.ts';
import {figures} from '../rig/verdict.ts';
import {etcdctl, expectCode, expectHealthy, expectNoChange} from './helpers/cluster.ts';
import {withLab} from './helpers/lab.ts';
import {withWorkspace} from './helpers/play.ts';

const LOAD = {writers: 4, readers: 1, paceMs: 25};

describe('a cluster of one on five hosts', () => {
  const lab = withLab({hosts: 5});
  const work = withWorkspace();
  const at = (host: string) => lab().host(host).address;
  const sh = (host: string, script: string) => lab().execOk(host, ['sh', '-c', script]);
  /** The inventory holds the first hosts of the lab, or those named. */
  const inventory = (hosts: readonly string[], vars: Record<string, string> = {}) =>
    work.inventory(lab(), {
      hosts,
      vars: {etcd_pki_dir: `${work.dir}/inventory/pki/lab/etcd`, ...vars},
    });
  const run = (...args: string[]) => work.play(lab(), ['-i', 'inventory/lab.yml', ...args]);
  const converge = (...args: string[]) => run('etcd.yml', ...SMALL_SNAPSHOTS, ...args);
  /** `etcd-1 voter, etcd-2 learner, ? voter` */
  const shape = async (host = 'h1'): Promise<string> => {
    const {stdout} = await etcdctl(lab(), host, 'member list -w json', `https://${at(host)}:2379`);
    const {members} = JSON.parse(stdout) as {members: {name?: string; isLearner?: boolean}[]};
    return members
      .map(({name, isLearner}) => `${name || '?'} ${isLearner === true ? 'learner' : 'voter'}`)
      .sort()
      .join(', ');
  };
  const voters = (...numbers: number[]) => numbers.map(n => `etcd-${n} voter`).join(', ');

  beforeAll(async () => {
    await inventory(['h1']);
    expectCode(await converge(), 0);
  });

  it('one becomes three in one command, and a writer loses nothing', async () => {
    const ledger = await startLedger(lab(), work, {...LOAD, hosts: ['h1']});
    await inventory(['h1', 'h2', 'h3']);
    const grown = await converge();
    expectCode(grown, 0);
    await expectHealthy(lab(), 'h2', 3);
    const verdict = await ledger.verdict();
    process.stdout.write(`one to three: ${figures(verdict)}\n`);
    expect([verdict.lost, verdict.problems]).toEqual([[], []]);
    expectNoChange(await converge());
  });

  /** As a person would: etcd takes no change for five seconds after a member has started. */
  async function addByHand(name: string, peerUrl: string): Promise<void> {
    const add = () => etcdctl(lab(), 'h1', `member add ${name} --learner --peer-urls=${peerUrl}`);
    let added = await add();
    for (let tries = 1; tries < 15 && added.stderr.includes('unhealthy cluster'); tries++) {
      await sleep(1000);
      added = await add();
    }
    expectCode(added, 0);
  }

  it('a member that a person has added is taken on: etcdctl member add, then the run', async () => {
    await addByHand('etcd-4', `https://${at('h4')}:2380`);
    await inventory(['h1', 'h2', 'h3', 'h4']);
    expectCode(await converge('-l', at('h4'), '-e', 'etcd_init=existing'), 0);
    expect(await shape()).toBe(voters(1, 2, 3, 4));
    expect(await sh('h4', 'grep initial-cluster-state /etc/etcd/etcd.conf')).toContain('new');
    expectNoChange(await converge('-l', at('h4'), '-e', 'etcd_init=existing'));
  });

  it.each([
    ['added', 'is added as learner'],
    ['started', 'has caught up'],
  ])('killed when the new member is %s, the next run goes on', async (_, moment) => {
    await inventory(['h1', 'h2', 'h3', 'h4', 'h5']);
    const killed = await killedAt(moment);
    expect(killed.signal).toBe('SIGKILL');
    expect((await shape()).split(', ').length).toBeLessThanOrEqual(5);
    expectCode(await converge(), 0);
    expect(await shape()).toBe(voters(1, 2, 3, 4, 5));
    expectNoChange(await converge());
    expectCode(await run('etcd-rm.yml', '-l', at('h5')), 0);
  });

  /** Kills a run as soon as it says something. */
  async function killedAt(words: string): Promise<Finished> {
    let child: ChildProcess | undefined;
    const args = ['-i', 'inventory/lab.yml', 'etcd.yml', ...SMALL_SNAPSHOTS, '--output', 'json'];
    return work.play(lab(), args, {
      onSpawn: started => {
        child = started;
      },
      onOutput: text => {
        if (text.includes(words)) child?.kill('SIGKILL');
      },
    });
  }

  it('a join that cannot succeed is refused before it begins; one that fails is taken back: list, service and data', async () => {
    const before = await shape();
    await sh('h5', ['h1', 'h2', 'h3', 'h4'].map(host => `ip route add blackhole ${at(host)}`).join('; '));
    try {
      const barred = await converge();
      expectCode(barred, 3);
      expect(barred.stdout).toContain(`${at('h5')} -> ${at('h1')}:2380: no route`);
      const failed = await converge('-e', 'etcd_health_timeout=6', '-e', 'etcd_preflight=never');
      expectCode(failed, 2);
      expect(failed.stdout).toContain('E_ETCD_JOIN_TIMEOUT');
      expect(failed.stdout).toContain('what the task had begun was taken back');
      expect(await shape()).toBe(before);
      expect(
        await sh('h5', 'systemctl is-active etcd; systemctl is-enabled etcd; ls -A /data/etcd 2>/dev/null; true'),
      ).toBe('inactive\ndisabled\n');
    } finally {
      await sh('h5', ['h1', 'h2', 'h3', 'h4'].map(host => `ip route del blackhole ${at(host)}`).join('; '));
    }
    expectCode(await converge(), 0);
    expect(await shape()).toBe(voters(1, 2, 3, 4, 5));
  });

  it('a stopped member and the leader leave under a writer, one in each run; the second run changes nothing', async () => {
    const ledger = await startLedger(lab(), work, LOAD);
    await sh('h5', 'systemctl stop etcd');
    expectCode(await run('etcd-rm.yml', '-l', at('h5')), 0);
    const leader = await leaderHost();
    const leave = ['etcd-rm.yml', '-l', at(leader)];
    expectCode(await run(...leave), 0);
    expectNoChange(await run(...leave));
    const verdict = await ledger.verdict();
    process.stdout.write(`a stopped one and the leader leave: ${figures(verdict)}\n`);
    expect(verdict.lost).toEqual([]);
    expect(await sh(leader, 'systemctl is-active etcd; systemctl is-enabled etcd; ls /etc/etcd 2>&1; true')).toMatch(
      /^inactive\ndisabled\n.*No such file/,
    );
    expectCode(await converge(), 0);
    expect(await shape()).toBe(voters(1, 2, 3, 4, 5));
  });

  async function leaderHost(): Promise<string> {
    const {stdout} = await etcdctl(lab(), 'h1', 'endpoint status --cluster');
    const line = stdout.split('\n').find(text => text.split(', ')[4] === 'true') ?? '';
    return lab().hosts.find(({address}) => line.includes(`//${address}:`))?.name ?? 'none';
  }

  it('a member whose host is gone is taken out all the same', async () => {
    await lab().kill('h5');
    const left = await run('etcd-rm.yml', '-l', at('h5'), '-T', '2');
    expectCode(left, 4);
    expect(await shape()).toBe(voters(1, 2, 3, 4));
    await inventory(['h1', 'h2', 'h3', 'h4']);
    expectNoChange(await run('etcd-rm.yml', '-e', 'etcd_rm_member=etcd-5'));
  });

  it('a member that the inventory does not know is shown, and removed on request only', async () => {
    expectCode(await run('etcd-rm.yml', '-l', at('h4')), 0);
    await inventory(['h1', 'h2', 'h3']);
    expectCode(await converge(), 0);
    await addByHand('ghost', 'https://10.9.9.9:2380');
    const shown = await converge();
    expectNoChange(shown);
    expect(shown.stdout).toContain('W_ETCD_UNKNOWN_MEMBER');
    expect(shown.stdout).toContain('etcd-rm.yml -e etcd_rm_member=');
    const check = await run('etcd-rm.yml', '-e', 'etcd_rm_member=https://10.9.9.9:2380', '--check');
    expectCode(check, 0);
    expect(await shape()).toBe(`? learner, ${voters(1, 2, 3)}`);
    expectCode(await run('etcd-rm.yml', '-e', 'etcd_rm_member=https://10.9.9.9:2380'), 0);
    expect(await shape()).toBe(voters(1, 2, 3));
  });

  it('a member that has lost its data is repaired on request, under a new id', async () => {
    await sh('h3', 'systemctl stop etcd; rm -rf /data/etcd/*');
    const refused = await converge();
    expectCode(refused, 3);
    expect(refused.stdout).toContain('E_ETCD_DATA_LOST');
    expect(refused.stdout).toContain('etcd_repair=true');
    const idOf = async () =>
      (await etcdctl(lab(), 'h1', 'member list')).stdout
        .split('\n')
        .find(line => line.includes('etcd-3'))
        ?.slice(0, 16);
    const before = await idOf();
    expectCode(await converge('-l', at('h3'), '-e', 'etcd_repair=true'), 0);
    await expectHealthy(lab(), 'h1', 3);
    expect(await idOf()).not.toBe(before);
    expectNoChange(await converge());
  });

  const moved = () => at('h3').replace(/\d+$/, '203');
  /** h3 with another address for its member. */
  async function movedInventory(): Promise<void> {
    const text = readFileSync(await inventory(['h1', 'h2', 'h3']), 'utf8');
    work.write('inventory/lab.yml', text.replace(`${at('h3')}: {`, `${at('h3')}: {etcd_address: ${moved()}, `));
  }

  it('a member moves to another address and keeps its id', async () => {
    const row = async () =>
      (await etcdctl(lab(), 'h1', 'member list')).stdout.split('\n').find(line => line.includes('etcd-3'));
    const before = await row();
    await sh('h3', `ip addr add ${moved()}/24 dev host0`);
    await movedInventory();
    expectCode(await converge(), 0);
    const after = await row();
    expect(after?.slice(0, 16)).toBe(before?.slice(0, 16));
    expect(after).toContain(`https://${moved()}:2380, https://${moved()}:2379`);
    await expectHealthy(lab(), 'h1', 3);
    expectNoChange(await converge());
  });

  it('a whole cluster and its last voter are not taken out', async () => {
    await inventory(['h1', 'h2', 'h3']);
    const all = await run('etcd-rm.yml');
    expectCode(all, 3);
    expect(all.stdout).toContain('E_ETCD_RM_ALL');
    // The inventory has its old address again: name and peer URL disagree.
    const doubtful = await run('etcd-rm.yml', '-l', at('h3'));
    expectCode(doubtful, 3);
    expect(doubtful.stdout).toContain('E_ETCD_MEMBER_AMBIGUOUS');
    await movedInventory();
    await sh('h3', 'systemctl stop etcd');
    const lost = await run('etcd-rm.yml', '-l', at('h2'));
    expectCode(lost, 3);
    expect(lost.stdout).toContain('E_ETCD_QUORUM');
    expectCode(await run('etcd-rm.yml', '-l', at('h3')), 0);
    expectCode(await run('etcd-rm.yml', '-l', at('h2')), 0);
    const last = await run('etcd-rm.yml', '-l', at('h1'));
    expectCode(last, 3);
    expect(last.stdout).toContain('E_ETCD_LAST_VOTER');
    expect(await shape()).toBe(voters(1));
  });
});
