import {describe, expect, test} from 'vitest';
import {graphJson} from '../../src/compile/graph-json.ts';
import {listText} from '../../src/compile/list.ts';
import {isChosen} from '../../src/compile/tags.ts';
import {compiled, problemsOf} from './fixtures/project.ts';

describe('tags', () => {
  const chosen = (tags: readonly string[], only: readonly string[], skip: readonly string[] = []) =>
    isChosen(tags, {only, skip});

  test.each([
    [[], [], [], true],
    [['a'], [], [], true],
    [['never', 'a'], [], [], false],
    [['never', 'a'], ['a'], [], true],
    [['never', 'a'], ['never'], [], true],
    [['never'], ['all'], [], false],
    [['a'], ['b'], [], false],
    [['always'], ['b'], [], true],
    [['always'], ['b'], ['always'], false],
    [['a'], ['tagged'], [], true],
    [[], ['tagged'], [], false],
    [['never', 'a'], ['tagged'], [], false],
    [[], ['untagged'], [], true],
    [['a'], ['untagged'], [], false],
    [['a', 'b'], ['a'], ['b'], false],
    [['a'], [], ['tagged'], false],
    [[], [], ['untagged'], false],
    [['a'], [], ['all'], false],
    [['always'], [], ['all'], true],
  ] as const)('a task with %j runs with -t %j --skip-tags %j: %s', (tags, only, skip, wanted) => {
    expect(chosen(tags, only, skip)).toBe(wanted);
  });

  test('one that no task has is refused, with the nearest', () => {
    const playbook = '- hosts: web\n  tasks: [{debug: , tags: [etcd_conf]}]\n';
    expect(problemsOf({playbook, tags: ['etcd_cnf']})).toEqual(['E_TAG_UNKNOWN no task has the tag "etcd_cnf"']);
    expect(problemsOf({playbook, skipTags: ['conf']})).toEqual(['E_TAG_UNKNOWN no task has the tag "conf"']);
    expect(problemsOf({playbook, tags: ['etcd_conf', 'always', 'untagged']})).toEqual([]);
  });

  test('inside an include whose name is a template are known once it is entered', () => {
    const files = {'one.yml': '- {debug: , tags: deep}\n'};
    const playbook = '- hosts: web\n  vars: {n: one}\n  tasks: [{include_tasks: "{{ n }}.yml", tags: [always]}]\n';
    expect(problemsOf({playbook, files, tags: ['deep']})).toEqual([]);
  });
});

test('lists look as those of ansible-playbook', () => {
  const files = {'roles/r/tasks/main.yml': '- {name: rt, debug: , tags: [rt]}\n'};
  const playbook = `- name: etcd
  hosts: web
  tags: [play_tag]
  roles: [{role: r, tags: [etcd]}]
  tasks: [{debug: , tags: [never, z]}]
- hosts: [a, b]
  tasks: [{command: ls}]
`;
  // What ansible-core 2.14.18 prints.
  expect(listText(compiled({playbook, files}), {hosts: true, tasks: true, tags: true})).toBe(`
playbook: site.yml

  play #1 (web): etcd\tTAGS: [play_tag]
    pattern: ['web']
    hosts (2):
      a
      b
    tasks:
      r : rt\tTAGS: [etcd, play_tag, rt]
      TASK TAGS: [etcd, play_tag, rt]

  play #2 (a,b): a,b\tTAGS: []
    pattern: ['a', 'b']
    hosts (2):
      a
      b
    tasks:
      command\tTAGS: []
      TASK TAGS: []
`);
});

test('the graph as JSON leaves out the arguments of tasks under no_log', () => {
  const playbook = '- hosts: a\n  tasks: [{debug: {msg: open}}, {debug: {msg: hidden}, no_log: true}]\n';
  const text = graphJson(compiled({playbook}));
  const parsed = JSON.parse(text) as {tasks: {args?: unknown}[]};
  expect(parsed.tasks.map(task => task.args)).toEqual([{msg: 'open'}, undefined]);
  expect(text).not.toContain('hidden');
});

test('the same input gives the same graph', () => {
  const project = {playbook: '- hosts: web\n  tasks: [{debug: {msg: "{{ groups }}"}}, {command: ls, register: r}]\n'};
  expect(graphJson(compiled(project))).toBe(graphJson(compiled(project)));
});

test('a thousand hosts are compiled in seconds', () => {
  const hosts = Array.from({length: 1000}, (_, index) => `    h${index}: {n: ${index}}\n`).join('');
  const tasks = Array.from(
    {length: 40},
    (_, index) => `    - {name: t${index}, file: {path: "/x/{{ n }}/${index}", state: "{{ state }}"}, when: n >= 0}\n`,
  );
  const playbook = `- hosts: web\n  vars: {state: directory}\n  tasks:\n${tasks.join('')}`;
  const start = performance.now();
  const result = compiled({inventory: `web:\n  hosts:\n${hosts}`, playbook});
  expect(result.graph.nodes.length).toBe(40_000);
  // Measured: 2 s on a busy machine; the limit is generous because tests run beside each other.
  expect(performance.now() - start).toBeLessThan(20_000);
}, 30_000);
