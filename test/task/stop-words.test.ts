/** What can be read from a command about an etcd member, and what operations take one down. */
import {describe, expect, it} from 'vitest';
import type {ManagedCluster} from '../../src/etcd/managed.ts';
import {memberStops, onMachines} from '../../src/task/member-stops.ts';
import type {Op} from '../../src/task/op.ts';
import {commandEffect, shellEffect} from '../../src/task/stop-words.ts';

const target = {unit: 'etcd.service', dirs: ['/data/etcd', '/srv/wal']};

describe('a shell text', () => {
  it.each([
    ['systemctl restart etcd', 'restart'],
    ['systemctl try-restart etcd.service', 'restart'],
    ['systemctl reload-or-restart etcd', 'restart'],
    ['sudo -n systemctl --no-block stop etcd.service', 'stop'],
    ['timeout 5 env A=b /usr/bin/systemctl stop etcd', 'stop'],
    ['systemctl stop nginx etcd', 'stop'],
    ['systemctl stop "etcd*"', 'stop'],
    ['systemctl stop "$unit"', 'stop'],
    ['systemctl disable --now etcd', 'stop'],
    ['systemctl mask --now etcd', 'stop'],
    ['systemctl isolate multi-user.target', 'stop'],
    ['systemctl kill etcd', 'kill'],
    ['systemctl kill -s STOP etcd', 'kill'],
    ['service etcd stop', 'stop'],
    ['/etc/init.d/etcd restart', 'restart'],
    ['sleep 1 && systemctl restart etcd', 'restart'],
    ['if true; then systemctl stop etcd; fi', 'stop'],
    ['systemctl stop etcd; cp a b; systemctl start etcd', 'restart'],
    ['sh -c "systemctl stop etcd"', 'stop'],
    ["sudo su -c 'service etcd stop'", 'stop'],
    ['x=$(systemctl stop etcd)', 'stop'],
    ['echo "now: $(systemctl stop etcd)"', 'stop'],
    ['pkill -9 etcd', 'kill'],
    ['killall etcd', 'kill'],
    ['kill $(pidof etcd)', 'kill'],
    ['pgrep etcd | xargs kill -TERM', 'kill'],
    ['reboot', 'machine'],
    ['sudo -u root /sbin/reboot', 'machine'],
    ['bash -c reboot', 'machine'],
    ['shutdown -r now', 'machine'],
    ['systemctl poweroff', 'machine'],
    ['init 6', 'machine'],
    ['echo b >/proc/sysrq-trigger', 'machine'],
    ['rm -rf /data/etcd', 'data'],
    ['rm -rf /data', 'data'],
    ['rm -rf /data/*', 'data'],
    ['rm -rf /data/etcd/*', 'data'],
    ['rm -rf /data/etcd/member/snap', 'data'],
    ['cd / && mv /srv/wal /srv/wal.old', 'data'],
    ['umount /data', 'data'],
  ])('%s: %s', (text, effect) => {
    expect(shellEffect(text, target)).toBe(effect);
  });

  it.each([
    'systemctl status etcd',
    'systemctl start etcd',
    'systemctl enable --now etcd',
    'systemctl disable etcd',
    'systemctl restart patroni',
    'systemctl stop etcd-backup.timer',
    'systemctl kill -s CONT etcd',
    'service patroni restart',
    'etcdctl member list',
    'etcdctl snapshot save /x; kill 12',
    'kill -0 $(pidof etcd)',
    'pkill etcdctl',
    'grep -c reboot /var/log/syslog',
    'shutdown -c',
    '# systemctl stop etcd',
    'rm -f /data/*.tmp',
    'rm -rf /data/etcd-backup',
    'rm -f /data/etcd/notes',
    'echo done',
    'echo "open quote',
  ])('%s: nothing', text => {
    expect(shellEffect(text, target)).toBeUndefined();
  });

  it('paths are seen from the directory of the command', () => {
    expect(commandEffect(['rm', '-rf', 'etcd'], target, '/data')).toBe('data');
    expect(commandEffect(['rm', '-rf', 'etcd'], target, '/tmp')).toBeUndefined();
  });
});

describe('operations', () => {
  const member = (name: string, host: string, machine: string, unit = 'etcd.service') => ({
    host,
    name,
    seq: 1,
    peerUrl: '',
    clientUrl: '',
    unit,
    dataDir: `/data/${name}`,
    machine,
  });
  const cluster = (name: string, members: ManagedCluster['members']): ManagedCluster => ({
    name,
    members,
    pkiDir: '',
    allowDowntime: false,
    healthTimeoutSeconds: 1,
  });
  const machines = onMachines([
    cluster('a', [member('a1', 'h1', '10.0.0.1:22'), member('a2', 'h2', '10.0.0.2:22')]),
    cluster('b', [member('b1', 'h1-b', '10.0.0.1:22', 'etcd-b.service')]),
  ]);
  const found = (ops: readonly Op[], machine = '10.0.0.1:22') =>
    memberStops(ops, machine, machines).map(stop => `${stop.effect} ${stop.member.name} ${stop.first}`);
  const unit = (verb: Extract<Op, {kind: 'unit'}>['verb'], name = 'etcd.service'): Op => ({
    kind: 'unit',
    verb,
    unit: name,
  });

  it.each<[string, readonly Op[], readonly string[]]>([
    ['a restart', [unit('daemon-reload', ''), unit('restart')], ['restart a1 1']],
    ['a stop', [unit('stop')], ['stop a1 0']],
    ['a stop and a start', [unit('stop'), unit('start')], ['restart a1 0']],
    ['a start', [unit('start')], []],
    ['disable and mask', [unit('disable'), unit('mask')], []],
    ['the other cluster on the same machine', [unit('restart', 'etcd-b.service')], ['restart b1 0']],
    ['a reboot', [{kind: 'command', argv: ['reboot']}], ['machine a1 0', 'machine b1 0']],
    ['a kill by name', [{kind: 'command', argv: ['pkill', 'etcd']}], ['kill a1 0', 'kill b1 0']],
    [
      'commands on the input of a shell',
      [{kind: 'command', argv: ['sh'], stdin: 'systemctl stop etcd\n'}],
      ['stop a1 0'],
    ],
    ['data', [{kind: 'quarantine', path: '/data/a1', manifest: {}}], ['data a1 0']],
    ['data above', [{kind: 'remove', path: '/data'}], ['data a1 0', 'data b1 0']],
    ['data of a member stopped before it', [unit('stop'), {kind: 'remove', path: '/data/a1'}], ['stop a1 0']],
    ['another path', [{kind: 'remove', path: '/data/a10'}], []],
  ])('%s', (_, ops, expected) => {
    expect(found(ops)).toEqual(expected);
  });

  it('within operations are found, too', () => {
    const nested = {kind: 'critical', title: 'replace', ops: [unit('stop'), unit('start')]} as Op;
    expect(found([unit('daemon-reload', ''), nested])).toEqual(['restart a1 1']);
  });

  it('on another machine concern its own members', () => {
    expect(found([unit('restart')], '10.0.0.2:22')).toEqual(['restart a2 0']);
    expect(found([unit('restart')], '10.0.0.9:22')).toEqual([]);
  });
});
