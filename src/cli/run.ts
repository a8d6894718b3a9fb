/** The real run: targets, views, log, interruption, then the graph. */
import {setMaxListeners} from 'node:events';
import {type Diagnostic, warning} from '../base/diagnostic.ts';
import {EXIT} from '../base/event.ts';
import type {RunInput} from '../execute/run.ts';
import type {Peer} from '../execute/run-identity.ts';
import type {Redactor} from '../report/redact.ts';
import type {HostTarget} from '../transport/connection.ts';
import {commandLine} from './command-line.ts';
import type {Passwords} from './connection-defaults.ts';
import {identityOf, leaseSecondsOf} from './identity.ts';
import {showInputProblems} from './input-problems.ts';
import {internalProblem} from './internal.ts';
import type {Options} from './options.ts';
import type {Project} from './project.ts';
import {openRunLog, type RunLog} from './run-log.ts';
import {peersOf, targetsOf} from './targets.ts';
import {openViews} from './views.ts';
import type {World} from './world.ts';

/** What is done with a run that is ready: it, once (the default), or more. Resolves with the exit code. */
export type Job = (input: RunInput) => Promise<number>;

const runOnce: Job = async input => {
  const {execute} = await import('../execute/run.ts');
  return (await execute(input)).exitCode;
};

/** Runs the project's graph. Returns the exit code. */
export async function runProject(
  project: Project,
  options: Options,
  world: World,
  redactor: Redactor,
  job: Job = runOnce,
): Promise<number> {
  const passwords = await askPasswords(options, world, redactor);
  const targets = await targetsOf(project.compiled.hosts, passwords, options, world);
  if (!targets.ok) return showInputProblems([...targets.error, ...project.warnings], options, world, redactor);
  const peers = await peersOf(project.compiled.hosts, passwords, options, world);
  const peerTargets = [...peers.values()].flatMap(({target}) => (target === undefined ? [] : [target]));
  for (const {password, becomePassword, privateKeyPassphrase} of [...targets.value.values(), ...peerTargets]) {
    for (const secret of [password, becomePassword, privateKeyPassphrase])
      if (secret !== undefined) redactor.add(secret.reveal());
  }
  const runId = world.randomId();
  const opened = openRunLog(options, world, runId);
  const log = opened !== undefined && 'write' in opened ? opened : undefined;
  const lease = leaseSecondsOf(world.env);
  const logWarnings = opened !== undefined && 'code' in opened ? [opened] : [];
  const warnings = [...project.warnings, ...lease.warnings, ...logWarnings];
  if (log !== undefined) world.noteLog(log.path);
  try {
    const exitCode = await runTargets(
      {project, targets: targets.value, peers, runId, leaseSeconds: lease.seconds, log, warnings, job},
      options,
      world,
      redactor,
    );
    if (log !== undefined && exitCode !== EXIT.done) world.stderr.write(`log: ${log.path}\n`);
    return exitCode;
  } catch (error) {
    log?.write(
      redactor.clean(
        `${JSON.stringify({type: 'internal-error', text: String(error instanceof Error ? error.stack : error)})}\n`,
      ),
    );
    world.stderr.write(redactor.clean(internalProblem(error, world, log?.path)));
    return EXIT.failed;
  } finally {
    log?.close();
  }
}

interface Ready {
  readonly project: Project;
  readonly targets: ReadonlyMap<string, HostTarget>;
  readonly peers: ReadonlyMap<string, Peer>;
  readonly runId: string;
  readonly leaseSeconds: number;
  readonly log: RunLog | undefined;
  readonly warnings: readonly Diagnostic[];
  readonly job: Job;
}

async function runTargets(
  {project, targets, peers, runId, leaseSeconds, log, warnings, job}: Ready,
  options: Options,
  world: World,
  redactor: Redactor,
): Promise<number> {
  const [{createConnect}] = await Promise.all([import('../transport/connect.ts'), import('../execute/run.ts')]);
  const views = openViews(options, world, redactor, log);
  const abort = new AbortController();
  // Every connection under way listens; Node would take more than ten for a leak.
  setMaxListeners(0, abort.signal);
  const stopListening = world.onInterrupt(() => {
    if (abort.signal.aborted) world.exitNow(EXIT.interrupted);
    views.emit({type: 'diagnostic', diagnostic: INTERRUPTED});
    abort.abort();
  });
  try {
    for (const diagnostic of warnings) views.emit({type: 'diagnostic', diagnostic});
    const {compiled} = project;
    return await job({
      graph: compiled.graph,
      plays: compiled.plays,
      clusters: compiled.managed,
      targets,
      peers,
      connect: createConnect({home: world.home, agentSocket: world.env['SSH_AUTH_SOCK']}),
      emit: views.emit,
      check: options.check,
      forks: options.forks,
      signal: abort.signal,
      runId,
      identity: identityOf(world, leaseSeconds),
      resume: commandLine(world.argv),
      program: 'etcdctl-play',
      version: world.version,
      now: world.now,
      monotonicMs: world.monotonicMs,
    });
  } finally {
    stopListening();
    views.close();
  }
}

const INTERRUPTED = warning('W_INTERRUPTED', 'interrupted: the step in hand is finished, nothing new is started', {
  hint: 'interrupt again to stop at once.',
});

async function askPasswords(
  {askPass, askBecomePass}: Options,
  {askPassword}: World,
  redactor: Redactor,
): Promise<Passwords> {
  const login = askPass ? await askPassword('SSH password: ') : undefined;
  const become = askBecomePass
    ? (await askPassword(login === undefined ? 'BECOME password: ' : 'BECOME password [SSH password]: ')) || login
    : undefined;
  for (const secret of [login, become]) if (secret !== undefined) redactor.add(secret);
  return {...(login === undefined ? {} : {login}), ...(become === undefined ? {} : {become})};
}
