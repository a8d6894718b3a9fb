import {describe, expect, test} from 'vitest';
import {dataMap} from '../../src/base/data.ts';
import {commandWords} from '../../src/task/command-words.ts';
import {KINDS, kindOf} from '../../src/task/index.ts';
import {parseMode} from '../../src/task/mode.ts';

describe('names of kinds', () => {
  test.each([
    ['file', 'file'],
    ['ansible.builtin.file', 'file'],
    ['ansible.legacy.copy', 'copy'],
    ['systemd', 'systemd_service'],
    ['ansible.builtin.service', 'systemd_service'],
    ['community.general.file', undefined],
    ['constructor', undefined],
  ])('%s is %s', (name, kind) => {
    expect(kindOf(name)?.name).toBe(kind);
  });

  test('every kind is registered under its own name, with a sentence about it and a schema of its arguments', () => {
    for (const [name, kind] of KINDS) {
      expect([kind.name, kind.summary.endsWith('.'), kind.schema.type]).toEqual([name, true, 'object']);
    }
  });
});

describe('modes', () => {
  test('every mode that people use is understood as YAML reads it with its leading zero', () => {
    const modes = [
      '0400',
      '0440',
      '0444',
      '0500',
      '0550',
      '0555',
      '0600',
      '0640',
      '0644',
      '0660',
      '0664',
      '0666',
      '0700',
      '0750',
      '0755',
      '0770',
      '0775',
      '0777',
    ];
    for (const mode of [...modes, '1777', '2755', '4755']) {
      expect(parseMode(Number.parseInt(mode, 8))).toEqual({ok: true, value: mode});
      expect(parseMode(mode)).toEqual({ok: true, value: mode});
      expect(parseMode(`0o${mode}`)).toEqual({ok: true, value: mode});
      expect(parseMode(mode.replace(/^0/, ''))).toEqual({ok: true, value: mode});
    }
  });

  test.each([400, 440, 444, 500, 550, 555, 600, 640, 644, 660, 664, 666, 700, 750, 755, 770, 775, 777, 1777, 2755])(
    '%d without its leading zero is refused, with the right way to write it',
    mode => {
      const parsed = parseMode(mode);
      expect(parsed.ok ? parsed.value : parsed.error.hint).toBe(
        `write mode: "${String(mode).padStart(4, '0')}", with quotes.`,
      );
    },
  );

  test.each([-1, 6.44, 4096, true, null, '', '64', '888', '077777', 'a+x', ' 644 x'])('%j is no mode', mode => {
    expect(parseMode(mode).ok).toBe(false);
  });
});

describe('command lines are split as Ansible splits them', () => {
  test.each<[string, readonly string[]]>([
    ['ls -l /tmp', ['ls', '-l', '/tmp']],
    ['  a\n\tb ', ['a', 'b']],
    [`echo "a b" 'c "d"' e\\ f`, ['echo', 'a b', 'c "d"', 'e f']],
    ['a"b c"d', ['ab cd']],
    ['echo "" x', ['echo', '', 'x']],
    ['echo "a\\"b\\\\c\\n"', ['echo', 'a"b\\c\\n']],
    ['echo $HOME; rm *', ['echo', '$HOME;', 'rm', '*']],
    ['', []],
  ])('%j', (text, words) => {
    expect(commandWords(text)).toEqual({ok: true, value: words});
  });

  test.each(['a "b', "a 'b", 'a \\'])('%j has no end', text => {
    expect(commandWords(text).ok).toBe(false);
  });
});

test('what a command printed is registered as Ansible registers it', () => {
  expect(kindOf('shell')?.result?.([{rc: 3, stdout: 'a\nb\n\n', stderr: 'oh\r\n'}])).toEqual({
    rc: 3,
    stdout: 'a\nb',
    stderr: 'oh',
    stdout_lines: ['a', 'b'],
    stderr_lines: ['oh'],
  });
});

test('arguments that fit the schema and are wrong all the same are known before a host is asked', () => {
  const file = kindOf('file');
  const args = dataMap([
    ['path', 'etc/x'],
    ['mode', 644],
  ]);
  expect(file?.lint?.(args).map(({code}) => code)).toEqual(['E_TASK_PATH', 'E_TASK_MODE']);
  expect(file?.probe(args, 'n1')).toEqual({});
});
