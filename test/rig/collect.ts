/** Reads, once the workload has ended, what every member holds: each from itself, all at one revision. */
import {get} from 'node:https';
import type {Member} from '../../src/cluster/api.ts';
import {Actor, pause, type Stage} from './actor.ts';
import {endOf} from './clients.ts';
import type {Fleet} from './fleet.ts';
import type {EndKey, EndRecord} from './records.ts';
import {rowsOf} from './sampler.ts';
import {CALL, type Connection} from './wire.ts';

const CALL_TIMEOUT_MS = 5000;
const PAGE = 4000;

/** The revision that a linearizable read gives, and the members that are listed then; undefined where nobody answers in time. */
export async function agree(
  stage: Stage,
  timeoutMs: number,
): Promise<{readonly revision: number; readonly members: readonly Member[]} | undefined> {
  const actor = new Actor(stage, 0);
  const deadline = stage.now() + timeoutMs;
  while (stage.now() < deadline) {
    const tried = await actor.attempt(async to => {
      const range = await to.call(CALL.range, {key: Buffer.from(stage.prefix), count_only: true}, CALL_TIMEOUT_MS);
      const list = await to.call(CALL.memberList, {linearizable: true}, CALL_TIMEOUT_MS);
      return {revision: Number(range.header.revision), members: list.members};
    });
    if (tried.reply !== undefined) return tried.reply;
    await pause(100, NEVER);
  }
  return undefined;
}

/** What one member holds at this revision, once it has come so far; rejects where it does not in time. */
export async function holdings(stage: Stage, member: Member, revision: number, timeoutMs: number): Promise<EndRecord> {
  if (member.name === '') throw new Error('it is listed and has never started');
  const deadline = stage.now() + timeoutMs;
  for (let last: unknown; ; ) {
    try {
      const connection = stage.fleet.to(member.name);
      if ((await ownRevision(stage, connection)) >= revision) return await read(stage, connection, member, revision);
      last = new Error(`it has not come to revision ${revision}`);
    } catch (error) {
      last = error;
    }
    if (stage.now() > deadline) throw last;
    await pause(100, NEVER);
  }
}

const NEVER = new AbortController().signal;

async function ownRevision(stage: Stage, connection: Connection): Promise<number> {
  const request = {key: Buffer.from(stage.prefix), serializable: true, count_only: true};
  return Number((await connection.call(CALL.range, request, CALL_TIMEOUT_MS)).header.revision);
}

async function read(stage: Stage, connection: Connection, member: Member, revision: number): Promise<EndRecord> {
  const keys = await allKeys(stage, connection, revision);
  const status = await connection.call(CALL.status, {}, CALL_TIMEOUT_MS);
  const list = await connection.call(CALL.memberList, {linearizable: false}, CALL_TIMEOUT_MS);
  // a learner answers neither of these
  const hash = member.isLearner ? undefined : await connection.call(CALL.hashKv, {revision: String(revision)}, 30_000);
  const alarms = member.isLearner ? [] : (await connection.call(CALL.alarm, {action: 'GET'}, CALL_TIMEOUT_MS)).alarms;
  const changes = await leaderChangesSeen(stage.fleet, member.name);
  return {
    type: 'end',
    member: member.name,
    cluster: status.header?.cluster_id ?? '',
    revision,
    ...(hash === undefined ? {} : {hash: hash.hash}),
    keys,
    alarms: [...alarms.map(({memberID, alarm}) => `${alarm} of ${memberID}`), ...status.errors],
    rows: rowsOf(list.members),
    ...(changes === undefined ? {} : {leaderChangesSeen: changes}),
  };
}

async function allKeys(stage: Stage, connection: Connection, revision: number): Promise<readonly EndKey[]> {
  const keys: EndKey[] = [];
  const prefix = Buffer.from(stage.prefix);
  for (let key = prefix; ; ) {
    const request = {key, range_end: endOf(prefix), limit: PAGE, revision, serializable: true};
    const page = await connection.call(CALL.range, request, CALL_TIMEOUT_MS);
    for (const kv of page.kvs)
      keys.push([kv.key.toString(), kv.value.toString(), Number(kv.mod_revision), Number(kv.version)]);
    const last = page.kvs.at(-1);
    if (!page.more || last === undefined) return keys;
    key = Buffer.concat([last.key, Buffer.of(0)]);
  }
}

/** From the member's metrics, on its client URL; undefined where they cannot be read. */
function leaderChangesSeen(fleet: Fleet, name: string): Promise<number | undefined> {
  const [host, port] = fleet.address(name).split(':');
  return new Promise(resolve => {
    const request = get(
      {host, port, path: '/metrics', ...fleet.files, servername: name, timeout: CALL_TIMEOUT_MS, agent: false},
      response => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => {
          const found = /^etcd_server_leader_changes_seen_total (\S+)$/m.exec(text)?.[1];
          resolve(found === undefined ? undefined : Number(found));
        });
        response.on('error', () => resolve(undefined));
      },
    );
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined));
  });
}
