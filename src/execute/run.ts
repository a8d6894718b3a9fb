/** Runs a graph of tasks on its hosts: hosts side by side, no barrier but the graph's own edges, every end told as an event. */
import {type Emit, EXIT} from '../base/event.ts';
import {prepareEtcd} from '../cluster/client.ts';
import type {Graph} from '../graph/graph.ts';
import {kindOf} from '../task/index.ts';
import type {Task} from '../task/task.ts';
import {Validators} from '../task/validators.ts';
import type {Connect, HostTarget} from '../transport/connection.ts';
import {ControllerAccess} from './controller-access.ts';
import {isControllerProbe} from './controller-probe.ts';
import {isHostProbe, probesOf, withoutAt} from './decide.ts';
import {EtcdAccess} from './etcd-access.ts';
import {Lane, type LaneEnvironment} from './lane.ts';
import {Registered} from './late.ts';
import {Limiter, Mutexes} from './limiter.ts';
import {Outcomes} from './outcome.ts';
import {quietHosts} from './quiet-hosts.ts';
import {HostSession, type Question} from './session.ts';

/** What a run is made of. Nothing here reads files of the project: the graph is complete. */
export interface RunInput {
  readonly graph: Graph<Task>;
  readonly plays: readonly {readonly name: string; readonly hosts: readonly string[]}[];
  /** Every host of the run, in inventory order. */
  readonly targets: ReadonlyMap<string, HostTarget>;
  readonly connect: Connect;
  readonly emit: Emit;
  /** Decide and tell, change nothing. */
  readonly check: boolean;
  /** Hosts worked on at the same time. */
  readonly forks: number;
  /** Aborted = finish the step in hand, start nothing new. */
  readonly signal: AbortSignal;
  readonly runId: string;
  readonly program: string;
  readonly version: string;
  /** Milliseconds since the epoch: for certificate lifetimes only. */
  readonly now: () => number;
  /** Milliseconds from a clock that never goes back. */
  readonly monotonicMs: () => number;
}

/** Runs every task that can run; resolves with the exit code when all have ended and all connections are closed. */
export async function execute(input: RunInput): Promise<{exitCode: number}> {
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
  for (const play of input.plays)
    emit({type: 'play-start', play: play.name, hosts: play.hosts.filter(host => !quiet.has(host))});
  const sessions = openSessions(input);
  const etcd = new EtcdAccess(sessions);
  const controller = new ControllerAccess();
  const environment: LaneEnvironment = {
    ...input,
    sessions,
    etcd,
    controller,
    outcomes,
    mutexes: new Mutexes(),
    registered: new Registered(),
    validators: new Validators(),
    stoppedHosts: outcomes.stoppedHosts,
  };
  try {
    const lanes = lanesOf(graph).map(tasks => new Lane(tasks, environment));
    askAhead(
      graph.nodes.filter(({host}) => !quiet.has(host)),
      {sessions, etcd, controller},
    );
    await Promise.all(lanes.map(lane => lane.run()));
  } finally {
    await Promise.allSettled([...sessions.values()].map(session => session.close()));
  }
  const exitCode = signal.aborted ? EXIT.interrupted : outcomes.exitCode();
  const hint = hintFor(exitCode);
  emit({
    type: 'run-end',
    exitCode,
    durationMs: monotonicMs() - start,
    recap: outcomes.recap(),
    ...(hint === undefined ? {} : {hint}),
  });
  return {exitCode};
}

function openSessions(input: RunInput): Map<string, HostSession> {
  const slots = new Limiter(input.forks);
  const {connect, emit, signal, monotonicMs} = input;
  return new Map(
    [...input.targets].map(([name, target]) => [
      name,
      new HostSession(target, {connect, emit, signal, slots, monotonicMs}),
    ]),
  );
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

/** Those who answer. */
type Answering = Pick<LaneEnvironment, 'sessions' | 'etcd' | 'controller'>;

/**
 * Asks, at once and without waiting, everything that can be asked: each host in one batch, live members while the hosts'
 * agents answer. In a run that changes nothing these are all the answers needed. A failure is met again by the task that needs it.
 */
function askAhead(tasks: readonly Task[], {sessions, etcd, controller}: Answering): void {
  const questions = new Map<HostSession, Question[]>();
  let asksEtcd = false;
  for (const task of tasks) {
    if (task.kind === 'barrier' || task.late !== undefined || task.skip !== undefined) continue;
    for (const probe of Object.values(probesOf(task))) {
      if (probe.kind === 'etcd') {
        asksEtcd = true;
        etcd.ask(probe).catch(() => undefined);
      }
      if (isControllerProbe(probe)) controller.ask(probe).catch(() => undefined);
      if (!isHostProbe(probe)) continue;
      const session = sessions.get(probe.at ?? task.host);
      if (session === undefined) continue;
      const list = questions.get(session) ?? [];
      list.push({probe: withoutAt(probe), as: task.become});
      questions.set(session, list);
    }
  }
  for (const [session, list] of questions) session.ask(list).catch(() => undefined);
  // Loaded while the hosts' greetings are on their way.
  if (asksEtcd) void prepareEtcd();
}

function hintFor(exitCode: number): string | undefined {
  if (exitCode === EXIT.done) return undefined;
  if (exitCode === EXIT.interrupted)
    return 'interrupted between two steps: run the same command again, it goes on from here.';
  if (exitCode === EXIT.refused)
    return 'a safety rule said no and nothing it guards was changed; the message above says what would make it possible.';
  if (exitCode === EXIT.unreachable)
    return 'mend the connection to the hosts named above, then run the same command again.';
  return 'mend what the messages name, then run the same command again: what is done stays done.';
}
