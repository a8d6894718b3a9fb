/** What the gate is told of every cluster, whatever the play and the limit. */
import {describe, expect, it} from 'vitest';
import {compiled, problemsOf} from './fixtures/project.ts';

const DEFAULTS = [
  'etcd_cluster: etcd',
  'etcd_unit: etcd',
  'etcd_data: /data/etcd',
  'etcd_wal_dir: ""',
  'etcd_pki_dir: "{{ inventory_dir }}/pki/{{ etcd_cluster }}"',
  'etcd_allow_downtime: false',
  'etcd_health_timeout: 60',
].join('\n');
const INVENTORY = `
etcd:
  hosts:
    10.0.0.2: {etcd_seq: 2, etcd_wal_dir: /srv/wal}
    10.0.0.1: {etcd_seq: 1}
  vars: {etcd_unit: etcd-main}
other:
  hosts:
    b1: {ansible_host: 10.0.0.1, etcd_seq: 1, etcd_cluster: b, etcd_unit: etcd-b.service, etcd_port: 12379, etcd_peer_port: 12380, etcd_address: 10.0.0.1}
web:
  hosts: {w1: {}}
`;
const FILES = {'roles/etcd/defaults/main.yml': DEFAULTS, 'roles/etcd/tasks/main.yml': '[]'};
const project = {inventory: INVENTORY, playbook: '- hosts: web\n  tasks: [{ping: {}}]\n', files: FILES};

describe('the managed clusters', () => {
  it("are whole, with the role's defaults, though the play uses neither role nor hosts", () => {
    const {managed} = compiled(project);
    expect([...managed.keys()]).toEqual(['etcd', 'b']);
    expect(managed.get('etcd')).toEqual({
      name: 'etcd',
      pkiDir: '/project/pki/etcd',
      allowDowntime: false,
      healthTimeoutSeconds: 60,
      members: [
        {
          host: '10.0.0.1',
          name: 'etcd-1',
          seq: 1,
          peerUrl: 'https://10.0.0.1:2380',
          clientUrl: 'https://10.0.0.1:2379',
          unit: 'etcd-main.service',
          dataDir: '/data/etcd',
          machine: '10.0.0.1:22',
        },
        {
          host: '10.0.0.2',
          name: 'etcd-2',
          seq: 2,
          peerUrl: 'https://10.0.0.2:2380',
          clientUrl: 'https://10.0.0.2:2379',
          unit: 'etcd-main.service',
          dataDir: '/data/etcd',
          walDir: '/srv/wal',
          machine: '10.0.0.2:22',
        },
      ],
    });
  });

  it('know that two hosts are one machine', () => {
    const {managed} = compiled(project);
    expect(managed.get('b')?.members[0]).toMatchObject({machine: '10.0.0.1:22', unit: 'etcd-b.service'});
  });

  it('hear -e', () => {
    const {managed} = compiled({...project, extra: ['etcd_allow_downtime=true etcd_health_timeout=5']});
    expect(managed.get('etcd')).toMatchObject({allowDowntime: true, healthTimeoutSeconds: 5});
  });

  it('that cannot be read are a mistake of the inventory', () => {
    const inventory = INVENTORY.replace('etcd_unit: etcd-main', 'etcd_unit: "{{ nowhere }}"');
    expect(problemsOf({...project, inventory})).toEqual([expect.stringContaining('E_UNDEFINED')]);
  });
});
