import {expect, test} from 'vitest';
import {dataMap} from '../../src/base/data.ts';
import {Templar} from '../../src/template/templar.ts';

const VALUES = [
  "''",
  "'text'",
  '1',
  '2.0',
  'none',
  'true',
  '[]',
  '[1]',
  '{}',
  "{'a': 1}",
  '(1,)',
  'range',
  'dict',
  'namespace()',
  'loop',
  'map',
  'list',
  "'a'.upper",
  'range(1)',
  'cycler(1)',
  'joiner()',
  'caller',
];
const KEYS = [
  'constructor',
  '__proto__',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  '__defineGetter__',
  '__lookupGetter__',
  'call',
  'apply',
  'bind',
  'arguments',
  'caller',
  'name',
  '__class__',
  '__globals__',
  '__init__',
  'mro',
  '__subclasses__',
  'push',
  'concat',
  'at',
  'run',
  'environment',
  'meter',
  'then',
];

function templar(): Templar {
  const variables = new Map(Object.entries({map: dataMap([['k', 1]]), list: [1, 'a']}));
  return new Templar(name => {
    const value = variables.get(name);
    return value === undefined ? undefined : {value};
  });
}

/** Numbers from 0 on below `size`, the same in every run. */
function numbers(seed: number): (size: number) => number {
  let state = seed;
  return size => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % size;
  };
}

test.each(VALUES)('nothing of JavaScript or Python shows through %s', value => {
  for (const key of KEYS) {
    for (const reach of [
      `(${value}).${key}`,
      `(${value})['${key}']`,
      `[${value}] | map(attribute='${key}') | list`,
      `'${key}' | extract(${value})`,
    ]) {
      const result = templar().renderText(`{{ ${reach} }}`);
      const isShown = result.ok && !(value === 'namespace()' || value === 'loop');
      expect(isShown ? `${reach} = ${result.value}` : 'nothing').toBe('nothing');
    }
  }
});

test('keys with special names are plain keys', () => {
  const text =
    "{% set d = {'__proto__': 1, 'constructor': 2} %}{{ d.__proto__ }}{{ d['constructor'] }}{{ d | combine({'__proto__': {'x': 3}}) }}";
  expect(templar().renderText(text)).toEqual({ok: true, value: "12{'__proto__': {'x': 3}, 'constructor': 2}"});
  expect(templar().render('{{ \'{"__proto__": {"polluted": 1}}\' | from_json }}').ok).toBe(true);
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  expect(({} as {x?: number}).x).toBe(undefined);
});

test('whatever is written, the answer is a result and never a crash', () => {
  const pick = numbers(42);
  const words = [
    ...VALUES,
    ...KEYS.slice(0, 6),
    'map',
    'list',
    '|',
    'is',
    'not',
    'in',
    'if',
    'else',
    'and',
    'or',
    '+',
    '-',
    '*',
    '/',
    '//',
    '%',
    '**',
    '~',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    ':',
    ',',
    '.',
    '==',
    '<',
    'join',
    'int',
    'default',
    'defined',
    'sort',
    'first',
    '{{',
    '}}',
    '{%',
    '%}',
    'for',
    'endfor',
    'set',
    'endif',
    '=',
    '-%}',
    '{%-',
    '{#',
    '#}',
    'raw',
    'endraw',
    'macro',
    "'",
    '"',
    '\\',
    '\n',
    '1e5',
    '0x',
    '..',
  ];
  for (let round = 0; round < 3000; round++) {
    const text = Array.from({length: 1 + pick(12)}, () => words[pick(words.length)]).join(' ');
    for (const result of [
      templar().renderText(text),
      templar().renderText(`{{ ${text} }}`),
      templar().renderText(`{% ${text} %}`),
      templar().condition(text),
      templar().render(text),
    ]) {
      if (!result.ok)
        expect(
          result.error.every(one => /^E_(?:UNDEFINED|TEMPLATE_[A-Z]+)$/.test(one.code) && one.message !== ''),
        ).toBe(true);
    }
  }
});
