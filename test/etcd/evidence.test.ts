import {describe, expect, it} from 'vitest';
import {decideFromEvidence, type Intent, type MemberEvidence} from '../../src/etcd/evidence.ts';
import {clusterId, memberId} from '../../src/etcd/identity.ts';

const peerUrl = (seq: number) => `https://10.0.0.${seq}:2380`;
const TOKEN = 'etcd';
/** The ids that a cluster of three made by this inventory has. */
const id = (seq: number) => memberId([peerUrl(seq)], TOKEN);
const OURS = clusterId([1, 2, 3].map(id));
const OTHER = 'b'.repeat(16);

const SILENT: MemberEvidence['live'] = {answers: false, reason: 'refused', message: 'connection refused'};
type Disk = NonNullable<MemberEvidence['disk']>;
const FRESH: Disk = {
  path: '/data/etcd',
  hasData: false,
  isBootstrapping: false,
  unitActive: false,
  isManaged: false,
  holders: [],
};

function member(seq: number, more: Partial<MemberEvidence> = {}): MemberEvidence {
  const base = {name: `etcd-${seq}`, host: `h${seq}`, peerUrl: peerUrl(seq), hostLost: false};
  return {...base, disk: FRESH, live: SILENT, ...more};
}

/** The same without any knowledge of its host. */
function unseen(seq: number, hostLost: boolean): MemberEvidence {
  const {disk: _, ...rest} = member(seq, {hostLost});
  return rest;
}

/** Data of member `seq` on a host with its unit; `ids`: of somebody else's. */
function data(seq: number, more: Partial<Disk> = {}, ids: {memberId?: string; clusterId?: string} = {}): Disk {
  const identity = {ok: true as const, memberId: id(seq), clusterId: OURS, ...ids};
  return {...FRESH, hasData: true, isManaged: true, identity, ...more};
}
const half = (seq: number, more: Partial<Disk> = {}) => data(seq, {isBootstrapping: true, ...more});
const unreadable = (reason: string): Partial<Disk> => ({identity: {ok: false, reason}});

/** What member `seq` answers: the members `of` are listed; those not `started` have only been added. */
function live(
  seq: number,
  of: readonly number[],
  options: {started?: readonly number[]; named?: readonly number[]; clusterId?: string} = {},
): MemberEvidence['live'] {
  const {started = of, named = of} = options;
  const members = of.map(one => ({
    id: id(one),
    name: named.includes(one) ? `etcd-${one}` : '',
    peerUrls: [peerUrl(one)],
    clientUrls: started.includes(one) ? [`https://10.0.0.${one}:2379`] : [],
  }));
  return {answers: true, memberId: id(seq), clusterId: options.clusterId ?? OURS, version: '3.5.30', members};
}
/** A running member of the cluster of `of`. */
const running = (seq: number, of: readonly number[] = [1, 2, 3], options: Parameters<typeof live>[2] = {}) =>
  member(seq, {disk: data(seq, {unitActive: true}), live: live(seq, of, options)});
const stopped = (seq: number, more: Partial<Disk> = {}, ids = {}) => member(seq, {disk: data(seq, more, ids)});
const UNMANAGED: Partial<Disk> = {isManaged: false};

const NOTHING: Intent = {init: '', token: TOKEN, adopt: false, repair: false};
const decide = (members: readonly MemberEvidence[], intent: Partial<Intent> = {}) =>
  decideFromEvidence(members, {...NOTHING, ...intent});

/** `<state>`, with who joins and who is replaced, or the codes of the refusal. */
function outcome(members: readonly MemberEvidence[], intent: Partial<Intent> = {}): string {
  const decision = decide(members, intent);
  if (!decision.ok) return decision.problems.map(({code}) => code).join(' ');
  const joining = decision.joining.map(name => ` +${name}`).join('');
  const repairing = decision.repairing.map(name => ` ~${name}`).join('');
  return `${decision.state}${joining}${repairing}`;
}

type Table = [string, readonly MemberEvidence[], string, Partial<Intent>?][];

describe('on the ports', () => {
  const squat = {port: 2379, pid: 7, command: 'nginx'};
  const etcd = {...squat, command: 'etcd', identity: {ok: true as const, memberId: id(1), clusterId: OTHER}};
  const rows: Table = [
    [
      'something else answers TLS',
      [member(1, {live: {answers: false, reason: 'tls', message: 'self-signed certificate'}}), member(2)],
      'E_ETCD_PORT_TAKEN',
    ],
    ['another process listens', [member(1, {disk: {...FRESH, holders: [squat]}}), member(2)], 'E_ETCD_PORT_TAKEN'],
    [
      'another process listens, and our member is stopped',
      [stopped(1, {holders: [squat]}), stopped(2), stopped(3)],
      'E_ETCD_PORT_TAKEN',
    ],
    ['an etcd that is not our unit listens', [member(1, {disk: {...FRESH, holders: [etcd]}})], 'E_ETCD_PORT_TAKEN'],
    [
      'an etcd answers, and our unit does not run',
      [member(1, {disk: data(1), live: live(1, [1, 2, 3])}), running(2), running(3)],
      'E_ETCD_PORT_TAKEN',
    ],
    ['our own unit answers', [1, 2, 3].map(seq => running(seq)), 'running'],
  ];
  it.each(rows)('%s', (_title, members, expected, intent) => expect(outcome(members, intent)).toBe(expected));

  it('names process and cluster', () => {
    const decision = decide([member(1, {disk: {...FRESH, holders: [etcd, {...etcd, port: 2380}]}})]);
    expect(decision.ok ? '' : decision.problems[0]?.message).toBe(
      `h1: pid 7 (etcd), an etcd of cluster ${OTHER} (member ${id(1)}), listens on ports 2379 and 2380 of etcd-1, and it is not what we manage`,
    );
  });
});

describe('where somebody answers', () => {
  const two = [running(1), running(2)];
  const rows: Table = [
    ['all members answer', [1, 2, 3].map(seq => running(seq)), 'running'],
    ['one is stopped', [...two, stopped(3)], 'running'],
    ['one is outside the run', [...two, unseen(3, false)], 'running'],
    [
      'one of those it was made with has never started',
      [1, 2].map(seq => running(seq, [1, 2, 3], {started: [1, 2]})).concat(member(3)),
      'running',
    ],
    [
      'one of those it was made with has written its data, but was not heard of yet',
      [1, 2].map(seq => running(seq, [1, 2, 3], {started: [1, 2]})).concat(stopped(3)),
      'running',
    ],
    ['two cluster ids', [running(1), running(2, [2], {clusterId: OTHER})], 'E_ETCD_CLUSTER_ID_MISMATCH'],
    ['an empty host that is not listed joins', [running(1, [1, 2]), running(2, [1, 2]), member(3)], 'running +etcd-3'],
    ['two of them join', [running(1, [1]), member(2), member(3)], 'running +etcd-2 +etcd-3'],
    [
      'an empty host that was added by hand joins',
      [1, 2].map(seq => running(seq, [1, 2, 3], {started: [1, 2], named: [1, 2]})).concat(member(3)),
      'running +etcd-3',
    ],
    [
      'an empty host whose name is listed at another address',
      [running(1, [1, 2]), running(2, [1, 2]), member(3, {name: 'etcd-2', peerUrl: 'https://10.0.0.9:2380'})],
      'E_ETCD_NOT_MEMBER',
    ],
    ['nobody tells the members', [running(1, []), member(2)], 'E_ETCD_MEMBERS_UNKNOWN'],
    ['a member is empty', [...two, member(3)], 'E_ETCD_DATA_LOST'],
    ['a member is empty, to be replaced', [...two, member(3)], 'running ~etcd-3', {repair: true}],
    [
      'a member runs on a directory that is empty now',
      [...two, member(3, {disk: {...FRESH, unitActive: true, isManaged: true}, live: live(3, [1, 2, 3])})],
      'E_ETCD_DATA_LOST',
    ],
    [
      'a member runs, and its directory is that of another cluster',
      [...two, member(3, {disk: data(3, {unitActive: true}, {clusterId: OTHER}), live: live(3, [1, 2, 3])})],
      'E_ETCD_FOREIGN_DATA',
    ],
    [
      'a stopped member has data of another cluster',
      [...two, stopped(3, {}, {clusterId: OTHER})],
      'E_ETCD_FOREIGN_DATA',
    ],
    [
      'a host that is not listed has data of another cluster',
      [running(1, [1, 2]), running(2, [1, 2]), stopped(3, UNMANAGED, {clusterId: OTHER})],
      'E_ETCD_FOREIGN_DATA',
    ],
    ['a member was removed', [running(1, [1, 2]), running(2, [1, 2]), stopped(3)], 'E_ETCD_MEMBER_REMOVED'],
    [
      'a member was removed and added again, and still has its old data',
      [...two, stopped(3, {}, {memberId: 'a'.repeat(16)})],
      'E_ETCD_MEMBER_REMOVED',
    ],
    [
      "two members have each other's data",
      [running(1), stopped(2, {}, {memberId: id(3)}), stopped(3, {}, {memberId: id(2)})],
      'E_ETCD_MEMBER_SWAPPED E_ETCD_MEMBER_SWAPPED',
    ],
    [
      'the inventory gives a member another address: it moves when it has its turn',
      [...two, {...stopped(3), peerUrl: 'https://10.0.0.9:2380'}],
      'running',
    ],
    [
      'the inventory gives a member another name and address',
      [...two, {...stopped(3), name: 'etcd-9', peerUrl: 'https://10.0.0.9:2380'}],
      'E_ETCD_NOT_MEMBER',
    ],
    ['data cannot be identified', [...two, stopped(3, unreadable('only zeros'))], 'E_ETCD_DATA_UNREADABLE'],
    ["a half purge left a member's data", [...two, stopped(3, UNMANAGED)], 'E_ETCD_HALF_PURGED'],
    ["a half purge left a member's data, adopted", [...two, stopped(3, UNMANAGED)], 'running', {adopt: true}],
    [
      'data of another cluster is not adopted',
      [...two, stopped(3, UNMANAGED, {clusterId: OTHER})],
      'E_ETCD_FOREIGN_DATA',
      {adopt: true},
    ],
    ['"existing" agrees', [running(1, [1]), member(2)], 'running +etcd-2', {init: 'existing'}],
    ['"new" is refused where somebody would have to join', [running(1, [1]), member(2)], 'E_ETCD_INIT', {init: 'new'}],
    ['"new" does not mind a cluster that is as it should be', [running(1, [1])], 'running', {init: 'new'}],
  ];
  it.each(rows)('%s', (_title, members, expected, intent) => expect(outcome(members, intent)).toBe(expected));

  it('names a member that the inventory does not know, and goes on', () => {
    expect(decide([running(1, [1, 9])])).toMatchObject({ok: true, warnings: [{code: 'W_ETCD_UNKNOWN_MEMBER'}]});
  });
});

describe('where nobody answers', () => {
  const rows: Table = [
    ['nothing anywhere is a new cluster', [member(1), member(2), member(3)], 'new'],
    ['one host and nothing on it is a new cluster', [member(1)], 'new'],
    ['a unit without data is nothing', [member(1, {disk: {...FRESH, isManaged: true}}), member(2)], 'new'],
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
    ['data everywhere is a stopped cluster', [1, 2, 3].map(seq => stopped(seq)), 'stopped'],
    [
      'members that wait for each other are a stopped cluster',
      [1, 2, 3].map(seq => stopped(seq, {unitActive: true})),
      'stopped',
    ],
    ['one stopped member outside a limit is still a stopped cluster', [stopped(1), unseen(2, false)], 'stopped'],
    [
      'data of a cluster made with other members or another token is a stopped cluster, where all agree',
      [1, 2, 3].map(seq => stopped(seq, {}, {memberId: `${seq}`.repeat(16), clusterId: OTHER})),
      'stopped',
    ],
    ['data of different clusters', [stopped(1), stopped(2), stopped(3, {}, {clusterId: OTHER})], 'E_ETCD_FOREIGN_DATA'],
    [
      "two members have each other's data",
      [stopped(1), stopped(2, {}, {memberId: id(3)}), stopped(3, {}, {memberId: id(2)})],
      'E_ETCD_MEMBER_SWAPPED E_ETCD_MEMBER_SWAPPED',
    ],
    [
      "one member's data on two hosts, ids unforetold",
      [1, 2].map(seq => stopped(seq, {}, {memberId: 'a'.repeat(16), clusterId: OTHER})),
      'E_ETCD_MEMBER_SWAPPED',
    ],
    [
      'data that cannot be identified',
      [stopped(1), stopped(2), stopped(3, unreadable('cut off'))],
      'E_ETCD_DATA_UNREADABLE',
    ],
    [
      'some data with the marker is a half made cluster',
      [member(1, {disk: half(1)}), member(2), member(3)],
      'bootstrapping',
    ],
    [
      'a half made cluster that was killed before its first log file',
      [member(1, {disk: {...FRESH, hasData: true, isManaged: true, isBootstrapping: true}}), member(2), member(3)],
      'bootstrapping',
    ],
    [
      'a half made cluster of another inventory',
      [member(1, {disk: data(1, {isBootstrapping: true}, {clusterId: OTHER})}), member(2), member(3)],
      'E_ETCD_FOREIGN_DATA',
    ],
    [
      'a half made cluster with an unseen member',
      [member(1, {disk: half(1)}), member(2), unseen(3, true)],
      'E_ETCD_DATA_LOST',
    ],
    ['some data without the marker', [stopped(1), member(2), member(3)], 'E_ETCD_DATA_LOST'],
    [
      'some data of a cluster that was made with other members',
      [stopped(1, {}, {clusterId: OTHER}), stopped(2, {}, {clusterId: OTHER}), member(3)],
      'E_ETCD_DATA_LOST',
    ],
    ['one formed member among half made ones', [stopped(1), member(2, {disk: half(2)}), member(3)], 'E_ETCD_DATA_LOST'],
    [
      'data of another cluster, left over on one host',
      [member(1), stopped(2, UNMANAGED, {clusterId: OTHER}), member(3)],
      'E_ETCD_FOREIGN_DATA',
    ],
    [
      'a purge that removed all but the data',
      [1, 2, 3].map(seq => stopped(seq, UNMANAGED)),
      'E_ETCD_HALF_PURGED E_ETCD_HALF_PURGED E_ETCD_HALF_PURGED',
    ],
    [
      'a purge that removed all but the data, adopted',
      [1, 2].map(seq => stopped(seq, UNMANAGED)),
      'stopped',
      {adopt: true},
    ],
    ['a purge that was cut short on one host', [stopped(1), stopped(2), stopped(3, UNMANAGED)], 'E_ETCD_HALF_PURGED'],
    [
      'data of different clusters is not adopted',
      [stopped(1, UNMANAGED), stopped(2, UNMANAGED, {clusterId: OTHER})],
      'E_ETCD_FOREIGN_DATA',
      {adopt: true},
    ],
    ['"existing" is refused where nothing exists', [member(1), member(2)], 'E_ETCD_INIT', {init: 'existing'}],
    [
      '"existing" is refused for a half made cluster',
      [1, 2, 3].map(seq => (seq === 1 ? member(1, {disk: half(1)}) : member(seq))),
      'E_ETCD_INIT',
      {init: 'existing'},
    ],
    ['"existing" agrees with a stopped cluster', [stopped(1)], 'stopped', {init: 'existing'}],
    ['"new" does not mind a stopped cluster', [stopped(1)], 'stopped', {init: 'new'}],
  ];
  it.each(rows)('%s', (_title, members, expected, intent) => expect(outcome(members, intent)).toBe(expected));

  it('names the host, both clusters and the way out', () => {
    const decision = decide([
      member(1),
      stopped(2, UNMANAGED, {clusterId: OTHER, memberId: 'a'.repeat(16)}),
      member(3),
    ]);
    expect(decision.ok ? [] : decision.problems).toMatchObject([
      {
        message: `h2:/data/etcd holds member ${'a'.repeat(16)} of cluster ${OTHER}, but this inventory makes cluster ${OURS}`,
        hint: expect.stringContaining(
          `"etcdctl-play etcd.yml -l h2 -t etcd_clean -e etcd_safeguard=false -e etcd_confirm=${OTHER}"`,
        ),
      },
    ]);
  });

  it('says which hosts have data and which have none', () => {
    const decision = decide([stopped(1), member(2), member(3)]);
    expect(decision.ok ? '' : decision.problems[0]?.message).toBe(
      `no member answers; etcd-1 has data but etcd-2, etcd-3 have none (h1:/data/etcd holds member ${id(1)} of cluster ${OURS})`,
    );
  });
});
