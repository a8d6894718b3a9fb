/** Operations put into words of the agent. */
import {createHash} from 'node:crypto';
import {Secret} from '../base/secret.ts';
import type {Attributes, Op} from '../task/op.ts';
import type {Request} from '../transport/connection.ts';
import {TRASH} from './trash-fact.ts';

/** A unit may take as long as its own TimeoutStartSec: longer than the default of 90 s, shorter than for ever. */
const UNIT_SECONDS = 180;
/** Programs start only when their whole input is there; what is larger, or holds NUL bytes, is streamed. */
const HELD_STDIN_BYTES = 1024 * 1024;

/**
 * The request for an operation on a host; undefined for operations on the controller or on etcd. `content` is what `write`
 * writes and `command` reads. An `upload` gets a request without its bytes: `Connection.upload` sends them, gzip-compressed.
 * Throws where content is missing or does not have the sha256 that the operation names: bugs of a task kind.
 */
export function requestForOp(op: Op, content: Buffer | undefined): Request | undefined {
  switch (op.kind) {
    case 'write':
      return writeRequest(op, content);
    case 'upload':
      return {
        verb: 'upload',
        args: [op.path, op.sha256.toLowerCase(), ...attributes(op), '0644'],
        timeoutSeconds: 1800,
      };
    case 'directory':
      return {verb: 'directory', args: [op.path, flag(op.parents), ...attributes(op)]};
    case 'attributes':
      return {verb: 'attributes', args: [op.path, flag(op.recursive), ...attributes(op)]};
    case 'link':
      return {verb: 'link', args: [op.path, op.target]};
    case 'remove':
      return {verb: 'remove', args: [op.path], timeoutSeconds: 1800};
    case 'quarantine':
      return {
        verb: 'quarantine',
        args: [op.path, TRASH, op.unit ?? '', op.owner ?? ''],
        stdin: manifest(op),
        timeoutSeconds: 1800,
      };
    case 'trash-restore':
      return {verb: 'restore', args: [TRASH, op.id, op.unit, op.owner], timeoutSeconds: 1800};
    case 'trash-expire':
      return {verb: 'expire', args: [TRASH, op.id], timeoutSeconds: 1800};
    case 'group-add':
      return {verb: 'group-add', args: [op.name, flag(op.system), String(op.gid ?? '')]};
    case 'user-add':
      return {
        verb: 'user-add',
        args: [
          op.name,
          flag(op.system),
          flag(op.createHome),
          String(op.uid ?? ''),
          op.group ?? '',
          op.home ?? '',
          op.shell ?? '',
          op.comment ?? '',
        ],
      };
    case 'user-remove':
    case 'group-remove':
      return {verb: op.kind, args: [op.name]};
    case 'unit':
      return {verb: 'systemctl', args: [op.verb, op.unit, flag(op.noBlock)], timeoutSeconds: UNIT_SECONDS};
    case 'command':
      return commandRequest(op, content);
    case 'disk-test':
      return {verb: 'disk-test', args: [op.programs ?? '', op.sync, ...op.directories], timeoutSeconds: 60};
    default:
      return undefined;
  }
}

/** The last lines of a unit's journal, for an error message. `sinceEpochSeconds` is the host's clock. */
export function journalRequest(unit: string, lines: number, sinceEpochSeconds?: number): Request {
  return {
    verb: 'journal',
    args: [unit, String(lines), sinceEpochSeconds === undefined ? '' : String(Math.floor(sinceEpochSeconds))],
    timeoutSeconds: 20,
  };
}

/** Whether an operation's bytes travel by `Connection.upload`. */
export function isUpload(op: Op): op is Extract<Op, {kind: 'upload'}> {
  return op.kind === 'upload';
}

function writeRequest(op: Extract<Op, {kind: 'write'}>, content: Buffer | undefined): Request {
  if (content === undefined) throw new Error(`Internal error: no content for ${op.path}`);
  const sha256 = createHash('sha256').update(content).digest('hex');
  if (op.sha256 !== undefined && op.sha256.toLowerCase() !== sha256) {
    throw new Error(
      `${op.path}: the content has sha256 ${sha256}, wanted ${op.sha256}: the file has changed meanwhile`,
    );
  }
  // A new file that nobody gave a mode: a secret is for its owner alone.
  const modeIfNew = op.content instanceof Secret ? '0600' : '0644';
  return {verb: 'write', args: [op.path, sha256, ...attributes(op), modeIfNew], stdin: content};
}

function commandRequest(op: Extract<Op, {kind: 'command'}>, stdin: Buffer | undefined): Request {
  const codes = op.okCodes === 'any' ? 'any' : (op.okCodes ?? [0]).join(' ');
  const variables = Object.entries(op.environment ?? {}).map(([key, value]) => `${key}=${value}`);
  const rest = [op.chdir ?? '', String(variables.length), ...variables, ...op.argv];
  const time = op.timeoutSeconds === undefined ? {} : {timeoutSeconds: op.timeoutSeconds};
  if (stdin === undefined || stdin.length === 0) return {verb: 'exec', args: [codes, ...rest], ...time};
  if (stdin.length > HELD_STDIN_BYTES || stdin.includes(0))
    return {verb: 'exec', args: [codes, ...rest], stdin, ...time};
  return {verb: 'exec-text', args: [codes, String(stdin.length), ...rest], stdin, ...time};
}

function attributes({owner, group, mode}: Attributes): [string, string, string] {
  return [owner ?? '', group ?? '', mode ?? ''];
}

function flag(on: boolean | undefined): string {
  return on === true ? 'yes' : '';
}

function manifest(op: Extract<Op, {kind: 'quarantine'}>): Buffer {
  return Buffer.from(`${JSON.stringify({...op.manifest, path: op.path}, null, 2)}\n`);
}
