/** Plans: made without touching a host, applied exactly, refused when anything they are bound to has moved. */
import {readdirSync, readFileSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {afterEach, describe, expect, it, vi} from 'vitest';
import {idFromDecimal} from '../../src/etcd/identity.ts';
import {etcdctl, eventsOf, expectCode, expectHealthy, fingerprint} from './helpers/cluster.ts';
import {withLab} from './helpers/lab.ts';
import {withWorkspace} from './helpers/play.ts';

interface Plan {
  readonly identity: Record<string, {readonly clusterId: string; readonly memberIds: Record<string, string>}>;
  readonly tasks: readonly {
    readonly id: string;
    readonly host: string;
    readonly status: string;
    readonly ops: readonly {readonly text: string}[];
    readonly causes: readonly object[];
  }[];
}

describe('plans, on three hosts', () => {
  const lab = withLab({hosts: 3});
  const work = withWorkspace();
  const run = (...args: string[]) => work.play(lab(), ['-i', 'inventory/lab.yml', 'etcd.yml', ...args]);
  const apply = (plan: string, ...args: string[]) => work.play(lab(), ['apply', plan, ...args]);
  const planOf = (name: string) => JSON.parse(readFileSync(join(work.dir, name), 'utf8')) as Plan;
  const everywhere = (script: string) =>
    Promise.all(lab().hosts.map(({name}) => lab().execOk(name, ['sh', '-c', script])));
  const pids = () => everywhere('systemctl show -p MainPID --value etcd');

  /** Whatever sshd starts, the agent under its sudo too, finds every file system read-only but those of the kernel and /run. */
  let isReadOnly = false;
  const readOnly = async (on: boolean) => {
    if (on === isReadOnly) return;
    isReadOnly = on;
    const dropIn = '/run/systemd/system/ssh.service.d/read-only.conf';
    const make = `mkdir -p ${dropIn.replace(/\/[^/]*$/, '')} && printf '[Service]\\nReadOnlyPaths=/\\nReadWritePaths=/run /proc /dev\\n' > ${dropIn}`;
    await everywhere(`${on ? make : `rm -f ${dropIn}`} && systemctl daemon-reload && systemctl restart ssh`);
  };

  afterEach(() => readOnly(false));

  /** Files of the user's directory on the controller: inventory, PKI, snapshots; logs left out. */
  const controller = () =>
    readdirSync(work.dir, {recursive: true, encoding: 'utf8'})
      .filter(path => !path.startsWith('state'))
      .map(path => `${path} ${statSync(join(work.dir, path)).mtimeMs}`)
      .sort();

  it('a check, and a plan, of a fresh create work on hosts where nothing can be written', async () => {
    await work.inventory(lab());
    await readOnly(true);
    // Where writing is needed, these hosts do say no: the check below proves something.
    const real = await run('-t', 'etcd_dir');
    expectCode(real, 2);
    expect(real.stdout).toMatch(/read-only|cannot lock|cannot open/i);
    const before = [await fingerprint(lab()), controller()];
    const told = await run('--check');
    expectCode(told, 3);
    expect(told.stdout).toContain('E_PREFLIGHT_WRITE');
    const anyway = ['-e', 'etcd_preflight=never'];
    for (const args of [['--diff'], ['-t', 'etcd_purge']]) expectCode(await run('--check', ...args, ...anyway), 0);
    expect([await fingerprint(lab()), controller()]).toEqual(before);
    expectCode(await run('--plan-out', 'read-only.json', ...anyway), 0);
    expect(await fingerprint(lab())).toEqual(before[0]);
    await readOnly(false);
    const plan = await run('--plan-out', 'fresh.json');
    expectCode(plan, 0);
    expect(plan.stderr).toMatch(
      /^plan: fresh\.json, \d+ operations on 3 hosts, and \d+ tasks that are decided on the way$/m,
    );
    expect(plan.stdout).toContain(`to be made: cluster ${planOf('fresh.json').identity['etcd']?.clusterId}`);
    expect(statSync(join(work.dir, 'fresh.json')).mode & 0o777).toBe(0o600);
    expect(await fingerprint(lab())).toEqual(before[0]);
  });

  it('the plan, applied, makes the cluster with the ids that it foretold', async () => {
    expectCode(await apply('fresh.json'), 0);
    await expectHealthy(lab(), 'h1', 3);
    const {clusterId, memberIds} = planOf('fresh.json').identity['etcd'] ?? {clusterId: '', memberIds: {}};
    const {stdout} = await etcdctl(lab(), 'h1', 'member list -w json');
    const ids = [...stdout.matchAll(/"cluster_id":(\d+)/g)].map(match => idFromDecimal(match[1] ?? ''));
    const members = [...stdout.matchAll(/"ID":(\d+),"name":"([^"]+)"/g)].map(([, id = '', name = '']) => [
      name,
      idFromDecimal(id),
    ]);
    expect([ids, Object.fromEntries(members)]).toEqual([[clusterId], memberIds]);
    const again = await apply('fresh.json');
    expectCode(again, 3);
    expect(again.stdout).toContain(`E_PLAN_MOVED the id of cluster etcd was none and is ${clusterId}`);
  });

  it('a plan of a converged cluster changes nothing, and its application says so', async () => {
    const plan = await run('--check', '--plan-out', 'noop.json');
    expectCode(plan, 0);
    expect(plan.stderr).toContain('plan: noop.json, in which nothing changes');
    const before = await fingerprint(lab());
    const applied = await apply('noop.json');
    expectCode(applied, 0);
    expect(applied.stdout).toContain('there is nothing to do');
    expect(await fingerprint(lab())).toEqual(before);
  });

  it('checks of a running cluster work on hosts where nothing can be written, whatever they would do', async () => {
    await readOnly(true);
    const before = [await fingerprint(lab()), controller()];
    expectCode(await run('--check', '--diff', '-e', 'etcd_election_timeout=2000'), 0);
    expectCode(await run('--check', '-t', 'etcd_clean', '-e', 'etcd_safeguard=false'), 0);
    expectCode(await run('--check', '-t', 'etcd_purge'), 0);
    expect([await fingerprint(lab()), controller()]).toEqual(before);
  });

  it('a changed option: the plan names its restarts, and exactly they are done', async () => {
    const planned = await run('--plan-out', 'option.json', '-e', 'etcd_election_timeout=2000');
    expectCode(planned, 0);
    expect(planned.stdout).toContain('  systemctl restart etcd.service\n');
    expect(planned.stdout).toContain('  election-timeout: restarts the member\n');
    const restarts = planOf('option.json').tasks.filter(({id, ops}) => id.includes('restart') && ops.length > 0);
    expect(restarts.map(({causes}) => causes)).toEqual(
      Array(3).fill([{code: 'config_key_changed', detail: 'election-timeout', restart: true}]),
    );
    const before = await pids();
    const applied = await apply('option.json', '--output', 'json');
    expectCode(applied, 0);
    const changed = eventsOf(applied.stdout)
      .filter(({type, status}) => type === 'task-end' && status === 'changed')
      .map(({task}) => (task as {id: string}).id);
    const wanted = planOf('option.json').tasks.filter(({status}) => status === 'changed');
    expect(changed.sort()).toEqual(wanted.map(({id}) => id).sort());
    expect((await pids()).filter((pid, index) => pid === before[index])).toEqual([]);
    await expectHealthy(lab(), 'h1', 3);
  });

  it('is refused, and touches nothing, when the cluster, a host or the inventory has moved; and holds again when all is as it was', async () => {
    const moved = async (...texts: string[]) => {
      const before = await pids();
      const applied = await apply('next.json');
      expectCode(applied, 3);
      for (const text of ['E_PLAN_MOVED', ...texts]) expect(applied.stdout + applied.stderr).toContain(text);
      expect(await pids()).toEqual(before);
    };
    expectCode(
      await run('--plan-out', 'next.json', '-e', 'etcd_election_timeout=2000', '-e', 'etcd_heartbeat_interval=150'),
      0,
    );

    // etcd adds nobody until all members have been connected for five seconds.
    const id = await vi.waitFor(
      async () => {
        const added = await etcdctl(lab(), 'h1', 'member add etcd-9 --peer-urls=https://10.10.10.99:2380');
        expect(added.code, added.stderr).toBe(0);
        return / ([0-9a-f]+) added/.exec(added.stdout)?.[1] ?? added.stdout;
      },
      {timeout: 60_000, interval: 1000},
    );
    await moved(`member ${id} of cluster etcd was not in the member list and is voter`, 'https://10.10.10.99:2380');
    expect((await etcdctl(lab(), 'h1', `member remove ${id}`)).code).toBe(0);

    await lab().execOk('h2', ['sed', '-i.bak', 's/^log-level:.*/log-level: warn/', '/etc/etcd/etcd.conf']);
    await moved('/etc/etcd/etcd.conf', 'is not as it was');
    await lab().execOk('h2', ['mv', '/etc/etcd/etcd.conf.bak', '/etc/etcd/etcd.conf']);

    const inventory = readFileSync(join(work.dir, 'inventory/lab.yml'), 'utf8');
    await work.inventory(lab(), {vars: {etcd_log_level: 'warn'}});
    await moved('the file inventory/lab.yml was sha256', 'no host was touched');
    work.write('inventory/lab.yml', inventory);

    expectCode(await apply('next.json'), 0);
    await expectHealthy(lab(), 'h1', 3);
  });
});
