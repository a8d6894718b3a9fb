/** The questions of before anything is changed, in the agent's words, and its answers read as facts. */
import {printableLine} from '../base/printable.ts';
import {err, ok, type Result} from '../base/result.ts';
import type {
  DirectoryFact,
  DropInFact,
  FilesystemFact,
  ListenerFact,
  MachineFact,
  SystemdFact,
} from '../etcd/preflight-facts.ts';
import {canonicalAddress} from '../etcd/url.ts';
import type {Fact} from '../task/fact.ts';
import type {Probe} from '../task/probe.ts';
import type {Request} from '../transport/connection.ts';

type Read<T> = Result<T, string>;
const STRANGE = 'its answer is not understood';

/** A question of this file. */
export type PreflightProbe = Extract<
  Probe,
  {kind: 'filesystem' | 'sockets' | 'drop-ins' | 'systemd' | 'machine' | 'names'}
>;

/** When a question went out and its answer was there, on the controller's monotonic clock, and its wall clock at the end; ms. */
export interface Span {
  readonly sentMs: number;
  readonly receivedMs: number;
  readonly controllerMs: number;
}

/** Of an answer whose time nobody took. */
export const UNTIMED: Span = {sentMs: 0, receivedMs: 0, controllerMs: 0};

/** The request that answers it. */
export function preflightRequest(probe: PreflightProbe): Request & {readonly verb: PreflightProbe['kind']} {
  const {kind: verb} = probe;
  switch (probe.kind) {
    case 'filesystem':
      return {verb, args: probe.paths, timeoutSeconds: 30};
    case 'sockets':
      return {
        verb,
        args: [probe.unit, probe.ports.map(hexPort).join('|'), probe.started ?? '', ...probe.ports.map(String)],
        timeoutSeconds: 30,
      };
    case 'drop-ins':
      return {verb, args: [probe.unit]};
    case 'systemd':
      return {verb, args: [probe.unless ?? ''], timeoutSeconds: 30};
    case 'names':
      return {verb, args: probe.names, timeoutSeconds: 15};
    default:
      return {verb, args: []};
  }
}

/** The fact in what the host printed, or in one line why there is none. */
export function preflightFact(probe: PreflightProbe, stdout: string, span: Span): Read<Fact> {
  const lines = stdout.split('\n').filter(line => line !== '');
  switch (probe.kind) {
    case 'filesystem':
      return parseFilesystem(probe.paths, lines);
    case 'sockets':
      return parseSockets(lines);
    case 'drop-ins':
      return ok(parseDropIns(lines));
    case 'systemd':
      return ok(parseSystemd(lines));
    case 'names':
      return ok({answers: parseNames(lines)});
    default:
      return parseMachine(stdout.split('\n'), span);
  }
}

function hexPort(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}

/** `<yes|no> <nearest>` for each path, `options …`, then two tables of `df`, a row for each path. */
function parseFilesystem(paths: readonly string[], lines: readonly string[]): Read<FilesystemFact> {
  const heads = lines.slice(0, paths.length).map(line => /^(yes|no) (\/.*)$/.exec(line));
  const options = /^options (.*)$/.exec(lines[paths.length] ?? '')?.[1];
  if (options === undefined) return err(STRANGE);
  const rows = lines
    .slice(paths.length + 1)
    .flatMap(line => /\s(\d+|-)\s+(?:\d+|-)\s+(\d+|-)\s+(?:\d+%|-)\s+(\/.*)$/.exec(line) ?? [])
    .filter((_, index) => index % 4 !== 0);
  const row = (index: number) => ({total: rows[index * 3], free: rows[index * 3 + 1], mount: rows[index * 3 + 2]});
  const directories: DirectoryFact[] = [];
  for (const [index, path] of paths.entries()) {
    const [, may, nearest] = heads[index] ?? [];
    if (may === undefined || nearest === undefined) return err(STRANGE);
    const space = row(index);
    const inodes = row(index + paths.length);
    directories.push({
      path,
      nearest,
      writable: may === 'yes',
      ...(space.mount === undefined ? {} : {mount: space.mount, freeBytes: Number(space.free) * 1024}),
      // btrfs and others make inodes as they are needed, and say 0 or nothing.
      ...(Number(inodes.total) > 0 ? {freeInodes: Number(inodes.free)} : {}),
    });
  }
  return ok({directories, options: options.split(',')});
}

/** `<address in hex>:<port in hex> <pid> <unit> <command>`; after the address, nothing where the holder cannot be seen. */
function parseSockets(lines: readonly string[]): Read<readonly ListenerFact[]> {
  const listeners: ListenerFact[] = [];
  for (const line of lines) {
    const match = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) (?:(\d+) (\S+) ?(.*))?$/.exec(line);
    if (match === null) return err(STRANGE);
    const [, address = '', port = '', pid, unit, command = ''] = match;
    listeners.push({
      address: addressOf(address),
      port: Number.parseInt(port, 16),
      ...(pid === undefined ? {} : {pid: Number(pid)}),
      // A login's scope, a container's root: only a unit says who is meant.
      ...(unit !== undefined && /\.(?:service|socket|scope)$/.test(unit) ? {unit: printableLine(unit)} : {}),
      command: printableLine(command).trim(),
    });
  }
  return ok(listeners);
}

/** The kernel prints addresses as 32-bit words of a little-endian machine. (Big-endian ones, s390x, print them as they are.) */
function addressOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap(word => (word.match(/../g) ?? []).reverse());
  if (bytes.length === 4) return bytes.map(byte => Number.parseInt(byte, 16)).join('.');
  const text = (bytes.join('').match(/.{4}/g) ?? []).join(':');
  const mapped = /^0000:0000:0000:0000:0000:ffff:/i.test(text) ? bytes.slice(12) : undefined;
  return mapped ? mapped.map(byte => Number.parseInt(byte, 16)).join('.') : canonicalAddress(text);
}

/** As systemd reads them: comments, sections, `Key=Value`, a backslash that joins lines. */
function parseDropIns(lines: readonly string[]): readonly DropInFact[] {
  const files: {path: string; settings: {section: string; key: string; value: string}[]}[] = [];
  let section = '';
  let open = '';
  for (const line of lines) {
    if (line.startsWith('file ')) {
      files.push({path: printableLine(line.slice(5)), settings: []});
      section = '';
      open = '';
      continue;
    }
    const text = open + line.slice(1).trim();
    open = '';
    if (/^[#;]/.test(text)) continue;
    if (text.endsWith('\\')) {
      open = `${text.slice(0, -1)} `;
      continue;
    }
    section = /^\[(.*)\]$/.exec(text)?.[1] ?? section;
    const setting = /^([A-Za-z]+)\s*=\s*(.*)$/.exec(text);
    if (setting !== null)
      files.at(-1)?.settings.push({section, key: setting[1] ?? '', value: printableLine(setting[2] ?? '')});
  }
  return files;
}

function parseSystemd(lines: readonly string[]): SystemdFact {
  const values = new Map(lines.map(line => line.split('=', 2) as [string, string]));
  const version = /^(?:systemd )?(\d+)/.exec(values.get('Version') ?? '')?.[1];
  const state = values.get('SystemState');
  return {
    ...(version === undefined ? {} : {version: Number(version)}),
    ...(state === undefined ? {} : {state: printableLine(state)}),
  };
}

/** Seconds since the epoch, boot id, hardware addresses. The host's clock was read somewhere between question and answer. */
function parseMachine(lines: readonly string[], {sentMs, receivedMs, controllerMs}: Span): Read<MachineFact> {
  const [clock = '', bootId = '', ...macs] = lines;
  // busybox may have no nanoseconds and print "%N" or nothing.
  const match = /^(\d{1,12})\.(\d{3})?/.exec(clock);
  if (match === null) return err(STRANGE);
  const halfSpanMs = (receivedMs - sentMs) / 2;
  const isExact = match[2] !== undefined;
  return ok({
    epochMs: Number(match[1]) * 1000 + (isExact ? Number(match[2]) : 500),
    errorMs: halfSpanMs + (isExact ? 1 : 500),
    atMs: sentMs + halfSpanMs,
    controllerMs: controllerMs - halfSpanMs,
    bootId: printableLine(bootId),
    macs: macs.filter(mac => /^[0-9a-f:]{17,}$/.test(mac) && /[1-9a-f]/.test(mac)).sort(),
  });
}

/** `name <name>`, then lines of `getent ahosts`: an address, a kind of socket. */
function parseNames(lines: readonly string[]): Readonly<Record<string, readonly string[]>> | undefined {
  if (lines.length === 0) return undefined;
  const answers = new Map<string, Set<string>>();
  let current = new Set<string>();
  for (const line of lines) {
    const name = /^name (.*)$/.exec(line)?.[1];
    if (name !== undefined) {
      current = new Set();
      answers.set(name, current);
    } else {
      const address = line.split(/\s/)[0] ?? '';
      if (/^[0-9a-fA-F.:]+(?:%\S+)?$/.test(address)) current.add(canonicalAddress(address.replace(/%.*$/, '')));
    }
  }
  return Object.fromEntries([...answers].map(([name, addresses]) => [name, [...addresses].sort()]));
}
