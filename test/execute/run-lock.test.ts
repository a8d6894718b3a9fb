import {afterEach, describe, expect, it, vi} from 'vitest';
import type {Diagnostic} from '../../src/base/diagnostic.ts';
import {parseRunState} from '../../src/execute/run-state.ts';
import {FakeCluster} from '../helpers/fake-cluster.ts';
import {command, directory, FakeFleet, task} from '../helpers/fake-fleet.ts';

const OTHER = ['other', 'bob@bastion (pid 7)', '2001-01-01T00:00:00Z', 'etcdctl-play etcd.yml'];

const told = (fleet: FakeFleet): Diagnostic[] =>
  fleet.events.flatMap(event => (event.type === 'diagnostic' ? [event.diagnostic] : []));
const codes = (fleet: FakeFleet) => told(fleet).map(({code}) => code);
const lockVerbs = (fleet: FakeFleet) => fleet.lockTrips.map(({host, requests}) => `${host} ${requests.join('+')}`);

function restart(host: string) {
  const member = {name: host, host, peer_url: `http://${host}:2380`, client_url: `http://${host}:2379`};
  const dirs = {started_dir: '/run/etcd', service_file: '/etc/systemd/system/etcd.service', binary: '/usr/bin/etcd'};
  const args = {members: [member], pki_dir: '/pki', unit: 'etcd.service', member: host, config: {a: 2}, ...dirs};
  return task('restart', host, 'etcd_restart', {...args, allow_downtime: true, timeout: 1}, {cluster: 'main'});
}

describe('the lock of a run', () => {
  it('is looked at with the first questions and not taken where nothing is to be done', async () => {
    const fleet = new FakeFleet();
    fleet.directories.add('h1:/a');
    expect(await fleet.run([directory('a', 'h1')])).toBe(0);
    expect(lockVerbs(fleet)).toEqual(['h1 run-state']);
    expect(fleet.locks.size).toBe(0);
  });

  it('is taken on all hosts before the first change, on the first by name before the others, and let go at the end', async () => {
    const fleet = new FakeFleet();
    fleet.directories.add('h2:/a');
    expect(await fleet.run(['h3', 'h1', 'h2'].map(host => directory('a', host)))).toBe(0);
    const taken = lockVerbs(fleet).filter(text => text.includes(' lock'));
    expect(taken[0]).toBe('h1 lock+run-state');
    expect(taken.slice(1).sort()).toEqual(['h2 lock+run-state', 'h3 lock+run-state']);
    expect(fleet.ends.sort()).toEqual(['a@h1 changed', 'a@h2 ok', 'a@h3 changed']);
    expect(fleet.locks.size).toBe(0);
  });

  it('held by another run ends this one at once, naming who, where, since and what', async () => {
    const fleet = new FakeFleet();
    fleet.locks.set('h2', OTHER);
    expect(await fleet.run([directory('a', 'h1'), directory('a', 'h2')])).toBe(3);
    expect(fleet.changes).toEqual([]);
    expect(codes(fleet)).toEqual(['E_LOCK_HELD']);
    for (const part of ['h2', ...OTHER]) expect(told(fleet)[0]?.message).toContain(part);
    expect(fleet.locks.get('h2')).toEqual(OTHER);
    expect(fleet.locks.has('h1')).toBe(false);
  });

  it('taken by another run after the first look gives back what was taken', async () => {
    const fleet = new FakeFleet({}, {slow: () => ({rc: 0, stdout: ''})});
    const emit = (event: (typeof fleet.events)[number]) => {
      fleet.events.push(event);
      if (event.type === 'task-start') fleet.locks.set('h2', OTHER);
    };
    expect(await fleet.run([command('c', 'h1', ['slow']), directory('a', 'h2')], {emit})).toBe(3);
    expect(fleet.changes).toEqual([]);
    expect(codes(fleet)).toEqual(['E_LOCK_HELD']);
    expect([...fleet.locks.keys()]).toEqual(['h2']);
  });

  it('is only a warning to a check run', async () => {
    const fleet = new FakeFleet();
    fleet.locks.set('h1', OTHER);
    expect(await fleet.run([directory('a', 'h1')], {check: true})).toBe(0);
    expect(codes(fleet)).toEqual(['W_LOCK_HELD']);
    expect(lockVerbs(fleet)).toEqual(['h1 run-state']);
  });

  it('is only a warning where every task is a check, whatever the run is', async () => {
    const fleet = new FakeFleet();
    fleet.locks.set('h1', OTHER);
    expect(await fleet.run([directory('a', 'h1', {checkMode: true})])).toBe(0);
    expect(codes(fleet)).toEqual(['W_LOCK_HELD']);
    expect(await fleet.run([directory('a', 'h1', {checkMode: true}), directory('b', 'h1')])).toBe(3);
  });

  it('makes the task be decided anew: what another run did meanwhile is not done again', async () => {
    const fleet = new FakeFleet();
    const emit = (event: (typeof fleet.events)[number]) => {
      fleet.events.push(event);
      if (event.type === 'task-start') fleet.directories.add('h1:/a');
    };
    expect(await fleet.run([directory('a', 'h1')], {emit})).toBe(0);
    expect(fleet.ends).toEqual(['a@h1 ok']);
    expect(fleet.changes).toEqual([]);
  });

  it('lost to another run fails closed: the step is refused, nothing more is begun, the other lock stays', async () => {
    const fleet = new FakeFleet({}, {steal: host => ({rc: fleet.locks.set(host, OTHER).size * 0, stdout: ''})});
    const tasks = [command('one', 'h1', ['steal']), directory('two', 'h1'), directory('three', 'h1')];
    expect(await fleet.run(tasks)).toBe(3);
    expect(fleet.ends).toEqual(['one@h1 changed', 'two@h1 refused', 'three@h1 blocked']);
    const end = fleet.events.find(event => event.type === 'task-end' && event.status === 'refused');
    expect(end).toMatchObject({
      diagnostics: [{code: 'E_LOCK_LOST', message: expect.stringContaining('bob@bastion')}],
    });
    expect(fleet.directories.size).toBe(0);
    expect(fleet.locks.get('h1')).toEqual(OTHER);
  });

  it('is not held against a playbook that ignores errors', async () => {
    const fleet = new FakeFleet({}, {steal: host => ({rc: fleet.locks.set(host, OTHER).size * 0, stdout: ''})});
    const tasks = [command('one', 'h1', ['steal']), directory('two', 'h1', {ignoreErrors: true})];
    expect(await fleet.run(tasks)).toBe(3);
  });

  it('waits for what is still at work on a host, saying so', async () => {
    const fleet = new FakeFleet();
    fleet.work.set('h1', 2);
    fleet.steps.set('h1', 'step x-1 working\nx\nrestart etcd.service\n\n');
    expect(await fleet.run([directory('a', 'h1')])).toBe(0);
    const texts = fleet.events.flatMap(event => (event.type === 'task-progress' ? [event.text] : []));
    expect(texts).toEqual(['h1 is still at work with "restart etcd.service" of an earlier run']);
  });

  it('is left out on a host where our user may not take it, and asked of no request there', async () => {
    const fleet = new FakeFleet();
    fleet.unlockable.set('h2', 77);
    expect(await fleet.run([directory('a', 'h1'), directory('a', 'h2')])).toBe(0);
    expect(fleet.ends.sort()).toEqual(['a@h1 changed', 'a@h2 changed']);
  });

  it('is no lock where the host cannot have one: nothing is changed anywhere', async () => {
    const fleet = new FakeFleet();
    fleet.unlockable.set('h2', 1);
    expect(await fleet.run([directory('a', 'h1'), directory('a', 'h2')])).toBe(3);
    expect(codes(fleet)).toEqual(['E_LOCK']);
    expect(fleet.changes).toEqual([]);
    expect(fleet.locks.size).toBe(0);
  });

  it('is let go after a failure and after an interruption', async () => {
    const stop = new AbortController();
    const fleet = new FakeFleet(
      {},
      {end: () => ({rc: stop.abort() ?? 0, stdout: ''}), bad: () => ({rc: 1, stdout: ''})},
    );
    expect(await fleet.run([command('c', 'h1', ['bad'])])).toBe(2);
    expect(fleet.locks.size).toBe(0);
    expect(await fleet.run([command('d', 'h1', ['end'])], {signal: stop.signal})).toBe(130);
    expect(fleet.locks.size).toBe(0);
    const end = fleet.events.at(-1);
    expect(end?.type === 'run-end' && end.hint).toContain('etcdctl-play again');
  });

  it('is taken on hosts of the cluster outside the run, too, before a member stops', async () => {
    const target = (name: string) => ({name, connection: 'ssh', address: name, port: 22, options: {}}) as const;
    const peers = new Map(
      [
        ['p1', 'etcd'],
        ['p2', 'etcd'],
        ['p3', 'else'],
      ].map(([name = '', cluster = '']) => [name, {cluster, target: target(name)}]),
    );
    const cluster = await FakeCluster.start(3);
    const options = {peers, clusters: new Map([['etcd', cluster.managed()]])};
    const one = task('restart', 'h2', 'systemd_service', {name: 'etcd', state: 'restarted'}, {cluster: 'etcd'});

    const held = new FakeFleet({}, {}, cluster);
    held.locks.set('p1', OTHER);
    expect(await held.run([one], options)).toBe(3);
    expect(codes(held)).toEqual(['E_LOCK_HELD']);
    expect(cluster.log).toEqual([]);
    expect([...held.locks.keys()]).toEqual(['p1']);

    const fleet = new FakeFleet({unreachable: ['p2']}, {}, cluster);
    expect(await fleet.run([one], options)).toBe(0);
    expect(lockVerbs(fleet).filter(text => text.endsWith(' lock+run-state'))).toEqual([
      'h2 lock+run-state',
      'p1 lock+run-state',
    ]);
    expect(codes(fleet)).toEqual(['W_LOCK_PEER']);
    expect(cluster.log).toEqual(['restart m2']);
    expect(fleet.locks.size).toBe(0);
    cluster.close();
  });

  it('is taken by no wall clock: a controller in another century does the same', async () => {
    const fleet = new FakeFleet();
    const century = 100 * 365 * 86_400_000;
    expect(await fleet.run([directory('a', 'h1')], {now: () => -century})).toBe(0);
    fleet.locks.set('h1', OTHER);
    expect(await fleet.run([directory('b', 'h1')], {now: () => century})).toBe(3);
  });
});

describe('the lease', () => {
  afterEach(() => vi.useRealTimers());

  it('is renewed while the run is at work elsewhere, and its loss found by that', async () => {
    vi.useFakeTimers({toFake: ['setInterval', 'clearInterval']});
    let go = () => {};
    const fleet = new FakeFleet({}, {slow: () => ({rc: 0, stdout: ''})});
    const emit = (event: (typeof fleet.events)[number]) => {
      fleet.events.push(event);
      if (event.type === 'task-progress') go();
    };
    const waited = new Promise<void>(resolve => {
      go = resolve;
    });
    const until = {conditions: ['false'], retries: 1, delaySeconds: 1};
    const run = fleet.run([command('c', 'h1', ['slow'], {until, register: 'r'})], {emit});
    await waited;
    await vi.advanceTimersByTimeAsync(5000);
    expect(lockVerbs(fleet).filter(text => text === 'h1 ping').length).toBe(1);
    fleet.locks.set('h1', OTHER);
    await vi.advanceTimersByTimeAsync(5000);
    await new Promise(resolve => setImmediate(resolve));
    await new Promise(resolve => setImmediate(resolve));
    expect(codes(fleet)).toEqual(['E_LOCK_LOST']);
    expect(await run).toBe(3);
  });
});

describe('steps that ended unheard', () => {
  const step = (id: string, state: string, said = '') => `step ${id} ${state}\nold\nrestart etcd.service\n${said}\n`;

  it.each([
    ['done', '', 'it was done'],
    ['failed', 'Job failed.', 'it failed: Job failed.'],
    ['down', '', 'the host went down in the middle of it'],
    ['broken', '', 'its process was ended in the middle of it'],
  ])('are told (%s) and then forgotten', async (state, said, expected) => {
    const fleet = new FakeFleet();
    fleet.directories.add('h1:/a');
    fleet.steps.set('h1', step('old-1', state, said));
    expect(await fleet.run([directory('a', 'h1')])).toBe(0);
    expect(codes(fleet)).toEqual(['W_STEP_UNREPORTED']);
    expect(told(fleet)[0]?.message).toContain(`"restart etcd.service"; ${expected}`);
    expect(lockVerbs(fleet)).toEqual(['h1 run-state', 'h1 settle']);
  });

  it('are left where they are by a check run, which also tells of one at work', async () => {
    const fleet = new FakeFleet();
    fleet.steps.set('h1', step('old-1', 'done') + step('old-2', 'working'));
    await fleet.run([directory('a', 'h1')], {check: true});
    expect(codes(fleet)).toEqual(['W_STEP_UNREPORTED', 'W_STEP_UNREPORTED']);
    expect(lockVerbs(fleet)).toEqual(['h1 run-state']);
  });

  it('and were at work at the first look are told at the end, also where nothing was to be done', async () => {
    const fleet = new FakeFleet();
    fleet.directories.add('h1:/a');
    fleet.steps.set('h1', step('old-1', 'working'));
    const emit = (event: (typeof fleet.events)[number]) => {
      fleet.events.push(event);
      if (event.type === 'task-end') fleet.steps.set('h1', step('old-1', 'done'));
    };
    expect(await fleet.run([directory('a', 'h1')], {emit})).toBe(0);
    expect(told(fleet).map(({message}) => message)).toEqual([expect.stringContaining('it was done')]);
    expect(lockVerbs(fleet)).toEqual(['h1 run-state', 'h1 run-state', 'h1 settle']);
    fleet.steps.set('h1', step('old-2', 'working'));
    await fleet.run([directory('a', 'h1')]);
    expect(told(fleet).at(-1)?.message).toContain('it is still at work');
    expect(lockVerbs(fleet).slice(3)).toEqual(['h1 run-state', 'h1 run-state']);
  });

  it('that this run heard of are settled', async () => {
    const fleet = new FakeFleet();
    fleet.files.set('h1:/run/etcd/started.conf', 'a: 1\n');
    await fleet.run([restart('h1')]);
    expect(lockVerbs(fleet)).toContain('h1 settle');
  });
});

describe('the answer of run-state', () => {
  it('is read, whatever others have written into a lock', () => {
    const read = parseRunState('lock stale 40\nid\n\u001b[31mwho\nsince\nwhat\nstep a-1 failed\nr\nt\nw \n');
    expect(read).toEqual({
      ok: true,
      value: {
        lock: {state: 'stale', idleSeconds: 40, owner: {runId: 'id', who: 'who', since: 'since', command: 'what'}},
        steps: [{id: 'a-1', runId: 'r', title: 't', state: 'failed', words: 'w'}],
      },
    });
  });

  it.each(['', 'nonsense\n', 'lock maybe 3\n', 'lock free 0\nstep ../x done\na\nb\nc\n', 'lock free x\n'])(
    'is refused where it is odd: %j',
    text => expect(parseRunState(text).ok).toBe(false),
  );
});
