import {describe, expect, it} from 'vitest';
import {decideFromEvidence, type MemberEvidence} from '../../src/etcd/evidence.ts';

const SILENT: MemberEvidence['live'] = {answers: false, reason: 'refused', message: 'connection refused'};
const FRESH = {hasData: false, isBootstrapping: false, unitActive: false};

function member(seq: number, more: Partial<MemberEvidence> = {}): MemberEvidence {
  const base = {name: `etcd-${seq}`, host: `h${seq}`, peerUrl: `https://10.0.0.${seq}:2380`, hostLost: false};
  return {...base, disk: FRESH, live: SILENT, ...more};
}

/** The same without any knowledge of its host. */
function unseen(seq: number, hostLost: boolean): MemberEvidence {
  const {disk: _, ...rest} = member(seq, {hostLost});
  return rest;
}

function live(
  seqs: readonly number[],
  options: {started?: readonly number[]; clusterId?: string} = {},
): MemberEvidence['live'] {
  const {started = seqs, clusterId = 'c1'} = options;
  const members = seqs.map(seq => ({
    id: `00${seq}`,
    name: `etcd-${seq}`,
    peerUrls: [`https://10.0.0.${seq}:2380`],
    clientUrls: started.includes(seq) ? [`https://10.0.0.${seq}:2379`] : [],
    isLearner: false,
  }));
  return {answers: true, clusterId, version: '3.5.30', members};
}

function outcome(members: readonly MemberEvidence[], init = 'new'): string {
  const decision = decideFromEvidence(members, init);
  return decision.ok ? decision.state : decision.problems.map(({code}) => code).join(' ');
}

const RUNNING = {hasData: true, isBootstrapping: false, unitActive: true};
const STOPPED = {hasData: true, isBootstrapping: false, unitActive: false};
const HALF = {hasData: true, isBootstrapping: true, unitActive: false};

describe('decideFromEvidence', () => {
  const rows: [string, readonly MemberEvidence[], string, string?][] = [
    ['nothing anywhere is a new cluster', [member(1), member(2), member(3)], 'new'],
    ['one host and nothing on it is a new cluster', [member(1)], 'new'],
    [
      'an unreachable host makes a new cluster unprovable',
      [member(1), member(2), unseen(3, true)],
      'E_ETCD_BOOTSTRAP_PARTIAL',
    ],
    [
      'a member outside the run makes a new cluster unprovable',
      [member(1), unseen(2, false), unseen(3, false)],
      'E_ETCD_BOOTSTRAP_PARTIAL',
    ],
    [
      'data everywhere and no answer is a stopped cluster',
      [1, 2, 3].map(seq => member(seq, {disk: STOPPED})),
      'stopped',
    ],
    [
      'one stopped member outside a limit is still a stopped cluster',
      [member(1, {disk: STOPPED}), unseen(2, false)],
      'stopped',
    ],
    [
      'some data with the marker is a half made cluster',
      [member(1, {disk: HALF}), member(2), member(3)],
      'bootstrapping',
    ],
    [
      'a half made cluster with an unseen member is refused',
      [member(1, {disk: HALF}), member(2), unseen(3, true)],
      'E_ETCD_DATA_LOST',
    ],
    ['some data without the marker is refused', [member(1, {disk: STOPPED}), member(2), member(3)], 'E_ETCD_DATA_LOST'],
    [
      'one formed member among half made ones is refused',
      [member(1, {disk: STOPPED}), member(2, {disk: HALF}), member(3)],
      'E_ETCD_DATA_LOST',
    ],
    [
      'all members answer: running',
      [1, 2, 3].map(seq => member(seq, {disk: RUNNING, live: live([1, 2, 3])})),
      'running',
    ],
    [
      'a stopped member of a running cluster is started',
      [member(1, {disk: RUNNING, live: live([1, 2])}), member(2, {disk: STOPPED})],
      'running',
    ],
    [
      'a listed member that has never started is started',
      [
        member(1, {disk: RUNNING, live: live([1, 2, 3], {started: [1, 2]})}),
        member(2, {disk: RUNNING, live: live([1, 2, 3], {started: [1, 2]})}),
        member(3),
      ],
      'running',
    ],
    [
      'an emptied member of a running cluster is refused',
      [member(1, {disk: RUNNING, live: live([1, 2, 3])}), member(2, {disk: RUNNING, live: live([1, 2, 3])}), member(3)],
      'E_ETCD_DATA_LOST',
    ],
    [
      'a stranger to a running cluster is refused',
      [member(1, {disk: RUNNING, live: live([1])}), member(2)],
      'E_ETCD_NOT_MEMBER',
    ],
    [
      'two cluster ids are refused',
      [member(1, {disk: RUNNING, live: live([1, 2])}), member(2, {disk: RUNNING, live: live([2], {clusterId: 'c2'})})],
      'E_ETCD_CLUSTER_ID_MISMATCH',
    ],
    [
      'something else on the client port is refused',
      [member(1, {live: {answers: false, reason: 'tls', message: 'self-signed certificate'}}), member(2), member(3)],
      'E_ETCD_PORT_TAKEN',
    ],
    ['"existing" is refused where nothing exists', [member(1), member(2)], 'E_ETCD_INIT', 'existing'],
    ['"existing" is refused for a half made cluster', [member(1, {disk: HALF}), member(2)], 'E_ETCD_INIT', 'existing'],
    ['"existing" agrees with a stopped cluster', [member(1, {disk: STOPPED})], 'stopped', 'existing'],
  ];
  it.each(rows)('%s', (_title, members, expected, init) => {
    expect(outcome(members, init)).toBe(expected);
  });

  it('names a member that the inventory does not know, and goes on', () => {
    const decision = decideFromEvidence([member(1, {disk: RUNNING, live: live([1, 9])})], 'new');
    expect(decision).toMatchObject({ok: true, state: 'running', warnings: [{code: 'W_ETCD_UNKNOWN_MEMBER'}]});
  });

  it('says which hosts have data and which have none', () => {
    const decision = decideFromEvidence([member(1, {disk: STOPPED}), member(2), member(3)], 'new');
    expect(decision.ok ? '' : decision.problems[0]?.message).toBe(
      'no member answers; etcd-1 has data but etcd-2, etcd-3 have none',
    );
  });
});
