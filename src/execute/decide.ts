/** From a task to a decision: ask, then plan. Nothing is changed here. */

import type {Diagnostic} from '../base/diagnostic.ts';
import type {Fact} from '../task/fact.ts';
import {kindOf} from '../task/index.ts';
import type {Op} from '../task/op.ts';
import {isPreflightOp} from '../task/preflight-op.ts';
import type {Probe} from '../task/probe.ts';
import type {AnyTaskKind, Plan, PlanContext, Task} from '../task/task.ts';
import {concerns} from './concerns.ts';
import type {ControllerAccess} from './controller-access.ts';
import {ControllerError} from './controller-file.ts';
import {isControllerProbe} from './controller-probe.ts';
import type {EtcdAccess} from './etcd-access.ts';
import {isTouched} from './facts.ts';
import type {Outcome} from './outcome.ts';
import type {HostSession, Question} from './session.ts';
import {tryConnect} from './tcp-probe.ts';

/** Either the task has ended without an operation, or these operations are to be done. */
export type Decision =
  | {readonly kind: 'end'; readonly outcome: Outcome}
  | {readonly kind: 'change'; readonly plan: Extract<Plan, {kind: 'change'}>; readonly ops: readonly [Op, ...Op[]]};

/** What a decision needs beside the task. */
export interface DecideEnvironment {
  readonly sessions: ReadonlyMap<string, HostSession>;
  readonly etcd: EtcdAccess;
  readonly controller: ControllerAccess;
  readonly runId: string;
  readonly check: boolean;
  /** Hosts whose lanes have stopped. */
  readonly stoppedHosts: ReadonlySet<string>;
  readonly now: () => number;
  /** The etcd cluster of each host. */
  readonly clusters: ReadonlyMap<string, string>;
  readonly guard?: Guard;
}

/** Why a task may not do these operations (a plan that is applied says otherwise); undefined: it may. */
export type Guard = (task: Task, ops: readonly Op[]) => Diagnostic | undefined;

/** The kind of a task that the compiler has let pass. */
export function kindOfTask(task: Task): AnyTaskKind {
  const kind = kindOf(task.kind);
  if (kind === undefined) throw new Error(`Internal error: no task kind ${task.kind}`);
  return kind;
}

/** Probes of a task by name. */
export function probesOf(task: Task): Readonly<Record<string, Probe>> {
  return task.kind === 'barrier' ? {} : kindOfTask(task).probe(task.args, task.host);
}

/** Those of a task's probes that go to its own host through the agent. */
export function hostQuestions(task: Task): Question[] {
  return Object.values(probesOf(task))
    .filter(probe => isHostProbe(probe) && probe.at === undefined)
    .map(probe => ({probe, as: task.become}));
}

/** Whether a probe is a question for a host's agent. */
export function isHostProbe(probe: Probe): boolean {
  return probe.kind !== 'etcd' && probe.kind !== 'tcp' && !isControllerProbe(probe);
}

/** Asks what is still unknown, then lets the kind decide. Rejects with `ConnectionError` when its own host is lost. */
export async function decide(task: Task, environment: DecideEnvironment): Promise<Decision> {
  const probes = probesOf(task);
  const own = environment.sessions.get(task.host);
  const facts: Record<string, Fact | undefined> = {};
  const problems = own === undefined ? [] : await own.ask(hostQuestions(task));
  if (problems.length > 0)
    return {kind: 'end', outcome: {status: 'failed', reason: 'a question had no answer', diagnostics: problems}};
  try {
    await Promise.all(
      Object.entries(probes).map(async ([name, probe]) => {
        facts[name] = await factFor(probe, task, environment);
      }),
    );
  } catch (error) {
    if (!(error instanceof ControllerError)) throw error;
    return {
      kind: 'end',
      outcome: {status: 'failed', reason: error.diagnostic.message, diagnostics: [error.diagnostic]},
    };
  }
  const context = planContext(task, probes, environment);
  const plan = kindOfTask(task).plan(task.args, facts as never, context);
  if (!plan.ok) {
    const status = plan.error.refused ? 'refused' : 'failed';
    const reason = plan.error.problems[0]?.message ?? 'refused';
    return {kind: 'end', outcome: {status, reason, diagnostics: plan.error.problems, ...toldBy(plan.error)}};
  }
  return guarded(task, toDecision(plan.value), environment.guard);
}

async function factFor(
  probe: Probe,
  task: Task,
  {sessions, etcd, controller}: DecideEnvironment,
): Promise<Fact | undefined> {
  if (probe.kind === 'etcd') return etcd.ask(probe);
  if (isControllerProbe(probe)) return controller.ask(probe);
  if (probe.kind === 'tcp') return tryConnect(sessions.get(probe.at ?? task.host), probe.address, probe.port);
  if (probe.at === undefined) return sessions.get(task.host)?.facts.get(probe, task.become);
  const other = sessions.get(probe.at);
  if (other === undefined) return undefined;
  // A host that cannot be reached gives no fact: the kind decides what that means.
  const question = {probe: withoutAt(probe), as: task.become};
  await other.ask([question]).catch(() => undefined);
  return other.facts.get(question.probe, question.as);
}

/** The question as the host that it is put to hears it: the same whoever asks. */
export function withoutAt(probe: Probe): Probe {
  const {at: _, ...rest} = probe;
  return rest as Probe;
}

function planContext(task: Task, probes: Readonly<Record<string, Probe>>, environment: DecideEnvironment): PlanContext {
  const {sessions, runId, check, now, stoppedHosts, clusters} = environment;
  const all = [...sessions.values()];
  const changing = all.filter(({pending}) => pending.length > 0);
  const isPending = (probe: Probe) =>
    changing.some(({name, pending}) => concerns(probe, task, name, clusters) && isTouched(probe, pending));
  return {
    host: task.host,
    ...(task.cluster === undefined ? {} : {cluster: task.cluster}),
    runId,
    check,
    pending: Object.keys(probes).filter(name => isPending(probes[name] as Probe)),
    nowMs: now(),
    hosts: all.filter(session => session.lost === undefined).map(session => session.name),
    lostHosts: all.filter(session => session.lost !== undefined).map(session => session.name),
    stoppedHosts: [...stoppedHosts],
  };
}

/** A run that applies a plan changes nothing that the plan does not say; trials, which a check run leaves out, leave nothing behind. */
function guarded(task: Task, decision: Decision, guard: Guard | undefined): Decision {
  const isChange = decision.kind === 'change' && !decision.ops.every(isPreflightOp);
  const breach = isChange ? guard?.(task, decision.ops) : undefined;
  if (breach === undefined) return decision;
  return {kind: 'end', outcome: {status: 'refused', reason: breach.message, diagnostics: [breach]}};
}

function toDecision(plan: Plan): Decision {
  if (plan.kind === 'change') return {kind: 'change', plan, ops: plan.ops};
  if (plan.kind === 'undecided') return {kind: 'end', outcome: {status: 'undecided', reason: plan.reason}};
  return {
    kind: 'end',
    outcome: {
      status: 'ok',
      reason: plan.reason,
      diagnostics: plan.warnings ?? [],
      ...(plan.causes === undefined ? {} : {causes: plan.causes}),
      ...toldBy(plan),
      ...(plan.result === undefined ? {} : {result: plan.result}),
    },
  };
}

/** What is shown beside the reason. */
function toldBy({output, data}: Pick<Outcome, 'output' | 'data'>): Pick<Outcome, 'output' | 'data'> {
  return {...(output === undefined ? {} : {output}), ...(data === undefined ? {} : {data})};
}
