import {describe, expect, test} from 'vitest';
import {graphMermaid} from '../../src/compile/graph-mermaid.ts';
import {graphText} from '../../src/compile/graph-text.ts';
import {compiled, edges, problemsOf, tasksOn} from './fixtures/project.ts';

const CLUSTERS = `
etcd:
  children:
    one: {hosts: {a: {etcd_seq: 1}, b: {etcd_seq: 2}, c: {etcd_seq: 3}}, vars: {etcd_cluster: one}}
    two: {hosts: {x: {etcd_seq: 1}}, vars: {etcd_cluster: two}}
`;

const HEALTH = 'etcd_health: {members: "{{ etcd_members }}", pki_dir: /pki}';

describe('edges', () => {
  test('a host goes through its tasks in order, and hosts do not wait for each other', () => {
    const playbook = '- name: p\n  hosts: web\n  tasks:\n    - {name: one, debug: }\n    - {name: two, debug: }\n';
    expect(edges(compiled({playbook}))).toEqual([
      'p/-/1-one@a',
      'p/-/1-one@b',
      'p/-/2-two@a <- p/-/1-one@a',
      'p/-/2-two@b <- p/-/1-one@b',
    ]);
  });

  test('a play starts when the one before has ended on all hosts', () => {
    const playbook = '- {name: p, hosts: web, tasks: [{debug: }]}\n- {name: q, hosts: a, tasks: [{debug: }]}\n';
    expect(edges(compiled({playbook}))).toEqual([
      'p/-/1-debug@a',
      'p/-/1-debug@b',
      'q/-/barrier-1@localhost <- p/-/1-debug@a p/-/1-debug@b',
      'q/-/1-debug@a <- q/-/barrier-1@localhost',
    ]);
  });

  test('run_once waits for all hosts, and all wait for it', () => {
    const playbook =
      '- name: p\n  hosts: web\n  tasks:\n    - debug:\n    - {name: once, debug: , run_once: true}\n    - debug:\n';
    expect(edges(compiled({playbook}))).toEqual([
      'p/-/1-debug@a',
      'p/-/1-debug@b',
      'p/-/2-once@a <- p/-/1-debug@a p/-/1-debug@b',
      'p/-/3-debug@a <- p/-/2-once@a',
      'p/-/3-debug@b <- p/-/2-once@a',
    ]);
  });

  test('where a cluster takes turns, a host waits for the one before it, and for nobody of another cluster', () => {
    const args = 'members: "{{ etcd_members }}", pki_dir: /pki, member: m, unit: u, data: /d, config: {}';
    const turn = `etcd_join: {${args}, config_file: /c, started_file: /s, owner: o, group: g}`;
    const playbook = `- name: p\n  hosts: etcd\n  tasks:\n    - debug:\n    - ${turn}\n    - debug:\n`;
    expect(edges(compiled({inventory: CLUSTERS, playbook}))).toEqual([
      'p/-/1-debug@a',
      'p/-/1-debug@b',
      'p/-/1-debug@c',
      'p/-/1-debug@x',
      'p/-/2-etcd-join@a <- p/-/1-debug@a',
      'p/-/2-etcd-join@b <- p/-/1-debug@b p/-/2-etcd-join@a',
      'p/-/2-etcd-join@c <- p/-/1-debug@c p/-/2-etcd-join@b',
      'p/-/2-etcd-join@x <- p/-/1-debug@x',
      'p/-/3-debug@a <- p/-/2-etcd-join@a',
      'p/-/3-debug@b <- p/-/2-etcd-join@b',
      'p/-/3-debug@c <- p/-/2-etcd-join@c',
      'p/-/3-debug@x <- p/-/2-etcd-join@x',
    ]);
  });

  test('a task of a cluster waits for the cluster alone', () => {
    const playbook = `- name: p\n  hosts: etcd\n  tasks:\n    - debug:\n    - ${HEALTH}\n    - debug:\n`;
    expect(edges(compiled({inventory: CLUSTERS, playbook}))).toEqual([
      'p/-/1-debug@a',
      'p/-/1-debug@b',
      'p/-/1-debug@c',
      'p/-/1-debug@x',
      'p/-/2-etcd-health@a <- p/-/1-debug@a p/-/1-debug@b p/-/1-debug@c',
      'p/-/2-etcd-health@x <- p/-/1-debug@x',
      'p/-/3-debug@a <- p/-/2-etcd-health@a',
      'p/-/3-debug@b <- p/-/2-etcd-health@a',
      'p/-/3-debug@c <- p/-/2-etcd-health@a',
      'p/-/3-debug@x <- p/-/2-etcd-health@x',
    ]);
  });

  test('a task of a cluster is done by the first host of the run on which it is not skipped', () => {
    const playbook = `- name: p\n  hosts: etcd\n  tasks:\n    - ${HEALTH}\n      when: etcd_seq == 2\n`;
    expect(edges(compiled({inventory: CLUSTERS, playbook, limit: 'one'}))).toEqual(['p/-/1-etcd-health@b']);
  });

  test('serial batches come one after the other', () => {
    const playbook = '- name: p\n  hosts: web\n  serial: 1\n  tasks: [{debug: }]\n';
    const inventory = 'web: {hosts: {a: {}, b: {}, c: {}}}\n';
    expect(edges(compiled({inventory, playbook}))).toEqual([
      'p/-/1-debug@a',
      'p/-/barrier-1@localhost <- p/-/1-debug@a',
      'p/-/1-debug@b <- p/-/barrier-1@localhost',
      'p/-/barrier-2@localhost <- p/-/1-debug@b',
      'p/-/1-debug@c <- p/-/barrier-2@localhost',
    ]);
  });

  test('any_errors_fatal lets nobody go on before all have done a task', () => {
    const playbook = '- name: p\n  hosts: web\n  any_errors_fatal: true\n  tasks: [{debug: }, {debug: }]\n';
    const result = compiled({playbook});
    expect(edges(result)).toEqual([
      'p/-/1-debug@a',
      'p/-/1-debug@b',
      'p/-/barrier-1@localhost <- p/-/1-debug@a p/-/1-debug@b',
      'p/-/2-debug@a <- p/-/barrier-1@localhost',
      'p/-/2-debug@b <- p/-/barrier-1@localhost',
    ]);
    expect(result.graph.nodes[2]?.args).toEqual({reason: 'any_errors_fatal'});
  });

  test('a task delegated to another host takes its turn there', () => {
    const playbook =
      '- name: p\n  hosts: web\n  tasks:\n    - debug:\n    - {name: there, debug: , delegate_to: b}\n    - debug:\n';
    expect(edges(compiled({playbook}))).toEqual([
      'p/-/1-debug@a',
      'p/-/1-debug@b',
      'p/-/2-there@a <- p/-/1-debug@a p/-/1-debug@b',
      'p/-/2-there@b <- p/-/2-there@a',
      'p/-/3-debug@a <- p/-/2-there@a',
      'p/-/3-debug@b <- p/-/2-there@b',
    ]);
  });

  test('tasks delegated to the controller do not wait for each other', () => {
    const playbook = '- name: p\n  hosts: web\n  tasks: [{local_action: command ls}]\n';
    const result = compiled({playbook});
    expect(edges(result)).toEqual(['p/-/1-command@a', 'p/-/1-command@b']);
    expect(result.graph.nodes.map(task => task.host)).toEqual(['localhost', 'localhost']);
    expect(result.hosts.at(-1)).toEqual({name: 'localhost', connection: {ansible_connection: {value: 'local'}}});
  });

  test('the turns of a loop come one after the other', () => {
    const playbook = '- name: p\n  hosts: a\n  tasks: [{debug: {msg: "{{ item }}"}, loop: [1, 2]}]\n';
    expect(edges(compiled({playbook}))).toEqual(['p/-/1-debug[0]@a', 'p/-/1-debug[1]@a <- p/-/1-debug[0]@a']);
  });

  test('plays of one name get ids of their own', () => {
    const playbook = '- {name: p, hosts: a, tasks: [{debug: }]}\n- {name: p, hosts: a, tasks: [{debug: }]}\n';
    const result = compiled({playbook});
    expect(result.plays).toEqual([
      {name: 'p', hosts: ['a'], tasks: ['p/-/1-debug@a']},
      {name: 'p (2)', hosts: ['a'], tasks: ['p-2/-/barrier-1@localhost', 'p-2/-/1-debug@a']},
    ]);
  });
});

describe('handlers', () => {
  const handlers = '  handlers: [{name: restart, debug: {msg: restart}}, {name: other, debug: , listen: [topic]}]\n';
  const notified = (result: ReturnType<typeof compiled>) =>
    result.graph.nodes.flatMap(task => (task.onlyIfChanged === undefined ? [] : [[task.id, task.onlyIfChanged]]));

  test('run at the end of a section, where a task that may have changed something notified them', () => {
    const playbook = `- name: p\n  hosts: web\n  tasks:\n    - {name: conf, command: x, notify: restart, when: inventory_hostname == "a"}\n    - debug:\n${handlers}`;
    const result = compiled({playbook});
    expect(notified(result)).toEqual([['p/-/handler-1-restart@a', ['p/-/1-conf@a']]]);
    expect(edges(result).at(-1)).toBe('p/-/handler-1-restart@a <- p/-/2-debug@a');
  });

  test('run at flush_handlers, and again at the end if notified again', () => {
    const playbook = `- name: p\n  hosts: a\n  tasks:\n    - {name: x, command: x, notify: restart}\n    - meta: flush_handlers\n    - {name: y, command: y, notify: [topic, restart]}\n${handlers}`;
    expect(notified(compiled({playbook}))).toEqual([
      ['p/-/handler-1-restart@a', ['p/-/1-x@a']],
      ['p/-/handler-1-restart.2@a', ['p/-/2-y@a']],
      ['p/-/handler-2-other@a', ['p/-/2-y@a']],
    ]);
  });

  test('run whatever the tags, since the change has been made', () => {
    const playbook = `- name: p\n  hosts: a\n  tasks:\n    - {name: x, command: x, notify: restart, tags: t}\n${handlers}`;
    expect(notified(compiled({playbook, tags: ['t']}))).toEqual([['p/-/handler-1-restart@a', ['p/-/1-x@a']]]);
  });

  test('of a role that comes later can be notified', () => {
    const files = {
      'roles/one/tasks/main.yml': '- {name: x, command: x, notify: "two : h"}\n',
      'roles/two/handlers/main.yml': '- {name: h, debug: }\n',
    };
    const playbook = '- name: p\n  hosts: a\n  roles: [one, two]\n';
    expect(notified(compiled({playbook, files}))).toEqual([['p/two/handler-1-h@a', ['p/one/1-x@a']]]);
  });
});

describe('words of a task', () => {
  test('become, environment and the like go from plays and blocks to tasks', () => {
    const playbook = `- name: p
  hosts: a
  become: true
  environment: {A: 1, B: "{{ inventory_hostname }}"}
  tasks:
    - block:
        - command: x
          become_user: etcd
          environment: {B: mine}
          register: r
          until: r.rc == 0
          retries: 2
          changed_when: false
          failed_when: [r.rc > 1]
          ignore_errors: yes
          no_log: true
          check_mode: no
      become_user: block
    - command: y
      become: false
`;
    const [first, second] = compiled({playbook}).graph.nodes;
    expect(first).toEqual({
      id: 'p/-/1-command@a',
      play: 'p',
      name: 'command',
      host: 'a',
      kind: 'command',
      at: 'site.yml:7:11',
      args: {cmd: 'x'},
      tags: [],
      needs: [],
      become: 'etcd',
      environment: {A: '1', B: 'mine'},
      register: 'r',
      until: {conditions: ['r.rc == 0'], retries: 2, delaySeconds: 5},
      changedWhen: ['false'],
      failedWhen: ['r.rc > 1'],
      ignoreErrors: true,
      noLog: true,
      checkMode: false,
    });
    expect(second?.become).toBeUndefined();
  });

  test("a host's own ansible_become_user wins, as in Ansible", () => {
    const inventory = 'web: {hosts: {a: {ansible_become_user: admin}, b: {}}}\n';
    const playbook = '- {hosts: web, become: true, tasks: [{debug: }]}\n';
    expect(compiled({inventory, playbook}).graph.nodes.map(task => task.become)).toEqual(['admin', 'root']);
  });

  test('omit leaves an argument out', () => {
    const playbook = '- {hosts: a, tasks: [{file: {path: /x, state: touch, owner: "{{ nobody | default(omit) }}"}}]}\n';
    expect(tasksOn(compiled({playbook}), 'a')[0]?.args).toEqual({path: '/x', state: 'touch'});
  });

  test('results of run_once and of delegated tasks belong to the hosts that the task is about', () => {
    const playbook =
      '- hosts: web\n  tasks:\n    - {command: x, register: r, run_once: true}\n    - {command: y, register: s, delegate_to: localhost}\n    - {command: z, register: t}\n';
    expect(compiled({playbook}).graph.nodes.map(task => task.registerFor)).toEqual([
      ['a', 'b'],
      ['a'],
      ['b'],
      undefined,
      undefined,
    ]);
  });

  test('start-at-task leaves out what comes before', () => {
    const playbook =
      '- name: p\n  hosts: a\n  tasks: [{name: one, debug: }, {name: two, debug: }, {name: three, debug: }]\n';
    expect(edges(compiled({playbook, startAtTask: 'two'}))).toEqual(['p/-/2-two@a', 'p/-/3-three@a <- p/-/2-two@a']);
    expect(problemsOf({playbook, startAtTask: 'tow'})).toEqual(['E_START_AT_TASK no task is called "tow"']);
  });
});

describe('a graph to look at', () => {
  const playbook = `- name: converge
  hosts: etcd
  tasks:
    - name: look
      command: ls
      register: seen
      tags: look
    - name: late {{ inventory_hostname }}
      debug: {msg: x}
      when: seen.rc == 0
    - name: skipped
      debug: {msg: x}
      when: etcd_seq > 1
    - ${HEALTH}
`;

  test('reads like prose', () => {
    expect(graphText(compiled({inventory: CLUSTERS, playbook, limit: 'a,b'}))).toBe(`play converge: a, b

  [look]
  look (command)
      on each host

  [untagged]
  late … (debug)
      on each host, decided after earlier results (when: seen.rc == 0)
  skipped (debug)
      on a, skipped: when: etcd_seq > 1 is false
      on b
  etcd_health (etcd_health)
      on a, after b
`);
  });

  test('is drawn by Mermaid', () => {
    const small = '- {name: p, hosts: a, tasks: [{name: "a \\"b\\"", debug: }, {name: c, debug: , when: false}]}\n';
    expect(graphMermaid(compiled({playbook: small}))).toBe(`flowchart TD
  subgraph h0["a"]
    t0["a #34;b#34;"]
    t1[/"c"/]
  end
  t0 --> t1
`);
  });
});
