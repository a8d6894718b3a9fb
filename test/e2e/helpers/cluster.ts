/** Looks at a cluster from outside the program: what hosts hold, what etcdctl says, what a run printed. */
import {expect} from 'vitest';
import type {Finished} from '../../../src/lab/command.ts';
import type {Lab} from '../../../src/lab/lab.ts';

/** Everything that a run which changes nothing must leave alone: inode, mtime, ctime, mode and owner of files, pids and times of units. */
export async function fingerprint(lab: Lab): Promise<Record<string, string>> {
  const script = [
    'stat -c "%n %i %Y %Z %a %U:%G" /etc/etcd /etc/etcd/* /etc/systemd/system/etcd.service /etc/profile.d/etcdctl.sh /usr/local/bin/* /opt/etcd/* /opt/etcd/*/* /data/etcd 2>/dev/null',
    'systemctl show etcd.service -p MainPID -p ActiveState -p ActiveEnterTimestampMonotonic -p UnitFileState -p NRestarts',
    'getent passwd etcd',
    'stat -c "%n %i %Y" /etc/passwd /etc/group /etc/shadow',
  ].join('; ');
  const entries = lab.hosts.map(async host => [
    host.name,
    (await lab.exec(host.name, ['sh', '-c', `${script}; true`])).stdout,
  ]);
  return Object.fromEntries(await Promise.all(entries));
}

/** A recap line's counters by host. */
export function recapOf(stdout: string): Record<string, Record<string, number>> {
  const recap: Record<string, Record<string, number>> = {};
  for (const line of stdout.split('\n')) {
    const match = /^(\S+)\s+: (ok=\d+ .*)$/.exec(line);
    if (match === null) continue;
    const counters = (match[2] ?? '')
      .trim()
      .split(/\s+/)
      .map(pair => pair.split('='));
    recap[match[1] ?? ''] = Object.fromEntries(counters.map(([key, value]) => [key, Number(value)]));
  }
  return recap;
}

/** Fails with the whole output unless the run ended with this code. */
export function expectCode(run: Finished, code: number): void {
  expect(run.code, `${run.stdout}\n${run.stderr}`).toBe(code);
}

/** Fails unless the run succeeded and changed nothing on any host. */
export function expectNoChange(run: Finished): void {
  expectCode(run, 0);
  const recap = recapOf(run.stdout);
  expect(Object.keys(recap).length, run.stdout).toBeGreaterThan(0);
  for (const [host, counters] of Object.entries(recap))
    expect({host, changed: counters.changed}, run.stdout).toEqual({host, changed: 0});
}

/** etcdctl on a host with the environment that the role installs; with `endpoint`, asking that one only (etcdctl takes a flag or its variable, not both). */
export function etcdctl(lab: Lab, host: string, args: string, endpoint?: string): Promise<Finished> {
  const only = endpoint === undefined ? '' : `export ETCDCTL_ENDPOINTS=${endpoint};`;
  return lab.exec(host, ['sh', '-c', `. /etc/profile.d/etcdctl.sh; ${only} exec /usr/local/bin/etcdctl ${args}`]);
}

/** What every member says: one cluster, one leader, all members started. */
export async function expectHealthy(lab: Lab, host: string, size: number): Promise<void> {
  const health = await etcdctl(lab, host, 'endpoint health -w json');
  expect(health.code, health.stdout + health.stderr).toBe(0);
  const status = await etcdctl(lab, host, 'endpoint status -w json');
  const ids = [...status.stdout.matchAll(/"cluster_id":(\d+)/g)].map(match => match[1]);
  const leaders = [...status.stdout.matchAll(/"leader":(\d+)/g)].map(match => match[1]);
  expect({members: ids.length, clusters: new Set(ids).size, leaders: new Set(leaders).size}).toEqual({
    members: size,
    clusters: 1,
    leaders: 1,
  });
  const list = await etcdctl(lab, host, 'member list');
  expect(
    list.stdout
      .trim()
      .split('\n')
      .filter(line => line.includes(', started, ')).length,
    list.stdout,
  ).toBe(size);
}

/** Events of a run with `--output json`. */
export function eventsOf(stdout: string): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line) as Record<string, unknown>);
}
