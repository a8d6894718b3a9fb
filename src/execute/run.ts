/** Runs a graph of tasks on its hosts: hosts side by side, no barrier but the graph's own edges, every end told as an event. */
import {type Emit, EXIT} from '../base/event.ts';
import type {ManagedCluster} from '../etcd/managed.ts';
import type {Graph} from '../graph/graph.ts';
import {kindOf} from '../task/index.ts';
import type {Task} from '../task/task.ts';
import {Validators} from '../task/validators.ts';
import type {Connect, HostTarget} from '../transport/connection.ts';
import {askAhead} from './ask-ahead.ts';
import {clustersOf} from './concerns.ts';
import {ControllerAccess} from './controller-access.ts';
import type {Guard} from './decide.ts';
import {EtcdAccess} from './etcd-access.ts';
import {Gate} from './gate.ts';
import {Lane} from './lane.ts';
import type {LaneEnvironment} from './lane-environment.ts';
import {Registered} from './late.ts';
import {Limiter} from './limiter.ts';
import {openSessions, peerSessions} from './open-sessions.ts';
import {Outcomes} from './outcome.ts';
import {type Decided, recordPlan} from './plan-record.ts';
import {layToRest, peersOf, quietHosts} from './quiet-hosts.ts';
import type {Lockers, Peer, RunIdentity, RunLockOptions} from './run-identity.ts';
import {RunLock} from './run-lock.ts';
import {HostSession} from './session.ts';

/** What a run is made of. Nothing here reads files of the project: the graph is complete. */
export interface RunInput {
  readonly graph: Graph<Task>;
  readonly plays: readonly {readonly name: string; readonly hosts: readonly string[]}[];
  /** Every cluster of the inventory, whole: what the gate guards. */
  readonly clusters: ReadonlyMap<string, ManagedCluster>;
  /** Every host of the run, in inventory order. */
  readonly targets: ReadonlyMap<string, HostTarget>;
  /** Hosts of its clusters that are not in the run (`--limit`). */
  readonly peers?: ReadonlyMap<string, Peer>;
  readonly connect: Connect;
  readonly emit: Emit;
  /** Decide and tell, change nothing. */
  readonly check: boolean;
  /** Hosts worked on at the same time. */
  readonly forks: number;
  /** Aborted = finish the step in hand, start nothing new. */
  readonly signal: AbortSignal;
  readonly runId: string;
  /** Who runs this, and how: what the hosts' locks say. */
  readonly identity: Omit<RunIdentity, 'runId'>;
  /** The command that goes on with this run, for the last words after an interruption. */
  readonly resume: string;
  readonly program: string;
  readonly version: string;
  /** Milliseconds since the epoch: for certificate lifetimes only. */
  readonly now: () => number;
  /** Milliseconds from a clock that never goes back. */
  readonly monotonicMs: () => number;
  /** Tell afterwards what was decided, and on which state. */
  readonly keepDecisions?: boolean;
  /** Has the last word on every operation. */
  readonly guard?: Guard;
}

/** Runs every task that can run; resolves with the exit code when all have ended and all connections are closed. */
export async function execute(input: RunInput): Promise<{exitCode: number; decided?: Decided}> {
  const {graph, emit, signal, monotonicMs} = input;
  const start = monotonicMs();
  const quiet = quietHosts(graph.nodes);
  const hosts = [...input.targets.keys()].filter(host => !quiet.has(host));
  const outcomes = new Outcomes(emit, hosts, quiet);
  emit({
    type: 'run-start',
    runId: input.runId,
    program: input.program,
    version: input.version,
    check: input.check,
    hosts,
    tasks: graph.nodes.filter(task => task.kind !== 'barrier').length,
  });
  for (const play of input.plays) emit({type: 'play-start', play: play.name, hosts: play.hosts});
  const sessions = openSessions(input);
  const wake = layToRest(sessions, quiet);
  const outside = peersOf(input, quiet);
  const peers = peerSessions(outside, input);
  const etcd = new EtcdAccess(sessions, peers);
  const controller = new ControllerAccess();
  const lock = new RunLock(lockOptions({...input, peers: outside}, sessions, etcd, controller, quiet));
  const environment: LaneEnvironment = {
    ...input,
    sessions,
    wake,
    etcd,
    controller,
    outcomes,
    lock,
    gate: new Gate({...input, tasks: graph.nodes, sessions, etcd, outcomes}),
    registered: new Registered(),
    validators: new Validators(),
    stoppedHosts: outcomes.stoppedHosts,
    clusters: clustersOf(graph.nodes),
  };
  try {
    const lanes = lanesOf(graph).map(tasks => new Lane(tasks, environment));
    const awake = graph.nodes.filter(({host}) => !quiet.has(host));
    askAhead(awake, {sessions, etcd, controller, lock}, input.keepDecisions === true);
    lock.observe();
    await Promise.all(lanes.map(lane => lane.run()));
  } finally {
    await lock.release();
    await Promise.allSettled([...sessions.values(), ...peers.values()].map(session => session.close()));
  }
  const ended = lock.stopped === undefined ? outcomes.exitCode() : EXIT.refused;
  const exitCode = signal.aborted ? EXIT.interrupted : ended;
  const hint = hintFor(exitCode, input.resume);
  emit({
    type: 'run-end',
    exitCode,
    durationMs: monotonicMs() - start,
    recap: outcomes.recap(),
    ...(hint === undefined ? {} : {hint}),
  });
  if (input.keepDecisions !== true) return {exitCode};
  return {exitCode, decided: recordPlan(graph, {outcomeOf: id => outcomes.get(id), sessions, etcd})};
}

/** Hosts that the run locks, each with the user who does it: those reached over SSH, and this machine where it is one of a cluster. */
function lockersOf({graph, targets}: RunInput): Lockers {
  const lockers = new Map<string, string | undefined>();
  for (const task of graph.nodes) {
    const target = targets.get(task.host);
    if (task.kind === 'barrier' || target === undefined) continue;
    if (target.connection === 'local' && task.cluster === undefined) continue;
    lockers.set(task.host, task.become === 'root' ? 'root' : lockers.get(task.host));
  }
  return lockers;
}

function lockOptions(
  input: RunInput,
  sessions: ReadonlyMap<string, HostSession>,
  etcd: EtcdAccess,
  controller: ControllerAccess,
  quiet: ReadonlySet<string>,
): RunLockOptions {
  return {
    ...input,
    // Who only looks may look while another run is at work.
    check: input.check || input.graph.nodes.every(({kind, checkMode}) => kind === 'barrier' || checkMode === true),
    identity: {...input.identity, runId: input.runId},
    sessions,
    lockers: lockersOf(input),
    quiet,
    peers: input.peers ?? new Map(),
    openPeer: target => new HostSession(target, {...input, emit: () => {}, slots: new Limiter(1)}),
    forget: () => {
      for (const session of sessions.values()) session.facts.forget(['*']);
      etcd.forget(['etcd']);
      controller.forget(['controller:/']);
    },
  };
}

/** Tasks that one worker does one after another: all of a host's; each cluster-wide task and each barrier by itself. */
function lanesOf(graph: Graph<Task>): Task[][] {
  const byHost = new Map<string, Task[]>();
  const alone: Task[][] = [];
  for (const task of graph.nodes) {
    if (isAlone(task)) {
      alone.push([task]);
      continue;
    }
    const lane = byHost.get(task.host) ?? [];
    lane.push(task);
    byHost.set(task.host, lane);
  }
  return [...byHost.values(), ...alone];
}

function isAlone(task: Task): boolean {
  return task.kind === 'barrier' || kindOf(task.kind)?.scope === 'cluster';
}

function hintFor(exitCode: number, resume: string): string | undefined {
  if (exitCode === EXIT.done) return undefined;
  if (exitCode === EXIT.interrupted)
    return `interrupted between two steps, and nothing is locked any more; to go on from here: ${resume}`;
  if (exitCode === EXIT.refused)
    return 'a safety rule said no and nothing it guards was changed; the message above says what would make it possible.';
  if (exitCode === EXIT.unreachable)
    return 'mend the connection to the hosts named above, then run the same command again.';
  return 'mend what the messages name, then run the same command again: what is done stays done.';
}
