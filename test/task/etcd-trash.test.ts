import {describe, expect, it} from 'vitest';
import type {DataMap} from '../../src/base/data.ts';
import type {TrashEntry} from '../../src/task/fact.ts';
import {kindOf} from '../../src/task/index.ts';
import {parseAge} from '../../src/task/trash-table.ts';
import {CONTEXT, decide, unit} from '../helpers/decide-etcd.ts';

const entry = (id: string, more: Partial<TrashEntry> = {}): TrashEntry => ({
  id,
  path: '/data/etcd',
  isFree: true,
  location: `/var/lib/etcdctl-play/trash/${id}/data`,
  sizeBytes: 5e6,
  ageSeconds: 3 * 86_400,
  host: {date: '2026-01-01T00:00:00Z'},
  manifest: {cluster: 'main', member: 'main-1', cluster_id: 'c'.repeat(16), reason: 'etcd_clean'},
  ...more,
});
const OLD = entry('one');
const NEW = entry('two', {ageSeconds: 60});

describe('etcd_trash', () => {
  it.each<[string, object, readonly TrashEntry[], string, string]>([
    ['list of nothing', {}, [], 'inactive', 'satisfied'],
    ['list', {}, [OLD, NEW], 'active', 'satisfied'],
    ['restore', {action: 'restore', id: 'one'}, [OLD, NEW], 'inactive', 'change trash-restore'],
    ['restore of a failed unit', {action: 'restore', id: 'one'}, [OLD], 'failed', 'change trash-restore'],
    ['restore under a running unit', {action: 'restore', id: 'one'}, [OLD], 'active', 'refused E_ETCD_TRASH_RESTORE'],
    [
      'restore under a starting unit',
      {action: 'restore', id: 'one'},
      [OLD],
      'activating',
      'refused E_ETCD_TRASH_RESTORE',
    ],
    [
      'restore where something is',
      {action: 'restore', id: 'one'},
      [entry('one', {isFree: false})],
      'inactive',
      'refused E_ETCD_TRASH_RESTORE',
    ],
    [
      'restore of what is gone',
      {action: 'restore', id: 'one'},
      [{...OLD, sizeBytes: undefined} as never],
      'inactive',
      'refused E_ETCD_TRASH_RESTORE',
    ],
    ['restore of what was never there', {action: 'restore', id: 'x'}, [OLD], 'inactive', 'failed E_ETCD_TRASH_ID'],
    ['restore of nothing', {action: 'restore'}, [OLD], 'inactive', 'failed E_ETCD_TRASH_WHAT'],
    ['expire of nothing', {action: 'expire'}, [OLD], 'inactive', 'failed E_ETCD_TRASH_WHAT'],
    ['expire of a strange age', {action: 'expire', older_than: 'old'}, [OLD], 'inactive', 'failed E_ETCD_TRASH_WHAT'],
    ['expire by id', {action: 'expire', id: 'two'}, [OLD, NEW], 'active', 'change trash-expire'],
    ['expire by age', {action: 'expire', older_than: '2d'}, [OLD, NEW], 'active', 'change trash-expire'],
    ['expire by a greater age', {action: 'expire', older_than: '4d'}, [OLD, NEW], 'active', 'satisfied'],
    ['expire by id and age', {action: 'expire', id: 'two', older_than: '2d'}, [OLD, NEW], 'active', 'satisfied'],
    ['expire of all', {action: 'expire', older_than: '1m'}, [OLD, NEW], 'active', 'change trash-expire trash-expire'],
    [
      'expire by age of what has none',
      {action: 'expire', older_than: '1m'},
      [{...OLD, ageSeconds: undefined} as never],
      'active',
      'satisfied',
    ],
  ])('%s', (_, more, entries, active, expected) => {
    const args = {action: 'list', unit: 'u', owner: 'etcd', ...more};
    expect(decide('etcd_trash', args, {trash: {entries}, unit: unit(active)})).toBe(expected);
  });

  it('shows a table to people and the same to programs', () => {
    const args = {action: 'list', unit: 'u', owner: 'etcd'} as DataMap;
    const plan = kindOf('etcd_trash')?.plan(
      args,
      {trash: {entries: [OLD, NEW]}, unit: unit('active')} as never,
      CONTEXT,
    );
    expect(plan?.ok && plan.value.kind === 'satisfied' && plan.value.output).toBe(
      [
        'ID   PATH        CLUSTER  CLUSTER ID        MEMBER  SIZE    WHEN                  AGE  REASON',
        'one  /data/etcd  main     cccccccccccccccc  main-1  5.0 MB  2026-01-01T00:00:00Z  3d   etcd_clean',
        'two  /data/etcd  main     cccccccccccccccc  main-1  5.0 MB  2026-01-01T00:00:00Z  1m   etcd_clean',
      ].join('\n'),
    );
    expect(plan?.ok && plan.value).toMatchObject({data: {entries: [{id: 'one', age_seconds: 259_200}, {id: 'two'}]}});
  });

  it.each([
    ['90m', 5400],
    ['12h', 43_200],
    ['7d', 604_800],
    ['2w', 1_209_600],
    ['7', undefined],
    ['7 d', undefined],
    ['-7d', undefined],
  ])('an age of %s', (text, seconds) => expect(parseAge(text)).toBe(seconds));
});
