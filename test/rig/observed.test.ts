import {describe, expect, it} from 'vitest';
import {sumUp} from './observed.ts';
import type {ListedRow, SpanRecord} from './records.ts';

const row = (name: string, more: Partial<ListedRow> = {}): ListedRow => ({
  id: `id-${name}`,
  name,
  learner: false,
  started: true,
  ...more,
});
const ROWS = [row('a'), row('b'), row('c')];

function up(
  member: string,
  from: number,
  to: number,
  more: {term?: number; leader?: string; cluster?: string; members?: readonly ListedRow[]} = {},
): SpanRecord {
  const {term = 2, leader = 'id-a', cluster = 'c1', members = ROWS} = more;
  return {type: 'span', member, from, to, view: {up: true, id: `id-${member}`, cluster, leader, term, members}};
}

function down(member: string, from: number, to: number, why = 'refused'): SpanRecord {
  return {type: 'span', member, from, to, view: {up: false, why}};
}

describe('the observer', () => {
  it.each<[string, readonly SpanRecord[], number]>([
    ['nobody', [up('a', 0, 100)], 0],
    ['one after the other', [up('a', 0, 100), down('b', 10, 20), down('c', 30, 40)], 1],
    ['two that overlap', [up('a', 0, 100), down('b', 10, 30), down('c', 20, 40)], 2],
    ['two, one of them seen in a single sample', [up('a', 0, 100), down('b', 10, 30), down('c', 20, 20)], 2],
    ['a whole cluster', [up('a', 0, 9), down('a', 10, 30), down('b', 10, 30), down('c', 12, 40)], 3],
    ['not those that are only silent', [up('a', 0, 100), down('b', 10, 30), down('c', 20, 40, 'silent')], 1],
    ['not hosts that are no members', [up('a', 0, 100), down('b', 10, 30), down('d', 10, 30)], 1],
    ['nobody before there is a cluster', [down('a', 0, 10), down('b', 0, 10), up('a', 20, 30)], 0],
    [
      'a member only as long as it is listed',
      [
        up('a', 0, 10, {members: ROWS}),
        down('c', 5, 100),
        up('a', 15, 100, {members: [row('a'), row('b')]}),
        down('b', 50, 60),
      ],
      1,
    ],
    [
      'not a member that has never started',
      [up('a', 0, 100, {members: [...ROWS, row('', {started: false})]}), down('d', 10, 20), down('b', 10, 20)],
      1,
    ],
  ])('counts as down at once: %s', (_, spans, expected) => {
    expect(sumUp(spans).maxDown).toBe(expected);
  });

  it('counts terms with a leader, not looks: an election without winner is a term, but no change', () => {
    const spans = [
      up('a', 0, 10),
      up('b', 0, 10),
      up('a', 11, 20, {term: 3, leader: '0'}),
      up('a', 21, 30, {term: 4, leader: 'id-b'}),
      up('b', 12, 30, {term: 4, leader: 'id-b'}),
    ];
    expect(sumUp(spans)).toMatchObject({leaderChanges: 1, terms: 2});
  });

  it('keeps the most members, unstarted voters and learners of any list, and every cluster id', () => {
    const joining = [...ROWS, row('', {started: false}), row('', {id: 'x', started: false}), row('d', {learner: true})];
    const spans = [up('a', 0, 10), up('b', 5, 10, {members: joining}), up('c', 20, 30, {cluster: 'c2'})];
    expect(sumUp(spans)).toMatchObject({
      maxMembers: 6,
      maxUnstartedVoters: 2,
      maxLearners: 1,
      clusterIds: ['c1', 'c2'],
    });
  });

  it('adds up how long each member was down', () => {
    expect(sumUp([down('b', 10, 30), up('b', 31, 40), down('b', 50, 55), down('c', 1, 2)]).downMs).toEqual({
      b: 25,
      c: 1,
    });
  });

  it('says nothing about nothing', () => {
    expect(sumUp([])).toEqual({
      maxDown: 0,
      leaderChanges: 0,
      terms: 0,
      maxMembers: 0,
      maxUnstartedVoters: 0,
      maxLearners: 0,
      clusterIds: [],
      downMs: {},
    });
  });
});
