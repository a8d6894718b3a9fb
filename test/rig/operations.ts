/** The operations that the kill matrix meets, each with what it starts from and what has to hold after it. */
import {existsSync, readdirSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {expect} from 'vitest';
import type {Lab} from '../../src/lab/lab.ts';
import {expectCode, expectHealthy} from '../e2e/helpers/cluster.ts';
import type {Workspace} from '../e2e/helpers/play.ts';
import type {KillMatrix} from './kill-matrix.ts';

/** etcd 3.5 with so short a log that a member that was away for a moment is sent a snapshot instead of entries. */
export const SMALL_SNAPSHOTS: readonly string[] = [
  '-e',
  '{"etcd_config": {"snapshot-count": 100, "experimental-snapshot-catch-up-entries": 100}}',
];

/** Operations by name, on a lab that `work.inventory(lab)` describes. */
export interface Operations {
  readonly create: KillMatrix;
  /** A changed option, which restarts every member in turn; needs a cluster. */
  readonly restart: KillMatrix;
  readonly clean: KillMatrix;
  readonly purge: KillMatrix;
}

/** The operations on this lab. */
export function operations(lab: Lab, work: Workspace): Operations {
  const base = ['-i', 'inventory/lab.yml', ...SMALL_SNAPSHOTS];
  const play: KillMatrix['play'] = (args, options) => work.play(lab, [...base, ...args], options);
  const converge = async () => expectCode(await play(['etcd.yml']), 0);
  const isHealthy = () => expectHealthy(lab, lab.hosts[0]?.name ?? '', lab.hosts.length);
  return {
    create: {play, command: ['etcd.yml'], prepare: () => wipe(lab, work), assert: isHealthy},
    restart: {
      play,
      command: round => ['etcd.yml', '-e', `etcd_election_timeout=${1010 + 10 * round}`],
      assert: isHealthy,
    },
    clean: {
      play,
      command: ['etcd.yml', '-t', 'etcd_clean', '-e', 'etcd_safeguard=false'],
      prepare: converge,
      reruns: clean => [clean, ['etcd.yml']],
      assert: isHealthy,
    },
    purge: {
      play,
      command: ['etcd.yml', '-t', 'etcd_purge'],
      prepare: async () => {
        rmSync(backupsOf(work), {recursive: true, force: true});
        await converge();
      },
      assert: () => isGone(lab, work),
    },
  };
}

/** As if etcd had never been on the hosts, and its certificates never made. */
async function wipe(lab: Lab, work: Workspace): Promise<void> {
  const script = [
    'systemctl kill -s KILL etcd.service',
    'systemctl disable --now etcd.service',
    'rm -rf /data/etcd /etc/etcd /opt/etcd /etc/systemd/system/etcd.service /etc/profile.d/etcdctl.sh /usr/local/bin/etcd*',
    'systemctl daemon-reload',
    'systemctl reset-failed etcd.service',
    'userdel etcd',
    'groupdel etcd',
  ].join('; ');
  await Promise.all(lab.hosts.map(({name}) => lab.exec(name, ['sh', '-c', script])));
  rmSync(join(work.dir, 'inventory/pki'), {recursive: true, force: true});
}

/** What a purge leaves: nothing on the hosts, and a snapshot of what there was on the controller. */
async function isGone(lab: Lab, work: Workspace): Promise<void> {
  const script = [
    'ls -d /data/etcd /etc/etcd /opt/etcd /etc/systemd/system/etcd* /etc/profile.d/etcdctl.sh /usr/local/bin/etcd* 2>/dev/null',
    'getent passwd etcd',
    'pgrep -x etcd',
    'true',
  ].join('; ');
  for (const {name} of lab.hosts) expect(await lab.execOk(name, ['sh', '-c', script]), `left on ${name}`).toBe('');
  const names = existsSync(backupsOf(work)) ? readdirSync(backupsOf(work)) : [];
  expect(names.filter(name => name.endsWith('.db')).length, `snapshots: ${names.join(' ')}`).toBeGreaterThan(0);
}

function backupsOf(work: Workspace): string {
  return join(work.dir, 'inventory/backup/etcd');
}
