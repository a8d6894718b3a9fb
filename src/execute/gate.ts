/**
 * The quorum gate: every task whose operations take a member of etcd down goes through here, whatever its kind, role, tag or
 * handler. One member of a cluster at a time, the leader last, each only with a quorum to spare that was counted a moment
 * before, the next only when the last is back. @see docs/gate.md
 */
import type {Diagnostic} from '../base/diagnostic.ts';
import type {Emit} from '../base/event.ts';
import {type ManagedCluster, machineOf} from '../etcd/managed.ts';
import {isMemberOp} from '../task/cluster-op.ts';
import {type MemberStop, memberStops, type OnMachines, onMachines} from '../task/member-stops.ts';
import type {Op} from '../task/op.ts';
import type {Task} from '../task/task.ts';
import type {HostTarget} from '../transport/connection.ts';
import type {Applied} from './apply.ts';
import type {Decision} from './decide.ts';
import type {EtcdAccess} from './etcd-access.ts';
import {type Judgement, judgeStops} from './gate-check.ts';
import {type AtGate, GateOrder} from './gate-order.ts';
import {GateQueue, type Turn} from './gate-queue.ts';
import {isRunning, readCluster, readUnit} from './gate-reading.ts';
import {closedProblem} from './gate-return.ts';
import {type Passed, refusal, StopWork} from './gate-work.ts';
import {type Outcome, type Outcomes, refOf} from './outcome.ts';
import type {HostSession} from './session.ts';

/** What the gate works with. */
export interface GateEnvironment {
  readonly tasks: readonly Task[];
  readonly clusters: ReadonlyMap<string, ManagedCluster>;
  readonly targets: ReadonlyMap<string, HostTarget>;
  readonly sessions: ReadonlyMap<string, HostSession>;
  readonly etcd: EtcdAccess;
  readonly outcomes: Outcomes;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** What the lane does for the gate. */
export interface LaneHands {
  /** Asks and decides the task anew, from nothing. */
  readonly decideAgain: () => Promise<Decision>;
  /** Does operations of the task. */
  readonly apply: (ops: readonly Op[]) => Promise<Applied>;
  readonly isCheck: boolean;
}

const NOTHING: Applied = {replies: []};

/** The gate of one run. */
export class Gate {
  readonly #run: GateEnvironment;
  readonly #members: OnMachines;
  readonly #machines: ReadonlyMap<string, string>;
  readonly #queue: GateQueue<AtGate>;
  /** Why no more members of a cluster are stopped, by its name. */
  readonly #closed = new Map<string, string>();
  readonly #order: GateOrder;
  /** Check runs: what earlier steps would have made of a cluster's members. */
  readonly #assumed = new Map<string, Map<string, 'up' | 'down'>>();

  constructor(run: GateEnvironment) {
    this.#run = run;
    this.#members = onMachines(run.clusters.values());
    const all = [...run.clusters.values()].flatMap(({members}) => members);
    this.#machines = new Map(all.map(({host, machine}) => [host, machine]));
    const {outcomes} = run;
    this.#order = new GateOrder({...run, assumed: name => this.#assumed.get(name)});
    this.#queue = new GateQueue<AtGate>({
      tasks: run.tasks,
      hosts: name => new Set(run.clusters.get(name)?.members.map(({host}) => host)),
      hasEnded: id => outcomes.get(id) !== undefined,
      ended: id => outcomes.ended(id),
      signal: run.signal,
      pick: entries => this.#order.pick(entries),
      progress: ({task}, text) => this.#progress(task, text),
    });
  }

  /** The members that a decision would take down; none: it is no business of the gate's. */
  stopsOf(task: Task, decision: Decision): readonly MemberStop[] {
    if (decision.kind !== 'change' || this.#members.size === 0) return [];
    return memberStops(decision.ops, this.#machineOf(task.host), this.#members);
  }

  /** Names of the clusters whose members a decision takes down, or of which it changes who is one, sorted; none: it is no business of the gate's. */
  clustersOf(task: Task, decision: Decision): readonly string[] {
    const names = this.stopsOf(task, decision).map(({cluster}) => cluster.name);
    return [...new Set([...names, ...changedCluster(task, decision)])].sort();
  }

  /** Does a task that takes members down, or changes who is one, when it may; rejects with `ConnectionError` when its host is lost. */
  async pass(task: Task, decision: Decision, hands: LaneHands): Promise<Passed> {
    const running = await this.#runningStops(task, decision);
    const changed = changedCluster(task, decision);
    if (running.length === 0 && changed.length === 0) return this.#plainly(decision, hands);
    const clusters = [...new Set([...running.map(({cluster}) => cluster.name), ...changed])].sort();
    const turn = await this.#queue.enter({task, clusters, stops: running});
    if (turn === undefined) return interrupted();
    try {
      return await this.#inTurn(task, decision, hands, turn);
    } finally {
      turn.leave();
    }
  }

  async #inTurn(task: Task, first: Decision, hands: LaneHands, turn: Turn): Promise<Passed> {
    await turn.others;
    const decision = hands.isCheck ? first : await hands.decideAgain();
    if (this.#run.signal.aborted && decision.kind === 'change') return interrupted();
    const stops = await this.#runningStops(task, decision);
    const closed = [...new Set([...stops.map(({cluster}) => cluster.name), ...changedCluster(task, decision)])].flatMap(
      name => {
        const reason = this.#closed.get(name);
        return reason === undefined ? [] : [closedProblem(name, reason)];
      },
    );
    if (decision.kind === 'end' || (stops.length === 0 && closed.length === 0)) return this.#plainly(decision, hands);
    const problems = [...closed, ...this.#order.refusal(task)];
    const judged: Judgement =
      problems.length > 0 ? {ok: false, problems} : await this.#judge(task, stops, hands.isCheck);
    if (!judged.ok) return this.#refused(stops, judged.problems, hands.isCheck);
    const {sessions, signal} = this.#run;
    const work = new StopWork(task, {
      sessions,
      signal,
      apply: hands.apply,
      judgeAgain: () => this.#judge(task, stops, false),
      close: (cluster, reason) => this.#closed.set(cluster, reason),
    });
    if (!hands.isCheck) return work.do(decision, judged.granted, turn);
    for (const {cluster, member, effect} of stops) {
      const own = this.#assumed.get(cluster.name) ?? new Map<string, 'up' | 'down'>();
      this.#assumed.set(cluster.name, own.set(member.name, effect === 'restart' ? 'up' : 'down'));
    }
    return work.foretell(decision, judged.granted, turn);
  }

  #judge(task: Task, stops: readonly MemberStop[], isCheck: boolean): Promise<Judgement> {
    const {etcd, signal} = this.#run;
    return judgeStops(stops, {
      read: ({cluster}) => readCluster(cluster, etcd),
      forget: () => isCheck || etcd.forget(['etcd']),
      assumed: cluster => this.#assumed.get(cluster) ?? new Map(),
      isGivenUp: stop => this.#order.isGivenUp(stop),
      progress: text => this.#progress(task, text),
      signal,
      isCheck,
    });
  }

  async #plainly(decision: Decision, {apply, isCheck}: LaneHands): Promise<Passed> {
    return {decision, applied: decision.kind === 'end' || isCheck ? NOTHING : await apply(decision.ops)};
  }

  /** In a check, what earlier tasks would have changed may change the answer. */
  #refused(stops: readonly MemberStop[], problems: readonly Diagnostic[], isCheck: boolean): Passed {
    if (!isCheck || !stops.some(({cluster}) => this.#isPending(cluster))) return refusal(problems);
    const reason = `depends on earlier changes of this run (now: ${problems[0]?.message ?? 'refused'})`;
    return {decision: {kind: 'end', outcome: {status: 'undecided', reason}}, applied: NOTHING};
  }

  /** Whether earlier tasks would have started or stopped members, or changed who is one; what the gate itself has foretold is counted already. */
  #isPending({name, members}: ManagedCluster): boolean {
    const foretold = this.#assumed.get(name);
    const pending = members.flatMap(({host}) => this.#run.sessions.get(host)?.pending ?? []);
    if (pending.includes('members')) return true;
    return members.some(
      ({name: member, host, unit}) =>
        foretold?.has(member) !== true && this.#run.sessions.get(host)?.pending.includes(`unit:${unit}`) === true,
    );
  }

  /** Of the members that the operations take down, those whose unit runs, or of whose unit nothing can be told. */
  async #runningStops(task: Task, decision: Decision): Promise<readonly MemberStop[]> {
    const session = this.#run.sessions.get(task.host);
    const found = this.stopsOf(task, decision).map(async stop => {
      // A check run: an earlier step would have taken it down.
      if (this.#assumed.get(stop.cluster.name)?.get(stop.member.name) === 'down') return [];
      const unit = await readUnit(session, stop.member.unit, task.become);
      return unit === undefined || isRunning(unit) ? [stop] : [];
    });
    return (await Promise.all(found)).flat();
  }

  #machineOf(host: string): string {
    const known = this.#machines.get(host);
    if (known !== undefined) return known;
    const target = this.#run.targets.get(host);
    return target === undefined ? host : machineOf(target.address, target.port, target.connection === 'local');
  }

  #progress(task: Task, text: string): void {
    this.#run.emit({type: 'task-progress', task: refOf(task), text});
  }
}

/** The cluster of which a decision changes who is a member: nobody of it is stopped meanwhile. */
function changedCluster({cluster}: Task, decision: Decision): readonly string[] {
  const changes = decision.kind === 'change' && decision.ops.some(isMemberOp);
  return changes && cluster !== undefined ? [cluster] : [];
}

function interrupted(): Passed {
  const outcome: Outcome = {status: 'blocked', reason: 'interrupted before it began'};
  return {decision: {kind: 'end', outcome}, applied: NOTHING};
}
