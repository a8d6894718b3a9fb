/**
 * Every file in `test/task/cases/<kind>` is one decision of a task kind, as data: `about` (test title), `args`, `host` (what is
 * there, see test/helpers/fake-host.ts), `check` and `pending` (a check run), and what comes of it: `plan`, or `problems`
 * ("CODE message"). `causes` are compared where a case gives them. `again` = what the same task says once its operations are done (default: satisfied).
 */
import {readdirSync, readFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {type DataMap, dataMap} from '../../src/base/data.ts';
import type {Result} from '../../src/base/result.ts';
import {parseYaml, toData} from '../../src/base/yaml.ts';
import {kindOf} from '../../src/task/index.ts';
import type {Plan, PlanContext, Refusal} from '../../src/task/task.ts';
import {Validators} from '../../src/task/validators.ts';
import {FakeHost, type FakeState} from '../helpers/fake-host.ts';

interface Case {
  readonly kind: string;
  readonly file: string;
  readonly about: string;
  readonly args: DataMap;
  readonly host?: FakeState;
  readonly check?: boolean;
  readonly pending?: readonly string[];
  readonly plan?: unknown;
  readonly problems?: readonly string[];
  readonly again?: string;
}

const folder = new URL('./cases/', import.meta.url);
const cases = readdirSync(folder, {withFileTypes: true})
  .filter(entry => entry.isDirectory())
  .flatMap(({name: kind}) => readdirSync(new URL(`${kind}/`, folder)).map(file => readCase(kind, file)));

/** As users' YAML is read: `mode: 0644` is a number here too. */
function readCase(kind: string, file: string): Case {
  const parsed = parseYaml({path: file, text: readFileSync(new URL(`${kind}/${file}`, folder), 'utf8')});
  if (!parsed.ok) throw new Error(`${kind}/${file}: ${parsed.error[0]?.message}`);
  return {...(JSON.parse(JSON.stringify(toData(parsed.value))) as Case), kind, file};
}

const validators = new Validators();

function argsOf({kind, args}: Case): DataMap {
  const checked = validators.check(kindOf(kind)?.schema ?? {}, dataMap(Object.entries(args)), true);
  expect(checked.violations).toEqual([]);
  return checked.value as DataMap;
}

function decide({kind: name, check = false, pending = []}: Case, args: DataMap, host: FakeHost): Result<Plan, Refusal> {
  const kind = kindOf(name);
  if (kind === undefined) throw new Error(`no kind ${name}`);
  const probes = kind.probe(args, 'n1');
  const facts = Object.fromEntries(Object.entries(probes).map(([key, probe]) => [key, host.answer(probe)]));
  const context: PlanContext = {host: 'n1', check, pending, nowMs: 0, hosts: ['n1'], lostHosts: [], stoppedHosts: []};
  return kind.plan(args, facts as never, context);
}

/** As JSON, without checksums: the fake host compares those with the content. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, item) => (key === 'sha256' ? undefined : item)));
}

/** A plan as a case gives it; every change has at least one cause. */
function shownOf(value: Plan, item: Case): unknown {
  if (value.kind === 'change') expect(value.causes?.map(({code}) => /^[a-z_]+$/.test(code))).toContain(true);
  const given = item.plan as {readonly causes?: unknown};
  return plain(given.causes === undefined ? {...value, causes: undefined} : value);
}

describe.each([...new Set(cases.map(({kind}) => kind))])('%s', kind => {
  const own = cases.filter(item => item.kind === kind);

  test.each(own)('$about', item => {
    const decision = decide(item, argsOf(item), new FakeHost(item.host));
    if (decision.ok) expect(shownOf(decision.value, item)).toEqual(plain(item.plan));
    else expect(decision.error.problems.map(({code, message}) => `${code} ${message}`)).toEqual(item.problems);
  });

  test.each(own.filter(item => item.problems !== undefined))('$about: every problem says what to do next', item => {
    const decision = decide(item, argsOf(item), new FakeHost(item.host));
    const hints = decision.ok
      ? []
      : decision.error.problems.filter(({code}) => code !== 'E_FAIL').map(({hint}) => hint);
    expect(hints).not.toContain(undefined);
  });

  test.each(own.filter(item => item.plan !== undefined && item.check !== true))(
    '$about: once done, there is nothing left to do',
    item => {
      const host = new FakeHost(item.host);
      const args = argsOf(item);
      const first = decide(item, args, host);
      expect(decide(item, args, host)).toEqual(first);
      if (!first.ok) return;
      if (first.value.kind === 'change') for (const op of first.value.ops) expect(host.apply(op).rc).toBe(0);
      const second = decide(item, args, host);
      expect(second.ok && [second.value.kind, second.value.reason !== '']).toEqual([item.again ?? 'satisfied', true]);
    },
  );
});

test('every generic kind has cases', () => {
  const covered = new Set(cases.map(({kind}) => kind));
  const kinds = [
    'assert',
    'command',
    'copy',
    'debug',
    'fail',
    'file',
    'group',
    'ping',
    'set_fact',
    'shell',
    'stat',
    'systemd_service',
    'template',
    'user',
  ];
  expect(kinds.filter(kind => !covered.has(kind))).toEqual([]);
});
