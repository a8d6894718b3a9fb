/** Questions put into words of the agent, and its answers read as facts. Facts come from outside: anything odd is refused. */
import {createHash} from 'node:crypto';
import {printableLine} from '../base/printable.ts';
import {err, ok, type Result} from '../base/result.ts';
import type {Fact, GroupFact, PathFact, SystemFact, UserFact} from '../task/fact.ts';
import type {Probe} from '../task/probe.ts';
import type {Reply, Request} from '../transport/connection.ts';
import {parseList, type Read, takeLines} from './answer.ts';
import {parseEtcdData, parseListener} from './etcd-fact.ts';
import {preflightFact, preflightRequest, type Span, UNTIMED} from './preflight-probe.ts';
import {parseProcess, processRequest} from './process-fact.ts';
import {parseRunState} from './run-state.ts';
import {parseTrash, TRASH} from './trash-fact.ts';
import {parseUnit} from './unit-fact.ts';

/**
 * The agent's verbs that only look: all that a check run ever sends. `exec` is one of them for the commands of `command` probes, whose
 * programs (`find`, `systemctl show`) only read.
 */
export const READ_VERBS = [
  'stat',
  'stats',
  'list',
  'etcd-data',
  'unit',
  'user',
  'group',
  'system',
  'run-state',
  'trash',
  'listener',
  'filesystem',
  'sockets',
  'drop-ins',
  'systemd',
  'machine',
  'names',
  'exec',
] as const;

/** A request that only looks. */
export type ReadRequest = Request & {readonly verb: (typeof READ_VERBS)[number]};

/** The request that answers a probe; undefined for questions that are not put to a host's agent. */
export function requestForProbe(probe: Probe): ReadRequest | undefined {
  switch (probe.kind) {
    case 'path':
      return {verb: 'stat', args: [probe.path, probe.content ?? 'none']};
    case 'list':
      return {verb: 'list', args: [probe.path]};
    case 'etcd-data':
      return {verb: 'etcd-data', args: [probe.path, probe.wal ?? '']};
    case 'trash':
      return {verb: 'trash', args: [TRASH], timeoutSeconds: 60};
    case 'listener':
      return {verb: 'listener', args: [probe.unit, ...probe.ports.map(String)], timeoutSeconds: 60};
    case 'unit':
      return {verb: 'unit', args: [probe.unit], timeoutSeconds: 30};
    case 'process':
      return processRequest(probe.unit);
    case 'user':
    case 'group':
      return {verb: probe.kind, args: [probe.name], timeoutSeconds: 60};
    case 'system':
    case 'run-state':
      return {verb: probe.kind, args: []};
    case 'command':
      // A question may fail: its exit code is the answer.
      return {
        verb: 'exec',
        args: ['any', '', '0', ...probe.argv],
        ...(probe.timeoutSeconds === undefined ? {} : {timeoutSeconds: probe.timeoutSeconds}),
      };
    case 'filesystem':
    case 'sockets':
    case 'drop-ins':
    case 'systemd':
    case 'machine':
    case 'names':
      return preflightRequest(probe);
    default:
      return undefined;
  }
}

/** The fact in a reply, or in one line why there is none. `span`: when it was asked and answered, for what clocks say. */
export function factFromReply(probe: Probe, reply: Reply, span: Span = UNTIMED): Result<Fact, string> {
  if (probe.kind === 'command') return ok({rc: reply.rc, stdout: reply.stdout.toString(), stderr: reply.stderr});
  if (reply.skipped) return err('not asked, because something before it failed');
  if (reply.rc !== 0)
    return err(printableLine(reply.stderr).slice(-500) || `the host answered with exit code ${reply.rc}`);
  switch (probe.kind) {
    case 'path':
      return parsePath(reply.stdout, probe.content ?? 'none');
    case 'list':
      return parseList(reply.stdout);
    case 'etcd-data':
      return parseEtcdData(reply.stdout);
    case 'trash':
      return parseTrash(reply.stdout.toString());
    case 'listener':
      return parseListener(reply.stdout.toString());
    case 'unit':
      return parseUnit(reply.stdout.toString());
    case 'process':
      return parseProcess(reply.stdout.toString());
    case 'user':
      return parseUser(reply.stdout.toString(), probe.name);
    case 'group':
      return parseGroup(reply.stdout.toString(), probe.name);
    case 'system':
      return parseSystem(reply.stdout.toString());
    case 'run-state':
      return parseRunState(reply.stdout.toString());
    case 'filesystem':
    case 'sockets':
    case 'drop-ins':
    case 'systemd':
    case 'machine':
    case 'names':
      return preflightFact(probe, reply.stdout.toString(), span);
    default:
      return err(`${probe.kind} is no question for a host`);
  }
}

const TYPES: Readonly<Record<number, 'file' | 'directory' | 'link' | 'other'>> = {
  8: 'file',
  4: 'directory',
  10: 'link',
};

function parsePath(stdout: Buffer, content: 'none' | 'sha256' | 'text'): Read<PathFact> {
  if (stdout.toString('latin1') === 'absent\n') return ok({exists: false});
  const [head, rest] = takeLines(stdout, 3);
  const [numbers, owner, group] = head;
  const match = /^([0-9a-f]{3,6}) (\d+) (\d+) (\d+) (-?\d+)$/.exec(numbers ?? '');
  if (match === null || !owner || !group) return err('its answer is not understood');
  const raw = Number.parseInt(match[1] ?? '', 16);
  const type = TYPES[raw >> 12] ?? 'other';
  const fact: Extract<PathFact, {exists: true}> = {
    exists: true,
    type,
    mode: (raw & 0o7777).toString(8).padStart(4, '0'),
    owner,
    group,
    uid: Number(match[2]),
    gid: Number(match[3]),
    sizeBytes: Number(match[4]),
    mtime: Number(match[5]),
  };
  if (type === 'link') return ok({...fact, target: rest.toString()});
  if (type !== 'file' || content === 'none') return ok(fact);
  const [[word], bytes] = takeLines(rest, 1);
  if (word === 'text') {
    const text = decodeUtf8(bytes);
    return ok({
      ...fact,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      ...(text === undefined ? {} : {text}),
    });
  }
  const sum = /^sha256 ([0-9a-f]{64}) {2}-$/.exec(word ?? '')?.[1];
  return sum === undefined ? err('its answer is not understood') : ok({...fact, sha256: sum});
}

function decodeUtf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes);
  } catch {
    return undefined;
  }
}

/** `name:x:uid:gid:comment:home:shell`, then the line of the primary group. */
function parseUser(stdout: string, name: string): Read<UserFact> {
  const lines = stdout.split('\n').map(line => line.split(':'));
  const entry = lines.find(fields => fields.length === 7 && fields[0] === name);
  // A name of digits is looked up as an id by some databases: that is another user.
  if (entry === undefined) return ok({exists: false});
  const [, , uid, gid, comment = '', home = '', shell = ''] = entry;
  if (!isId(uid) || !isId(gid)) return err('its answer is not understood');
  const group = lines.find(fields => fields.length === 4 && fields[2] === gid)?.[0] ?? String(gid);
  return ok({exists: true, uid: Number(uid), gid: Number(gid), group, home, shell, comment});
}

function parseGroup(stdout: string, name: string): Read<GroupFact> {
  const entry = stdout
    .split('\n')
    .map(line => line.split(':'))
    .find(fields => fields.length === 4 && fields[0] === name);
  if (entry === undefined) return ok({exists: false});
  if (!isId(entry[2])) return err('its answer is not understood');
  return ok({
    exists: true,
    gid: Number(entry[2]),
    members: (entry[3] ?? '').split(',').filter(member => member !== ''),
  });
}

function isId(text: string | undefined): boolean {
  return text !== undefined && /^\d{1,10}$/.test(text);
}

/** `uname -m` in the words of Go, and so of etcd's archives. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  aarch64: 'arm64',
  armv7l: 'arm',
  armv6l: 'arm',
  i386: '386',
  i686: '386',
  loongarch64: 'loong64',
};

function parseSystem(stdout: string): Read<SystemFact> {
  const values = new Map<string, string>();
  for (const line of stdout.split('\n')) {
    const equals = line.indexOf('=');
    if (line.startsWith('os.') && equals !== -1) values.set(line.slice(0, equals), unquote(line.slice(equals + 1)));
    else if (equals !== -1) values.set(line.slice(0, equals), line.slice(equals + 1));
  }
  const get = (key: string): string => printableLine(values.get(key) ?? '');
  const machine = get('machine');
  if (!/^[A-Za-z0-9_]+$/.test(machine) || !/^\d+$/.test(get('epoch'))) return err('its answer is not understood');
  return ok({
    machine,
    arch: ARCHITECTURES[machine] ?? machine,
    kernel: get('kernel'),
    hostname: get('hostname'),
    osId: get('os.ID'),
    osVersion: get('os.VERSION_ID'),
    machineId: get('machine-id'),
    bootId: get('boot-id'),
    epochSeconds: Number(get('epoch')),
    systemd: get('systemd') === 'yes',
  });
}

/** os-release(5): values are quoted as in a shell. */
function unquote(text: string): string {
  return /^(['"]).*\1$/.test(text) ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text;
}
