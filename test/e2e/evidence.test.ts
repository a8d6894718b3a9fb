/** One lab, fault after fault: what lies on the disks and holds the ports decides, and what is refused is left as it was. */
import {beforeAll, describe, expect, it} from 'vitest';
import {etcdctl, eventsOf, expectCode, expectHealthy, expectNoChange, fingerprint} from './helpers/cluster.ts';
import {withLab} from './helpers/lab.ts';
import {withWorkspace} from './helpers/play.ts';

const FOREIGN =
  'mkdir -p /data; /opt/etcd-test --name stranger --data-dir /data/etcd --listen-client-urls http://127.0.0.1:12379 --advertise-client-urls http://127.0.0.1:12379 --listen-peer-urls http://127.0.0.1:12380 --initial-advertise-peer-urls http://127.0.0.1:12380 --initial-cluster stranger=http://127.0.0.1:12380 --initial-cluster-token somebody-else';
/** A cluster id as messages show it. */
const ID = /cluster ([0-9a-f]{16})/g;
const idsIn = (text: string) => [...new Set([...text.matchAll(ID)].map(match => match[1] ?? ''))];

describe('three hosts', () => {
  const lab = withLab({hosts: 3});
  const work = withWorkspace();
  const play = (...args: string[]) => work.play(lab(), ['-i', 'inventory/lab.yml', ...args]);
  const run = (...args: string[]) => play('etcd.yml', ...args);
  const sh = (host: string, script: string) => lab().execOk(host, ['bash', '-c', script]);
  const everywhere = (script: string) => Promise.all(lab().hosts.map(({name}) => sh(name, script)));
  const address = (index: number) => lab().hosts[index]?.address ?? '';
  /** Moves files from one host to another, behind their backs. */
  const move = async (script: string, ...places: [host: string, path: string][]) => {
    const paths = places.map(([host, path]) => lab().path(host, path));
    expectCode(await lab().run(['sh', '-c', script, 'sh', ...paths]), 0);
  };
  /** Runs the playbook, which must refuse with these codes and touch nothing; gives what it printed. */
  const refused = async (codes: readonly string[], ...args: string[]): Promise<string> => {
    const before = await fingerprint(lab());
    const ended = await run(...args);
    expectCode(ended, 3);
    for (const code of codes) expect(ended.stdout).toContain(code);
    expect(await fingerprint(lab())).toEqual(before);
    return ended.stdout;
  };
  /** The command that a refusal gives, run as it stands; `host`: the one whose command. */
  const asTold = async (stdout: string, host: string) => {
    const [, command] = new RegExp(`"etcdctl-play (etcd\\.yml -l ${host} [^"]*)"`).exec(stdout) ?? [];
    expect(command, stdout).toBeDefined();
    expectCode(await play(...(command ?? '').split(' ')), 0);
  };
  let clusterId = '';

  beforeAll(async () => {
    await work.inventory(lab());
    // binaries first, for a stranger that makes its data
    expectCode(await run('-t', 'etcd_install'), 0);
    await sh('h2', 'cp "$(readlink -f /usr/local/bin/etcd)" /opt/etcd-test');
    await sh(
      'h2',
      `timeout 60 bash -c '${FOREIGN} 2>/data.log & until [ -s /data/etcd/member/snap/db ] && grep -q "ready to serve" /data.log; do sleep 0.2; done; kill $!; wait' || true`,
    );
  });

  it('data of another cluster on one host: refused with both ids, moved aside by the command in the hint, and then created', async () => {
    const stdout = await refused(['E_ETCD_FOREIGN_DATA', `${address(1)}:/data/etcd`]);
    const [foreign, ours] = idsIn(stdout);
    expect([foreign, ours].every(id => id !== undefined) && foreign !== ours, stdout).toBe(true);
    clusterId = ours ?? '';
    // without the id there is no proof that just this is meant
    await refused(['E_ETCD_CONFIRM'], '-l', address(1), '-t', 'etcd_clean', '-e', 'etcd_safeguard=false');
    await asTold(stdout, address(1));
    expectCode(await run('-e', 'etcd_init=new'), 0);
    await expectHealthy(lab(), 'h1', 3);
    expect((await etcdctl(lab(), 'h1', 'endpoint status -w fields')).stdout).toContain(
      `"ClusterID" : ${BigInt(`0x${clusterId}`)}`,
    );
    expectNoChange(await run('-e', 'etcd_init=existing'));
    await etcdctl(lab(), 'h1', 'put /kept yes');
  });

  it('data of another cluster under a stopped member: refused with both ids, and put right by moving it back', async () => {
    await sh('h3', 'systemctl stop etcd; mv /data/etcd /data/kept');
    const [id] = (await sh('h2', 'ls /var/lib/etcdctl-play/trash')).trim().split('\n');
    await move(`cp -a "$1" "$2"`, ['h2', `/var/lib/etcdctl-play/trash/${id}/data`], ['h3', '/data/etcd']);
    await sh('h3', 'chown -R etcd:etcd /data/etcd');
    const stdout = await refused(['E_ETCD_FOREIGN_DATA', `${address(2)}:/data/etcd`]);
    expect(idsIn(stdout)).toContain(clusterId);
    await sh('h3', 'rm -r /data/etcd; mv /data/kept /data/etcd');
    expectCode(await run(), 0);
    await expectHealthy(lab(), 'h1', 3);
  });

  it('two members with the data of each other: refused, whether stopped or beside a running one', async () => {
    await sh('h2', 'systemctl stop etcd');
    await sh('h3', 'systemctl stop etcd');
    const swap = () => move('mv "$1" "$1.x"; mv "$2" "$1"; mv "$1.x" "$2"', ['h2', '/data/etcd'], ['h3', '/data/etcd']);
    await swap();
    await refused(['E_ETCD_MEMBER_SWAPPED']);
    await sh('h1', 'systemctl stop etcd');
    const stdout = await refused(['E_ETCD_MEMBER_SWAPPED']);
    expect(stdout).toContain(`that is etcd-3, which belongs on ${address(2)}`);
    await swap();
  });

  it('a stopped cluster starts side by side, with its data', async () => {
    expectCode(await run(), 0);
    await expectHealthy(lab(), 'h1', 3);
    expect((await etcdctl(lab(), 'h3', 'get --print-value-only /kept')).stdout).toBe('yes\n');
  });

  it('a half purge is refused, and adopted where the ids are those of the running cluster', async () => {
    await sh(
      'h3',
      'systemctl disable --now -q etcd; rm -r /etc/systemd/system/etcd.service /etc/etcd; systemctl daemon-reload',
    );
    const stdout = await refused(['E_ETCD_HALF_PURGED', 'etcd_adopt=true', 'etcd_clean']);
    expect(stdout).toContain(clusterId);
    expectCode(await run('-e', 'etcd_adopt=true'), 0);
    await expectHealthy(lab(), 'h1', 3);
    expect((await etcdctl(lab(), 'h3', 'get --print-value-only /kept', `https://${address(2)}:2379`)).stdout).toBe(
      'yes\n',
    );
  });

  it('an etcd that is not ours on the port is named with its process and cluster', async () => {
    await sh('h2', 'systemctl stop etcd');
    const stranger =
      '/opt/etcd-test --data-dir /var/tmp/stranger --listen-client-urls http://0.0.0.0:2379 --advertise-client-urls http://localhost:2379';
    await sh(
      'h2',
      `systemd-run -q --unit=stranger ${stranger}; until (exec 3<>/dev/tcp/127.0.0.1/2379) 2>/dev/null; do sleep 0.2; done`,
    );
    const stdout = await refused(['E_ETCD_PORT_TAKEN']);
    const pid = (await sh('h2', 'systemctl show -p MainPID --value stranger')).trim();
    // the ids of a member that was started with etcd's own defaults
    expect(stdout).toMatch(
      new RegExp(
        `pid ${pid} \\(/opt/etcd-test .*\\), an etcd of cluster cdf818194e3a8c32 \\(member 8e9e05c52164694d\\)`,
      ),
    );
    await sh('h2', 'systemctl stop stranger');
    expectCode(await run(), 0);
  });

  it('a cluster of somebody else is not purged, however the inventory names it', async () => {
    await work.inventory(lab(), {
      name: 'other',
      vars: {etcd_cluster: 'other', etcd_pki_dir: `${work.dir}/inventory/pki/lab/etcd`},
    });
    const before = await fingerprint(lab());
    const other = (...args: string[]) =>
      work.play(lab(), ['-i', 'inventory/other.yml', 'etcd.yml', '-t', 'etcd_purge', ...args]);
    const purge = await other();
    expectCode(purge, 3);
    expect(purge.stdout).toContain(`-e etcd_confirm=${clusterId}`);
    expectCode(await other('-e', `etcd_confirm=${'0'.repeat(16)}`), 3);
    expect(await fingerprint(lab())).toEqual(before);
  });

  it('a cluster that was cleaned is listed in the trash, and comes back with its data', async () => {
    const wrong = await run('-t', 'etcd_clean', '-e', 'etcd_safeguard=false', '-e', 'etcd_confirm=production');
    expectCode(wrong, 3);
    expectCode(await run('-t', 'etcd_clean', '-e', 'etcd_safeguard=false', '-e', `etcd_confirm=${clusterId}`), 0);
    const listed = await play('trash', 'list', '--output', 'json');
    expectCode(listed, 0);
    type Entry = {id: string; path: string; manifest: Record<string, string>};
    const ends = eventsOf(listed.stdout).filter(event => event.type === 'task-end');
    const entries = ends.flatMap(event => {
      const host = (event.task as {host: string}).host;
      return (event.data as {entries: Entry[]}).entries.map(entry => ({...entry, host}));
    });
    const ours = entries
      .filter(entry => entry.manifest.cluster_id === clusterId)
      .sort((a, b) => a.host.localeCompare(b.host));
    expect(ours.map(({host, path, manifest}) => [host, path, manifest.member, manifest.reason])).toEqual(
      lab().hosts.map(({address: host}, index) => [host, '/data/etcd', `etcd-${index + 1}`, 'etcd_clean']),
    );
    expect((await play('trash', 'list')).stdout).toMatch(/CLUSTER ID.*\n.*\/data\/etcd +etcd +[0-9a-f]{16} +etcd-1 /);
    expectCode(await play('trash', 'restore', 'nonesuch', '-l', address(0)), 2);
    for (const {host, id} of ours) expectCode(await play('trash', 'restore', id, '-l', host), 0);
    expectCode(await run(), 0);
    await expectHealthy(lab(), 'h1', 3);
    expect((await etcdctl(lab(), 'h2', 'get --print-value-only /kept')).stdout).toBe('yes\n');
    // what is left is the stranger's data of the first test
    const [stray] = entries.filter(entry => entry.manifest.cluster_id !== clusterId);
    expectCode(await play('trash', 'restore', stray?.id ?? '', '-l', address(1)), 3);
    expectCode(await play('trash', 'expire'), 1);
    expectCode(await play('trash', 'expire', stray?.id ?? '', '-l', address(1)), 0);
    expect(await everywhere('ls /var/lib/etcdctl-play/trash')).toEqual(['', '', '']);
  });
});
