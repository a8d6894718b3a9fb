import {expect, test} from 'vitest';
import {hostsFile} from '../../src/lab/guest.ts';
import {addressesOf, cableName, checkName, machineName, uplinkName} from '../../src/lab/names.ts';
import {type LabState, newHost} from '../../src/lab/state.ts';

const empty: LabState = {name: 'x', cache: '/c', dir: '/d', prefix: '10.9.8', root: '/r', reachable: false, hosts: []};

test('interface names fit the 15 characters that Linux allows, for any lab and the last host', () => {
  const names = [cableName('a-name-of-a-lab-that-is-rather-long', 250), `${uplinkName('a-name-of-a-lab')}-b`];
  expect(names.map(name => name.length <= 15)).toEqual([true, true]);
});

test('two labs never share machine names', () => {
  expect(machineName('demo', 10)).not.toBe(machineName('test', 10));
});

test('addresses follow the number of the host', () => {
  expect(addressesOf('10.10.10', 12)).toEqual({v4: '10.10.10.12', v6: 'fd00:10:10::12'});
});

test.each(['', '-a', 'a/b', '..', 'A', 'a b', 'x'.repeat(41)])('"%s" is no name for a lab', name => {
  expect(() => checkName('lab', name)).toThrow(`lab name "${name}"`);
});

test('hosts get the next address, and names where they have none', () => {
  let state = empty;
  for (const wanted of [{}, 'node-b', {tmpfs: {'/var/lib/etcd': '64M'}}]) {
    state = {...state, hosts: [...state.hosts, newHost(state, wanted)]};
  }
  expect(state.hosts).toEqual([
    {name: 'h1', address: '10.9.8.10', address6: 'fd00:10:9::10', index: 10, tmpfs: {}},
    {name: 'node-b', address: '10.9.8.11', address6: 'fd00:10:9::11', index: 11, tmpfs: {}},
    {name: 'h3', address: '10.9.8.12', address6: 'fd00:10:9::12', index: 12, tmpfs: {'/var/lib/etcd': '64M'}},
  ]);
  expect(hostsFile(state.hosts)).toBe(`127.0.0.1 localhost
::1 localhost ip6-localhost ip6-loopback
10.9.8.10 h1
10.9.8.11 node-b h2
10.9.8.12 h3
`);
});

test('two hosts of one name are refused', () => {
  const state = {...empty, hosts: [newHost(empty, 'a')]};
  expect(() => newHost(state, 'a')).toThrow('two hosts are called "a"');
});
