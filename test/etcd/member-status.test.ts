import {describe, expect, it} from 'vitest';
import {certificateProblems, type MemberStatus, statusTable} from '../../src/etcd/member-status.ts';
import {live, SILENT} from '../helpers/decide-etcd.ts';

const DAY = 86_400_000;
const end = (file: string, days: number, fingerprint256 = file) => ({file, fingerprint256, notAfterMs: days * DAY});
const member = (name: string, more: Partial<MemberStatus> = {}): MemberStatus => ({
  name,
  host: name,
  state: live(name, 3),
  certificates: [end('ca.crt', 7000), end('server.crt', 300), end('peer.crt', 300)],
  unit: 'active (running)',
  ...more,
});

it('shows a row for each member, also for those that do not answer', () => {
  const odd = {certificates: [end('server.crt', 6), end('peer.crt', 300)]};
  const states = [
    member('m1', {state: live('m1', 3, {raftAppliedIndex: '9007199254740993', dbSizeInUseBytes: 20_480})}),
    member('m2', {state: live('m2', 3, {raftAppliedIndex: '9007199254740990', isLearner: true}), ...odd}),
    member('m3', {state: live('m3', 3, {errors: ['memberID:3 alarm:NOSPACE ', 'memberID:1 alarm:CORRUPT ']})}),
    {name: 'm4', host: 'm4', state: SILENT, certificates: []},
  ];
  expect(
    statusTable(states, 0)
      .split('\n')
      .map(line => line.split(/ {2,}/)),
  ).toEqual([
    [
      'MEMBER',
      'HOST',
      'ROLE',
      'VERSION',
      'DB',
      'IN USE',
      'INDEX',
      'APPLIED',
      'LAG',
      'TERM',
      'ALARMS',
      'CERT DAYS',
      'UNIT',
    ],
    [
      'm1',
      'm1',
      'leader',
      '3.5.30',
      '1 B',
      '20.5 kB',
      '10',
      '9007199254740993',
      '0',
      '2',
      '-',
      '300 (CA 7000)',
      'active (running)',
    ],
    [
      'm2',
      'm2',
      'learner',
      '3.5.30',
      '1 B',
      '-',
      '10',
      '9007199254740990',
      '3',
      '2',
      '-',
      'server 6, peer 300',
      'active (running)',
    ],
    [
      'm3',
      'm3',
      'voter',
      '3.5.30',
      '1 B',
      '-',
      '10',
      '10',
      '9007199254740983',
      '2',
      'NOSPACE',
      '300 (CA 7000)',
      'active (running)',
    ],
    ['m4', 'm4', 'down (refused)', ...Array(8).fill('-'), '-', '-'],
  ]);
});

describe('certificateProblems', () => {
  const limits = {warnDays: 30, failDays: 7};
  it.each([
    [31, []],
    [30, ['W_ETCD_CERT_EXPIRES']],
    [8, ['W_ETCD_CERT_EXPIRES']],
    [7, ['E_ETCD_CERT_EXPIRES']],
    [-1, ['E_ETCD_CERT_EXPIRES']],
  ])('%i days before the end: %j', (days, expected) => {
    const found = certificateProblems([member('m1', {certificates: [end('server.crt', days)]})], 0, limits);
    expect(found.map(({code}) => code)).toEqual(expected);
  });

  it('tells a CA once, with all that have it, and each leaf by itself', () => {
    const certificates = (name: string) => [end('ca.crt', 3), end('peer.crt', 3, name)];
    const members = ['m1', 'm2'].map(name => member(name, {certificates: certificates(name)}));
    expect(certificateProblems(members, 0, limits).map(({message}) => message.replace(/ \(.*/, ''))).toEqual([
      'ca.crt of m1, m2 ends in 3 days',
      'peer.crt of m1 ends in 3 days',
      'peer.crt of m2 ends in 3 days',
    ]);
  });
});
