/** Membership changes against real etcd: what it refuses, in its own words, and what comes of it. */
import {rm} from 'node:fs/promises';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {openEtcd} from '../../src/cluster/client.ts';
import type {ListedMember} from '../../src/etcd/facts.ts';
import {initialClusterFor} from '../../src/etcd/member-list.ts';
import {applyEtcdOp, type EtcdOp} from '../../src/execute/etcd-op.ts';
import type {Clock} from '../../src/execute/etcd-wait.ts';
import type {MemberTarget} from '../../src/task/cluster-op.ts';
import {dialDirectly} from './fake-etcd.ts';
import {etcdMissing, freePorts, RealCluster, type RealMember} from './real-etcd.ts';

const missing = etcdMissing();
const OUTCOMES = ['is listed', 'added', 'caught up', 'removed', 'not in', 'already', 'now', 'disarmed'];

describe.skipIf(missing !== undefined)(
  `the membership of a real cluster${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    const cluster = new RealCluster();
    const said: string[] = [];
    let first: RealMember;
    let second: RealMember;
    let urls: readonly string[] = [];

    const apply = (op: EtcdOp, more: {readonly clock?: Clock} = {}) =>
      applyEtcdOp(op, {
        dialers: async () => ({own: dialDirectly, any: undefined}),
        progress: text => said.push(text),
        signal: new AbortController().signal,
        ...more,
      });
    const healthy = async (...members: readonly RealMember[]) => {
      const endpoints = members.map(({endpoint}) => endpoint);
      const reply = await apply({kind: 'etcd-wait', endpoints, expect: {}, timeoutSeconds: 20});
      if (reply.rc !== 0) throw new Error(reply.stderr);
    };
    const outcome = async (op: EtcdOp) => {
      const {rc, stdout, diagnostic} = await apply(op);
      return rc === 0 ? OUTCOMES.find(word => stdout.includes(word)) : diagnostic?.code;
    };
    const list = async (): Promise<readonly ListedMember[]> => {
      const client = await openEtcd(first.endpoint, dialDirectly);
      if (!client.ok) throw new Error(client.error.message);
      const members = await client.value.memberList();
      await client.value.close();
      return members.ok ? members.value : [];
    };
    const ids = async () => (await list()).map(({id}) => id);
    /** `m-1 voter, ? learner`, by name. */
    const shape = async () =>
      (await list())
        .map(({name, isLearner}) => `${name === '' ? '?' : name} ${isLearner ? 'learner' : 'voter'}`)
        .sort()
        .join(', ');
    const target = (name: string, n: number): MemberTarget => ({
      endpoints: [first.endpoint, ...(second === undefined ? [] : [second.endpoint])],
      name,
      peerUrl: urls[n] ?? '',
    });
    const wait = (member: RealMember, name: string, n: number): EtcdOp => ({
      kind: 'member-wait',
      ...target(name, n),
      endpoint: member.endpoint,
      unit: 'etcd.service',
      timeoutSeconds: 20,
    });
    const join_ = async (name: string, n: number, clientUrl: string) => {
      const initial = initialClusterFor(await list(), {name, peerUrl: urls[n] ?? ''});
      return cluster.launch(name, clientUrl, urls[n] ?? '', [
        '--initial-cluster',
        initial,
        '--initial-cluster-state',
        'existing',
      ]);
    };

    let clientUrls: readonly string[] = [];
    beforeAll(async () => {
      [first] = (await cluster.start(1, 'http')) as [RealMember];
      const ports = await freePorts(6);
      urls = ports.slice(0, 3).map(port => `http://127.0.0.1:${port}`);
      clientUrls = ports.slice(3).map(port => `http://127.0.0.1:${port}`);
      await healthy(first);
    }, 30_000);
    afterAll(() => cluster.stop());

    test('a learner is added once, however often it is asked for', async () => {
      const add: EtcdOp = {kind: 'member-add', ...target('m-2', 0), listed: await ids()};
      expect([await outcome(add), await outcome(add), await shape()]).toEqual([
        'added',
        'is listed',
        '? learner, m-1 voter',
      ]);
    }, 60_000);

    test('a second learner is refused by what is there, not by chance', async () => {
      const other: EtcdOp = {kind: 'member-add', ...target('m-3', 1), listed: await ids()};
      const reply = await apply(other);
      expect([reply.diagnostic?.code, reply.stderr]).toEqual([
        'E_ETCD_MEMBER_PENDING',
        expect.stringContaining('too many learner members'),
      ]);
    }, 60_000);

    test('a list that is not the one the decision was made from stops the change', async () => {
      expect(await outcome({kind: 'member-add', ...target('m-3', 1), listed: ['0123456789abcdef']})).toBe(
        'E_ETCD_MEMBERS_MOVED',
      );
    });

    test('a learner that does not start is told, and not promoted', async () => {
      const silent = {...first, endpoint: {...first.endpoint, member: 'm-2', clientUrl: clientUrls[0] ?? ''}};
      const waited = await apply({...wait(silent, 'm-2', 0), timeoutSeconds: 1} as EtcdOp);
      expect([waited.diagnostic?.code, waited.stderr]).toEqual([
        'E_ETCD_JOIN_TIMEOUT',
        expect.stringContaining('waiting for m-2 to start'),
      ]);
      const promoted = await apply({kind: 'member-promote', ...target('m-2', 0), timeoutSeconds: 2});
      expect([promoted.diagnostic?.code, promoted.stderr]).toEqual([
        'E_ETCD_MEMBER_CHANGE',
        expect.stringContaining('in sync with leader'),
      ]);
    }, 60_000);

    test('started, it catches up and gets its vote, once', async () => {
      const member = await join_('m-2', 0, clientUrls[0] ?? '');
      expect(await outcome(wait(member, 'm-2', 0))).toBe('caught up');
      const promote: EtcdOp = {kind: 'member-promote', ...target('m-2', 0), timeoutSeconds: 30};
      expect([(await apply(promote)).stderr, (await apply(promote)).rc, await shape()]).toEqual([
        '',
        0,
        'm-1 voter, m-2 voter',
      ]);
      second = member;
    }, 60_000);

    test('etcd asks for patience after a start, and gets it', async () => {
      expect(await outcome({kind: 'member-add', ...target('m-3', 1), listed: await ids()})).toBe('added');
      expect(said.join()).toContain('unhealthy cluster');
    }, 60_000);

    test('what a failed join left is taken back, but never a voter', async () => {
      expect(await outcome({kind: 'member-remove', ...target('m-2', 0), onlyLearner: true})).toBe(
        'E_ETCD_MEMBERS_MOVED',
      );
      const undo: EtcdOp = {kind: 'member-remove', ...target('m-3', 1), onlyLearner: true};
      expect([await outcome(undo), await outcome(undo), await shape()]).toEqual([
        'removed',
        'not in',
        'm-1 voter, m-2 voter',
      ]);
    }, 60_000);

    test('a peer URL is changed by id, and never twice', async () => {
      const row = (await list()).find(({name}) => name === 'm-2');
      const update: EtcdOp = {kind: 'member-update', ...target('m-2', 2), id: row?.id ?? ''};
      expect([await outcome(update), await outcome(update)]).toEqual(['now', 'already']);
      expect((await list()).find(({id}) => id === row?.id)?.peerUrls).toEqual([urls[2]]);
      expect(await outcome({...update, peerUrl: urls[0] ?? ''})).toBe('now');
    }, 60_000);

    test('the last member that answers is not left alone with a dead one', async () => {
      const row = (await list()).find(({name}) => name === 'm-1');
      second.process.kill('SIGSTOP');
      try {
        const remove: EtcdOp = {kind: 'member-remove', ...target('m-1', 0), id: row?.id ?? '', onlyLearner: false};
        // Without its majority a cluster does not even tell the list (3.4 does). Patience passes quickly here.
        let ms = 0;
        const clock: Clock = {
          now: () => ms,
          sleep: async wanted => {
            ms += 20 * wanted;
          },
        };
        const endpoints = remove.endpoints.map(one => ({...one, timeoutSeconds: 1}));
        const reply = await apply({...remove, endpoints}, {clock});
        expect(['E_ETCD_MEMBER_CHANGE', 'E_ETCD_QUORUM']).toContain(reply.diagnostic?.code);
      } finally {
        second.process.kill('SIGCONT');
      }
      await healthy(first, second);
    }, 60_000);

    test('a voter is removed by its id, once, while the others have a majority', async () => {
      const id = (await list()).find(({name}) => name === 'm-2')?.id ?? '';
      const remove: EtcdOp = {
        kind: 'member-remove',
        ...target('m-2', 0),
        endpoints: [first.endpoint, second.endpoint],
        id,
        onlyLearner: false,
      };
      expect([await outcome(remove), await outcome(remove), await shape()]).toEqual(['removed', 'not in', 'm-1 voter']);
      await rm(join(cluster.dir, 'm-2'), {recursive: true, force: true});
    }, 60_000);

    test('the alarm CORRUPT of a member that is gone can be taken back', async () => {
      await healthy(first);
      const client = await openEtcd(first.endpoint, dialDirectly);
      if (!client.ok) throw new Error(client.error.message);
      try {
        const raised = await fetch(`${first.endpoint.clientUrl}/v3/maintenance/alarm`, {
          method: 'POST',
          body: JSON.stringify({action: 'ACTIVATE', memberID: '170', alarm: 'CORRUPT'}),
        });
        expect(raised.status).toBe(200);
        expect(await client.value.alarms()).toEqual({
          ok: true,
          value: [{memberId: '00000000000000aa', alarm: 'CORRUPT'}],
        });
        const state = await client.value.status();
        expect(state.reachable && state.linearizable).toBe(true);
        expect(
          await outcome({
            kind: 'alarm-disarm',
            ...target('m-2', 0),
            endpoints: [first.endpoint],
            id: '00000000000000aa',
          }),
        ).toBe('disarmed');
        expect(await client.value.alarms()).toEqual({ok: true, value: []});
      } finally {
        await client.value.close();
      }
    }, 30_000);
  },
);
