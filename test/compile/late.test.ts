import {describe, expect, test} from 'vitest';
import type {Data} from '../../src/base/data.ts';
import {problem} from '../../src/base/diagnostic.ts';
import type {Task} from '../../src/task/task.ts';
import {Templar} from '../../src/template/templar.ts';
import {compiled, compileProject, messages, problemsOf, tasksOn} from './fixtures/project.ts';

const play = (tasks: string) => `- name: p\n  hosts: a\n  tasks:\n${tasks.replace(/^/gm, '    ')}\n`;

/** The last task of a playbook of one host. */
function last(playbook: string, inventory = 'web: {hosts: {a: {x: 1, y: "{{ x + 1 }}", r2: "{{ r.rc }}"}}}\n'): Task {
  const task = tasksOn(compiled({playbook, inventory}), 'a').at(-1);
  if (task === undefined) throw new Error('no task');
  return task;
}

/** What the executor makes of a late task's arguments. */
function finished({late}: Task, results: Readonly<Record<string, Data>>): Data {
  const templar = new Templar(name => {
    if (results[name] !== undefined) return {value: results[name], final: true};
    const value = late?.vars[name];
    return value === undefined ? undefined : {value};
  });
  const rendered = templar.render(late?.args ?? {});
  if (!rendered.ok) throw new Error(JSON.stringify(rendered.error.map(({message}) => problem('E_X', message))));
  return rendered.value;
}

const RUN = '- command: ls\n  register: r\n';

describe('a task that needs a result', () => {
  test('keeps its templates, and only the variables that they use', () => {
    const task = last(play(`${RUN}- debug: {msg: "{{ r.stdout }} {{ y }}"}`));
    expect(task.late).toEqual({args: {msg: '{{ r.stdout }} {{ y }}'}, when: [], vars: {y: 2}});
    expect(finished(task, {r: {stdout: 'out'}})).toEqual({msg: 'out 2'});
  });

  test('keeps a variable that needs it as a template', () => {
    const task = last(play(`${RUN}- debug: {msg: "{{ r2 }}"}`));
    expect(task.late).toEqual({args: {msg: '{{ r2 }}'}, when: [], vars: {r2: '{{ r.rc }}'}});
    expect(finished(task, {r: {rc: 3}})).toEqual({msg: 3});
  });

  test('has the arguments that are known, rendered once and never again', () => {
    const inventory = `web: {hosts: {a: {raw: !unsafe "{{ braces }} {% if %}"}}}\n`;
    const task = last(play(`${RUN}- command: {cmd: "{{ raw }}", chdir: "{{ r.stdout }}"}`), inventory);
    expect(task.args).toEqual({cmd: '{{ braces }} {% if %}'});
    expect(finished(task, {r: {stdout: '/tmp'}})).toEqual({cmd: '{{ braces }} {% if %}', chdir: '/tmp'});
  });

  test('is skipped at once where a condition that is known is false', () => {
    const task = last(play(`${RUN}- debug: {msg: x}\n  when: [r.rc == 0, x > 1]`));
    expect([task.skip, task.late]).toEqual(['when: x > 1 is false', undefined]);
  });

  test('keeps the conditions that need it', () => {
    const task = last(play(`${RUN}- debug: {msg: x}\n  when: [r.rc == y, x == 1]`));
    expect(task.late).toEqual({args: {msg: 'x'}, when: ['r.rc == y'], vars: {y: 2}});
  });

  test('is checked for undefined names, but not for those behind a guard', () => {
    expect(problemsOf({playbook: play(`${RUN}- debug: {msg: "{{ r.rc + nope }}"}`)})).toEqual([
      'site.yml:6:20 E_UNDEFINED "nope" is undefined',
    ]);
    const guarded = play(
      `${RUN}- debug: {msg: "{{ r.rc + (nope | default(1)) }}"}\n  when: r.rc == 0 or other is not defined`,
    );
    expect(last(guarded).late?.vars).toEqual({});
  });

  test('asks the assert for an expression that gives the answer', () => {
    const task = last(play(`${RUN}- assert: {that: [r.rc == 0, x == 1]}`));
    expect(finished(task, {r: {rc: 1}})).toEqual({
      that: [
        {condition: 'r.rc == 0', holds: false},
        {condition: 'x == 1', holds: true},
      ],
    });
  });

  test('gets the variables that conditions on its own result use', () => {
    const task = last(play('- command: ls\n  register: r\n  changed_when: r.rc > y'));
    expect(task.late).toEqual({args: {cmd: 'ls'}, when: [], vars: {y: 2}});
  });

  test('with conditions on its own result alone is not late', () => {
    expect(last(play('- command: ls\n  register: r\n  changed_when: r.rc > 0')).late).toBeUndefined();
  });

  test('may be in another play, and in an include whose condition needs the result', () => {
    const files = {'more.yml': '- debug: {msg: x}\n'};
    const playbook = `${play(RUN.trimEnd())}${play('- include_tasks: more.yml\n  when: r.rc == 0')}`;
    expect(tasksOn(compiled({playbook, files}), 'a').at(-1)?.late?.when).toEqual(['r.rc == 0']);
  });

  test('of which a template file is made keeps the file as its content', () => {
    const files = {'templates/t': 'rc={{ r.rc }}\n'};
    const result = compiled({playbook: play(`${RUN}- template: {src: t, dest: /t}`), files});
    const task = tasksOn(result, 'a').at(-1) as Task;
    expect(finished(task, {r: {rc: 0}})).toEqual({src: 't', dest: '/t', content: 'rc=0\n'});
  });
});

describe('set_fact', () => {
  test('of known values is known to later tasks', () => {
    const result = compiled({
      playbook: play('- set_fact: {z: "{{ 1 + 1 }}"}\n- debug: {msg: "{{ z }}"}\n  when: z == 2'),
    });
    expect(messages(result)).toEqual([2]);
  });

  test('of a result makes later tasks wait, with what the name meant before', () => {
    const task = last(play(`${RUN}- set_fact: {x: "{{ r.rc }}"}\n  when: r.rc > 0\n- debug: {msg: "{{ x }}"}`));
    expect(task.late).toEqual({args: {msg: '{{ x }}'}, when: [], vars: {x: 1}});
  });

  test('under run_once sets the name on all hosts', () => {
    const playbook =
      '- hosts: web\n  tasks:\n    - {set_fact: {z: 1}, run_once: true}\n    - debug: {msg: "{{ z }}"}\n';
    expect(messages(compiled({playbook}), 'b')).toEqual([1]);
  });
});

test('a result of a task that the tags leave out is undefined', () => {
  const playbook = play(`- {command: ls, register: r}\n- {debug: {msg: "{{ r.rc }}"}, tags: t}`);
  const result = compileProject({playbook, tags: ['t']});
  expect(result.ok ? [] : result.error.map(({message, hint}) => [message, hint])).toEqual([
    [
      '"r" is undefined',
      '"r" is what the task "command" finds out, which the tags leave out: give it a tag that is asked for.',
    ],
  ]);
});

test("another host's result cannot be asked for through hostvars before the run", () => {
  const playbook =
    '- hosts: web\n  tasks:\n    - {command: ls, register: r}\n    - debug: {msg: "{{ hostvars.a.r.rc }}"}\n';
  expect(problemsOf({playbook}).map(line => line.replace(/.*(E_\w+).*/, '$1'))).toEqual(['E_HOSTVARS_LATE']);
});
