import {beforeAll, describe, expect, it} from 'vitest';
import {etcdctl, expectCode, expectHealthy, fingerprint} from './helpers/cluster.ts';
import {withLab} from './helpers/lab.ts';
import {withWorkspace} from './helpers/play.ts';

/** Plays of a user who knows nothing of the gate. */
const USER = `
- hosts: etcd
  gather_facts: false
  tasks:
    - name: by systemd
      systemd_service: {name: etcd, state: restarted}
      when: inventory_hostname is match('.*[.]10$')
    - name: by command
      command: systemctl restart etcd
      when: inventory_hostname is match('.*[.]11$')
`;
const COMMAND = `
- hosts: etcd
  gather_facts: false
  tasks:
    - name: by shell
      shell: sync && systemctl restart etcd
`;
const HANDLER = `
- hosts: etcd
  gather_facts: false
  tasks:
    - import_role: {name: etcd, tasks_from: handlers}
    - name: a file of the user's
      copy: {content: one, dest: /etc/motd}
      notify: restart etcd
`;

describe('three hosts', () => {
  const lab = withLab({hosts: 3});
  const work = withWorkspace();
  const run = (...args: string[]) => work.play(lab(), ['-i', 'inventory/lab.yml', ...args]);
  const sh = (host: string, script: string) => lab().execOk(host, ['sh', '-c', script]);
  const address = (host: string) => lab().host(host).address;
  const pids = () => Promise.all(lab().hosts.map(({name}) => sh(name, 'systemctl show -p MainPID --value etcd')));

  beforeAll(async () => {
    await work.inventory(lab());
    for (const [name, text] of Object.entries({user: USER, command: COMMAND, handler: HANDLER}))
      work.write(`${name}.yml`, text);
    expectCode(await run('etcd.yml'), 0);
  });

  /** Term, and the host that leads, as the members say. */
  async function leadership(): Promise<{term: number; leader: string}> {
    const status = JSON.parse((await etcdctl(lab(), 'h1', 'endpoint status -w json')).stdout) as readonly {
      readonly Endpoint: string;
      readonly Status: {
        readonly leader: number;
        readonly raftTerm: number;
        readonly header: {readonly member_id: number};
      };
    }[];
    const leading = status.find(({Status}) => Status.leader === Status.header.member_id);
    const host = lab().hosts.find(one => leading?.Endpoint.includes(`${one.address}:`));
    return {term: leading?.Status.raftTerm ?? 0, leader: host?.name ?? ''};
  }

  /** When each member was last down, first to last: all hosts have the clock of this machine's kernel. */
  async function absences(): Promise<readonly {host: string; from: number; to: number}[]> {
    const times = lab().hosts.map(async ({name}) => {
      const text = await sh(
        name,
        'systemctl show -p ActiveExitTimestampMonotonic -p ActiveEnterTimestampMonotonic etcd',
      );
      const value = (key: string) => Number(new RegExp(`${key}=(\\d+)`).exec(text)?.[1]);
      return {host: name, from: value('ActiveExitTimestampMonotonic'), to: value('ActiveEnterTimestampMonotonic')};
    });
    return (await Promise.all(times)).sort((a, b) => a.from - b.from);
  }

  function expectOneAtATime(found: Awaited<ReturnType<typeof absences>>): void {
    for (const [index, one] of found.entries()) {
      expect(one.to, JSON.stringify(found)).toBeGreaterThan(one.from);
      const next = found[index + 1];
      if (next !== undefined) expect(next.from, JSON.stringify(found)).toBeGreaterThan(one.to);
    }
  }

  it('a check of the rolling restart tells the order, the arithmetic and who takes over, and touches nothing', async () => {
    const before = await fingerprint(lab());
    const {leader} = await leadership();
    const check = await run('etcd-restart.yml', '--check');
    expectCode(check, 0);
    const order = check.stdout.split('\n').filter(line => / of 3: /.test(line));
    expect(order.map(line => line.trim()).sort()).toEqual([
      expect.stringMatching(/^1st of 3: etcd-\d, a follower: 3\/3 -> 2\/3 healthy voters, 2 must stay$/),
      expect.stringMatching(/^2nd of 3: etcd-\d, a follower: 3\/3 -> 2\/3 healthy voters, 2 must stay$/),
      expect.stringMatching(
        new RegExp(`^3rd of 3: etcd-${leader.slice(1)}, the leader: etcd-\\d takes over first, then 3/3 -> 2/3`),
      ),
    ]);
    expect(await fingerprint(lab())).toEqual(before);
  });

  it('a rolling restart restarts each member once, one at a time, the leader last, with one change of leader', async () => {
    const before = {pids: await pids(), ...(await leadership())};
    expectCode(await run('etcd-restart.yml'), 0);
    const after = {pids: await pids(), ...(await leadership())};
    expect(after.pids.map((pid, index) => pid === before.pids[index])).toEqual([false, false, false]);
    const found = await absences();
    expectOneAtATime(found);
    expect(found.at(-1)?.host).toBe(before.leader);
    expect(after.term - before.term).toBe(1);
    for (const {name} of lab().hosts) expect(await sh(name, 'systemctl show -p NRestarts --value etcd')).toBe('0\n');
    await expectHealthy(lab(), 'h1', 3);
  });

  describe('while a member hangs', () => {
    let before: readonly string[] = [];
    beforeAll(async () => {
      before = await pids();
      await sh('h3', 'systemctl kill -s STOP etcd');
    });

    it.each([
      ['with -l', ['etcd-restart.yml', '-l', 'HOST'], 1],
      ['with -t', ['etcd.yml', '-t', 'etcd_conf', '-e', 'etcd_election_timeout=1500', '-l', 'HOST'], 1],
      ["by systemd_service and by command in a user's play", ['user.yml', '-b'], 2],
      ['by a handler that a user notifies', ['handler.yml', '-b', '-l', 'HOST'], 1],
    ])('no other one is stopped %s', async (_, args, refusals) => {
      const refused = await run(...args.map(arg => (arg === 'HOST' ? address('h1') : arg)));
      expectCode(refused, 3);
      expect(
        refused.stdout.match(/E_ETCD_QUORUM .*2\/3 -> 1\/3\. Missing: etcd-3/g) ?? [],
        refused.stdout,
      ).toHaveLength(refusals);
      expect(await pids()).toEqual(before);
    });

    it('the same play that comes to all of them restarts the hanging one first', async () => {
      expectCode(await run('command.yml', '-b'), 0);
      const after = await pids();
      expect(after.map((pid, index) => pid === before[index])).toEqual([false, false, false]);
      const found = await absences();
      expectOneAtATime(found);
      expect(found[0]?.host).toBe('h3');
      await expectHealthy(lab(), 'h1', 3);
    });
  });

  it('a cluster of two is interrupted only with the leave', async () => {
    const vars = {
      etcd_port: 12379,
      etcd_peer_port: 12380,
      etcd_unit: 'etcd-two',
      etcd_data: '/data/two',
      etcd_config_dir: '/etc/etcd-two',
      etcd_env_file: '/etc/profile.d/etcd-two.sh',
    };
    await work.inventory(lab(), {name: 'two', cluster: 'two', hosts: ['h1', 'h2'], vars});
    const two = (...args: string[]) => work.play(lab(), ['-i', 'inventory/two.yml', ...args]);
    expectCode(await two('etcd.yml'), 0);
    const own = () => Promise.all(['h1', 'h2'].map(host => sh(host, 'systemctl show -p MainPID --value etcd-two')));
    const before = await own();
    const refused = await two('etcd-restart.yml');
    expectCode(refused, 3);
    expect(refused.stdout).toMatch(/2\/2 -> 1\/2[\s\S]*--allow-downtime/);
    expect(await own()).toEqual(before);
    expectCode(await two('etcd-restart.yml', '--allow-downtime'), 0);
    expect((await own()).map((pid, index) => pid === before[index])).toEqual([false, false]);
  });

  it('while one answers that is in another cluster, nobody is stopped', async () => {
    const alone = `s|^initial-cluster: .*|initial-cluster: etcd-3=https://${address('h3')}:2380|; s/^initial-cluster-state: .*/initial-cluster-state: new/`;
    await sh(
      'h3',
      `systemctl stop etcd; mv /data/etcd/member /data/kept; sed -i '${alone}' /etc/etcd/etcd.conf; systemctl start etcd`,
    );
    const before = await pids();
    const refused = await run('etcd-restart.yml');
    expectCode(refused, 3);
    expect(refused.stdout).toContain('E_ETCD_CLUSTER_ID_MISMATCH');
    expect(await pids()).toEqual(before);
  });
});
