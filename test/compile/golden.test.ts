import {expect, test} from 'vitest';
import {graphText} from '../../src/compile/graph-text.ts';
import {compiled, edges, type ProjectText} from './fixtures/project.ts';

const FILES = {
  'roles/mini/defaults/main.yml': 'data: /var/lib/mini\nport: 2379\n',
  'roles/mini/templates/mini.conf.j2':
    'name: {{ me.name }}\n{% for member in etcd_members %}peer: {{ member.peer_url }}\n{% endfor %}',
  'roles/mini/vars/main.yml':
    "me: \"{{ etcd_members | selectattr('host', 'equalto', inventory_hostname) | first }}\"\n",
  'roles/mini/handlers/main.yml': '- name: restart mini\n  command: systemctl restart mini\n',
  'roles/mini/tasks/main.yml': `- import_tasks: dir.yml
  tags: [dir]
- name: conf | {{ me.name }}
  template: {src: mini.conf.j2, dest: /etc/mini.conf}
  notify: restart mini
  tags: [conf]
- meta: flush_handlers
- import_tasks: health.yml
  tags: [health]
`,
  'roles/mini/tasks/dir.yml': `- name: dir | {{ item }}
  file: {path: "{{ item }}", state: directory}
  loop: ["{{ data }}", /etc/mini]
- name: dir | only where wanted
  file: {path: /wanted, state: directory}
  when: wanted is defined
`,
  'roles/mini/tasks/health.yml': `- name: health | all members agree
  etcd_health: {members: "{{ etcd_members }}", pki_dir: /pki}
- name: health | what does it say
  command: mini status
  register: said
  changed_when: false
- name: health | tell
  debug: {msg: "{{ said.stdout }} on {{ me.name }}"}
  when: said.rc == 0
`,
};

const INVENTORY = `etcd:
  children:
    one:
      hosts: {10.0.1.1: {etcd_seq: 1}, 10.0.1.2: {etcd_seq: 2, wanted: true}, 10.0.1.3: {etcd_seq: 3}}
      vars: {etcd_cluster: one}
    two:
      hosts: {10.0.2.1: {etcd_seq: 1}}
      vars: {etcd_cluster: two}
`;

const PLAYBOOK = `- name: mini
  hosts: etcd
  become: true
  roles: [mini]
- name: controller
  hosts: localhost
  tasks: [{name: report, debug: {msg: done}}]
`;

const CASES: readonly (readonly [string, Partial<ProjectText>])[] = [
  ['two-clusters', {}],
  ['one-host', {limit: '10.0.1.2,localhost'}],
  ['conf-only', {tags: ['conf'], limit: 'one'}],
  ['serial', {playbook: PLAYBOOK.replace('become: true', 'serial: [1, 2]'), skipTags: ['health', 'dir']}],
];

/** After a wanted change of graphs: `npx vitest run --project unit test/compile/golden.test.ts -u`, and read the difference. */
test.each(CASES)('the graph %s is as it was', async (name, options) => {
  const result = compiled({inventory: INVENTORY, playbook: PLAYBOOK, files: FILES, ...options});
  const text = `${graphText(result)}\n${edges(result).join('\n')}\n`;
  await expect(text).toMatchFileSnapshot(`../golden/${name}.graph`);
});
