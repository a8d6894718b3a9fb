/** The live member list against the inventory, as a table. */
import {expect, it} from 'vitest';
import {judgeAgainstInventory} from '../../src/etcd/drift-members.ts';
import type {ListedMember, MemberState} from '../../src/etcd/facts.ts';
import {live, names, SILENT} from '../helpers/decide-etcd.ts';

const WANTED = names(3).map(name => ({name, host: name, peerUrl: `http://${name}:2380`}));
const row = (name: string, number: number, more: Partial<ListedMember> = {}): ListedMember => ({
  id: String(number).padStart(16, '0'),
  name,
  peerUrls: [`http://${name || `m${number}`}:2380`],
  clientUrls: name === '' ? [] : [`http://${name}:2379`],
  isLearner: false,
  ...more,
});
const LIST = [row('m1', 1), row('m2', 2), row('m3', 3)];

function judge(list: readonly ListedMember[], states: Record<string, MemberState> = {}, lost: string[] = []): string[] {
  const all = names(3).map((name): [string, MemberState] => [name, states[name] ?? live(name, 3, {members: list})]);
  return judgeAgainstInventory(WANTED, new Map(all), lost).problems.map(({code}) => code);
}

it.each<[string, readonly ListedMember[], Record<string, MemberState>, string[], string[]]>([
  ['all listed, all answer', LIST, {}, [], []],
  ['one more that runs', [...LIST, row('m4', 4)], {}, [], ['E_ETCD_MEMBER_GHOST']],
  ['one more that never started', [...LIST, row('', 4)], {}, [], ['E_ETCD_MEMBER_GHOST']],
  ['one more, a learner that never started', [...LIST, row('', 4, {isLearner: true})], {}, [], ['E_ETCD_MEMBER_GHOST']],
  [
    'ours, added and never started',
    [LIST[0] as ListedMember, LIST[1] as ListedMember, row('', 3)],
    {m3: SILENT},
    [],
    ['E_ETCD_UNREACHABLE', 'E_ETCD_MEMBER_UNSTARTED'],
  ],
  ['ours, not listed', LIST.slice(0, 2), {m3: SILENT}, [], ['E_ETCD_UNREACHABLE', 'E_ETCD_MEMBER_STRANGER']],
  ['removed, and still answering', LIST.slice(0, 2), {}, [], ['E_ETCD_MEMBER_STRANGER']],
  [
    'in a cluster of its own',
    LIST,
    {m3: live('m3', 1, {clusterId: 'd'.repeat(16)})},
    [],
    ['E_ETCD_CLUSTER_ID_MISMATCH'],
  ],
  [
    'in a cluster of its own, and not listed',
    LIST.slice(0, 2),
    {m3: live('m3', 1, {clusterId: 'd'.repeat(16)})},
    [],
    ['E_ETCD_CLUSTER_ID_MISMATCH', 'E_ETCD_MEMBER_STRANGER'],
  ],
  ['silent', LIST, {m3: SILENT}, [], ['E_ETCD_UNREACHABLE']],
  ['silent, and its host cannot be reached', LIST, {m3: SILENT}, ['m3'], ['W_ETCD_MEMBER_UNSEEN']],
  ['its host cannot be reached, but it answers', LIST, {}, ['m3'], []],
  ['lists that differ', LIST, {m3: live('m3', 2)}, [], ['E_ETCD_MEMBER_LISTS_DIFFER']],
  [
    'no leader',
    LIST,
    {m1: live('m1', 3, {leaderId: ''}), m2: live('m2', 3, {leaderId: ''}), m3: live('m3', 3, {leaderId: ''})},
    [],
    ['E_ETCD_NO_LEADER'],
  ],
  ['an alarm', LIST, {m1: live('m1', 3, {errors: ['memberID:1 alarm:NOSPACE ']})}, [], ['E_ETCD_ALARM_NOSPACE']],
  [
    'a renamed peer URL of ours',
    [LIST[0] as ListedMember, LIST[1] as ListedMember, row('m3', 3, {peerUrls: ['http://other:2380']})],
    {},
    [],
    [],
  ],
])('%s', (_, list, states, lost, expected) => {
  expect(judge(list, states, lost)).toEqual(expected);
});

it('a stranger that answers elsewhere says where', () => {
  const states = new Map(
    names(3).map((name): [string, MemberState] => [name, live(name, 3, {members: LIST.slice(0, 2)})]),
  );
  states.set('m3', live('m3', 1, {clusterId: 'd'.repeat(16)}));
  const {problems} = judgeAgainstInventory(WANTED, states, []);
  expect(problems.map(({message}) => message)).toContain(
    "m3 on m3 (http://m3:2380) is not in the cluster's member list; it answers as a member of cluster dddddddddddddddd",
  );
});
