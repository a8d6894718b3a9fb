import {execFileSync} from 'node:child_process';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {openEtcd} from '../../src/cluster/client.ts';
import type {EtcdClient} from '../../src/cluster/member-client.ts';
import {judgeCluster} from '../../src/etcd/health.ts';
import {clusterId, memberId} from '../../src/etcd/identity.ts';
import {applyEtcdOp} from '../../src/execute/etcd-op.ts';
import {etcdFact} from '../../src/execute/etcd-probe.ts';
import type {EtcdFact} from '../../src/task/fact.ts';
import type {EtcdArgs} from '../../src/task/probe.ts';
import {dialDirectly} from './fake-etcd.ts';
import {etcdMissing, freePorts, RealCluster, type RealMember} from './real-etcd.ts';

const missing = etcdMissing();
const dialers = {own: dialDirectly, any: undefined};

describe.skipIf(missing !== undefined)(
  `three real members over TLS${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    let cluster: RealCluster;
    let members: readonly RealMember[] = [];
    const said: string[] = [];

    beforeAll(async () => {
      cluster = new RealCluster();
      cluster.makeCertificates();
      members = await cluster.start(3, 'https');
      const waited = await waitFor(
        members.map(({endpoint}) => endpoint),
        20,
      );
      if (waited.rc !== 0) throw new Error(waited.stderr);
    }, 30_000);
    afterAll(() => cluster.stop());

    const waitFor = (endpoints: readonly EtcdArgs[], timeoutSeconds: number) =>
      applyEtcdOp(
        {kind: 'etcd-wait', endpoints, expect: {}, timeoutSeconds},
        {dialers: async () => dialers, progress: text => said.push(text), signal: new AbortController().signal},
      );
    const askAll = async () =>
      new Map(
        await Promise.all(
          members.map(
            async ({name, endpoint}): Promise<[string, EtcdFact]> => [name, await etcdFact(endpoint, dialers)],
          ),
        ),
      );
    const at = (index: number) => (members[index] as RealMember).endpoint;

    test('are waited for, and who is missing is said', () => {
      expect(said[0]).toMatch(/^\d of 3 members answer/);
    });

    test('have the ids that were foretold', async () => {
      const facts = await askAll();
      const list = [...facts.values()][0];
      const rows = list?.reachable ? list.members : [];
      const foretold = Object.fromEntries(rows.map(row => [row.name, memberId(row.peerUrls, 'test')]));
      const verdict = judgeCluster(facts, {memberIds: foretold, clusterId: clusterId(Object.values(foretold))});
      expect([rows.length, verdict.healthy, verdict.problems]).toEqual([3, true, []]);
    });

    test('refuse strangers, and are refused where they are not who they should be', async () => {
      const {tls} = at(0);
      if (tls === undefined) throw new Error('no TLS');
      const file = (name: string) => join(cluster.dir, name);
      const variants = [
        {...tls, ca: file('other-ca.crt')},
        {...tls, serverName: 'other.test'},
        {...tls, cert: file('stranger.crt'), key: file('stranger.key')},
        {...tls, key: file('stranger.key')},
        {...tls, cert: file('ext')},
        {...tls, cert: file('none')},
      ];
      const reasons = await Promise.all(variants.map(async variant => etcdFact({...at(0), tls: variant}, dialers)));
      expect(reasons.map(fact => (fact.reachable ? 'let in' : fact.reason))).toEqual([
        'tls',
        'tls',
        'tls',
        'no-credentials',
        'no-credentials',
        'no-credentials',
      ]);
    });

    test('give a snapshot that etcd itself accepts', async () => {
      const path = join(cluster.dir, 'saved.db');
      const reply = await applyEtcdOp(
        {kind: 'etcd-snapshot', endpoint: at(1), path},
        {dialers: async () => dialers, progress: () => undefined, signal: new AbortController().signal},
      );
      expect([reply.rc, reply.stderr]).toEqual([0, '']);
      const status = execFileSync(
        join(process.env['ETCD_BIN_DIR'] ?? '', 'etcdctl'),
        ['snapshot', 'status', path, '-w', 'json'],
        {
          env: {PATH: process.env['PATH'], ETCDCTL_API: '3'},
          stdio: ['ignore', 'pipe', 'ignore'],
        },
      );
      expect(JSON.parse(String(status))).toMatchObject({totalSize: expect.any(Number)});
    });

    test('move leadership, hash alike, take a learner and let it go', async () => {
      const facts = await askAll();
      const byId = new Map(
        [...facts.values()].flatMap((fact, index) => (fact.reachable ? [[fact.memberId, index] as const] : [])),
      );
      const first = [...facts.values()][0];
      const leaderId = first?.reachable ? first.leaderId : '';
      const otherId = [...byId.keys()].find(id => id !== leaderId) ?? '';
      const [port] = await freePorts(1);
      await using leader = await opened(at(byId.get(leaderId) ?? 0));
      expect(await leader.client.moveLeader(otherId)).toEqual({ok: true, value: undefined});
      expect(await leader.client.alarms()).toEqual({ok: true, value: []});
      expect(await leader.client.defragment()).toEqual({ok: true, value: undefined});
      const hashes = await Promise.all(
        members.map(async ({endpoint}) => {
          await using member = await opened(endpoint);
          const hash = await member.client.hashKv();
          return hash.ok ? hash.value.hash : hash.error.message;
        }),
      );
      expect(new Set(hashes).size).toBe(1);

      await settled(async () => {
        const added = await leader.client.memberAdd([`http://127.0.0.1:${port}`], true);
        if (!added.ok) return added.error.message;
        const promoted = await leader.client.memberPromote(added.value.id);
        expect(promoted.ok ? '' : promoted.error.status).toBe('FAILED_PRECONDITION');
        expect(judgeCluster(await askAll()).problems.map(({code}) => code)).toEqual(['W_ETCD_LEARNER_UNSTARTED']);
        const left = await leader.client.memberRemove(added.value.id);
        expect(left.ok && left.value.length).toBe(3);
        const list = await leader.client.memberList();
        expect(list.ok && list.value.map(({name}) => name).sort()).toEqual(['m-1', 'm-2', 'm-3']);
        return undefined;
      });
    }, 20_000);

    test('that hang, die or lose their majority are each told apart, and a snapshot can still be had', async () => {
      members[1]?.process.kill('SIGSTOP');
      expect(await etcdFact({...at(1), timeoutSeconds: 0.7}, dialers)).toEqual({
        reachable: false,
        reason: 'timeout',
        message: 'no answer in time',
      });
      for (const member of members.slice(1)) member.process.kill('SIGKILL');
      await settled(async () => {
        const fact = await etcdFact(at(1), dialers);
        return fact.reachable || fact.reason !== 'refused' ? 'still there' : undefined;
      });
      await settled(async () => {
        const fact = await etcdFact({...at(0), timeoutSeconds: 1}, dialers);
        return fact.reachable && fact.leaderId === '' ? undefined : 'still has a leader';
      });
      said.length = 0;
      const waited = await waitFor(
        members.map(({endpoint}) => endpoint),
        1,
      );
      expect([waited.rc, waited.diagnostic?.code, said]).toEqual([
        1,
        'E_ETCD_NOT_HEALTHY',
        ['1 of 3 members answer; waiting for m-2 (connection refused), m-3 (connection refused)'],
      ]);
      expect(waited.stderr).toContain('m-1: answers, knows no leader');
      await using survivor = await opened(at(0));
      expect((await survivor.client.snapshot(join(cluster.dir, 'last.db'))).ok).toBe(true);
    }, 20_000);
  },
);

async function opened(endpoint: EtcdArgs): Promise<AsyncDisposable & {readonly client: EtcdClient}> {
  const result = await openEtcd(endpoint, dialDirectly);
  if (!result.ok) throw new Error(result.error.message);
  return {client: result.value, [Symbol.asyncDispose]: () => result.value.close()};
}

/** Repeats for up to ten seconds until there is nothing left to complain of. */
async function settled(step: () => Promise<string | undefined>): Promise<void> {
  const endMs = performance.now() + 10_000;
  for (;;) {
    const complaint = await step();
    if (complaint === undefined) return;
    if (performance.now() > endMs) throw new Error(complaint);
    await new Promise(resolve => setTimeout(resolve, 200));
  }
}
