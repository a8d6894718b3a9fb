/**
 * The rig as a process of its own, because it has to live in the lab's network: options as JSON; says "ready" when its
 * eyes (and its workload) are at work; SIGTERM ends the workload, reads what the members hold, and ends it.
 */
import {closeSync, fsyncSync, openSync, writeSync} from 'node:fs';
import {monitorEventLoopDelay, performance} from 'node:perf_hooks';
import {Actor, OPERATION_TIMEOUT_MS, pause, type Stage} from './actor.ts';
import {type Load, lastWrite, leaseKeeper, reader, register, Watcher, writer} from './clients.ts';
import {agree, holdings} from './collect.ts';
import {Fleet} from './fleet.ts';
import type {RigMember} from './records.ts';
import {sample} from './sampler.ts';
import {CALL, trouble} from './wire.ts';

/** What the process is told. */
export interface RigOrder {
  readonly members: readonly RigMember[];
  readonly pkiDir: string;
  /** The log to write. */
  readonly log: string;
  readonly sampleMs: number;
  /** Keys of the workload begin with it. */
  readonly prefix: string;
  /** Absent: only watch the members. */
  readonly load?: Load;
  readonly leaseSeconds: number;
  /** The process ends by itself after this time. */
  readonly maxSeconds: number;
}

/** How long the cluster gets at the end to answer again and to bring every member to one revision. */
const SETTLE_MS = 30_000;

/** How long the clients work before anything is measured. */
const WARM_UP_MS = 1000;

const order = JSON.parse(process.argv[2] ?? '') as RigOrder;
const start = performance.now();
const log = openSync(order.log, 'a');
const eyes = new AbortController();
const hands = new AbortController();
const fleet = new Fleet(order.members, order.pkiDir);
const shared = {
  fleet,
  prefix: order.prefix,
  now: () => Math.round((performance.now() - start) * 100) / 100,
  write: (record: unknown) => void writeSync(log, `${JSON.stringify(record)}\n`),
};
const watching: Stage = {...shared, stopping: eyes.signal};
const acting: Stage = {...shared, stopping: hands.signal};

process.once('SIGTERM', () => hands.abort());
setTimeout(() => hands.abort(), order.maxSeconds * 1000).unref();
const ended = new Promise<void>(resolve => {
  hands.signal.addEventListener('abort', () => resolve());
});
// whoever started it is gone: nobody will ask for a verdict
const parent = process.ppid;
setInterval(() => process.ppid === parent || process.exit(1), 1000).unref();

const delay = monitorEventLoopDelay({resolution: 5});
const observed = sample(watching, order.sampleMs);
if (order.load === undefined) {
  process.stdout.write('ready\n');
  await ended;
} else await work(order.load);
eyes.abort();
await observed;
fleet.close();
fsyncSync(log);
closeSync(log);
process.exit(0);

async function work(load: Load): Promise<void> {
  const first = await agree(acting, SETTLE_MS);
  const lease = first === undefined ? undefined : await grantLease();
  if (first === undefined || lease === undefined) {
    shared.write({type: 'broken', why: 'no member answered a linearizable read, so the workload did not begin'});
    return;
  }
  const watchOver = new AbortController();
  const watcher = new Watcher(acting, first.revision + 1);
  const watched = watcher.run(watchOver.signal);
  const each = (count: number, client: (id: number) => Promise<void>) =>
    Array.from({length: count}, (_, i) => client(i));
  const clients = [
    ...each(load.writers, id => writer(acting, id, load)),
    ...each(load.registers, id => register(acting, id, load)),
    ...each(load.readers, id => reader(acting, id, load)),
    leaseKeeper(acting, lease, order.leaseSeconds),
  ];
  // the first connections and the first calls of a program are slow: that is nobody's outage
  await pause(WARM_UP_MS, hands.signal);
  shared.write({type: 'start', t: shared.now(), leaseSeconds: order.leaseSeconds});
  delay.enable();
  process.stdout.write('ready\n');
  await ended;
  const stopped = shared.now();
  delay.disable();
  await Promise.all(clients);
  // behind this write comes nothing: who has seen it has seen everything
  const goal = await lastWrite(acting, SETTLE_MS);
  const last = await agree(acting, SETTLE_MS);
  const leaseLeft = await lifeOf(lease);
  const stallMs = Math.round(delay.max / 1e6);
  shared.write({type: 'stop', t: stopped, stallMs, ...(leaseLeft === undefined ? {} : {leaseLeft})});
  if (last === undefined) {
    shared.write({
      type: 'broken',
      why: `no member answered a linearizable read within ${SETTLE_MS / 1000} s of the end`,
    });
    watchOver.abort();
    return;
  }
  const held = await Promise.all(
    last.members.map(member => holdings(acting, member, last.revision, SETTLE_MS).catch(trouble)),
  );
  for (const [index, one] of held.entries()) {
    const {name, ID} = last.members[index] ?? {name: '', ID: ''};
    shared.write(typeof one === 'string' ? {type: 'broken', why: `${name || `member ${ID}`}: ${one}`} : one);
  }
  // the watcher may be a moment behind; what it has not seen by then, it has missed
  for (let waited = 0; waited < 5000 && watcher.next <= (goal ?? 0); waited += 20) await pause(20, eyes.signal);
  watchOver.abort();
  await watched;
}

async function grantLease(): Promise<string | undefined> {
  const actor = new Actor(acting, 0);
  for (let attempts = 0; attempts < 20; attempts++) {
    const tried = await actor.attempt(to => to.call(CALL.leaseGrant, {TTL: order.leaseSeconds}, OPERATION_TIMEOUT_MS));
    if (tried.reply !== undefined) return tried.reply.ID;
  }
  return undefined;
}

async function lifeOf(lease: string): Promise<number | undefined> {
  const actor = new Actor(acting, 0);
  for (let attempts = 0; attempts < 20; attempts++) {
    const tried = await actor.attempt(to => to.call(CALL.leaseTimeToLive, {ID: lease}, 2000));
    if (tried.reply !== undefined) return Number(tried.reply.TTL);
  }
  return undefined;
}
