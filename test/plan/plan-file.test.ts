import {describe, expect, test} from 'vitest';
import {Secret} from '../../src/base/secret.ts';
import {canonical, digest, mapTexts, plain} from '../../src/plan/canonical.ts';
import {ageProblem, planText, readPlan} from '../../src/plan/plan-file.ts';
import {body, planned, write} from './plans.ts';

describe('the canonical form', () => {
  test.each([
    ['sorts keys at every depth', {b: 1, a: {d: [2, {z: 0, y: 0}], c: 3}}, '{"a":{"c":3,"d":[2,{"y":0,"z":0}]},"b":1}'],
    ['leaves out what is absent', {a: undefined, b: null}, '{"b":null}'],
    ['writes 64-bit integers whole', {id: 17221338068156643453n}, '{"id":"17221338068156643453"}'],
    ['never shows a secret', {content: new Secret('hunter2')}, '{"content":"[REDACTED]"}'],
    ['knows mappings without a prototype', Object.assign(Object.create(null), {a: 1}), '{"a":1}'],
  ])('%s', (_, value, text) => {
    expect(canonical(value)).toBe(text);
  });

  test('gives one digest to equal data and another to other data', () => {
    expect(digest({a: 1, b: 2})).toBe(digest({b: 2, a: 1}));
    expect(digest({a: 1})).not.toBe(digest({a: '1'}));
  });

  test('texts are cleaned wherever they stand', () => {
    const clean = (text: string) => text.replaceAll('hunter2', '***');
    expect(mapTexts(plain({hunter2: [{x: 'my hunter2'}, 5, null]}), clean)).toEqual({'***': [{x: 'my ***'}, 5, null]});
  });
});

describe('a plan file', () => {
  test('is read as it was written, and written the same again', () => {
    const text = planText(body({tasks: [planned({ops: [write('/a', 'x\n')]})]}));
    const read = readPlan(text, 'p.json');
    expect(read.ok && read.value).toMatchObject({...body(), tasks: [planned({ops: [write('/a', 'x\n')]})], format: 1});
    const {checksum: _, ...again} = read.ok ? read.value : {checksum: '', ...body()};
    expect(planText(again)).toBe(text);
    expect(planText({...body(), runId: 'other'})).not.toBe(planText(body()));
  });

  const good = planText(body());
  test.each([
    ['is cut off', good.slice(0, 300), 'E_PLAN_FORMAT p.json is not JSON'],
    ['is empty', '', 'E_PLAN_FORMAT p.json is not JSON'],
    ['is a list', '[]', 'E_PLAN_FORMAT p.json is not a plan of etcdctl-play'],
    ['is other JSON', '{"program": "terraform", "format": 1}', 'E_PLAN_FORMAT p.json is not a plan of etcdctl-play'],
    [
      'has a newer form',
      good.replace('"format": 1', '"format": 2'),
      'E_PLAN_FORMAT p.json has the form 2, written by etcdctl-play 1.2.3; this program reads 1',
    ],
    [
      'was edited',
      good.replace('/project/hosts.yml', '/project/other.yml'),
      'E_PLAN_EDITED p.json was changed since it was saved: its checksum does not fit',
    ],
    [
      'has lost a field',
      good.replace(/ "graph": .*\n/, ''),
      'E_PLAN_EDITED p.json was changed since it was saved: its checksum does not fit',
    ],
    [
      'has a good checksum, but is no plan',
      planText({...body(), tasks: 'none'} as never),
      'E_PLAN_FORMAT p.json lacks parts of a plan',
    ],
  ])('that %s is refused, with what to do', (_, text, expected) => {
    const read = readPlan(text, 'p.json');
    expect(read.ok ? read.value : read.error.map(({code, message}) => `${code} ${message}`)).toEqual([expected]);
    expect(read.ok ? '' : read.error[0]?.hint).toMatch(/^\S/);
  });

  test('laid out by another program, but not changed, is the same plan', () => {
    expect(readPlan(JSON.stringify(JSON.parse(good)), 'p.json').ok).toBe(true);
  });

  const created = Date.parse(body().created);
  const DAY = 86_400_000;
  test.each([
    ['made a moment ago', created + 1, undefined],
    ['seven days old', created + 7 * DAY, undefined],
    [
      'older',
      created + 8.5 * DAY,
      'the plan was made at 2026-11-21T03:11:18.000Z, 8 days ago; a plan holds for 7 days',
    ],
    ['a little ahead of this clock', created - 60_000, undefined],
    [
      'of tomorrow',
      created - DAY,
      'the plan was made at 2026-11-21T03:11:18.000Z, and this machine says it is 2026-11-20T03:11:18.000Z',
    ],
  ])('%s', (_, nowMs, message) => {
    const age = ageProblem(body(), nowMs);
    expect(age.ok ? undefined : age.error.map(one => `${one.code} ${one.message}`).join()).toBe(
      message === undefined ? undefined : `E_PLAN_OLD ${message}`,
    );
    if (age.ok) expect(age.value).toBe(created);
  });
});
