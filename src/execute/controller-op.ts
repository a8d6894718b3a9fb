/** Operations on the controller's own files, and how files of the controller leave for the hosts. */
import {type Data, type DataMap, dataMap} from '../base/data.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import {ok, type Result} from '../base/result.ts';
import {Secret} from '../base/secret.ts';
import {unreachable} from '../base/unreachable.ts';
import type {Op} from '../task/op.ts';
import type {Content} from '../task/probe.ts';
import type {OpReply} from '../task/task.ts';
import {ControllerError, controllerPath, fileError, readControllerFile, writeWhole} from './controller-file.ts';
import {issueAuthority, issueLeaf} from './controller-issue.ts';

export {readControllerFile} from './controller-file.ts';
export {openUpload} from './controller-upload.ts';

/** An operation on the controller's files. */
export type ControllerOp = Extract<Op, {kind: 'controller-write' | 'issue-ca' | 'issue-certificate'}>;

/** Whether an operation is done on the controller's files. */
export function isControllerOp(op: Op): op is ControllerOp {
  return op.kind === 'controller-write' || op.kind === 'issue-ca' || op.kind === 'issue-certificate';
}

/**
 * Does one operation. A failure is a reply with rc 1, whose `stderr` says what is wrong and what to do and whose `data` is
 * `{problems: [{code, message, hint}]}`; a success's `data` tells the certificate that was made. `now` = ms since the epoch.
 */
export async function applyControllerOp(op: ControllerOp, now: () => number = Date.now): Promise<OpReply> {
  try {
    const result = await apply(op, now());
    return result.ok ? {rc: 0, stdout: '', stderr: '', data: result.value} : failed(result.error);
  } catch (error) {
    if (error instanceof ControllerError) return failed([error.diagnostic]);
    throw error;
  }
}

async function apply(op: ControllerOp, nowMs: number): Promise<Result<DataMap>> {
  switch (op.kind) {
    case 'controller-write':
      return write(op);
    case 'issue-ca':
      return issueAuthority(op, nowMs);
    case 'issue-certificate':
      return issueLeaf(op, nowMs);
    default:
      return unreachable(op);
  }
}

async function write({path, content, mode}: Extract<Op, {kind: 'controller-write'}>): Promise<Result<DataMap>> {
  const bytes = await bytesOf(content);
  try {
    await writeWhole(controllerPath(path), bytes, mode === undefined ? {} : {mode: Number.parseInt(mode, 8)});
  } catch (error) {
    throw fileError('write', path, error);
  }
  return ok(dataMap());
}

async function bytesOf(content: Content): Promise<string | Buffer> {
  if (typeof content === 'string') return content;
  return content instanceof Secret ? content.reveal() : (await readControllerFile(content.controllerPath)).bytes;
}

function failed(problems: readonly Diagnostic[]): OpReply {
  const text = problems.map(({code, message, hint}) => `${code} ${message}${hint === undefined ? '' : `\n${hint}`}`);
  const data = problems.map(
    ({code, message, hint}): Data => dataMap(Object.entries({code, message, hint: hint ?? null})),
  );
  return {rc: 1, stdout: '', stderr: `${text.join('\n')}\n`, data: dataMap([['problems', data]])};
}
