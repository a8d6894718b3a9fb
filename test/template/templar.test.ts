import {describe, expect, test} from 'vitest';
import {type Data, dataMap} from '../../src/base/data.ts';
import type {Diagnostic} from '../../src/base/diagnostic.ts';
import {err, ok, type Result} from '../../src/base/result.ts';
import {formatLocation, type Location, type SourceFile} from '../../src/base/source.ts';
import {isTemplate, LazyMapping, Templar, type TemplateVariable} from '../../src/template/templar.ts';

function templarOf(
  variables: Readonly<Record<string, Data | LazyMapping | TemplateVariable>>,
  known?: readonly string[],
): Templar {
  const entries = new Map(Object.entries(variables));
  return new Templar(
    name => {
      const found = entries.get(name);
      if (found === undefined) return undefined;
      return isVariable(found) ? found : {value: found};
    },
    {known: () => known ?? entries.keys()},
  );
}

function isVariable(value: Data | LazyMapping | TemplateVariable): value is TemplateVariable {
  return typeof value === 'object' && value !== null && 'variable' in value;
}

function variable(value: Data, more: Partial<TemplateVariable> = {}): TemplateVariable {
  return {value, ...more, variable: true} as TemplateVariable;
}

function file(path: string, text: string): SourceFile {
  return {path, text};
}

function whole(source: SourceFile): Location {
  return {file: source, start: 0, end: source.text.length};
}

function of(source: SourceFile, part: string): Location {
  const start = source.text.indexOf(part);
  return {file: source, start, end: start + part.length};
}

/** What a user would see of a problem. */
function shown(result: Result<unknown>): unknown {
  if (result.ok) return result.value;
  return result.error.map((one: Diagnostic) => ({
    code: one.code,
    message: one.message,
    ...(one.hint === undefined ? {} : {hint: one.hint}),
    ...(one.at === undefined
      ? {}
      : {at: formatLocation(one.at), text: one.at.file.text.slice(one.at.start, one.at.end)}),
    ...(one.related === undefined
      ? {}
      : {related: one.related.map(({message, at}) => `${message}: ${formatLocation(at)}`)}),
  }));
}

describe('render', () => {
  test('keeps the type of a string that is one expression and makes text of every other', () => {
    const templar = templarOf({port: 2379, hosts: ['a', 'b']});
    const value = dataMap([
      ['native', '{{ port }}'],
      ['text', 'p{{ port }}'],
      ['two', '{{ port }}{{ port }}'],
      ['list', ['{{ hosts }}', '{{ hosts | length }}', 7, null, true]],
      ['plain', 'a } b'],
    ]);
    expect(templar.render(value)).toEqual(
      ok({native: 2379, text: 'p2379', two: '23792379', list: [['a', 'b'], 2, 7, null, true], plain: 'a } b'}),
    );
  });

  test('takes a list built by statements as a list, also with white space around', () => {
    const templar = templarOf({n: [1, 2]});
    const built = '{% set out = [] %}{% for i in n %}{{ out.append(i * 2) }}{% endfor %}\n{{ out }}\n';
    expect(templar.render(built)).toEqual(ok([2, 4]));
    expect(templar.render('{{ n }}\n')).toEqual(ok([1, 2]));
    expect(templar.render('{{ n[0] }}\n')).toEqual(ok('1\n'));
  });

  test('renders keys and keeps mappings without a prototype', () => {
    const result = templarOf({k: 'name'}).render(dataMap([['{{ k }}', '{{ k }}!']]));
    expect(result).toEqual(ok(dataMap([['name', 'name!']])));
    expect(result.ok && Object.getPrototypeOf(result.value)).toBe(null);
  });

  test('reports the problems of all parts at once, each at its own place', () => {
    const source = file('vars.yml', 'a: "{{ one }}"\nb:\n  - "{{ 1 + }}"\n  - {c: "x {{ two }} {{ three }}"}\n');
    const value = dataMap([
      ['a', '{{ one }}'],
      ['b', ['{{ 1 + }}', dataMap([['c', 'x {{ two }} {{ three }}']])]],
    ]);
    expect(shown(templarOf({thre: 1}).render(value, whole(source)))).toEqual([
      {
        code: 'E_UNDEFINED',
        message: '"one" is undefined',
        hint: 'define it in the inventory, or give it a value with "| default(…)".',
        at: 'vars.yml:1:8',
        text: 'one',
      },
      {code: 'E_TEMPLATE_SYNTAX', message: 'an expression is needed here, not "}}"', at: 'vars.yml:3:13', text: '}}'},
      {
        code: 'E_UNDEFINED',
        message: '"two" is undefined',
        hint: 'define it in the inventory, or give it a value with "| default(…)".',
        at: 'vars.yml:4:15',
        text: 'two',
      },
      {
        code: 'E_UNDEFINED',
        message: '"three" is undefined',
        hint: 'did you mean "thre"?',
        at: 'vars.yml:4:25',
        text: 'three',
      },
    ]);
  });
});

describe('places', () => {
  test('a problem in a template file has the line and column of the file', () => {
    const source = file(
      'etcd.conf.j2',
      'name: {{ name }}\n{% for h in hosts %}\n- {{ h.ip }} {{ h.prot }}\n{% endfor %}\n',
    );
    const templar = templarOf({
      name: 'x',
      hosts: [
        dataMap([
          ['ip', 1],
          ['port', 2],
        ]),
      ],
    });
    expect(shown(templar.renderText(source.text, whole(source)))).toEqual([
      {
        code: 'E_UNDEFINED',
        message: '"h" has no key "prot"',
        hint: 'did you mean "port"?',
        at: 'etcd.conf.j2:3:17',
        text: 'h.prot',
      },
    ]);
  });

  test('a block of YAML is searched line by line, a text that stands there twice keeps the whole place', () => {
    const source = file('main.yml', 'x: |\n  first\n  second {{ nope }}\ny: {{ a }} {{ a }}\n');
    expect(shown(templarOf({}).render('first\nsecond {{ nope }}\n', whole(source)))).toMatchObject([
      {at: 'main.yml:3:13', text: 'nope'},
    ]);
    const twice = file('main.yml', 'x: {{ a }}\ny: {{ a }}\n');
    expect(shown(templarOf({}).render('{{ a }}', whole(twice)))).toMatchObject([{at: 'main.yml:1:1'}]);
  });

  test("a problem in a variable's own template stands there, and names the definition and the use", () => {
    const vars = file('group_vars/etcd.yml', 'etcd_data: "/data/{{ etcd_clster }}"\netcd_dir: "{{ etcd_data }}/x"\n');
    const conf = file('etcd.conf.j2', '# conf\ndir: {{ etcd_dir }}\n');
    const templar = templarOf(
      {
        etcd_data: variable('/data/{{ etcd_clster }}', {at: of(vars, '"/data/{{ etcd_clster }}"')}),
        etcd_dir: variable('{{ etcd_data }}/x', {at: of(vars, '"{{ etcd_data }}/x"')}),
      },
      ['etcd_cluster'],
    );
    expect(shown(templar.renderText(conf.text, whole(conf)))).toEqual([
      {
        code: 'E_UNDEFINED',
        message: '"etcd_clster" is undefined',
        hint: 'did you mean "etcd_cluster"?',
        at: 'group_vars/etcd.yml:1:22',
        text: 'etcd_clster',
        related: [
          'in the definition of "etcd_data": group_vars/etcd.yml:1:12',
          'used here: group_vars/etcd.yml:2:15',
          'in the definition of "etcd_dir": group_vars/etcd.yml:2:11',
          'used here: etcd.conf.j2:2:9',
        ],
      },
    ]);
  });

  test('a problem in a variable without a place is told at its use, and says whose it is', () => {
    const conf = file('a.j2', 'x {{ data }}\n');
    expect(shown(templarOf({data: '{{ nope }}'}).renderText(conf.text, whole(conf)))).toEqual([
      {
        code: 'E_UNDEFINED',
        message: '"nope" is undefined (in the definition of "data")',
        hint: 'define it in the inventory, or give it a value with "| default(…)".',
        at: 'a.j2:1:6',
        text: 'data',
      },
    ]);
  });

  test.each([
    ['{% if a %}x', '"{% if %}" is never closed by "{% endif %}"', 'if'],
    ['{% if a %}{% for x in y %}z{% endif %}', 'unknown or misplaced statement "endif"', 'endif'],
    ['a\n{% for x in y %}z', '"{% for %}" is never closed by "{% endfor %}"', 'for'],
    ['{{ a', '"{{" is never closed by "}}"', '{'],
    ['{{ (a }}', 'unexpected "}"', '}'],
    ["{{ 'a }}", "a string that starts with ' is never closed", "'"],
    ['{{ a b }}', 'expected variable end', 'b'],
    ['{# a', 'a comment "{#" is never closed by "#}"', '{#'],
    ['{% raw %}{{ a }}', '"{% raw %}" is never closed by "{% endraw %}"', '{%'],
    ['{% frob %}', 'unknown or misplaced statement "frob"', 'frob'],
  ])('bad syntax is told where it begins: %s', (text, message, part) => {
    expect(shown(templarOf({a: 1}).renderText(text, whole(file('t.j2', text))))).toMatchObject([
      {code: 'E_TEMPLATE_SYNTAX', message, text: part},
    ]);
  });
});

describe('variables', () => {
  test('are rendered lazily and once, and hold other variables', () => {
    const asked: string[] = [];
    const values: Readonly<Record<string, Data>> = {a: '{{ b }}/x', b: '{{ c }}', c: 3, never: '{{ nope }}'};
    const templar = new Templar(name => {
      asked.push(name);
      const value = values[name];
      return value === undefined ? undefined : {value};
    });
    expect(templar.variable('a')).toEqual(ok('3/x'));
    expect(templar.render('{{ a }}{{ b }}{{ c }}')).toEqual(ok('3/x33'));
    expect(asked).toEqual(['a', 'b', 'c']);
  });

  test('that are final are never rendered', () => {
    const templar = templarOf({
      fact: variable('{{ 1 + 1 }}', {final: true}),
      copy: '{{ fact }}',
      deep: variable(dataMap([['k', '{{ x }}']]), {final: true}),
    });
    expect(templar.render(['{{ fact }}', '{{ copy }}', '<{{ fact }}>', '{{ deep.k }}', '{{ fact | upper }}'])).toEqual(
      ok(['{{ 1 + 1 }}', '{{ 1 + 1 }}', '<{{ 1 + 1 }}>', '{{ x }}', '{{ 1 + 1 }}']),
    );
  });

  test('that are defined by themselves are refused with the chain', () => {
    const source = file('v.yml', 'a: "{{ b }}"\nb: "{{ a }}"\n');
    const templar = templarOf({
      a: variable('{{ b }}', {at: of(source, '"{{ b }}"')}),
      b: variable('{{ a }}', {at: of(source, '"{{ a }}"')}),
    });
    expect(shown(templar.variable('a'))).toMatchObject([
      {code: 'E_TEMPLATE_RECURSION', message: 'the variable "a" is defined by itself: a -> b -> a', at: 'v.yml:1:4'},
    ]);
    expect(shown(templarOf({a: '{{ a | default(1) }}'}).variable('a'))).toMatchObject([{code: 'E_TEMPLATE_RECURSION'}]);
  });

  test('that do not exist are told with the nearest name', () => {
    expect(shown(templarOf({etcd_data: 1}).variable('etcd_dat'))).toEqual([
      {code: 'E_UNDEFINED', message: '"etcd_dat" is undefined', hint: 'did you mean "etcd_data"?'},
    ]);
  });

  test('whose template lacks a variable count as undefined, other failures go on', () => {
    const templar = templarOf({lacking: '{{ nope }}', wrong: '{{ 1 + "a" }}'});
    expect(templar.render('{{ lacking | default("d") }}{{ lacking is defined }}')).toEqual(ok('dFalse'));
    expect(shown(templar.render('{{ wrong | default("d") }}'))).toMatchObject([{code: 'E_TEMPLATE_TYPE'}]);
  });

  test('cannot be changed by a template', () => {
    const list = [1];
    const templar = templarOf({list, map: dataMap()});
    expect(shown(templar.renderText('{% set _ = list.append(2) %}'))).toMatchObject([
      {code: 'E_TEMPLATE_TYPE', message: 'a list that comes from a variable cannot be changed in a template'},
    ]);
    expect(shown(templar.renderText('{{ map.update(a=1) }}'))).toMatchObject([{code: 'E_TEMPLATE_TYPE'}]);
    expect(list).toEqual([1]);
  });
});

describe('lazy mappings', () => {
  const asked: string[] = [];
  const hostvars = new LazyMapping(
    () => ['h1', 'h2'],
    host => {
      if (host !== 'h1' && host !== 'h2') return undefined;
      return ok(
        new LazyMapping(
          () => ['seq', 'raw', 'bad'],
          key => {
            asked.push(`${host}.${key}`);
            if (key === 'bad') return err([{code: 'E_UNDEFINED', severity: 'error', message: '"x" is undefined'}]);
            if (key === 'raw') return ok('{{ not rendered }}');
            return key === 'seq' ? ok(Number(host.slice(1))) : undefined;
          },
        ),
      );
    },
  );

  test('are asked only for what is used', () => {
    const templar = templarOf({hostvars, hosts: ['h1', 'h2']});
    expect(templar.render("{{ hostvars['h1'].seq + hostvars.h2['seq'] }}")).toEqual(ok(3));
    expect(templar.render("{{ hosts | map('extract', hostvars, 'seq') | list }}")).toEqual(ok([1, 2]));
    expect(
      templar.render("{{ hostvars.h1.raw }} {{ hostvars.keys() }} {{ 'h3' in hostvars }} {{ hostvars | length }}"),
    ).toEqual(ok("{{ not rendered }} ['h1', 'h2'] False 2"));
    expect(new Set(asked)).toEqual(new Set(['h1.seq', 'h2.seq', 'h1.raw']));
  });

  test('whose value lacks a variable count as undefined there', () => {
    const templar = templarOf({hostvars});
    expect(templar.render("{{ hostvars.h1.bad | default('d') }}")).toEqual(ok('d'));
    expect(shown(templar.render('{{ hostvars.h1.bad }}'))).toEqual([
      {code: 'E_UNDEFINED', message: '"x" is undefined'},
    ]);
    expect(shown(templar.render('{{ hostvars.h1.sec }}'))).toEqual([
      {code: 'E_UNDEFINED', message: '"hostvars.h1" has no key "sec"', hint: 'did you mean "seq"?'},
    ]);
  });
});

describe('condition', () => {
  const templar = templarOf({on: true, off: 'no', text: 'abc', said: 'true', list: []});

  test.each([
    ['on and text == "abc"', true],
    ['list', false],
    ['off', true],
    ['off | bool', false],
    ['text is match("a\\\\w+")', true],
    ['{{ on }}', true],
    ['{{ said }}', true],
    [' {{ text == "x" }} ', false],
  ])('%s is %s', (condition, holds) => {
    expect(templar.condition(condition)).toEqual(ok(holds));
  });

  test('takes booleans as they are', () => {
    expect([templar.condition(true), templar.condition(false)]).toEqual([ok(true), ok(false)]);
  });

  test('never evaluates a text that an expression gives', () => {
    expect(shown(templar.condition('{{ text }}'))).toMatchObject([{code: 'E_TEMPLATE_UNSUPPORTED'}]);
    expect(shown(templar.condition('{{ text }} == "abc"'))).toMatchObject([
      {code: 'E_TEMPLATE_UNSUPPORTED', hint: 'leave the braces out: when: etcd_role == "server".'},
    ]);
  });

  test('tells an empty one and an undefined one', () => {
    expect(shown(templar.condition('  '))).toMatchObject([
      {code: 'E_TEMPLATE_SYNTAX', message: 'the expression is empty'},
    ]);
    expect(shown(templar.condition('nope == 1'))).toMatchObject([{code: 'E_UNDEFINED'}]);
  });
});

describe('what is not supported says what to do', () => {
  test.each([
    ["{% include 'x.j2' %}", '{% include %} is not supported'],
    ["{% import 'x.j2' as x %}", '{% import %} is not supported'],
    ["{% extends 'x.j2' %}", '{% extends %} is not supported'],
    ["{{ lookup('env', 'HOME') }}", "lookup('env', …) is not supported"],
    ["{{ query('file', 'x') }}", "query('file', …) is not supported"],
    ['{{ now() }}', 'now() is not supported'],
    ['{{ [1] | random }}', 'the filter "random" is not supported'],
    ["{{ 'x' | password_hash }}", 'the filter "password_hash" is not supported'],
  ])('%s', (text, message) => {
    expect(shown(templarOf({}).renderText(text))).toMatchObject([
      {code: 'E_TEMPLATE_UNSUPPORTED', message, hint: expect.any(String)},
    ]);
  });
});

describe('limits', () => {
  test.each([
    ["{{ 'x' * 10 ** 9 }}"],
    ['{{ [1] * 10 ** 9 }}'],
    ['{{ range(10 ** 6) }}'],
    ['{{ 10 ** 100000 }}'],
    ['{% for a in range(3000) %}{% for b in range(3000) %}{% endfor %}{% endfor %}'],
    ["{% set ns = namespace(s='x') %}{% for i in range(100) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}"],
    ['{% set ns = namespace(l=[1]) %}{% for i in range(100) %}{% set ns.l = ns.l + ns.l %}{% endfor %}'],
    ['{% set ns = namespace(l=[1]) %}{% for i in range(100) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l }}'],
    [
      '{% set ns = namespace(l=[1]) %}{% for i in range(100) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l == ns.l[:] }}{{ ns.l | to_json }}',
    ],
    ['{% set l = [] %}{{ l.append(l) }}{{ l }}'],
    ['{% set l = [1] %}{% for x in l %}{{ l.append(x) }}{% endfor %}'],
    ['{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}'],
    [`{{ ${'('.repeat(20_000)}1${')'.repeat(20_000)} }}`],
    [`{{ ${'-'.repeat(50_000)}1 }}`],
    ["{{ '%1000000000d' | format(1) }}"],
    ["{{ 'a' | center(10 ** 9) }}"],
    ["{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!' | regex_search('^(a+)+$') }}"],
    ["{{ ('ab' * 100000) | regex_replace('a', 'x' * 1000) }}"],
    ['{{ [1, 2] | product(repeat=60) | list }}'],
  ])(
    '%s',
    text => {
      const result = templarOf({}).renderText(text);
      expect(result.ok ? 'rendered' : result.error.map(one => one.code)).toEqual([
        expect.stringMatching(/^E_TEMPLATE_(?:LIMIT|TYPE)$/),
      ]);
    },
    20_000,
  );

  test('every rendering has the whole allowance', () => {
    const templar = templarOf({});
    const text = '{% for a in range(1000) %}{% for b in range(500) %}{% endfor %}{% endfor %}ok';
    for (let run = 0; run < 4; run++) expect(templar.renderText(text)).toEqual(ok('ok'));
  });
});

test('isTemplate sees the opening marks', () => {
  expect(['a {{ b }}', '{% if a %}', '{# x #}', 'a { b', '{ { a', ''].map(isTemplate)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});
