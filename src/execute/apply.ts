/** The only place that changes anything: operations of one host, in order, as few round trips as their kinds allow. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {printable} from '../base/printable.ts';
import {Secret} from '../base/secret.ts';
import {isClusterOp} from '../task/cluster-op.ts';
import {describeOp, type Op, partsOf, touches} from '../task/op.ts';
import type {Content} from '../task/probe.ts';
import type {OpReply, Task} from '../task/task.ts';
import type {Reply, Request} from '../transport/connection.ts';
import type {ControllerAccess} from './controller-access.ts';
import {applyControllerOp, isControllerOp, openUpload, readControllerFile} from './controller-op.ts';
import {criticalRequest, settleRequest} from './critical.ts';
import type {Decision} from './decide.ts';
import {diskTestReply} from './disk-test.ts';
import type {EtcdAccess} from './etcd-access.ts';
import {applyEtcdOp} from './etcd-op.ts';
import {requestForOp} from './host-op.ts';
import {lockLost} from './lock-problems.ts';
import {testPeers} from './peer-test.ts';
import type {RunLock} from './run-lock.ts';
import type {HostSession} from './session.ts';
import {journalText} from './unit-journal.ts';

/** An operation and the task it belongs to. */
export interface Step {
  readonly task: Task;
  readonly op: Op;
}

/** What came of a list of steps: a reply for each that was done; the first failure ends the list. */
export interface Applied {
  readonly replies: readonly OpReply[];
  readonly failed?: {readonly index: number; readonly diagnostic: Diagnostic; readonly reply?: OpReply};
}

/** What operations act through. */
export interface Hands {
  readonly session: HostSession | undefined;
  /** Every host of the run. */
  readonly sessions: ReadonlyMap<string, HostSession>;
  readonly etcd: EtcdAccess;
  readonly controller: ControllerAccess;
  readonly lock: RunLock;
  readonly signal: AbortSignal;
  readonly progress: (task: Task, text: string) => void;
}

/** Does the steps in order and stops at the first failure. Rejects with `ConnectionError` when the host is lost. */
export async function applySteps(steps: readonly Step[], hands: Hands): Promise<Applied> {
  const replies: OpReply[] = [];
  for (let index = 0; index < steps.length; ) {
    const run = pipelined(steps, index);
    const part = run.length > 0 ? run : [steps[index] as Step];
    const done = await applyPart(run, part, hands);
    for (const [offset, reply] of done.entries()) {
      const step = part[offset] as Step;
      replies.push(reply);
      if (!succeeded(step.op, reply)) {
        const diagnostic = await withJournal(opProblem(step, reply), step, hands);
        return {replies, failed: {index: index + offset, diagnostic, reply}};
      }
    }
    index += part.length;
  }
  return {replies};
}

/** Whatever comes of it, the connection lost half-way included, no answer from before it is believed any more. */
async function applyPart(run: readonly Step[], part: readonly Step[], hands: Hands): Promise<OpReply[]> {
  try {
    return run.length > 0 ? await applyPipelined(run, hands) : await applyAlone(part[0] as Step, hands);
  } finally {
    const touched = part.flatMap(({op}) => touches(op));
    hands.session?.facts.forget(touched);
    hands.etcd.forget(touched);
    hands.controller.forget(touched);
  }
}

/** The steps from `start` that can go out together: requests to the agent, all as the same user. */
function pipelined(steps: readonly Step[], start: number): readonly Step[] {
  const as = steps[start]?.task.become;
  let end = start;
  while (end < steps.length && isAgentOp((steps[end] as Step).op) && (steps[end] as Step).task.become === as) end++;
  return steps.slice(start, end);
}

function isAgentOp(op: Op): boolean {
  return op.kind !== 'upload' && op.kind !== 'peer-test' && !isControllerOp(op) && !isClusterOp(op);
}

async function applyPipelined(steps: readonly Step[], {session}: Hands): Promise<OpReply[]> {
  if (session === undefined) throw new Error('Internal error: an operation on a host without a session');
  const requests: Request[] = [];
  let broken: OpReply | undefined;
  for (const {op, task} of steps) {
    // A file of the controller's that has vanished since it was planned stops its own step, not those before it.
    const request = await requestOf(op, task, session.fence).catch((error: unknown) => {
      broken = replyOfError(error);
    });
    if (!request) break;
    requests.push(request);
  }
  const as = steps[0]?.task.become;
  const {fence} = session;
  const replies = await session.run(requests, {stopOnFailure: true, as, fence});
  const settled = settleRequest(requests, replies);
  // Nobody waits for it: a step that stays unsettled is told once more, that is all.
  if (settled !== undefined) session.aside([settled], {as, fence}).catch(() => undefined);
  const done: OpReply[] = [];
  for (const [index, reply] of replies.entries()) {
    if (reply.skipped) break;
    const answer = withVerdict((steps[index] as Step).op, toOpReply(reply, session.name));
    done.push(answer);
    if (!succeeded((steps[index] as Step).op, answer)) return done;
  }
  return broken === undefined || done.length < requests.length ? done : [...done, broken];
}

/** What the agent's answer means, where that is more than its exit code. */
function withVerdict(op: Op, reply: OpReply): OpReply {
  return op.kind === 'disk-test' ? diskTestReply(op, reply) : reply;
}

function replyOfError(error: unknown): OpReply {
  return {rc: 1, stdout: '', stderr: error instanceof Error ? error.message : String(error)};
}

/** `environment:` of the task reaches the commands it runs. */
function withEnvironment(op: Op, task: Task): Op {
  if (op.kind !== 'command' || task.environment === undefined) return op;
  return {...op, environment: {...task.environment, ...op.environment}};
}

/** The request for an operation, its content read. Rejects where a file of the controller's cannot be read. */
async function requestOf(op: Op, task: Task, fence: string | undefined): Promise<Request> {
  if (op.kind !== 'critical') return agentRequest(withEnvironment(op, task), await contentOf(op));
  const parts = await Promise.all(op.ops.map(part => requestOf(part, task, undefined)));
  return criticalRequest(op.title, parts, fence);
}

function agentRequest(op: Op, content: Buffer | undefined): Request {
  const request = requestForOp(op, content);
  if (request === undefined) throw new Error(`Internal error: ${op.kind} is not for the agent`);
  return request;
}

async function contentOf(op: Op): Promise<Buffer | undefined> {
  const content: Content | undefined = op.kind === 'write' ? op.content : op.kind === 'command' ? op.stdin : undefined;
  if (content === undefined) return undefined;
  if (typeof content === 'string') return Buffer.from(content);
  if (content instanceof Secret) return Buffer.from(content.reveal());
  return (await readControllerFile(content.controllerPath)).bytes;
}

async function applyAlone({task, op}: Step, hands: Hands): Promise<OpReply[]> {
  const lost = needsLock(op) ? await hands.lock.confirm() : undefined;
  if (lost !== undefined) return [{rc: 1, stdout: '', stderr: lost.message, diagnostic: lost}];
  try {
    if (isControllerOp(op)) return [await applyControllerOp(op)];
    if (isClusterOp(op)) {
      return [
        await applyEtcdOp(op, {
          dialers: host => hands.etcd.dialers(host),
          journal: (host, unit) => hands.etcd.journal(host, unit, task.become),
          progress: text => hands.progress(task, text),
          signal: hands.signal,
        }),
      ];
    }
    if (op.kind === 'peer-test') return [await testPeers(op, hands.sessions, task.become)];
    if (op.kind === 'upload') return [await upload(op, task, hands)];
  } catch (error) {
    if (error instanceof Error && error.name === 'ConnectionError') throw error;
    return [replyOfError(error)];
  }
  throw new Error(`Internal error: nobody applies ${op.kind}`);
}

async function upload(op: Extract<Op, {kind: 'upload'}>, task: Task, {session}: Hands): Promise<OpReply> {
  if (session === undefined) throw new Error('Internal error: an upload to a host without a session');
  const {stream, sizeBytes} = await openUpload(op.controllerPath);
  const options = {as: task.become, fence: session.fence};
  const reply = await session.using(connection =>
    connection.upload(agentRequest(op, undefined), stream, sizeBytes, options),
  );
  return toOpReply(reply, session.name);
}

function toOpReply({rc, stdout, stderr, superseded}: Reply, host: string): OpReply {
  const reply = {rc, stdout: stdout.toString(), stderr};
  return superseded === true ? {...reply, diagnostic: lockLost(host, stderr)} : reply;
}

/** Whether an operation is done only while the run has its hosts locked: waiting and taking a snapshot change neither host nor cluster. */
function needsLock(op: Op): boolean {
  return op.kind !== 'etcd-wait' && op.kind !== 'etcd-snapshot';
}

/** Whether a decision is to change something that the run's lock guards. */
export function changes(decision: Decision): boolean {
  return decision.kind === 'change' && decision.ops.some(needsLock);
}

function succeeded(op: Op, reply: OpReply): boolean {
  if (reply.diagnostic !== undefined) return false;
  if (op.kind !== 'command' || op.okCodes === undefined) return reply.rc === 0;
  return op.okCodes === 'any' || op.okCodes.includes(reply.rc);
}

/** The host's own words, whole, with the operation that made it say them. */
function opProblem({op, task}: Step, reply: OpReply): Diagnostic {
  if (reply.diagnostic !== undefined) return reply.diagnostic;
  const said = printable((reply.stderr.trim() || reply.stdout.trim()).slice(-4000));
  const what = task.noLog && op.kind === 'command' ? 'run a command (hidden by no_log)' : describeOp(op);
  return problem('E_OPERATION', `could not ${what}: ${said === '' ? `exit code ${reply.rc}` : said}`, {
    hint:
      reply.rc === 124
        ? 'it took too long; look at the host, then run the same command again: it goes on from here.'
        : HINT,
  });
}

/** A unit that does not start says why in its journal, not to systemctl. */
async function withJournal(diagnostic: Diagnostic, {op, task}: Step, {etcd}: Hands): Promise<Diagnostic> {
  const unit = partsOf(op).find(part => part.kind === 'unit' && (part.verb === 'start' || part.verb === 'restart'));
  if (unit?.kind !== 'unit' || diagnostic.code === 'E_LOCK_LOST') return diagnostic;
  const journal = await journalText([task.host], unit.unit, (host, unit) => etcd.journal(host, unit, task.become));
  return {...diagnostic, message: `${diagnostic.message}${journal}`};
}

const HINT = 'mend what the message names, then run the same command again: what is done stays done.';
