import {describe, expect, it} from 'vitest';
import {etcdctl, eventsOf, expectCode, fingerprint} from './helpers/cluster.ts';
import {withLab} from './helpers/lab.ts';
import {withWorkspace} from './helpers/play.ts';

interface Report {
  readonly agree: boolean;
  readonly clusterId: string;
  readonly leader: string;
  readonly members: readonly Record<string, unknown>[];
  readonly differences: readonly Record<string, unknown>[];
  readonly problems: readonly {readonly code: string; readonly message: string; readonly hint?: string}[];
}

describe('etcd-status.yml of three hosts', () => {
  const lab = withLab({hosts: 3});
  const work = withWorkspace();
  const run = (playbook: string, ...args: string[]) => work.play(lab(), ['-i', 'inventory/lab.yml', playbook, ...args]);
  const sh = (host: string, script: string) => lab().execOk(host, ['sh', '-c', script]);
  const address = (number: number) => lab().hosts[number - 1]?.address ?? '';

  /** Asks, sees that nothing was touched, and gives the report. */
  async function report(code: number, ...args: string[]): Promise<Report> {
    const before = await fingerprint(lab());
    const done = await run('etcd-status.yml', '--output', 'json', ...args);
    expectCode(done, code);
    expect(await fingerprint(lab())).toEqual(before);
    const [data] = eventsOf(done.stdout).flatMap(event =>
      event.type === 'task-end' && event.data !== undefined ? [event.data as Report] : [],
    );
    if (data === undefined) throw new Error(done.stdout);
    return data;
  }

  it('says of hosts without etcd that there is nothing, and of a fresh cluster that all agrees', async () => {
    await work.inventory(lab());
    const nothing = await report(2);
    expect(nothing.differences.map(({what, disk}) => [what, disk])).toEqual(Array(3).fill(['etcd', '(nothing)']));
    expectCode(await run('etcd.yml'), 0);
    const fresh = await report(0);
    expect(fresh).toMatchObject({schema: 1, agree: true, voters: 3, healthyVoters: 3, differences: [], problems: []});
    expect(fresh.members).toHaveLength(3);
    for (const member of fresh.members) {
      expect(member).toMatchObject({answers: true, version: '3.5.30', alarms: [], unit: {active: 'active'}});
      expect(member['certificates']).toHaveLength(4);
      expect(member['id']).toMatch(/^[0-9a-f]{16}$/);
    }
    expect(fresh.members.filter(({role}) => role === 'leader')).toHaveLength(1);
    expect(await report(0, '--check')).toMatchObject({agree: true});
    const text = await run('etcd-status.yml');
    expect(text.stdout).toContain('inventory, disk and process agree on 3 of 3 hosts');
  });

  it('an option edited on a host differs on disk, and the command that is named mends it', async () => {
    await sh('h2', "sed -i 's/^election-timeout: .*/election-timeout: 2000/' /etc/etcd/etcd.conf");
    const {differences, problems} = await report(2);
    const fix = `etcdctl-play etcd.yml -l ${address(2)} -t etcd_conf`;
    expect(differences).toEqual([
      {
        member: 'etcd-2',
        host: address(2),
        what: 'etcd.conf: election-timeout',
        inventory: '1000',
        disk: '2000',
        process: '1000',
        restart: false,
        fix,
      },
    ]);
    expect(problems.map(({code}) => code)).toEqual(['E_ETCD_DRIFT']);
    const [, playbook = '', ...args] = fix.split(' ');
    expectCode(await run(playbook, ...args), 0);
    expect(await report(0)).toMatchObject({agree: true});
  });

  it('a process that is older than a configuration which agrees with the inventory differs', async () => {
    await sh('h1', "sed -i 's/^election-timeout: .*/election-timeout: 1500/' /etc/etcd/etcd.conf");
    const {differences} = await report(2, '-l', address(1), '-e', 'etcd_election_timeout=1500');
    expect(differences).toMatchObject([
      {what: 'etcd.conf: election-timeout', inventory: '1500', disk: '1500', process: '1000', restart: true},
    ]);
    await sh('h1', "sed -i 's/^election-timeout: .*/election-timeout: 1000/' /etc/etcd/etcd.conf");
  });

  it('another binary, a drop-in that brings it, and a variable that etcd ignores are named', async () => {
    await sh(
      'h3',
      [
        'mkdir -p /opt/other /etc/systemd/system/etcd.service.d',
        'cp /opt/etcd/3.5.30/etcd /opt/other/etcd',
        'printf "[Service]\\nEnvironment=ETCD_SNAPSHOT_COUNT=5\\nExecStart=\\nExecStart=/opt/other/etcd --config-file /etc/etcd/etcd.conf\\n" >/etc/systemd/system/etcd.service.d/mine.conf',
        'systemctl daemon-reload && systemctl restart etcd && rm /opt/other/etcd',
      ].join(' && '),
    );
    const {differences, problems} = await report(2);
    expect(differences.map(({host, what}) => `${host} ${what}`)).toEqual([
      `${address(3)} drop-in /etc/systemd/system/etcd.service.d/mine.conf: ExecStart`,
      `${address(3)} binary`,
    ]);
    expect(differences[1]).toMatchObject({
      inventory: '/opt/etcd/3.5.30/etcd',
      disk: '/opt/etcd/3.5.30/etcd',
      process: '/opt/other/etcd (deleted or replaced since) (answers 3.5.30)',
      restart: true,
    });
    expect(problems.find(({code}) => code === 'W_ETCD_ENVIRONMENT_IGNORED')?.message).toContain('ETCD_SNAPSHOT_COUNT');
    await sh(
      'h3',
      'rm -r /etc/systemd/system/etcd.service.d /opt/other; systemctl daemon-reload; systemctl restart etcd',
    );
  });

  it('a CA file that is newer than the process, and certificates near their end, are named', async () => {
    await sh('h2', 'touch -d "+1 minute" /etc/etcd/ca.crt');
    const {differences} = await report(2);
    expect(differences).toMatchObject([{host: address(2), what: 'ca.crt', restart: true}]);
    await sh('h2', 'touch -d "-1 hour" /etc/etcd/ca.crt');
    const warned = await report(0, '-e', 'etcd_cert_warn=3649');
    expect(new Set(warned.problems.map(({code}) => code))).toEqual(new Set(['W_ETCD_CERT_EXPIRES']));
    const failed = await report(2, '-e', 'etcd_cert_warn=3649', '-e', 'etcd_cert_fail=3649');
    expect(new Set(failed.problems.map(({code}) => code))).toEqual(new Set(['E_ETCD_CERT_EXPIRES']));
  });

  it('a member added by hand that never started is a ghost', async () => {
    const added = await etcdctl(lab(), 'h1', 'member add ghost --learner --peer-urls=https://10.10.10.99:2380');
    expectCode(added, 0);
    const {problems} = await report(2);
    const ghost = problems.find(({code}) => code === 'E_ETCD_MEMBER_GHOST');
    expect(ghost?.message).toContain('https://10.10.10.99:2380');
    const [, playbook = '', option = ''] = /etcdctl-play (\S+) -e ([^"]+)/.exec(ghost?.hint ?? '') ?? [];
    expectCode(await run(playbook, '-e', option), 0);
    expect(await report(0)).toMatchObject({agree: true});
  });

  it('a member in a cluster of its own is named, though etcdctl calls everything healthy', async () => {
    const third = address(3);
    await sh(
      'h3',
      [
        'systemctl stop etcd',
        'mv /data/etcd/member /data/etcd/.aside',
        `sed -i 's|^initial-cluster: .*|initial-cluster: etcd-3=https://${third}:2380|; s|^initial-cluster-state: .*|initial-cluster-state: new|' /etc/etcd/etcd.conf`,
        'systemctl start etcd',
      ].join(' && '),
    );
    const health = await etcdctl(lab(), 'h1', 'endpoint health --cluster');
    expectCode(health, 0);
    const {problems, differences} = await report(2);
    const mismatch = problems.find(({code}) => code === 'E_ETCD_CLUSTER_ID_MISMATCH');
    expect(mismatch?.message).toMatch(/etcd-1, etcd-2: [0-9a-f]{16}; etcd-3: [0-9a-f]{16}/);
    expect(differences.map(({host, what}) => `${host} ${what}`)).toContain(`${third} etcd.conf: initial-cluster`);
    await sh('h3', 'systemctl stop etcd; rm -r /data/etcd/member; mv /data/etcd/.aside /data/etcd/member');
  });

  it('a stopped member is named, with the command that starts it', async () => {
    const {problems, differences} = await report(2);
    expect(problems.map(({code}) => code)).toContain('E_ETCD_UNREACHABLE');
    expect(differences).toContainEqual(
      expect.objectContaining({host: address(3), what: 'etcd.service', inventory: 'active', process: 'inactive'}),
    );
    expectCode(await run('etcd.yml', '-l', address(3)), 0);
    expect(await report(0)).toMatchObject({agree: true});
  });

  it('a host that cannot be reached is told with exit code 4, and the others are compared', async () => {
    await lab().cut('h3');
    const done = await run('etcd-status.yml', '-T', '3', '--output', 'json');
    await lab().mend('h3');
    expectCode(done, 4);
    const [data] = eventsOf(done.stdout).flatMap(event => (event.data === undefined ? [] : [event.data as Report]));
    expect(data?.problems.map(({code}) => code)).toEqual(['W_ETCD_MEMBER_UNSEEN']);
    expect(data).toMatchObject({agree: true, voters: 3, healthyVoters: 2});
  });
});
