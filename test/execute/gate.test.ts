/** The gate with everything around it but SSH: a fleet in memory, members that answer over gRPC. */
import {afterEach, describe, expect, it, vi} from 'vitest';
import type {ManagedCluster} from '../../src/etcd/managed.ts';
import type {RunInput} from '../../src/execute/run.ts';
import type {Task} from '../../src/task/task.ts';
import {FakeCluster} from '../helpers/fake-cluster.ts';
import {command, directory, FakeFleet, type Faults, type Programs, task} from '../helpers/fake-fleet.ts';

// Dozens of connections a test, on a machine that may be busy.
vi.setConfig({testTimeout: 60_000});

const open: FakeCluster[] = [];
afterEach(() => {
  for (const cluster of open.splice(0)) cluster.close();
});

async function clusterOf(count: number, name?: string, prefix?: string): Promise<FakeCluster> {
  const cluster = await FakeCluster.start(count, name, prefix);
  open.push(cluster);
  return cluster;
}

/** A user's own restart. */
function restart(host: string, more: Partial<Task> = {}): Task {
  return task('restart', host, 'systemd_service', {name: 'etcd', state: 'restarted'}, {cluster: 'etcd', ...more});
}

const hosts = (count: number) => Array.from({length: count}, (_, index) => `h${index + 1}`);

interface Setting extends Partial<RunInput> {
  readonly managed?: Partial<ManagedCluster>;
  readonly faults?: Faults;
  readonly programs?: Programs;
  /** `host:path` of what is there. */
  readonly directories?: readonly string[];
}

async function run(cluster: FakeCluster, tasks: readonly Task[], setting: Setting = {}) {
  const {managed, faults, programs, directories = [], ...options} = setting;
  const fleet = new FakeFleet(faults, programs, cluster);
  for (const directory of directories) fleet.directories.add(directory);
  const code = await fleet.run(tasks, {clusters: new Map([['etcd', cluster.managed(managed)]]), ...options});
  const codes = fleet.events.flatMap(event =>
    event.type === 'task-end' ? event.diagnostics.map(one => one.code) : [],
  );
  return {code, fleet, codes, log: cluster.log};
}

describe('the order', () => {
  it('is followers first, the leader last after it has handed over, one down at a time', async () => {
    const cluster = await clusterOf(3);
    const {code, log} = await run(
      cluster,
      hosts(3).map(host => restart(host)),
    );
    expect(code).toBe(0);
    expect(log).toEqual(['restart m2', 'restart m3', 'move m2', 'restart m1']);
    expect(cluster.mostDown).toBe(1);
  });

  it('begins with who is not healthy, then learners', async () => {
    const cluster = await clusterOf(5);
    cluster.member(4).answers = false;
    cluster.member(3).isLearner = true;
    const {code, log} = await run(
      cluster,
      hosts(5).map(host => restart(host)),
    );
    expect(code).toBe(0);
    expect(log.filter(text => text.startsWith('restart'))).toEqual([4, 3, 2, 5, 1].map(n => `restart m${n}`));
  });

  it('is waited for: a leader that comes early waits for who is late', async () => {
    const cluster = await clusterOf(3);
    const before = hosts(3).flatMap(host =>
      host === 'h1' ? [] : ['a', 'b', 'c'].map(name => command(name, host, ['go'], {cluster: 'etcd'})),
    );
    const {log} = await run(cluster, [...before, ...hosts(3).map(host => restart(host))]);
    expect(log.at(-1)).toBe('restart m1');
  });

  it('holds over the items of a loop', async () => {
    const cluster = await clusterOf(3);
    const units = ['patroni', 'etcd', 'vector'];
    const tasks = hosts(3).flatMap(host =>
      units.map((name, item) =>
        task(`restart[${item}]`, host, 'systemd_service', {name, state: 'restarted'}, {cluster: 'etcd'}),
      ),
    );
    const {code, log} = await run(cluster, tasks);
    expect(code).toBe(0);
    expect(log).toEqual(['restart m2', 'restart m3', 'move m2', 'restart m1']);
  });

  it('goes on with a warning where leadership cannot be moved', async () => {
    const cluster = await clusterOf(3);
    cluster.moveFails = true;
    const {code, codes, log} = await run(cluster, [restart('h1')]);
    expect({code, codes}).toEqual({code: 0, codes: ['W_ETCD_MOVE_LEADER']});
    expect(log).toEqual(['move m2', 'restart m1']);
  });

  it('of two clusters is kept in each, both side by side', async () => {
    const one = await clusterOf(3);
    const two = await clusterOf(3, 'other', 'x');
    // The first stop of each waits for the other's: with the clusters one after the other that would never be.
    const begun = new Map<FakeCluster, () => void>();
    const both = [one, two].map(cluster => new Promise<void>(resolve => begun.set(cluster, resolve)));
    const units = {
      systemctl: async (host: string, verb: string, unit: string) => {
        const cluster = host.startsWith('x') ? two : one;
        begun.get(cluster)?.();
        await Promise.all(both);
        return cluster.systemctl(host, verb, unit);
      },
      show: (host: string, unit: string) => (host.startsWith('x') ? two : one).show(host, unit),
      forward: (address: string, port: number) => one.forward(address, port).catch(() => two.forward(address, port)),
    };
    const fleet = new FakeFleet({}, {}, units);
    const tasks = [
      ...hosts(3).map(host => restart(host)),
      ...hosts(3).map(host =>
        task('restart', `x${host}`, 'systemd_service', {name: 'other', state: 'restarted'}, {cluster: 'other'}),
      ),
    ];
    const clusters = new Map([one, two].map(cluster => [cluster.name, cluster.managed()]));
    expect(await fleet.run(tasks, {clusters})).toBe(0);
    expect([one.log.at(-1), two.log.at(-1)]).toEqual(['restart m1', 'restart xm1']);
    expect([one.mostDown, two.mostDown]).toEqual([1, 1]);
  });
});

describe('nobody waits for ever', () => {
  it.each<[string, (cluster: FakeCluster) => readonly Task[], readonly string[]]>([
    [
      'for batches of serial: the next batch comes after this one',
      () => [
        restart('h1'),
        restart('h2'),
        task('barrier', 'localhost', 'barrier', {reason: 'serial'}, {needs: ['restart@h1', 'restart@h2']}),
        restart('h3', {needs: ['barrier@localhost']}),
      ],
      ['restart m2', 'move m2', 'restart m1', 'restart m3'],
    ],
    [
      'for a host that failed before it came here',
      () => [directory('forbidden', 'h2'), ...hosts(3).map(host => restart(host))],
      ['restart m3', 'move m2', 'restart m1'],
    ],
    [
      'for a host whose task is not needed',
      () => [restart('h1'), restart('h2', {onlyIfChanged: ['nothing@h2']}), restart('h3')],
      ['restart m3', 'move m2', 'restart m1'],
    ],
    ['for others of a task that runs once', () => [restart('h1')], ['move m2', 'restart m1']],
    [
      'for a task that needs the one at the gate',
      () => [restart('h1'), restart('h2', {needs: ['restart@h1']}), restart('h3', {needs: ['restart@h2']})],
      ['move m2', 'restart m1', 'move m1', 'restart m2', 'restart m3'],
    ],
    [
      'in a circle: two hosts that come to two steps the other way round',
      () => {
        const step = (name: string, host: string) => ({...restart(host), id: `${name}@${host}`, name});
        return [step('a', 'h2'), step('b', 'h2'), step('b', 'h3'), step('a', 'h3')];
      },
      ['restart m2', 'restart m3', 'restart m2', 'restart m3'],
    ],
  ])('%s', async (_, tasksOf, expected) => {
    const cluster = await clusterOf(3);
    const {log} = await run(cluster, tasksOf(cluster));
    expect([...log].sort()).toEqual([...expected].sort());
    expect(cluster.mostDown).toBe(1);
    if (!log.some(text => text === 'restart m2' && log.indexOf(text) !== log.lastIndexOf(text)))
      expect(log).toEqual(expected);
  });

  it('for a host that is lost', async () => {
    const cluster = await clusterOf(5);
    const tasks = hosts(5).map(host => restart(host));
    const {code, log} = await run(cluster, tasks, {faults: {unreachable: ['h4']}});
    expect(code).toBe(4);
    expect(log).toEqual(['restart m2', 'restart m3', 'restart m5', 'move m2', 'restart m1']);
  });

  it('after an interruption: who waits is not begun', async () => {
    const cluster = await clusterOf(3);
    const stop = new AbortController();
    const events: string[] = [];
    const fleet = new FakeFleet({}, {}, cluster);
    const code = await fleet.run(
      hosts(3).map(host => restart(host)),
      {
        clusters: new Map([['etcd', cluster.managed()]]),
        signal: stop.signal,
        emit: event => {
          if (event.type !== 'task-end') return;
          events.push(`${event.task.id} ${event.status}`);
          stop.abort();
        },
      },
    );
    expect(code).toBe(130);
    expect(cluster.log).toEqual(['restart m2']);
    expect(events.sort()).toEqual(['restart@h1 blocked', 'restart@h2 changed', 'restart@h3 blocked']);
  });
});

describe('what takes a member down is found by what it does', () => {
  const STOPS: readonly [string, Task, string][] = [
    ['systemd_service', restart('h2'), 'restart@h2'],
    ['a command', command('c', 'h2', ['systemctl', 'restart', 'etcd']), 'c@h2'],
    ['a shell', task('s', 'h2', 'shell', {cmd: 'sleep 1; sudo systemctl stop etcd.service'}), 's@h2'],
    ['a kill', command('k', 'h2', ['pkill', '-9', 'etcd']), 'k@h2'],
    ['a reboot', command('r', 'h2', ['reboot']), 'r@h2'],
    ['etcd_stop', task('e', 'h2', 'etcd_stop', {unit: 'etcd.service'}), 'e@h2'],
  ];

  it.each(STOPS)('%s: refused while another member is missing, nothing is sent', async (_, one, id) => {
    const cluster = await clusterOf(3);
    cluster.member(3).answers = false;
    const {code, codes, fleet} = await run(cluster, [one]);
    expect({code, codes, changes: fleet.changes}).toEqual({code: 3, codes: ['E_ETCD_QUORUM'], changes: []});
    expect(fleet.reason(id)).toContain('2/3 -> 1/3. Missing: m3 (');
  });

  it.each([
    ['a directory', task('d', 'h2', 'file', {path: '/data/etcd', state: 'absent'})],
    ['a parent', task('d', 'h2', 'file', {path: '/data', state: 'absent'})],
    ['rm', command('d', 'h2', ['rm', '-rf', '/data/etcd/member'])],
  ])('%s of a member that runs is not taken away', async (_, one) => {
    const cluster = await clusterOf(3);
    const fleet = new FakeFleet({}, {}, cluster);
    fleet.directories.add('h2:/data/etcd');
    fleet.directories.add('h2:/data');
    expect(await fleet.run([one], {clusters: new Map([['etcd', cluster.managed()]])})).toBe(3);
    expect(fleet.changes).toEqual([]);
    cluster.member(2).active = false;
    expect(await fleet.run([one], {clusters: new Map([['etcd', cluster.managed()]])})).toBe(0);
  });

  it('a reboot closes the gate: nobody sees that member come back', async () => {
    const cluster = await clusterOf(3);
    const {code, codes, fleet} = await run(cluster, [
      command('r', 'h2', ['reboot'], {cluster: 'etcd'}),
      command('r', 'h3', ['reboot'], {cluster: 'etcd'}),
    ]);
    expect({code, codes}).toEqual({code: 3, codes: ['E_ETCD_GATE_CLOSED']});
    expect(fleet.changes).toHaveLength(1);
  });

  it('a unit that does not run, another unit and a start pass at once', async () => {
    const cluster = await clusterOf(3);
    cluster.member(2).active = false;
    cluster.member(3).answers = false;
    const other = task('o', 'h1', 'systemd_service', {name: 'patroni', state: 'restarted'}, {cluster: 'etcd'});
    const {code, log} = await run(cluster, [restart('h2'), other]);
    expect({code, log}).toEqual({code: 0, log: ['restart m2']});
  });
});

describe('what happens between two looks', () => {
  it('a member that dies while leadership is moved is seen before the stop', async () => {
    const cluster = await clusterOf(3);
    cluster.onMove = () => {
      cluster.member(3).answers = false;
    };
    const {code, codes, log, fleet} = await run(cluster, [restart('h1')]);
    expect({code, codes, log}).toEqual({code: 3, codes: ['E_ETCD_QUORUM'], log: ['move m2']});
    expect(fleet.changes).toEqual([]);
  });

  it('a member that dies while others wait for their turn is seen before the next stop', async () => {
    const cluster = await clusterOf(3);
    const tasks = hosts(3).map(host => restart(host));
    const fleet = new FakeFleet({}, {}, cluster);
    const emit = (event: (typeof fleet.events)[number]) => {
      fleet.events.push(event);
      if (event.type === 'task-end' && event.task.host === 'h2') cluster.member(2).answers = false;
    };
    expect(await fleet.run(tasks, {clusters: new Map([['etcd', cluster.managed()]]), emit})).toBe(3);
    expect(cluster.log).toEqual(['restart m2']);
  });
});

describe('when something goes wrong after the stop', () => {
  it('the gate closes, and the member is started once more', async () => {
    const cluster = await clusterOf(3);
    cluster.member(2).onStart = 'fails';
    const {code, codes, log, fleet} = await run(
      cluster,
      hosts(3).map(host => restart(host)),
    );
    expect(code).toBe(2);
    expect(log).toEqual(['restart m2', 'start m2']);
    expect(codes.filter(one => one === 'E_ETCD_GATE_CLOSED')).toHaveLength(2);
    expect(fleet.ends.sort()).toEqual(['restart@h1 refused', 'restart@h2 failed', 'restart@h3 refused']);
  });

  it('and the member does not come back in time, the task fails, also where the user ignores it', async () => {
    const cluster = await clusterOf(3);
    cluster.member(2).onStart = 'mute';
    const tasks = hosts(3).map(host => restart(host, {ignoreErrors: true, failedWhen: ['false']}));
    const {code, codes, log} = await run(cluster, tasks, {managed: {healthTimeoutSeconds: 1}});
    expect(code).toBe(3);
    expect(log).toEqual(['restart m2']);
    expect(codes).toContain('E_ETCD_NOT_HEALTHY');
  });

  it('the host is lost in the middle, the others are not stopped', async () => {
    const cluster = await clusterOf(3);
    const {code, codes, log} = await run(
      cluster,
      hosts(3).map(host => restart(host)),
      {
        faults: {dieAt: {h2: 'systemctl'}},
      },
    );
    expect({code, log}).toEqual({code: 3, log: []});
    expect(codes).toEqual(['E_ETCD_GATE_CLOSED', 'E_ETCD_GATE_CLOSED']);
  });

  it('nobody is added or removed either', async () => {
    const cluster = await clusterOf(5);
    cluster.member(2).onStart = 'fails';
    // The one that is to leave is no longer in the inventory.
    const members = cluster.members.slice(0, 4).map(({name, host, fake}) => ({
      name,
      host,
      peer_url: `http://${host}:2380`,
      client_url: fake.clientUrl,
    }));
    const args = {
      members,
      pki_dir: '/pki',
      cluster: 'etcd',
      leaving: [],
      unit: 'etcd.service',
      snapshot_dir: '/nowhere',
      member: 'm5',
    };
    const leave = task('leave', 'h1', 'etcd_leave', args as unknown as Task['args'], {
      cluster: 'etcd',
      needs: ['before@h1', 'restart@h2'],
    });
    const {fleet} = await run(cluster, [directory('before', 'h1'), restart('h2'), leave]);
    expect(fleet.reason('leave@h1')).toContain('no member of etcd is stopped, added or removed');
    expect(fleet.ends.at(-1)).toBe('leave@h1 refused');
  });

  it('a second plain stop is refused by the arithmetic', async () => {
    const cluster = await clusterOf(3);
    const stop = (host: string) =>
      task('stop', host, 'systemd_service', {name: 'etcd', state: 'stopped'}, {cluster: 'etcd'});
    const {code, log} = await run(cluster, hosts(3).map(stop));
    expect({code, log}).toEqual({code: 3, log: ['stop m2']});
  });
});

describe('a whole cluster', () => {
  const stop = (host: string, destroy = 'etcd') =>
    task('stop', host, 'etcd_stop', {unit: 'etcd.service', destroy}, {cluster: 'etcd'});

  it('is stopped side by side, its leader when the others are down', async () => {
    const cluster = await clusterOf(3);
    const {code, log} = await run(
      cluster,
      hosts(3).map(host => stop(host)),
    );
    expect(code).toBe(0);
    expect(log.slice(0, 2).sort()).toEqual(['stop m2', 'stop m3']);
    expect(log.slice(2)).toEqual(['stop m1']);
    expect(cluster.mostDown).toBe(3);
  });

  it('of one needs no other leave', async () => {
    const cluster = await clusterOf(1);
    expect((await run(cluster, [stop('h1')])).code).toBe(0);
  });

  it.each([
    ['the others keep their quorum', 5, ['h2', 'h3'], 0, ['stop m2', 'stop m3']],
    ['the others would lose their quorum: nobody is stopped', 3, ['h2', 'h3'], 3, []],
  ])('in part: %s', async (_, size, some, code, log) => {
    const cluster = await clusterOf(size);
    const done = await run(
      cluster,
      some.map(host => stop(host)),
    );
    expect({code: done.code, log: done.log}).toEqual({code, log});
  });

  it('counts a member that is down already as gone, and one that nobody can reach', async () => {
    const cluster = await clusterOf(3);
    cluster.member(2).active = false;
    cluster.member(3).answers = false;
    const {log} = await run(
      cluster,
      hosts(3).map(host => stop(host)),
      {faults: {unreachable: ['h3']}},
    );
    expect(log).toEqual(['stop m1']);
  });

  it('must be called by its own name', async () => {
    const cluster = await clusterOf(3);
    const {code, codes} = await run(cluster, [stop('h2', 'other')]);
    expect({code, codes}).toEqual({code: 3, codes: ['E_ETCD_DESTROY']});
  });
});

describe('a check run', () => {
  it('tells the order, the arithmetic and who takes over, and does nothing', async () => {
    const cluster = await clusterOf(3);
    const {code, fleet, log} = await run(
      cluster,
      hosts(3).map(host => restart(host)),
      {check: true},
    );
    expect({code, log, changes: fleet.changes}).toEqual({code: 0, log: [], changes: []});
    const told = fleet.events.flatMap(event => (event.type === 'task-end' ? [event.output] : []));
    expect(told).toEqual([
      '1st of 3: m2, a follower: 3/3 -> 2/3 healthy voters, 2 must stay',
      '2nd of 3: m3, a follower: 3/3 -> 2/3 healthy voters, 2 must stay',
      '3rd of 3: m1, the leader: m2 takes over first, then 3/3 -> 2/3 healthy voters, 2 must stay',
    ]);
  });

  it('takes data away from under a member that an earlier step would have stopped, and from no other', async () => {
    const cluster = await clusterOf(3);
    const {dataDir} = cluster.managed().members[0] ?? {dataDir: ''};
    const own = (host: string) => [
      task('stop', host, 'etcd_stop', {unit: 'etcd.service', destroy: 'etcd'}, {cluster: 'etcd'}),
      task('remove', host, 'file', {path: dataDir, state: 'absent'}, {cluster: 'etcd'}),
    ];
    const directories = hosts(3).map(host => `${host}:${dataDir}`);
    const whole = await run(cluster, hosts(3).flatMap(own), {check: true, directories});
    expect({code: whole.code, codes: whole.codes, changes: whole.fleet.changes}).toEqual({
      code: 0,
      codes: [],
      changes: [],
    });
    const alone = await run(cluster, own('h1').slice(1), {check: true, directories});
    expect({code: alone.code, codes: alone.codes}).toEqual({code: 3, codes: ['E_ETCD_DATA_IN_USE']});
  });

  it('refuses what a run would refuse, and counts what stays down', async () => {
    const cluster = await clusterOf(3);
    const stop = (host: string) =>
      task('stop', host, 'systemd_service', {name: 'etcd', state: 'stopped'}, {cluster: 'etcd'});
    const {code, fleet} = await run(cluster, hosts(3).map(stop), {check: true});
    expect(code).toBe(3);
    expect(fleet.ends).toEqual(['stop@h2 changed', 'stop@h3 refused', 'stop@h1 refused']);
  });
});
