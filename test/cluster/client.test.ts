import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {open as openFile} from 'node:fs/promises';
import {connect, createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {PassThrough} from 'node:stream';
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {openEtcd} from '../../src/cluster/client.ts';
import type {EtcdClient} from '../../src/cluster/member-client.ts';
import {dialDirectly, type FakeEtcd, type Script, startFake} from './fake-etcd.ts';

const header = {cluster_id: '17221338068156643453', member_id: '1', revision: '7', raft_term: '3'};
const status = {
  header,
  version: '3.6.14',
  dbSize: '20480',
  leader: '1',
  raftIndex: '18446744073709551615',
  raftTerm: '3',
  raftAppliedIndex: '12',
  errors: [],
};
const member = {ID: '1', name: 'etcd-1', peerURLs: ['http://a:2380'], clientURLs: ['http://a:2379'], isLearner: false};

let fake: FakeEtcd | undefined;
let client: EtcdClient | undefined;
let dir = '';
const {TMPDIR} = process.env;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'client-test-'));
  // Tunnels make their directories here: this test sees its own only.
  process.env['TMPDIR'] = mkdtempSync(join(dir, '..', 'client-tunnels-'));
});
afterEach(async () => {
  await client?.close();
  fake?.close();
  client = fake = undefined;
  rmSync(dir, {recursive: true, force: true});
  rmSync(tmpdir(), {recursive: true, force: true});
  process.env['TMPDIR'] = TMPDIR ?? '/tmp';
});

async function open(script: Script, timeoutSeconds = 2): Promise<EtcdClient> {
  fake = await startFake(script);
  const opened = await openEtcd({clientUrl: fake.clientUrl, timeoutSeconds}, dialDirectly);
  if (!opened.ok) throw new Error(opened.error.message);
  client = opened.value;
  return opened.value;
}

describe('a member that is asked for its status', () => {
  test('is told in our terms, with 64-bit numbers whole', async () => {
    const etcd = await open({
      Status: () => status,
      MemberList: () => ({header, members: [{...member, ID: '18446744073709551615', name: ''}, member]}),
      Range: () => ({header}),
    });
    const fact = await etcd.status();
    expect({...fact, latencyMs: 0}).toEqual({
      reachable: true,
      memberId: '0000000000000001',
      clusterId: 'eefe7bbafd63787d',
      version: '3.6.14',
      leaderId: '0000000000000001',
      raftIndex: '18446744073709551615',
      raftAppliedIndex: '12',
      raftTerm: '3',
      dbSizeBytes: 20480,
      isLearner: false,
      errors: [],
      members: [
        {
          id: '0000000000000001',
          name: 'etcd-1',
          peerUrls: ['http://a:2380'],
          clientUrls: ['http://a:2379'],
          isLearner: false,
        },
        {
          id: 'ffffffffffffffff',
          name: '',
          peerUrls: ['http://a:2380'],
          clientUrls: ['http://a:2379'],
          isLearner: false,
        },
      ],
      linearizable: true,
      latencyMs: 0,
    });
  });

  test('and is a learner still answers, without list and read', async () => {
    const no = () => ({code: 14, details: 'etcdserver: rpc not supported for learner'});
    const etcd = await open({Status: () => ({...status, isLearner: true}), MemberList: no, Range: no});
    expect(await etcd.status()).toMatchObject({
      reachable: true,
      isLearner: true,
      members: [],
      membersError: 'etcdserver: rpc not supported for learner',
      linearizable: false,
      linearizableError: 'etcdserver: rpc not supported for learner',
    });
  });

  test('and may not let us read has still reached agreement first', async () => {
    const etcd = await open({
      Status: () => status,
      MemberList: () => ({members: [member]}),
      Range: () => ({code: 7, details: 'etcdserver: permission denied'}),
    });
    expect(await etcd.status()).toMatchObject({reachable: true, linearizable: true});
  });

  test('and says no is unreachable, with the reason', async () => {
    const etcd = await open({Status: () => ({code: 16, details: 'etcdserver: invalid auth token'})});
    expect(await etcd.status()).toEqual({
      reachable: false,
      reason: 'no-credentials',
      message: 'etcdserver: invalid auth token',
    });
  });
});

describe('a call that changes members', () => {
  test('is sent once, whatever the answer', async () => {
    const etcd = await open({MemberAdd: () => ({code: 14, details: 'etcdserver: unhealthy cluster'})});
    expect(await etcd.memberAdd(['http://b:2380'], true)).toEqual({
      ok: false,
      error: {reason: 'error', message: 'etcdserver: unhealthy cluster', status: 'UNAVAILABLE'},
    });
    expect(fake?.calls).toEqual(['MemberAdd']);
  });

  test('carries ids without loss', async () => {
    const seen: unknown[] = [];
    const keep = (request: Record<string, unknown>) => {
      seen.push(request);
      return {members: []};
    };
    const etcd = await open({MemberRemove: keep, MemberPromote: keep, MoveLeader: keep});
    await etcd.memberRemove('eefe7bbafd63787d');
    await etcd.memberPromote('eefe7bbafd63787d');
    await etcd.moveLeader('00000000000000ff');
    expect(seen).toEqual([{ID: '17221338068156643453'}, {ID: '17221338068156643453'}, {targetID: '255'}]);
  });
});

describe('a snapshot', () => {
  const body = Buffer.alloc(4096, 'etcd');
  const sum = createHash('sha256').update(body).digest();
  const pieces = (...blobs: readonly Buffer[]) => ({Snapshot: () => blobs.map(blob => ({header, blob}))});

  test('that is whole is written, private, in place of an older one', async () => {
    const path = join(dir, 'backup', 'a.db');
    const etcd = await open(pieces(body.subarray(0, 1000), body.subarray(1000), sum.subarray(0, 5), sum.subarray(5)));
    writeFileSync(join(dir, 'a.db.part'), 'left over');
    const whole = Buffer.concat([body, sum]);
    expect(await etcd.snapshot(path)).toEqual({
      ok: true,
      value: {path, sizeBytes: 4128, sha256: createHash('sha256').update(whole).digest('hex'), revision: '7'},
    });
    expect(readFileSync(path)).toEqual(whole);
    expect(readdirSync(join(dir, 'backup'))).toEqual(['a.db']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('that is damaged or cut short leaves no file behind, and an older one untouched', async () => {
    const path = join(dir, 'a.db');
    writeFileSync(path, 'older');
    const damaged = await open(pieces(Buffer.alloc(4096, 'etcx'), sum));
    expect(await damaged.snapshot(path)).toEqual({
      ok: false,
      error: {reason: 'error', message: 'the snapshot does not match its checksum: it was damaged on the way'},
    });
    await damaged.close();
    fake?.close();
    const short = await open(pieces(body.subarray(0, 1024)));
    expect(await short.snapshot(path)).toEqual({
      ok: false,
      error: {reason: 'error', message: 'the snapshot ends too early (1024 bytes, no checksum at the end)'},
    });
    expect([readdirSync(dir), readFileSync(path, 'utf8')]).toEqual([['a.db'], 'older']);
  });

  test('that cannot be written says where', async () => {
    const etcd = await open(pieces(body, sum));
    writeFileSync(join(dir, 'file'), '');
    const saved = await etcd.snapshot(join(dir, 'file', 'a.db'));
    expect(saved.ok ? '' : saved.error.message).toContain(`cannot write ${join(dir, 'file', 'a.db.part')}: `);
  });

  test('for which the disk of the controller has no room leaves nothing behind', async () => {
    const path = join(dir, 'a.db');
    writeFileSync(path, 'older');
    await using handle = await openFile('/dev/null');
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {code: 'ENOSPC', syscall: 'write'});
    const write = vi.spyOn(Object.getPrototypeOf(handle), 'write').mockRejectedValueOnce(full);
    const etcd = await open(pieces(body, sum));
    const saved = await etcd.snapshot(path);
    write.mockRestore();
    expect(saved.ok ? '' : saved.error.message).toContain(`cannot write ${path}.part: ENOSPC`);
    expect([readdirSync(dir), readFileSync(path, 'utf8')]).toEqual([['a.db'], 'older']);
  });

  test('of an interrupted run is given up', async () => {
    const etcd = await open(pieces(body, sum));
    const stopped = await etcd.snapshot(join(dir, 'a.db'), AbortSignal.abort());
    expect([stopped, readdirSync(dir)]).toEqual([{ok: false, error: {reason: 'error', message: 'interrupted'}}, []]);
  });
});

describe('a member that cannot be reached', () => {
  const refused = async () => Promise.reject(new Error('(SSH) Channel open failure: Connection refused'));

  test('fails at once with the reason the dialler gave, and leaves nothing behind', async () => {
    const before = leftovers();
    expect(await openEtcd({clientUrl: 'http://10.9.9.9:2379'}, refused)).toEqual({
      ok: false,
      error: {reason: 'refused', message: '10.9.9.9:2379: connection refused'},
    });
    expect(leftovers()).toEqual(before);
  });

  test('because nobody answers the dialling fails in time, and a late connection is closed', async () => {
    const late = new PassThrough();
    const slow = () => new Promise<PassThrough>(resolve => setTimeout(resolve, 150, late));
    expect(await openEtcd({clientUrl: 'http://10.9.9.9:2379', timeoutSeconds: 0.05}, slow)).toEqual({
      ok: false,
      error: {reason: 'timeout', message: '10.9.9.9:2379: connection timed out'},
    });
    await new Promise(resolve => setTimeout(resolve, 200));
    expect(late.destroyed).toBe(true);
  });

  test('because it is silent, or hangs up, is told so by its status', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    const rude = createServer(socket => socket.destroy()).listen(0, '127.0.0.1');
    await Promise.all([once(silent, 'listening'), once(rude, 'listening')]);
    const ask = async (server: typeof silent) => {
      const {port} = server.address() as {port: number};
      const opened = await openEtcd({clientUrl: `http://127.0.0.1:${port}`, timeoutSeconds: 0.5}, dialDirectly);
      const fact = opened.ok ? await opened.value.status() : opened.error;
      if (opened.ok) await opened.value.close();
      server.close();
      return fact;
    };
    expect(await ask(silent)).toEqual({reachable: false, reason: 'timeout', message: 'no answer in time'});
    expect(await ask(rude)).toEqual({
      reachable: false,
      reason: 'tls',
      message: 'it hangs up on plain http: it probably wants https',
    });
  });

  test('for want of a URL or of certificate files is not dialled at all', async () => {
    const never = async () => Promise.reject(new Error('dialled'));
    const tls = {ca: join(dir, 'ca.crt'), cert: join(dir, 'a.crt'), key: join(dir, 'a.key'), serverName: 'x'};
    const reasons = await Promise.all(
      [{clientUrl: 'etcd-1:2379'}, {clientUrl: 'https://10.9.9.9:2379'}, {clientUrl: 'https://10.9.9.9:2379', tls}].map(
        endpoint => openEtcd(endpoint, never),
      ),
    );
    expect(reasons.map(result => (result.ok ? '' : result.error.reason))).toEqual([
      'error',
      'no-credentials',
      'no-credentials',
    ]);
  });
});

test('a tunnel that has no place for its socket fails, with the reason', async () => {
  rmSync(tmpdir(), {recursive: true});
  const stream = new PassThrough();
  const opened = await openEtcd({clientUrl: 'http://10.9.9.9:2379'}, async () => stream);
  expect([opened.ok ? '' : opened.error.reason, stream.destroyed]).toEqual(['error', true]);
});

test('a connection that breaks the moment it is made is a failed answer, not an error nobody handles', async () => {
  const opened = await openEtcd({clientUrl: 'http://10.9.9.9:2379', timeoutSeconds: 1}, async () => {
    const stream = new PassThrough();
    setImmediate(() => stream.destroy(new Error('read ECONNRESET')));
    return stream;
  });
  const fact = opened.ok ? await opened.value.status() : opened.error;
  if (opened.ok) await opened.value.close();
  expect(fact).toMatchObject({reachable: false});
});

test('closing a client leaves no directory and no open connection', async () => {
  const before = leftovers();
  const streams: {destroyed: boolean}[] = [];
  fake = await startFake({Status: () => status, MemberList: () => ({members: [member]}), Range: () => ({})});
  const opened = await openEtcd({clientUrl: fake.clientUrl}, async (host, port) => {
    const socket = connect({host, port});
    streams.push(socket);
    await once(socket, 'connect');
    return socket;
  });
  if (!opened.ok) throw new Error(opened.error.message);
  expect(leftovers().length).toBe(before.length + 1);
  expect((await opened.value.status()).reachable).toBe(true);
  await opened.value.close();
  expect([leftovers(), streams.map(stream => stream.destroyed)]).toEqual([before, [true]]);
});

/** Directories of tunnels that are open. */
function leftovers(): readonly string[] {
  return readdirSync(tmpdir()).filter(name => name.startsWith('etcdctl-play-'));
}
