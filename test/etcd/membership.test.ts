import {describe, expect, it, test} from 'vitest';
import type {ListedMember} from '../../src/etcd/facts.ts';
import {memberError} from '../../src/etcd/member-errors.ts';
import {catchUpSeconds, findMember, initialClusterFor, isJoining, whyNotStart} from '../../src/etcd/member-list.ts';
import {type MembershipView, nextStep} from '../../src/etcd/membership.ts';
import {canPromote} from '../../src/etcd/quorum.ts';

const url = (n: number) => `https://10.0.0.${n}:2380`;
const wanted = (n: number) => ({name: `etcd-${n}`, host: `h${n}`, peerUrl: url(n)});

/** A row of a voter that has started. */
function row(n: number, more: Partial<ListedMember> = {}): ListedMember {
  const base = {id: `id${n}`, name: `etcd-${n}`, peerUrls: [url(n)], clientUrls: [`https://10.0.0.${n}:2379`]};
  return {...base, isLearner: false, ...more};
}

/** A row that was added and never started. */
function added(n: number, isLearner: boolean): ListedMember {
  return row(n, {name: '', clientUrls: [], isLearner});
}

/** etcd-4 of four, on an empty host, in a healthy cluster of the other three. */
function view(more: Partial<MembershipView> = {}): MembershipView {
  return {
    member: wanted(4),
    wanted: [1, 2, 3, 4].map(wanted),
    list: [1, 2, 3].map(n => row(n)),
    disk: {hasData: false, unitActive: false, isCurrent: true},
    voters: {voters: 3, healthy: 3},
    unhealthy: [],
    isHealthy: false,
    isCorrupt: false,
    keepLearner: false,
    repair: false,
    ...more,
  };
}

function outcome(more: Partial<MembershipView>): string {
  const step = nextStep(view(more));
  return step.ok ? step.value.step : step.error.map(({code}) => code).join(' ');
}

const WITH_DATA = {hasData: true, unitActive: true, isCurrent: true};
const three = [1, 2, 3].map(n => row(n));
const LEARNER = row(4, {isLearner: true});

describe('nextStep', () => {
  const rows: [string, Partial<MembershipView>, string][] = [
    ['not listed and empty: joins', {}, 'add'],
    ['one beyond a cluster of one: joins', {list: [row(1)], voters: {voters: 1, healthy: 1}}, 'add'],
    ['not listed, but with data: refused', {disk: WITH_DATA}, 'E_ETCD_NOT_MEMBER'],
    ['not listed, with data, repair: the data goes aside', {disk: WITH_DATA, repair: true}, 'repair'],
    ['another learner is half way in', {list: [...three, row(5, {isLearner: true})]}, 'E_ETCD_MEMBER_PENDING'],
    ['another member was never started', {list: [...three, added(5, false)]}, 'E_ETCD_MEMBER_PENDING'],
    ['a voter is down', {voters: {voters: 3, healthy: 2}, unhealthy: ['etcd-3']}, 'E_ETCD_JOIN_UNHEALTHY'],
    [
      'more members than wanted already',
      {list: [...three, row(8), row(9)], voters: {voters: 5, healthy: 5}},
      'E_ETCD_MEMBERS_TOO_MANY',
    ],
    [
      'one ghost: one beyond the number wanted is allowed',
      {list: [...three, row(9)], voters: {voters: 4, healthy: 4}},
      'add',
    ],
    ['added as learner, never started: goes on', {list: [...three, added(4, true)]}, 'start'],
    [
      'added as voter by hand, never started: goes on',
      {list: [...three, added(4, false)], voters: {voters: 4, healthy: 3}},
      'start',
    ],
    ['started, has not told its name yet: goes on', {list: [...three, added(4, true)], disk: WITH_DATA}, 'start'],
    [
      'never started, and neither is another',
      {list: [...three, added(4, true), added(5, false)]},
      'E_ETCD_MEMBER_PENDING',
    ],
    ['a learner with its data: caught up and promoted', {list: [...three, LEARNER], disk: WITH_DATA}, 'catch-up'],
    ['a learner that is to stay one', {list: [...three, LEARNER], disk: WITH_DATA, keepLearner: true}, 'nothing'],
    [
      'a learner that is to stay one and does not run',
      {list: [...three, LEARNER], disk: {...WITH_DATA, unitActive: false}, keepLearner: true},
      'catch-up',
    ],
    ['a voter with its data', {list: [...three, row(4)], disk: WITH_DATA}, 'nothing'],
    [
      'one of those the cluster was made with, before its first start',
      {list: [...three, row(4, {clientUrls: []})]},
      'nothing',
    ],
    ['a voter without its data', {list: [...three, row(4)], voters: {voters: 4, healthy: 3}}, 'E_ETCD_DATA_LOST'],
    [
      'a voter without its data, repair',
      {list: [...three, row(4)], voters: {voters: 4, healthy: 3}, repair: true},
      'repair',
    ],
    ['a learner without its data, repair', {list: [...three, LEARNER], repair: true}, 'repair'],
    [
      'repair costs the quorum',
      {list: [...three, row(4)], voters: {voters: 4, healthy: 1}, repair: true},
      'E_ETCD_QUORUM',
    ],
    [
      'repair of one of two that still answers',
      {member: wanted(1), list: [row(1), row(2)], voters: {voters: 2, healthy: 2}, isHealthy: true, repair: true},
      'repair',
    ],
    [
      'repair of one of two that is down',
      {member: wanted(1), list: [row(1), row(2)], voters: {voters: 2, healthy: 1}, repair: true},
      'E_ETCD_QUORUM',
    ],
    [
      'repair while another one is half way in',
      {list: [...three, row(4), added(5, true)], voters: {voters: 4, healthy: 3}, repair: true},
      'E_ETCD_MEMBER_PENDING',
    ],
    ['corrupt', {list: [...three, row(4)], disk: WITH_DATA, isCorrupt: true}, 'E_ETCD_ALARM_CORRUPT'],
    [
      'corrupt, repair',
      {
        list: [...three, row(4)],
        disk: WITH_DATA,
        isCorrupt: true,
        repair: true,
        voters: {voters: 4, healthy: 4},
        isHealthy: true,
      },
      'repair',
    ],
    ['healthy, repair asked for all the same', {list: [...three, row(4)], disk: WITH_DATA, repair: true}, 'nothing'],
    [
      'at its old address',
      {member: {...wanted(3), peerUrl: url(33)}, disk: WITH_DATA, voters: {voters: 3, healthy: 2}},
      'renumber',
    ],
    [
      'at its old address, without quorum to spare',
      {member: {...wanted(3), peerUrl: url(33)}, disk: WITH_DATA, voters: {voters: 3, healthy: 1}},
      'E_ETCD_QUORUM',
    ],
    [
      'a learner at its old address',
      {member: {...wanted(4), peerUrl: url(44)}, list: [...three, LEARNER], disk: WITH_DATA},
      'E_ETCD_RENUMBER_LEARNER',
    ],
    [
      'two members that swap addresses',
      {
        member: {...wanted(3), peerUrl: url(33)},
        wanted: [wanted(1), {...wanted(2), peerUrl: url(3)}, {...wanted(3), peerUrl: url(33)}],
        disk: WITH_DATA,
      },
      'E_ETCD_MEMBER_AMBIGUOUS',
    ],
    [
      'name and peer URL belong to two members',
      {member: {...wanted(3), peerUrl: url(2)}, disk: WITH_DATA},
      'E_ETCD_MEMBER_AMBIGUOUS',
    ],
  ];
  it.each(rows)('%s', (_, more, expected) => {
    expect(outcome(more)).toBe(expected);
  });

  it('names the member that is in the way, and the command that takes it out', () => {
    const step = nextStep(view({list: [...three, row(5, {isLearner: true})]}));
    expect(step.ok ? '' : [step.error[0]?.message, step.error[0]?.hint].join(' ')).toMatch(
      /half way in: etcd-5 id5 https:\/\/10\.0\.0\.5:2380 \(learner\).*etcd_rm_member=id5/,
    );
  });
});

describe('findMember', () => {
  it.each([
    ['by both', [row(1), row(2)], 'id2'],
    ['by peer URL where it never started', [row(1), added(2, true)], 'id2'],
    ['by name where it has another address', [row(1), row(2, {peerUrls: [url(22)]})], 'id2'],
    ['nobody', [row(1)], 'none'],
    ['swapped names', [row(1, {name: 'etcd-2'}), row(2, {name: 'etcd-1'})], 'E_ETCD_MEMBER_AMBIGUOUS'],
    ['its URL under another name', [row(2, {name: 'x'})], 'E_ETCD_MEMBER_AMBIGUOUS'],
  ] as const)('%s', (_, list, expected) => {
    const found = findMember(list, wanted(2));
    expect(found.ok ? (found.value?.id ?? 'none') : found.error[0]?.code).toBe(expected);
  });
});

test.each([
  ['not in the list', three, 4, true],
  ['listed, never started', [...three, added(4, true)], 4, true],
  ['a voter', three, 3, false],
  ['made with the cluster, before its first start', [row(3, {clientUrls: []})], 3, false],
  ['at its old address', [row(4, {peerUrls: [url(44)]})], 4, false],
  ['nobody tells a list', [], 4, false],
] as const)('isJoining: %s', (_, list, n, expected) => {
  expect(isJoining(list, wanted(n))).toBe(expected);
});

test('initial-cluster is the list and the member itself, once', () => {
  expect(initialClusterFor([row(1), row(2)], wanted(3))).toBe(
    'etcd-1=https://10.0.0.1:2380,etcd-2=https://10.0.0.2:2380,etcd-3=https://10.0.0.3:2380',
  );
  expect(initialClusterFor([row(1), added(3, true)], wanted(3))).toBe(
    'etcd-1=https://10.0.0.1:2380,etcd-3=https://10.0.0.3:2380',
  );
  expect(initialClusterFor([row(1, {peerUrls: ['https://a:1', 'https://b:1']})], wanted(3))).toBe(
    'etcd-1=https://a:1,etcd-1=https://b:1,etcd-3=https://10.0.0.3:2380',
  );
});

test.each([
  [1, 1, true],
  [2, 2, true],
  [3, 3, true],
  [3, 2, true],
  [3, 1, false],
  [4, 2, false],
])('with %i voters, %i healthy: another vote %s', (voters, healthy, expected) => {
  expect(canPromote({voters, healthy})).toBe(expected);
});

test('a bigger database has more time to arrive', () => {
  expect([catchUpSeconds(0, 60), catchUpSeconds(256e6, 60), catchUpSeconds(8e9, 60)]).toEqual([60, 188, 4060]);
});

test.each([
  ['etcdserver: unhealthy cluster', 'error', 'wait'],
  ['etcdserver: member ID already exist', 'error', 'wait'],
  ['etcdserver: can only promote a learner member which is in sync with leader', 'error', 'not-caught-up'],
  ['etcdserver: Peer URLs already exists', 'error', 'exists'],
  ['etcdserver: re-configuration failed due to not enough started members', 'error', 'unstarted'],
  ['etcdserver: too many learner members in cluster', 'error', 'learners'],
  ['etcdserver: member not found', 'error', 'gone'],
  ['etcdserver: request timed out, possibly due to previous leader failure', 'error', 'unknown'],
  ['no answer in time', 'timeout', 'unknown'],
  ['the connection broke: read ECONNRESET', 'error', 'unknown'],
  ['etcdserver: not capable', 'error', 'no'],
] as const)('"%s" means %s %s', (message, reason, expected) => {
  expect(memberError({reason, message})).toBe(expected);
});

test.each([
  ['joins', three, 4, false, 'it has to join first'],
  ['has lost its data', three, 3, false, 'repaired'],
  ['has its data', three, 3, true, ''],
  ['was never started, made with the cluster', [row(3, {clientUrls: []})], 3, false, ''],
  ['nobody tells a list', [], 3, false, ''],
] as const)('whyNotStart: a member that %s', (_, list, n, hasData, expected) => {
  expect(whyNotStart(list, wanted(n), hasData) ?? '').toMatch(expected === '' ? /^$/ : new RegExp(expected));
});
