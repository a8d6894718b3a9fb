import {describe, expect, it} from 'vitest';
import {directory, FakeFleet, task} from '../helpers/fake-fleet.ts';

function restart(host: string) {
  const member = {name: host, host, peer_url: `http://${host}:2380`, client_url: `http://${host}:2379`};
  return task(
    'restart',
    host,
    'etcd_restart',
    {
      members: [member],
      pki_dir: '/pki',
      unit: 'etcd.service',
      member: host,
      config: {'log-level': 'warn'},
      started_dir: '/run/etcd',
      service_file: '/etc/systemd/system/etcd.service',
      binary: '/usr/bin/etcd',
      allow_downtime: true,
      timeout: 1,
    },
    {cluster: 'main'},
  );
}

function outdated(hosts: readonly string[]): FakeFleet {
  const fleet = new FakeFleet();
  for (const host of hosts) fleet.files.set(`${host}:/run/etcd/started.conf`, 'log-level: info\n');
  return fleet;
}

const isRestart = ({requests}: {requests: readonly string[]}) => requests.includes('systemctl restart etcd.service');

describe('the gate', () => {
  it('lets one member of a cluster through at a time, each with fresh answers', async () => {
    const fleet = outdated(['h1', 'h2']);
    await fleet.run([restart('h1'), restart('h2')]);
    const restarts = fleet.trips.flatMap((trip, index) => (isRestart(trip) ? [{host: trip.host, index}] : []));
    expect(restarts.map(({host}) => host)).toEqual(['h1', 'h2']);
    const between = fleet.trips.slice((restarts[0]?.index ?? 0) + 1, restarts[1]?.index);
    expect(between.some(({host, requests}) => host === 'h2' && requests.includes('unit etcd.service'))).toBe(true);
  });

  it('stays shut for those who wait when the operator interrupts', async () => {
    const stop = new AbortController();
    const fleet = outdated(['h1', 'h2']);
    const emit = (event: (typeof fleet.events)[number]) => {
      fleet.events.push(event);
      if (event.type === 'task-end') stop.abort();
    };
    expect(await fleet.run([restart('h1'), restart('h2')], {signal: stop.signal, emit})).toBe(130);
    expect(fleet.trips.filter(isRestart).map(({host}) => host)).toEqual(['h1']);
    expect(fleet.ends.at(-1)).toBe('restart@h2 blocked');
  });

  it('is not entered in a check run', async () => {
    const fleet = outdated(['h1', 'h2']);
    expect(await fleet.run([restart('h1'), restart('h2')], {check: true})).toBe(0);
    expect(fleet.trips.filter(isRestart)).toEqual([]);
    expect(fleet.ends.sort()).toEqual(['restart@h1 changed', 'restart@h2 changed']);
  });
});

describe('many hosts', () => {
  it('are never worked on more at a time than --forks says', async () => {
    const fleet = new FakeFleet();
    const hosts = Array.from({length: 20}, (_, index) => `h${index}`);
    expect(
      await fleet.run(
        hosts.map(host => directory('a', host)),
        {forks: 3},
      ),
    ).toBe(0);
    expect(fleet.mostBusy).toBe(3);
  });

  it('where nothing is to be done cost one round trip each and little time', async () => {
    const fleet = new FakeFleet();
    const tasks = Array.from({length: 1000}, (_, index) => `h${index}`).flatMap(host =>
      Array.from({length: 20}, (_, index) => {
        fleet.directories.add(`${host}:/d${index}`);
        return directory(`d${index}`, host);
      }),
    );
    const start = performance.now();
    expect(await fleet.run(tasks)).toBe(0);
    expect(performance.now() - start).toBeLessThan(15_000);
    expect(fleet.trips).toHaveLength(1000);
    expect(fleet.ends.every(end => end.endsWith(' ok'))).toBe(true);
  }, 30_000);
});
