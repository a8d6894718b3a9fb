import {expect, test} from 'vitest';
import {inventoryOf} from '../../src/lab/inventory.ts';
import {type LabState, newHost} from '../../src/lab/state.ts';

function lab(...names: string[]): LabState {
  let state: LabState = {
    name: 'demo',
    cache: '/c',
    dir: '/c/labs/demo',
    prefix: '10.10.10',
    root: '/c/root',
    reachable: false,
    hosts: [],
  };
  for (const name of names) state = {...state, hosts: [...state.hosts, newHost(state, name)]};
  return state;
}

test('hosts by address, in the shape of the documentation', () => {
  expect(inventoryOf(lab('h1', 'h2'), {vars: {etcd_archive: '/c/etcd/etcd-v3.5.30-linux-amd64.tar.gz'}})).toBe(`etcd:
  hosts:
    10.10.10.10: {etcd_seq: 1}
    10.10.10.11: {etcd_seq: 2}
  vars:
    etcd_cluster: etcd
    ansible_user: ops
    ansible_become: true
    ansible_ssh_private_key_file: /c/labs/demo/id_ed25519
    ansible_ssh_common_args: "-o UserKnownHostsFile=/c/labs/demo/known_hosts"
    etcd_archive: /c/etcd/etcd-v3.5.30-linux-amd64.tar.gz
`);
});

test('hosts by name, a part of them, and variables replaced and removed', () => {
  const options = {
    by: 'name',
    hosts: ['node-b'],
    user: 'root',
    vars: {ansible_become: undefined, etcd_cluster: 'yes', etcd_port: 12379},
  } as const;
  expect(inventoryOf(lab('node-a', 'node-b'), options)).toBe(`etcd:
  hosts:
    node-b: {ansible_host: 10.10.10.11, etcd_seq: 2}
  vars:
    etcd_cluster: "yes"
    ansible_user: root
    ansible_ssh_private_key_file: /c/labs/demo/id_ed25519
    ansible_ssh_common_args: "-o UserKnownHostsFile=/c/labs/demo/known_hosts"
    etcd_port: 12379
`);
});
