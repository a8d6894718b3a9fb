import {describe, expect, it} from 'vitest';
import {clusterId, memberId} from '../../src/etcd/identity.ts';
import {identityProblem, type MemberProof} from '../../src/etcd/proof.ts';

const TOKEN = 'tok';
const url = (seq: number) => `https://10.0.0.${seq}:2380`;
const FORETOLD = clusterId([1, 2].map(seq => memberId([url(seq)], TOKEN)));
const OTHER = 'b'.repeat(16);

function member(seq: number, more: Partial<MemberProof> = {}): MemberProof {
  return {name: `main-${seq}`, host: `h${seq}`, peerUrl: url(seq), isLeaving: true, hasData: false, ...more};
}
const data = (seq: number, cluster: string, more: Partial<MemberProof> = {}) =>
  member(seq, {hasData: true, ids: {ok: true, memberId: 'a'.repeat(16), clusterId: cluster}, ...more});
const ours = (seq: number) => ({config: {name: `main-${seq}`, token: TOKEN}});
const theirs = {config: {name: 'main-1', token: 'another'}};

describe('identityProblem', () => {
  it.each<[string, readonly MemberProof[], string, boolean]>([
    ['nothing is there', [member(1), member(2)], '', true],
    ['the ids are those that the inventory gives', [data(1, FORETOLD), data(2, FORETOLD)], '', true],
    ['other ids, but our configuration on each host', [data(1, OTHER, ours(1)), data(2, OTHER, ours(2))], '', true],
    ['other ids, our configuration on one host', [data(1, OTHER, ours(1)), data(2, OTHER)], '', false],
    ['other ids, and the configuration of another token', [data(1, OTHER, theirs), member(2)], '', false],
    ['other ids, and the configuration of another member', [data(1, OTHER, ours(2)), member(2)], '', false],
    ['other ids, no configuration', [data(1, OTHER), data(2, OTHER)], '', false],
    ['a live member of another cluster', [member(1, {liveClusterId: OTHER}), member(2)], '', false],
    ['a live member of this one', [member(1, {liveClusterId: FORETOLD}), member(2)], '', true],
    ['two clusters', [data(1, FORETOLD, ours(1)), data(2, OTHER, ours(2))], '', false],
    ['a disk and a process of different clusters', [data(1, FORETOLD, {liveClusterId: OTHER}), member(2)], '', false],
    [
      'data that cannot be identified',
      [data(1, FORETOLD), member(2, {hasData: true, ids: {ok: false, reason: 'zeros'}})],
      '',
      false,
    ],
    ['two clusters, but the other one stays', [data(1, FORETOLD), data(2, OTHER, {isLeaving: false})], '', true],
    ['the id is typed', [data(1, OTHER), data(2, OTHER)], OTHER, true],
    ['the name is typed', [data(1, OTHER), data(2, OTHER)], 'main', true],
    ['one of two ids is typed', [data(1, FORETOLD), data(2, OTHER)], OTHER, false],
    ['something else is typed', [data(1, FORETOLD), data(2, FORETOLD)], 'production', false],
  ])('%s', (_, members, confirm, proved) => {
    const problem = identityProblem(members, {cluster: 'main', token: TOKEN, confirm});
    expect(problem?.code).toBe(proved ? undefined : 'E_ETCD_CONFIRM');
  });

  it('says what is there and what would be typed', () => {
    const problem = identityProblem([data(1, OTHER, theirs), member(2)], {cluster: 'main', token: TOKEN, confirm: ''});
    expect(problem?.message).toBe(
      `nothing on the hosts says that this is main: h1 has cluster ${OTHER}, configured as main-1 with token another`,
    );
    expect(problem?.hint).toContain(`-e etcd_confirm=${OTHER}`);
  });
});
