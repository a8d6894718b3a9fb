/** What the kinds that change a cluster's members decide, and which operations they ask for in which order. */
import {describe, expect, it} from 'vitest';
import type {EtcdFact} from '../../src/task/fact.ts';
import {ABSENT, data, decide, live, memberArgs, names, SILENT, text, unit} from '../helpers/decide-etcd.ts';

const id = (n: number) => String(n).padStart(16, '0');
const row = (n: number, more: object = {}) => ({
  id: id(n),
  name: `m${n}`,
  peerUrls: [`http://m${n}:2380`],
  clientUrls: [`http://m${n}:2379`],
  isLearner: false,
  ...more,
});

/** The answers of members 1.. of `list`, the others silent; `more` goes into every answer. */
function answers(
  count: number,
  list: readonly object[],
  alive: readonly number[],
  more: object = {},
): Record<string, EtcdFact> {
  return Object.fromEntries(
    names(count).map((name, index) => [
      `etcd:${name}`,
      alive.includes(index + 1) ? live(name, count, {members: list as never, ...more}) : SILENT,
    ]),
  );
}

const three = [1, 2, 3].map(n => row(n));
const place = {
  pki_dir: '/pki',
  unit: 'etcd.service',
  data: '/data/etcd',
  wal_dir: '',
  config: {name: 'm4'},
  config_file: '/etc/etcd/etcd.conf',
  started_file: '/run/etcd/started.conf',
  owner: 'etcd',
  group: 'etcd',
  learner: false,
  repair: false,
  timeout: 9,
};

describe('etcd_join and etcd_repair', () => {
  const args = {...place, members: memberArgs(4), member: 'm4'};
  const empty = {unit: unit('inactive'), data: data(false), config: text('a'), started: ABSENT};
  const running = {unit: unit('active', 'running'), data: data(true), config: text('a'), started: text('a')};
  const all = [1, 2, 3];
  const rows: [string, string, object, object, string][] = [
    ['no cluster answers', 'etcd_join', args, {...empty, ...answers(4, three, [])}, 'satisfied'],
    ['a voter', 'etcd_join', args, {...running, ...answers(4, [...three, row(4)], [1, 2, 3, 4])}, 'satisfied'],
    [
      'a new member',
      'etcd_join',
      args,
      {...empty, ...answers(4, three, all)},
      'change member-add write start member-wait member-promote etcd-wait',
    ],
    [
      'a new member that stays a learner',
      'etcd_join',
      {...args, learner: true},
      {...empty, ...answers(4, three, all)},
      'change member-add write start member-wait etcd-wait',
    ],
    [
      'its unit has failed before',
      'etcd_join',
      args,
      {...empty, unit: unit('failed'), ...answers(4, three, all)},
      'change member-add write reset-failed start member-wait member-promote etcd-wait',
    ],
    [
      'added, never started',
      'etcd_join',
      args,
      {...empty, ...answers(4, [...three, row(4, {name: '', isLearner: true})], all)},
      'change write start member-wait member-promote etcd-wait',
    ],
    [
      'added as voter by hand',
      'etcd_join',
      args,
      {...empty, ...answers(4, [...three, row(4, {name: '', clientUrls: []})], all)},
      'change write start member-wait etcd-wait',
    ],
    [
      'a learner that runs',
      'etcd_join',
      args,
      {...running, ...answers(4, [...three, row(4, {isLearner: true})], all)},
      'change member-wait member-promote etcd-wait',
    ],
    [
      'a learner that is stopped',
      'etcd_join',
      args,
      {...running, unit: unit('inactive'), ...answers(4, [...three, row(4, {isLearner: true})], all)},
      'change start member-wait member-promote etcd-wait',
    ],
    [
      'another one is pending',
      'etcd_join',
      args,
      {...empty, ...answers(4, [...three, row(9, {name: '', isLearner: true})], all)},
      'refused E_ETCD_MEMBER_PENDING',
    ],
    ['a voter is down', 'etcd_join', args, {...empty, ...answers(4, three, [1, 2])}, 'refused E_ETCD_JOIN_UNHEALTHY'],
    [
      'moved',
      'etcd_join',
      args,
      {...running, started: text('b'), ...answers(4, [...three, row(4, {peerUrls: ['http://old:2380']})], all)},
      'change member-update restart etcd-wait',
    ],
    [
      'moved, runs with the new address already',
      'etcd_join',
      args,
      {...running, ...answers(4, [...three, row(4, {peerUrls: ['http://old:2380']})], all)},
      'change member-update etcd-wait',
    ],
    ['without data', 'etcd_repair', args, {...empty, ...answers(4, [...three, row(4)], all)}, 'satisfied'],
    ['without data', 'etcd_join', args, {...empty, ...answers(4, [...three, row(4)], all)}, 'refused E_ETCD_DATA_LOST'],
    [
      'without data, to be repaired',
      'etcd_repair',
      {...args, repair: true},
      {...empty, ...answers(4, [...three, row(4)], all)},
      'change member-remove',
    ],
    [
      'without data, still running: stopped before it is removed',
      'etcd_repair',
      {...args, repair: true},
      {...running, data: data(false), ...answers(4, [...three, row(4)], [1, 2, 3, 4])},
      'change stop member-remove quarantine directory',
    ],
    [
      'a voter too few to stop it first',
      'etcd_repair',
      {...args, members: memberArgs(2), member: 'm2', repair: true},
      {...running, data: data(false), ...answers(2, [row(1), row(2)], [1, 2])},
      'change member-remove stop quarantine directory',
    ],
    [
      'corrupt, to be repaired',
      'etcd_repair',
      {...args, repair: true},
      {...running, ...answers(4, [...three, row(4)], [1, 2, 3, 4], {errors: ['memberID:4 alarm:CORRUPT ']})},
      'change stop member-remove quarantine directory alarm-disarm',
    ],
    [
      'healthy, to be repaired',
      'etcd_repair',
      {...args, repair: true},
      {...running, ...answers(4, [...three, row(4)], [1, 2, 3, 4])},
      'satisfied',
    ],
  ];
  it.each(rows)('%s (%s)', (_, kind, kindArgs, facts, expected) => {
    expect(decide(kind, kindArgs, facts, {host: 'm4'})).toBe(expected);
  });

  it('a check run tells the join, and does not believe what depends on earlier tasks', () => {
    const facts = {...empty, ...answers(4, three, all)};
    expect(decide('etcd_join', args, facts, {check: true, pending: ['data']})).toMatch(/^change member-add/);
    const refused = {...empty, ...answers(4, three, [1, 2])};
    expect(decide('etcd_join', args, refused, {check: true, pending: ['data']})).toBe('undecided');
  });
});

describe('etcd_launch leaves alone', () => {
  const args = {...place, members: memberArgs(4), member: 'm4', marker: '/m'};
  const facts = {unit: unit('inactive'), data: data(false), marker: ABSENT, config: ABSENT, started: ABSENT};
  it.each([
    ['a member that has to join', three, 'satisfied'],
    ['a member that has lost its data', [...three, row(4)], 'satisfied'],
    ['and starts one of those the cluster was made with', [...three, row(4, {clientUrls: []})], 'change write start'],
  ] as const)('%s', (_, list, expected) => {
    expect(decide('etcd_launch', args, {...facts, ...answers(4, list, [1, 2, 3])}, {host: 'm4'})).toBe(expected);
  });
});

describe('etcd_leave', () => {
  const args = {
    members: memberArgs(3),
    pki_dir: '/pki',
    cluster: 'c',
    leaving: [] as readonly string[],
    unit: 'etcd.service',
    member: '',
    snapshot_dir: '/b',
    timeout: 9,
  };
  const facts = answers(3, three, [1, 2, 3]);
  const rows: [string, object, object, object, string][] = [
    ['a follower', {leaving: ['m3']}, facts, {}, 'change etcd-snapshot member-remove etcd-wait'],
    ['the leader', {leaving: ['m1']}, facts, {}, 'change etcd-snapshot etcd-move-leader member-remove etcd-wait'],
    ['two at once', {leaving: ['m2', 'm3']}, facts, {}, 'change etcd-snapshot member-remove member-remove etcd-wait'],
    [
      'one whose host is lost',
      {leaving: ['m3']},
      answers(3, three, [1, 2]),
      {lostHosts: ['m3']},
      'change etcd-snapshot member-remove etcd-wait',
    ],
    ['everybody', {leaving: names(3)}, facts, {}, 'refused E_ETCD_RM_ALL'],
    ['a healthy one while another is down', {leaving: ['m2']}, answers(3, three, [1, 2]), {}, 'refused E_ETCD_QUORUM'],
    ['one that has left already', {leaving: ['m3']}, answers(3, [row(1), row(2)], [1, 2]), {}, 'satisfied'],
    [
      'one that never started',
      {leaving: ['m3']},
      answers(3, [row(1), row(2), row(3, {name: '', isLearner: true})], [1, 2]),
      {},
      'change member-remove etcd-wait',
    ],
    [
      'one that is listed at another address',
      {leaving: ['m3']},
      answers(3, [row(1), row(2), row(3, {peerUrls: ['http://old:2380']})], [1, 2]),
      {},
      'refused E_ETCD_MEMBER_AMBIGUOUS',
    ],
    [
      'the last voter',
      {members: memberArgs(2), leaving: ['m1']},
      answers(2, [row(1)], [1]),
      {},
      'refused E_ETCD_LAST_VOTER',
    ],
    [
      'nobody answers',
      {leaving: ['m3']},
      answers(3, three, []),
      {},
      'failed E_ETCD_UNREACHABLE E_ETCD_UNREACHABLE E_ETCD_UNREACHABLE',
    ],
    [
      'a ghost, by its id',
      {member: id(9)},
      answers(3, [...three, row(9)], [1, 2, 3]),
      {},
      'change etcd-snapshot member-remove etcd-wait',
    ],
    ['a ghost that is not there', {member: 'm9'}, facts, {}, 'satisfied'],
    ['a member of the inventory that runs, by its name', {member: 'm3'}, facts, {}, 'refused E_ETCD_RM_HOST'],
    [
      'a member of the inventory that is dead, by its name',
      {member: 'm3'},
      answers(3, three, [1, 2]),
      {},
      'change etcd-snapshot member-remove etcd-wait',
    ],
  ];
  it.each(rows)('%s', (_, more, found, context, expected) => {
    expect(decide('etcd_leave', {...args, ...more}, found, context)).toBe(expected);
  });
});

describe('etcd_health and etcd_settle', () => {
  const args = {members: memberArgs(4), pki_dir: '/pki', unit: 'etcd.service', timeout: 9};
  it('do not wait for a member that has not joined', () => {
    const facts = answers(4, three, [1, 2, 3]);
    expect(decide('etcd_health', args, facts)).toBe('satisfied');
    const units = Object.fromEntries(
      names(4).map(name => [`unit:${name}`, unit(name === 'm4' ? 'activating' : 'active')]),
    );
    expect(decide('etcd_settle', args, {...facts, ...units})).toBe('satisfied');
    const learner = answers(4, [...three, row(4, {isLearner: true})], [1, 2, 3]);
    expect(decide('etcd_settle', args, {...learner, ...units})).toBe('satisfied');
  });
});
