import {describe, expect, test} from 'vitest';
import {formatLocation} from '../../src/base/source.ts';
import {parseYaml, toData} from '../../src/base/yaml.ts';

function read(text: string): unknown {
  const parsed = parseYaml({path: 'x.yml', text});
  if (parsed.ok) return JSON.parse(JSON.stringify(toData(parsed.value)));
  return parsed.error.map(({code, at}) => `${at === undefined ? '' : formatLocation(at)} ${code}`);
}

describe('keys', () => {
  test('a key written twice is refused at its second place, and the first is named', () => {
    const parsed = parseYaml({path: 'x.yml', text: 'a: 1\nb: { c: 1, c: 2 }\na: 3\n'});
    const found = parsed.ok
      ? []
      : parsed.error.map(({at, related}) => [at && formatLocation(at), related?.map(item => formatLocation(item.at))]);
    expect(found).toEqual([
      ['x.yml:2:12', ['x.yml:2:6']],
      ['x.yml:3:1', ['x.yml:1:1']],
    ]);
  });

  test('a key that overrides a merged one is not written twice', () => {
    expect(read('base: &b { a: 1, c: 1 }\nown: { <<: *b, a: 2 }\n')).toEqual({base: {a: 1, c: 1}, own: {a: 2, c: 1}});
  });

  test('one that looks like a number is the text that was written', () => {
    expect(read('1: a\n0x10: b\n10.10.10.10: c\n')).toEqual({1: 'a', '0x10': 'b', '10.10.10.10': 'c'});
  });
});

test('a second document is refused: nobody would notice that it is not read', () => {
  expect(read('a: 1\n---\nb: 2\n')).toEqual(['x.yml:2:1 E_YAML_DOCUMENTS']);
});

test('aliases that multiply and nesting without end are refused', () => {
  const levels = Array.from(
    {length: 8},
    (_, level) => `a${level + 1}: &a${level + 1} [${Array(9).fill(`*a${level}`)}]`,
  );
  const found = read(`a0: &a0 [x]\n${levels.join('\n')}\n`) as string[];
  expect([...new Set(found.map(line => line.split(' ')[1]))]).toEqual(['E_YAML_ALIASES']);
  expect(read('['.repeat(300) + ']'.repeat(300))).toEqual(['x.yml:1:202 E_YAML_DEPTH']);
});

test('scalars are what PyYAML makes of them', () => {
  expect(read('[yes, off, y, 0755, 0o17, 08, 1_000, +7, -5, 1:30, 0x1F, 0b11, 4294967296]')).toEqual([
    ...[true, false, 'y', 493, '0o17', '08', 1000, 7, -5, 90, 31, 3, 4294967296],
  ]);
  expect(read('[~, "01", 1e3, 1.0e+3, 12e03, 1.5, .5, -.5, ., 1., 2020-01-02, 1.2.3, tRue, Null]')).toEqual([
    ...[null, '01', '1e3', 1000, '12e03', 1.5, 0.5, '-.5', '.', 1, '2020-01-02', '1.2.3', 'tRue', null],
  ]);
});
