import {describe, expect, test} from 'vitest';
import {compileProject, problemsOf} from './fixtures/project.ts';

const play = (tasks: string, more = '') => `- hosts: web\n${more}  tasks:\n${tasks.replace(/^/gm, '    ')}\n`;

/** Title, playbook, and every problem with its place. */
const CASES: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'a playbook that is no list',
    'hosts: web\n',
    ['site.yml:1:1 E_PLAYBOOK_SHAPE a playbook must be a list, not a mapping'],
  ],
  ['a play without hosts', '- tasks: []\n', ['site.yml:1:3 E_PLAY_HOSTS a play does not say on which hosts']],
  [
    'an unknown key of a play',
    '- hosts: web\n  taks: []\n',
    ['site.yml:2:3 E_PLAYBOOK_KEY unknown key "taks" in a play'],
  ],
  [
    'a word of Ansible that is not supported',
    '- hosts: web\n  vars_prompt: []\n',
    ['site.yml:2:3 E_UNSUPPORTED "vars_prompt" is not supported in a play'],
  ],
  [
    'rescue in a block',
    play('- block: []\n  rescue: []'),
    ['site.yml:4:7 E_UNSUPPORTED "rescue" is not supported in a block'],
  ],
  [
    'a misspelt task kind',
    play('- name: x\n  comand: ls'),
    ['site.yml:4:7 E_TASK_KIND there is no task kind "comand"'],
  ],
  [
    'a task of two kinds',
    play('- debug: {}\n  command: ls'),
    ['site.yml:4:7 E_TASK_KIND a task has more than one kind: "debug" and "command"'],
  ],
  ['a task of no kind', play('- name: x'), ['site.yml:3:7 E_TASK_KIND a task has no kind: nothing to do']],
  [
    'a misspelt word beside a kind',
    play('- debug: {}\n  whenn: true'),
    ['site.yml:4:7 E_PLAYBOOK_KEY unknown key "whenn" in a task'],
  ],
  ['an unknown argument', play('- debug:\n    mesg: x'), ['site.yml:4:9 E_TASK_ARGS "debug" has no argument "mesg"']],
  [
    'a missing argument',
    play('- file: {state: absent}'),
    ['site.yml:3:13 E_TASK_ARGS "file" needs the argument "path"'],
  ],
  ['an undefined variable', play('- debug: {msg: "{{ nope }}"}'), ['site.yml:3:24 E_UNDEFINED "nope" is undefined']],
  [
    'an undefined variable in a condition',
    play('- debug: {msg: x}\n  when: nope > 1'),
    ['site.yml:4:13 E_UNDEFINED "nope" is undefined'],
  ],
  [
    'a fact that Ansible would gather',
    play('- debug: {msg: "{{ ansible_facts.hostname }}"}'),
    [
      'site.yml:3:24 E_FACTS_UNSUPPORTED "ansible_facts" is a fact that Ansible gathers from the host; hosts are not asked before the tasks are known',
    ],
  ],
  [
    'a role that is not there',
    '- hosts: web\n  roles: [nope]\n',
    ['site.yml:2:11 E_ROLE_NOT_FOUND there is no role "nope"'],
  ],
  [
    'a task file that is not there',
    play('- import_tasks: nope.yml'),
    ['site.yml:3:21 E_FILE_NOT_FOUND there is no file "nope.yml" with tasks'],
  ],
  [
    'a template that is not there',
    play('- template: {src: nope.j2, dest: /etc/x}'),
    ['site.yml:3:23 E_FILE_NOT_FOUND there is no template "nope.j2"'],
  ],
  [
    'a file to copy that is not there',
    play('- copy: {src: nope, dest: /etc/x}'),
    ['site.yml:3:19 E_FILE_NOT_FOUND there is no file "nope"'],
  ],
  [
    'an unknown handler',
    play('- command: ls\n  notify: restrat', '  handlers: [{name: restart, debug: {}}]\n'),
    ['site.yml:5:15 E_HANDLER_UNKNOWN there is no handler "restrat"'],
  ],
  ['a loop over a text', play('- debug: {}\n  loop: abc'), ['site.yml:4:13 E_LOOP "loop" needs a list, not "abc"']],
  [
    'a loop over a result',
    play('- command: ls\n  register: r\n- debug: {}\n  loop: "{{ r.stdout_lines }}"'),
    ['site.yml:6:13 E_LOOP_LATE a loop over results of this run is not supported'],
  ],
  [
    'a serial that is no number',
    play('- debug: {}', '  serial: many\n'),
    ['site.yml:2:11 E_SERIAL serial is "many", which is no number of hosts'],
  ],
  [
    'a yes/no word that is neither',
    play('- debug: {}\n  run_once: perhaps'),
    ['site.yml:4:17 E_PLAYBOOK_VALUE "run_once" is "perhaps", which is neither true nor false (on a)'],
  ],
  [
    'a task delegated to nowhere',
    play('- debug: {}\n  delegate_to: moon'),
    ['E_DELEGATE_UNKNOWN a task is delegated to "moon", which is not in the inventory'],
  ],
  [
    'a playbook that imports itself',
    '- import_playbook: site.yml\n',
    ['site.yml:1:20 E_PLAYBOOK_LOOP "site.yml" imports itself'],
  ],
  [
    'a variable name that is none',
    '- hosts: web\n  vars: {a-b: 1}\n',
    ['site.yml:2:10 E_VARIABLE_NAME "a-b" is not a variable name'],
  ],
  [
    'an assert that cannot hold',
    play('- assert: {that: [true, 1 > 2]}'),
    ['site.yml:3:29 E_ASSERT this does not hold: 1 > 2'],
  ],
];

describe('a playbook with a mistake is refused, with the place', () => {
  test.each(CASES)('%s', (_title, playbook, wanted) => {
    expect(problemsOf({playbook})).toEqual(wanted);
  });
});

test('tells all mistakes at once', () => {
  const playbook = play('- comand: ls\n- debug: {msg: "{{ one }}"}\n- debug: {msg: "{{ two }}"}');
  expect(problemsOf({playbook})).toEqual([
    'site.yml:3:7 E_TASK_KIND there is no task kind "comand"',
    'site.yml:4:24 E_UNDEFINED "one" is undefined',
    'site.yml:5:24 E_UNDEFINED "two" is undefined',
  ]);
});

test('names the hosts of a problem that not all hosts have', () => {
  const inventory = 'web: {hosts: {a: {x: 1}, b: {}}}\n';
  expect(problemsOf({inventory, playbook: play('- debug: {msg: "{{ x }}"}')})).toEqual([
    'site.yml:3:24 E_UNDEFINED "x" is undefined (on b)',
  ]);
});

test('suggests what was meant', () => {
  const result = compileProject({playbook: play('- name: x\n  comand: ls')});
  expect(result.ok ? [] : result.error.map(diagnostic => diagnostic.hint)).toEqual(['did you mean "command"?']);
});

test('points into the template file where it uses an undefined variable', () => {
  const files = {
    'roles/r/tasks/main.yml': '- template: {src: x, dest: /x}\n',
    'roles/r/templates/x': 'a\n b = {{ nope }}\n',
  };
  expect(problemsOf({playbook: '- hosts: web\n  roles: [r]\n', files})).toEqual([
    'roles/r/templates/x:2:9 E_UNDEFINED "nope" is undefined',
  ]);
});

test('a role that depends on itself is refused', () => {
  const files = {
    'roles/a/meta/main.yml': 'dependencies: [b]\n',
    'roles/b/meta/main.yml': 'dependencies: [a]\n',
    'roles/a/tasks/main.yml': '- debug: {}\n',
  };
  expect(problemsOf({playbook: '- hosts: web\n  roles: [a]\n', files})).toEqual([
    'roles/b/meta/main.yml:1:16 E_ROLE_LOOP the role "a" depends on itself',
  ]);
});

test('an include that includes itself without end is refused', () => {
  const files = {'loop.yml': '- include_tasks: loop.yml\n'};
  expect(problemsOf({playbook: play('- include_tasks: loop.yml'), files})).toEqual([
    'loop.yml:1:3 E_INCLUDE_DEPTH includes are nested deeper than 60',
  ]);
});

test('a limit that matches nothing is refused', () => {
  expect(problemsOf({playbook: play('- debug: {}'), limit: 'c'})).toMatchObject([
    expect.stringContaining('E_LIMIT_NO_MATCH'),
  ]);
});

test('a pattern that matches nothing leaves nothing to run', () => {
  expect(problemsOf({playbook: '- hosts: db\n  tasks: []\n'})).toEqual(['E_NO_HOSTS no play has a host to run on']);
});

test('an encrypted variable is an error only where it is used', () => {
  const inventory = 'web: {hosts: {a: {}}, vars: {secret: !vault "x"}}\n';
  expect(problemsOf({inventory, playbook: play('- debug: {msg: x}')})).toEqual([]);
  expect(problemsOf({inventory, playbook: play('- debug: {msg: "{{ secret }}"}')})).toEqual([
    'hosts.yml:1:45 E_VAULT_UNSUPPORTED "secret" is encrypted by ansible-vault, which cannot be read',
  ]);
});
