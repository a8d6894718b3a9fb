/** What a host shows of etcd, read as facts: a data directory, and who else holds its ports. */
import {printableLine} from '../base/printable.ts';
import {err, ok} from '../base/result.ts';
import {readWalHead} from '../etcd/wal.ts';
import type {EtcdDataFact, ListenerFact} from '../task/fact.ts';
import {parseList, type Read, takeLines} from './answer.ts';

const NOTHING: EtcdDataFact = {
  exists: false,
  hasMember: false,
  sizeBytes: 0,
  walBytes: 0,
  dbBytes: 0,
  foreign: [],
};

/** The answer of `etcd-data`. */
export function parseEtcdData(stdout: Buffer): Read<EtcdDataFact> {
  if (stdout.toString('latin1') === 'absent') return ok(NOTHING);
  const [[head], rest] = takeLines(stdout, 1);
  const match = /^(member|none) (\d+) (\d+) ([01]) ([0-9a-f]+|-)$/.exec(head ?? '');
  if (match === null) return err('its answer is not understood');
  const [, evidence, kib, now, db, hex = '-'] = match;
  const files: {sizeBytes: number; mtime: number}[] = [];
  let names = rest;
  for (;;) {
    const [[line], after] = takeLines(names, 1);
    const file = /^(\d+) (-?\d+)$/.exec(line ?? '');
    if (file === null) break;
    files.push({sizeBytes: Number(file[1]), mtime: Number(file[2])});
    names = after;
  }
  const list = parseList(names);
  if (!list.ok) return err('its answer is not understood');
  const total = files.reduce((sum, {sizeBytes}) => sum + sizeBytes, 0);
  const dbBytes = db === '1' ? (files[0]?.sizeBytes ?? 0) : 0;
  const newest = files.reduce((latest, {mtime}) => Math.max(latest, mtime), 0);
  return ok({
    exists: list.value.exists,
    hasMember: evidence === 'member',
    ...(hex === '-' ? {} : {identity: readWalHead(Buffer.from(hex, 'hex'))}),
    sizeBytes: Number(kib) * 1024,
    walBytes: total - dbBytes,
    dbBytes,
    ...(files.length === 0 ? {} : {ageSeconds: Math.max(0, Number(now) - newest)}),
    // On a disk of its own, what ext4 keeps there and what quarantine left there is nobody's data.
    foreign: list.value.names.filter(name => name !== 'member' && name !== 'lost+found' && !name.startsWith('.trash-')),
  });
}

/** The answer of `listener`. */
export function parseListener(stdout: string): Read<ListenerFact> {
  if (stdout === '' || stdout === 'ours\n') return ok({others: []});
  const lines = stdout.split('\n');
  const others: ListenerFact['others'][number][] = [];
  for (let index = 0; index + 1 < lines.length; index += 2) {
    const match = /^(\d+) (\d+) ([0-9a-f]+|-)$/.exec(lines[index] ?? '');
    if (match === null) return err('its answer is not understood');
    const hex = match[3] ?? '-';
    others.push({
      port: Number(match[1]),
      pid: Number(match[2]),
      command: printableLine((lines[index + 1] ?? '').trim()).slice(0, 300),
      ...(hex === '-' ? {} : {identity: readWalHead(Buffer.from(hex, 'hex'))}),
    });
  }
  return ok({others});
}
