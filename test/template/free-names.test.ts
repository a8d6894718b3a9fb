import {expect, test} from 'vitest';
import {freeNames} from '../../src/template/free-names.ts';

test.each([
  ['{{ a.b[c] }} {{ d | default(e) }}', {names: ['a', 'c', 'd', 'e'], filters: ['default'], tests: []}],
  [
    '{% for h in hosts if h.x == y %}{{ h }}{{ loop.index }}{% else %}{{ h }}{% endfor %}',
    {names: ['hosts', 'y', 'h'], filters: [], tests: []},
  ],
  ['{% set a = b %}{{ a }}{% set c %}{{ d }}{% endset %}{{ c }}', {names: ['b', 'd'], filters: [], tests: []}],
  ['{{ x }}{% set x = 1 %}', {names: ['x'], filters: [], tests: []}],
  [
    '{% macro m(a, b=c) %}{{ a }}{{ b }}{{ z }}{{ caller() }}{% endmacro %}{{ m(q, r=s) }}',
    {names: ['c', 'z', 'q', 's'], filters: [], tests: []},
  ],
  ['{% with a = b %}{{ a }}{% endwith %}{{ a }}', {names: ['b', 'a'], filters: [], tests: []}],
  [
    '{% if r is failed and not s is defined %}{{ [t, {u: v}, (w,)] }}{% endif %}',
    {names: ['r', 's', 't', 'u', 'v', 'w'], filters: [], tests: ['failed', 'defined']},
  ],
  [
    "{{ a if b else c }}{{ x[y:z] }}{{ 'text' ~ -n }}{{ p <= q in r }}",
    {names: ['b', 'a', 'c', 'x', 'y', 'z', 'n', 'p', 'q', 'r'], filters: [], tests: []},
  ],
  ['{% raw %}{{ a }}{% endraw %}{# {{ b }} #}plain', {names: [], filters: [], tests: []}],
  [
    '{{ a | map(attribute=b) | ansible.builtin.flatten }}',
    {names: ['a', 'b'], filters: ['ansible.builtin.flatten', 'map'], tests: []},
  ],
  ['{{ broken', {names: [], filters: [], tests: []}],
])('%s', (text, expected) => {
  const found = freeNames(text, 'text');
  expect({...found, names: found.names.toSorted(), filters: found.filters.toSorted()}).toEqual({
    ...expected,
    names: expected.names.toSorted(),
    filters: expected.filters.toSorted(),
  });
});

test('a condition is read as an expression', () => {
  expect(freeNames('result.rc == 0 and x | int > 1', 'expression')).toEqual({
    names: ['result', 'x'],
    filters: ['int'],
    tests: [],
  });
});
