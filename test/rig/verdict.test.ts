import {describe, expect, it} from 'vitest';
import {type EndKey, type EndRecord, parseRecords, type RigRecord} from './records.ts';
import {judge} from './verdict.ts';

const ROWS = ['a', 'b', 'c'].map(name => ({id: `id-${name}`, name, learner: false, started: true}));

function end(member: string, keys: readonly EndKey[]): EndRecord {
  return {type: 'end', member, cluster: 'c1', revision: 20, hash: 7, keys, alarms: [], rows: ROWS};
}

function put(key: string, t: number, revision: number): RigRecord {
  return {type: 'put', key, value: `${key}=`, t0: t, t1: t + 5, at: 'a', outcome: 'ok', revision};
}

function told(key: string, value: string, revision: number, version = 1): RigRecord {
  return {type: 'event', t: revision * 10, revision, kind: 'Put', key, value, version};
}

const KEYS: readonly EndKey[] = [
  ['c/0', 'r1', 13, 2],
  ['w/1', 'w/1=', 10, 1],
  ['w/2', 'w/2=', 12, 1],
];

/** A small run in which everything is as it should be; w/3 is unknown and did not happen. */
const SOUND: readonly RigRecord[] = [
  {type: 'start', t: 0, leaseSeconds: 1},
  {
    type: 'span',
    member: 'a',
    from: 0,
    to: 100,
    view: {up: true, id: 'id-a', cluster: 'c1', leader: 'id-a', term: 2, members: ROWS},
  },
  put('w/1', 10, 10),
  {type: 'cas', key: 'c/0', value: 'r0', expects: 0, t0: 20, t1: 25, at: 'a', outcome: 'ok', revision: 11},
  put('w/2', 30, 12),
  {type: 'cas', key: 'c/0', value: 'r1', expects: 1, t0: 40, t1: 45, at: 'b', outcome: 'ok', revision: 13},
  {
    type: 'read',
    key: 'c/0',
    t0: 50,
    t1: 55,
    at: 'c',
    outcome: 'ok',
    revision: 13,
    seen: {version: 2, value: 'r1', modRevision: 13},
  },
  {
    type: 'cas',
    key: 'c/0',
    value: 'x9',
    expects: 1,
    t0: 56,
    t1: 58,
    at: 'c',
    outcome: 'fail',
    revision: 13,
    seen: {version: 2, value: 'r1', modRevision: 13},
  },
  {type: 'put', key: 'w/3', value: 'w/3=', t0: 60, t1: 80, at: 'a', outcome: 'unknown', why: 'silent'},
  {type: 'beat', t0: 60, t1: 61, at: 'a', outcome: 'ok', ttl: 1},
  told('w/1', 'w/1=', 10),
  told('c/0', 'r0', 11),
  told('w/2', 'w/2=', 12),
  told('c/0', 'r1', 13, 2),
  {type: 'stop', t: 100, stallMs: 3, leaseLeft: 1},
  end('a', KEYS),
  end('b', KEYS),
  end('c', KEYS),
];

/** The sound run with some records replaced (or, where the function gives none, removed). */
function spoilt(change: (record: RigRecord) => RigRecord | undefined): readonly RigRecord[] {
  return SOUND.flatMap(record => change(record) ?? []);
}

/** The sound run with something more in it, before the end. */
function withMore(...more: readonly RigRecord[]): readonly RigRecord[] {
  const at = SOUND.findIndex(({type}) => type === 'stop');
  return [...SOUND.slice(0, at), ...more, ...SOUND.slice(at)];
}

function isAt(record: RigRecord, member: string): record is EndRecord {
  return record.type === 'end' && record.member === member;
}

describe('the verdict', () => {
  it('has nothing to say against a sound run, and counts it', () => {
    expect(judge(SOUND)).toMatchObject({
      lost: [],
      problems: [],
      operations: 7,
      acknowledgedWrites: 4,
      unknown: 1,
      gapMs: 55,
      gapAt: 45,
      stallMs: 3,
      leaderChanges: 0,
    });
  });

  it('does not hold an unknown write against anybody that did happen, late', () => {
    const keys: readonly EndKey[] = [...KEYS, ['w/3', 'w/3=', 14, 1]];
    const late = withMore(told('w/3', 'w/3=', 14)).map(record => (record.type === 'end' ? {...record, keys} : record));
    expect(judge(late).problems).toEqual([]);
  });

  it.each<[string, readonly RigRecord[], string]>([
    [
      'an acknowledged write that one member has not',
      spoilt(record => (isAt(record, 'b') ? {...record, keys: KEYS.filter(([key]) => key !== 'w/2')} : record)),
      'b has lost w/2 (acknowledged at 35 ms, revision 12)',
    ],
    [
      'an acknowledged write with another value',
      spoilt(record =>
        isAt(record, 'c') ? {...record, keys: KEYS.map(row => (row[0] === 'w/1' ? ['w/1', '?', 10, 1] : row))} : record,
      ),
      'c holds another value of w/1 (acknowledged at 15 ms, revision 10)',
    ],
    [
      'an acknowledged write at another revision',
      spoilt(record =>
        isAt(record, 'c')
          ? {...record, keys: KEYS.map(row => (row[0] === 'w/1' ? ['w/1', 'w/1=', 9, 1] : row))}
          : record,
      ),
      'c holds w/1 (acknowledged at 15 ms, revision 10) at revision 9',
    ],
  ])('finds %s as lost', (_, records, sentence) => {
    expect(judge(records).lost).toEqual([sentence]);
    expect(judge(records).problems).toContain(sentence);
  });

  it.each<[string, readonly RigRecord[], string]>([
    [
      'a key that nobody wrote',
      spoilt(record => (isAt(record, 'a') ? {...record, keys: [...KEYS, ['w/9', '?', 14, 1]]} : record)),
      'a holds w/9 with a value that nobody wrote',
    ],
    [
      'a write that met itself',
      withMore({type: 'put', key: 'w/4', value: 'w/4=', t0: 85, t1: 86, at: 'a', outcome: 'fail', revision: 13}),
      'w/4 was there before its only writer wrote it',
    ],
    ['two writes at one revision', withMore(put('w/5', 31, 12)), 'w/5 and w/2 were both written at revision 12'],
    [
      'revisions that go back in time',
      withMore(put('w/5', 90, 9)),
      'a write behind its time of w/5 at a: revision 9, begun at 90 ms when 13 was acknowledged',
    ],
    [
      'a stale read, by the revision of the store',
      withMore({
        type: 'read',
        key: 'c/1',
        t0: 90,
        t1: 91,
        at: 'b',
        outcome: 'ok',
        revision: 12,
        seen: {version: 0, value: '', modRevision: 0},
      }),
      'a stale read of c/1 at b: revision 12, begun at 90 ms when 13 was acknowledged',
    ],
    [
      'a stale read, by the version of the register',
      withMore({
        type: 'read',
        key: 'c/0',
        t0: 90,
        t1: 91,
        at: 'b',
        outcome: 'ok',
        revision: 13,
        seen: {version: 1, value: 'r0', modRevision: 11},
      }),
      'c/0: a read at b, begun at 90 ms, saw version 1 after 2',
    ],
    [
      'a comparison that was answered from an old state',
      withMore({
        type: 'cas',
        key: 'c/0',
        value: 'x',
        expects: 3,
        t0: 90,
        t1: 91,
        at: 'b',
        outcome: 'fail',
        revision: 14,
        seen: {version: 1, value: 'r0', modRevision: 11},
      }),
      'c/0: a read at b, begun at 90 ms, saw version 1 after 2',
    ],
    [
      'two writers that both won the same version',
      withMore({type: 'cas', key: 'c/0', value: 'x', expects: 1, t0: 41, t1: 59, at: 'b', outcome: 'ok', revision: 14}),
      'c/0: two writes were acknowledged for version 2',
    ],
    [
      'a version with two values',
      withMore({
        type: 'read',
        key: 'c/0',
        t0: 90,
        t1: 91,
        at: 'b',
        outcome: 'ok',
        revision: 13,
        seen: {version: 2, value: 'x9', modRevision: 13},
      }),
      'c/0: version 2 is "r1" at revision 13 for a write at b and "x9" at 13 for a read at b',
    ],
    [
      'a register that ends with an older version than was seen',
      spoilt(record => (isAt(record, 'a') ? {...record, keys: [['c/0', 'r0', 11, 1], ...KEYS.slice(1)]} : record)),
      'c/0: the end at a, begun at 59 ms, saw version 1 after 2',
    ],
    [
      'a version that nobody wrote',
      withMore({
        type: 'read',
        key: 'c/0',
        t0: 90,
        t1: 91,
        at: 'b',
        outcome: 'ok',
        revision: 14,
        seen: {version: 3, value: 'z', modRevision: 14},
      }),
      'c/0: a read at b saw version 3 with "z" that nobody wrote',
    ],
    [
      'an event that the watcher missed',
      spoilt(record => (record.type === 'event' && record.revision === 12 ? undefined : record)),
      'the watcher was not told of w/2 at revision 12',
    ],
    ['an event that came twice', withMore(told('c/0', 'r1', 13, 2)), 'the watcher got revision 13 (c/0) after 13'],
    [
      'an event of an old revision after a new one',
      withMore(told('w/1', 'w/1=', 10)),
      'the watcher got revision 10 (w/1) after 13',
    ],
    [
      'an event with another value',
      spoilt(record => (record.type === 'event' && record.revision === 12 ? {...record, value: '?'} : record)),
      'the watcher was told something else at revision 12 than w/2',
    ],
    [
      'a key that was deleted under the watcher',
      withMore({type: 'event', t: 99, revision: 14, kind: 'Delete', key: 'w/1', value: '', version: 0}),
      'the watcher saw w/1 being deleted at revision 14',
    ],
    [
      'a lease that is gone',
      spoilt(record => (record.type === 'stop' ? {...record, leaseLeft: -1} : record)),
      'the lease is gone although it was kept alive',
    ],
    [
      'a lease that nobody could keep alive',
      spoilt(record => (record.type === 'stop' ? {...record, t: 1500} : record)),
      'the lease of 1 s could not be kept alive for 1439 ms',
    ],
    [
      'hashes that differ',
      spoilt(record => (isAt(record, 'c') ? {...record, hash: 8} : record)),
      "the members' hashes differ: a 7, b 7, c 8",
    ],
    [
      'members of two clusters',
      spoilt(record => (isAt(record, 'c') ? {...record, cluster: 'c2'} : record)),
      'the members differ in the cluster id: a c1, b c1, c c2',
    ],
    [
      'another cluster in between',
      withMore({
        type: 'span',
        member: 'b',
        from: 50,
        to: 60,
        view: {up: true, id: 'id-b', cluster: 'c2', leader: 'id-b', term: 1, members: []},
      }),
      'more than one cluster was seen: c1, c2',
    ],
    [
      'member lists that differ',
      spoilt(record => (isAt(record, 'c') ? {...record, rows: ROWS.slice(0, 2)} : record)),
      'the members differ in the member list: a a=id-a b=id-b c=id-c, b a=id-a b=id-b c=id-c, c a=id-a b=id-b',
    ],
    [
      'an alarm',
      spoilt(record => (isAt(record, 'b') ? {...record, alarms: ['NOSPACE of 5']} : record)),
      'b raises an alarm: NOSPACE of 5',
    ],
    ['a member that could not be read', withMore({type: 'broken', why: 'b: silent'}), 'b: silent'],
    ['a log without an end', SOUND.slice(0, -4), 'the log is not complete: the workload did not begin or did not end'],
    ['an end without members', SOUND.slice(0, -3), 'nothing was read at the end'],
    [
      'a workload that did nothing',
      SOUND.filter(({type}) => type === 'start' || type === 'stop'),
      'no write was ever acknowledged',
    ],
  ])('finds %s', (_, records, sentence) => {
    expect(judge(records).problems).toContain(sentence);
  });

  it('does not count what came while the clients warmed up or ended', () => {
    const early = spoilt(record => (record.type === 'start' ? {...record, t: 40} : record));
    const late = early.map(record => (record.type === 'stop' ? {...record, t: 50} : record));
    expect(judge(late)).toMatchObject({problems: [], gapMs: 5, gapAt: 40});
  });

  it('counts the silence before the first and after the last acknowledged write, too', () => {
    const long = spoilt(record => (record.type === 'stop' ? {...record, t: 900} : record));
    expect(judge(long)).toMatchObject({gapMs: 855, gapAt: 45});
  });
});

describe('a log', () => {
  it('loses only the line that a crash has cut off', () => {
    expect(parseRecords('{"type":"broken","why":"x"}\n{"type":"bro')).toEqual([{type: 'broken', why: 'x'}]);
  });
});
