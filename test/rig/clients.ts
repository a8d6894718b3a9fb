/** The clients of the workload: writers, registers, readers, a watcher, a lease. Each writes down every operation. */
import {randomBytes} from 'node:crypto';
import {Actor, OPERATION_TIMEOUT_MS, pause, type Stage} from './actor.ts';
import type {Seen, WatchRecord} from './records.ts';
import {CALL, type KeyValue, type TxnRequest, type WatchReply} from './wire.ts';

/** How often each client acts, in milliseconds, and how much it writes. */
export interface Load {
  readonly writers: number;
  readonly registers: number;
  readonly readers: number;
  /** From the start of one operation of a client to the start of its next. */
  readonly paceMs: number;
  /** Bytes of a value. */
  readonly valueBytes: number;
}

/** Keys that were never there before, each once: what is acknowledged has to stay. */
export function writer(stage: Stage, id: number, {paceMs, valueBytes}: Load): Promise<void> {
  const actor = new Actor(stage, id);
  let sequence = 0;
  return actor.loop(paceMs, async () => {
    const key = `${stage.prefix}w/${id}/${String(++sequence).padStart(7, '0')}`;
    return (await writeNew(actor, key, filler(`${id}.${sequence}.`, valueBytes))) !== undefined;
  });
}

/** One write more, after all others: its revision, or undefined where none is acknowledged in time. */
export async function lastWrite(stage: Stage, timeoutMs: number): Promise<number | undefined> {
  const actor = new Actor(stage, 0);
  const deadline = stage.now() + timeoutMs;
  for (let attempt = 1; stage.now() < deadline; attempt++) {
    const revision = await writeNew(actor, `${stage.prefix}z/${attempt}`, 'end');
    if (revision !== undefined) return revision;
    await pause(50, new AbortController().signal);
  }
  return undefined;
}

/** Writes a key that is not there, and writes that down; its revision where that is acknowledged. */
async function writeNew(actor: Actor, key: string, value: string): Promise<number | undefined> {
  const {stage} = actor;
  const tried = await actor.attempt(to => to.call(CALL.txn, writeAt(key, value, 0), OPERATION_TIMEOUT_MS));
  const {t0, t1, at, reply} = tried;
  const place = {type: 'put', key, value, t0, t1, at} as const;
  if (reply === undefined) {
    stage.write({...place, outcome: 'unknown', why: tried.why});
    return undefined;
  }
  const revision = Number(reply.header.revision);
  stage.write({...place, outcome: reply.succeeded ? 'ok' : 'fail', revision});
  return reply.succeeded ? revision : undefined;
}

/** Compare-and-swap on registers that all such writers share. */
export function register(stage: Stage, id: number, {paceMs, registers}: Load): Promise<void> {
  const actor = new Actor(stage, id);
  const known = new Map<string, Seen>();
  let sequence = 0;
  return actor.loop(paceMs, async () => {
    const key = registerKey(stage, (id + ++sequence) % registers);
    const expects = known.get(key)?.version ?? 0;
    const value = `${id}.${sequence}`;
    const request = {...writeAt(key, value, expects), failure: [{request_range: {key: Buffer.from(key)}}]};
    const tried = await actor.attempt(to => to.call(CALL.txn, request, OPERATION_TIMEOUT_MS));
    const {t0, t1, at, reply} = tried;
    const place = {type: 'cas', key, value, expects, t0, t1, at} as const;
    if (reply === undefined) {
      stage.write({...place, outcome: 'unknown', why: tried.why});
      return false;
    }
    const revision = Number(reply.header.revision);
    if (reply.succeeded) {
      known.set(key, {version: expects + 1, value, modRevision: revision});
      stage.write({...place, outcome: 'ok', revision});
    } else {
      const seen = seenOf(reply.responses[0]?.response_range?.kvs[0]);
      known.set(key, seen);
      stage.write({...place, outcome: 'fail', revision, seen});
    }
    return true;
  });
}

/** Linearizable reads of the registers. */
export function reader(stage: Stage, id: number, {paceMs, registers}: Load): Promise<void> {
  const actor = new Actor(stage, id);
  let sequence = 0;
  return actor.loop(paceMs, async () => {
    const key = registerKey(stage, ++sequence % registers);
    const tried = await actor.attempt(to => to.call(CALL.range, {key: Buffer.from(key)}, OPERATION_TIMEOUT_MS));
    const {t0, t1, at, reply} = tried;
    const place = {type: 'read', key, t0, t1, at} as const;
    if (reply === undefined) stage.write({...place, outcome: 'unknown', why: tried.why});
    else {
      const revision = Number(reply.header.revision);
      stage.write({...place, outcome: 'ok', revision, seen: seenOf(reply.kvs[0])});
    }
    return reply !== undefined;
  });
}

/** Keeps a lease alive. */
export function leaseKeeper(stage: Stage, lease: string, ttlSeconds: number): Promise<void> {
  const actor = new Actor(stage, 0);
  return actor.loop((ttlSeconds * 1000) / 10, async () => {
    const tried = await actor.attempt(to => to.ask(CALL.leaseKeepAlive, {ID: lease}, OPERATION_TIMEOUT_MS));
    const {t0, t1, at, reply} = tried;
    if (reply === undefined) stage.write({type: 'beat', t0, t1, at, outcome: 'unknown', why: tried.why});
    else {
      const ttl = Number(reply.TTL);
      stage.write({type: 'beat', t0, t1, at, outcome: ttl > 0 ? 'ok' : 'fail', ttl});
    }
    return reply !== undefined;
  });
}

/** A stream that says nothing for so long is left: writers write all the time. */
const WATCH_SILENCE_MS = 1500;

/** Follows the prefix from a revision on; after a break it goes on, at another member, behind what it saw last. */
export class Watcher {
  readonly #actor: Actor;
  #next: number;
  #compacted = false;

  constructor(stage: Stage, from: number) {
    this.#actor = new Actor(stage, 1);
    this.#next = from;
  }

  /** The first revision that it has not seen yet. */
  get next(): number {
    return this.#next;
  }

  /** Watches until the signal; a history that was compacted away ends it, too. */
  async run(over: AbortSignal): Promise<void> {
    while (!over.aborted && !this.#compacted) {
      const isFed = await this.#follow(over);
      this.#actor.rotate();
      if (!isFed) await pause(20, over);
    }
  }

  /** One stream to its end; whether it brought anything. */
  #follow(over: AbortSignal): Promise<boolean> {
    const {stage, at} = this.#actor;
    return new Promise(resolve => {
      let isFed = false;
      let timer: NodeJS.Timeout | undefined;
      try {
        const stream = stage.fleet.to(at).open(CALL.watch);
        const end = () => {
          clearTimeout(timer);
          over.removeEventListener('abort', end);
          stream.cancel();
          resolve(isFed);
        };
        const rewind = () => {
          clearTimeout(timer);
          timer = setTimeout(end, WATCH_SILENCE_MS);
        };
        over.addEventListener('abort', end);
        stream.on('error', end);
        stream.on('end', end);
        stream.on('data', (reply: WatchReply) => {
          rewind();
          isFed ||= reply.events.length > 0;
          this.#take(reply);
          if (reply.canceled) end();
        });
        rewind();
        const key = Buffer.from(stage.prefix);
        stream.write({create_request: {key, range_end: endOf(key), start_revision: this.#next}});
      } catch {
        resolve(false); // no certificate at this moment
      }
    });
  }

  #take(reply: WatchReply): void {
    const {stage} = this.#actor;
    if (Number(reply.compact_revision) > 0) this.#compacted = true;
    for (const {type, kv} of reply.events) {
      const record: WatchRecord = {
        type: 'event',
        t: stage.now(),
        revision: Number(kv.mod_revision),
        kind: type,
        key: kv.key.toString(),
        value: kv.value.toString(),
        version: Number(kv.version),
      };
      stage.write(record);
      this.#next = Math.max(this.#next, record.revision + 1);
    }
  }
}

/** The first key behind all that begin with these bytes. */
export function endOf(prefix: Buffer): Buffer {
  const end = Buffer.from(prefix);
  const last = end.length - 1;
  end[last] = (end[last] ?? 0) + 1;
  return end;
}

function registerKey(stage: Stage, number: number): string {
  return `${stage.prefix}c/${number}`;
}

function seenOf(kv: KeyValue | undefined): Seen {
  if (kv === undefined) return {version: 0, value: '', modRevision: 0};
  return {version: Number(kv.version), value: kv.value.toString(), modRevision: Number(kv.mod_revision)};
}

function writeAt(key: string, value: string, version: number): TxnRequest {
  const bytes = Buffer.from(key);
  return {
    compare: [{key: bytes, target: 'Version', result: 'Equal', version}],
    success: [{request_put: {key: bytes, value: Buffer.from(value)}}],
    failure: [],
  };
}

/** Text that begins like this and cannot be compressed away. */
function filler(start: string, bytes: number): string {
  const missing = Math.max(0, bytes - start.length);
  return (
    start +
    randomBytes(Math.ceil(missing / 2))
      .toString('hex')
      .slice(0, missing)
  );
}
