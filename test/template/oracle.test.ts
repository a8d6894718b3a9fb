/** Every answer of ours against ansible-core's (`oracle/make-oracle.py` asks it; `oracle/expressions.yml` holds the questions). */
import {readFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import type {Data, DataMap} from '../../src/base/data.ts';
import type {Result} from '../../src/base/result.ts';
import {parseYaml, toData} from '../../src/base/yaml.ts';
import {Templar} from '../../src/template/templar.ts';
import {DIFFERENCES} from './oracle/differences.ts';

const folder = new URL('./oracle/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');

interface Answer {
  readonly value?: unknown;
  readonly text?: string;
  readonly error?: string;
  readonly textError?: string;
}

const expected: {
  readonly expressions: Readonly<Record<string, Answer>>;
  readonly arguments: Readonly<Record<string, string>>;
  readonly templates: Readonly<Record<string, Answer>>;
} = JSON.parse(read('expected.json'));

const parsed = parseYaml({path: 'expressions.yml', text: read('expressions.yml')});
if (!parsed.ok) throw new Error(JSON.stringify(parsed.error.map(problem => problem.message)));
const cases = toData(parsed.value) as DataMap;
const variables = cases.variables as DataMap;
const sources = cases.templates as Readonly<Record<string, string>>;

function templar(): Templar {
  return new Templar(name => {
    const value = variables[name];
    return value === undefined ? undefined : {value};
  });
}

/** As the oracle writes values: ints beyond 2**53 as `{int}`; floats such as 5.0 are told apart by their text. */
function plain(value: Data): unknown {
  if (typeof value === 'bigint') return {int: String(value)};
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  return value;
}

function answer(result: Result<Data>): Answer {
  return result.ok ? {value: plain(result.value)} : {error: kind(result.error[0]?.code)};
}

/** ansible-core does not tell an unknown filter from an unknown test. */
function kind(code: string | undefined): string {
  return code === 'E_TEMPLATE_FILTER' || code === 'E_TEMPLATE_TEST' ? 'no such filter or test' : String(code);
}

function textAnswer(result: Result<string>): Answer {
  return result.ok ? {text: result.value} : {textError: kind(result.error[0]?.code)};
}

describe('every expression gives the value and the text that ansible-core gives', () => {
  test.each(Object.keys(expected.expressions))('%s', expression => {
    const theirs = expected.expressions[expression] ?? {};
    const ours = answer(templar().expression(expression));
    const text = ours.error === undefined ? textAnswer(templar().renderText(`<{{ ${expression} }}>`)) : {};
    const wanted = DIFFERENCES.get(expression)?.ours ?? theirs;
    expect({...ours, ...text}).toEqual(wanted);
  });

  test('every listed difference is one', () => {
    const known = {...expected.expressions, ...expected.templates};
    const same = [...DIFFERENCES].filter(
      ([name, difference]) =>
        known[name] === undefined || JSON.stringify(known[name]) === JSON.stringify(difference.ours),
    );
    expect(same).toEqual([]);
  });
});

describe('every text of a playbook gives the text that ansible-core gives', () => {
  test.each(Object.keys(expected.arguments))('%j', argument => {
    const result = templar().render(argument);
    expect(result).toEqual({ok: true, value: expected.arguments[argument]});
  });
});

describe('every template file gives the text that ansible-core gives', () => {
  test.each(Object.keys(expected.templates))('%s', name => {
    const result = templar().renderText(sources[name] ?? '');
    const ours: Answer = result.ok ? {text: result.value} : {error: kind(result.error[0]?.code)};
    expect(ours).toEqual(DIFFERENCES.get(name)?.ours ?? expected.templates[name]);
  });
});
