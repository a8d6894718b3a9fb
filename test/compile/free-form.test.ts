import {describe, expect, test} from 'vitest';
import {freeFormArgs, splitWords} from '../../src/compile/free-form.ts';
import {dirname, join, slug} from '../../src/compile/paths.ts';
import {batchesOf} from '../../src/compile/serial.ts';
import {kindOf} from '../../src/task/index.ts';

describe('one-line arguments', () => {
  const args = (name: string, text: string) => {
    const kind = kindOf(name);
    const found = kind === undefined ? undefined : freeFormArgs(kind, text);
    return found && Object.fromEntries(found);
  };

  test('are pairs for most kinds', () => {
    expect(args('file', 'path=/x state=absent')).toEqual({path: '/x', state: 'absent'});
    expect(args('debug', 'msg="two words" verbosity=1')).toEqual({msg: 'two words', verbosity: '1'});
    expect(args('debug', 'msg={{ a | join("=") }}')).toEqual({msg: '{{ a | join("=") }}'});
  });

  test('that are no pairs are refused', () => {
    expect(args('file', '/x')).toBeUndefined();
  });

  test('are the text itself for commands, with what Ansible takes out of it', () => {
    expect(args('command', 'ls -l a=b')).toEqual({cmd: 'ls -l a=b'});
    expect(args('command', 'make install creates=/usr/bin/x chdir=/src')).toEqual({
      cmd: 'make install',
      creates: '/usr/bin/x',
      chdir: '/src',
    });
    expect(args('shell', "echo 'a  b'  >x")).toEqual({cmd: "echo 'a  b'  >x"});
    expect(args('command', 'cmd="ls -l"')).toEqual({cmd: 'ls -l'});
  });

  test('are split outside quotes and templates', () => {
    expect(splitWords(`a "b c" d='e f' {{ g h }}i {% if x %}j "k`)).toEqual([
      'a',
      '"b c"',
      "d='e f'",
      '{{ g h }}i',
      '{% if x %}j',
      '"k',
    ]);
  });
});

test('serial splits as ansible-core does', () => {
  const at = {file: {path: 'x', text: ''}, start: 0, end: 0};
  const sizes = (serial: number | string | readonly (number | string)[]) => {
    const batches = batchesOf(['a', 'b', 'c', 'd', 'e'], serial, at);
    return batches.ok ? batches.value.map(batch => batch.join('')) : batches.error.map(({code}) => code);
  };
  expect(sizes(2)).toEqual(['ab', 'cd', 'e']);
  expect(sizes('40%')).toEqual(['ab', 'cd', 'e']);
  expect(sizes('1%')).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(sizes([1, '60%'])).toEqual(['a', 'bcd', 'e']);
  expect(sizes(0)).toEqual(['abcde']);
  expect(sizes('x')).toEqual(['E_SERIAL']);
});

test('paths are put together as text', () => {
  expect([join('roles/a/tasks', '../x.yml'), join('.', 'a/./b'), join('a', '/b'), join('..', '../x')]).toEqual([
    'roles/a/x.yml',
    'a/b',
    '/b',
    '../../x',
  ]);
  expect([dirname('a/b'), dirname('a'), dirname('/a')]).toEqual(['a', '.', '/']);
  expect([slug('conf | render /etc/x'), slug('é ü'), slug('***')]).toEqual(['conf-render-etc-x', 'é-ü', 'task']);
});
