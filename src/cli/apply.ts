/** `etcdctl-play apply PLAN`: the run that a plan was made for, refused where anything it was bound to has moved. */
import {type Emit, type Event, EXIT} from '../base/event.ts';
import type {RunInput} from '../execute/run.ts';
import {breach} from '../plan/guard.ts';
import {type Moved, movedProblems, movedState} from '../plan/moved.ts';
import {movedInput, movedTasks} from '../plan/moved-tasks.ts';
import {ageProblem} from '../plan/plan-file.ts';
import {type SavedPlan, sizeOf} from '../plan/saved-plan.ts';
import type {Redactor} from '../report/redact.ts';
import {opRecord} from '../task/op-record.ts';
import {parseApply} from './apply-options.ts';
import {graphDigest, taskInputs} from './graph-digest.ts';
import {showInputProblems} from './input-problems.ts';
import {keepConnections} from './kept-connections.ts';
import {loadPlan} from './plan-file.ts';
import {appliedOptions, remakeCommand} from './plan-options.ts';
import {cleaned} from './plan-out.ts';
import {loadProject, type Project} from './project.ts';
import {type Job, runProject} from './run.ts';
import type {World} from './world.ts';

/** Does what the arguments after `apply` say. Returns the exit code. */
export async function applyCommand(world: World, redactor: Redactor): Promise<number> {
  const parsed = parseApply(world);
  if (parsed.kind === 'exit') {
    world.stdout.write(parsed.stdout);
    world.stderr.write(parsed.stderr);
    return parsed.code;
  }
  const given = parsed.options;
  const [path = ''] = given.playbooks;
  const plan = loadPlan(path, world);
  if (!plan.ok) return showInputProblems(plan.error, given, world, redactor);
  const age = ageProblem(plan.value, world.now());
  if (!age.ok) return showInputProblems(age.error, given, world, redactor, EXIT.refused);
  const options = appliedOptions(plan.value.options, given);
  const project = await loadProject(options, {...world, cwd: plan.value.options.cwd}, redactor);
  if (!project.ok) return showInputProblems(project.error, options, world, redactor);
  const moved = movedInput(plan.value, nowOf(project.value, world, redactor));
  if (moved.length > 0) return showInputProblems(movedProblems(moved), options, world, redactor, EXIT.refused);
  return runProject(project.value, options, world, redactor, applyJob(plan.value, path, age.value, redactor));
}

function nowOf({compiled, files}: Project, {version}: World, redactor: Redactor): Parameters<typeof movedInput>[1] {
  const inputs = new Map([...taskInputs(compiled)].map(([id, input]) => [redactor.clean(id), input]));
  return {version, graph: graphDigest(compiled), files: files.sums(), inputs};
}

/** Checks, compares, and only then acts: over the same connections, and with every operation held against the plan. */
function applyJob(plan: SavedPlan, path: string, createdMs: number, redactor: Redactor): Job {
  return async input => {
    const {execute} = await import('../execute/run.ts');
    const kept = keepConnections(input.connect);
    // What is half done is another state: this plan does not go on from there.
    const resume = remakeCommand(plan.options, path);
    const run: RunInput = {...input, connect: kept.connect, now: () => createdMs, resume};
    const told = new Quiet(input.emit);
    try {
      const {exitCode, decided} = await execute({...run, check: true, keepDecisions: true, emit: told.emit});
      if (exitCode === EXIT.interrupted || exitCode === EXIT.unreachable) return told.end(exitCode, []);
      const now = cleaned({tasks: decided?.tasks ?? [], state: decided?.state ?? {clusters: {}, hosts: {}}}, redactor);
      const moved = [...movedState(plan.state, now.state), ...movedTasks(plan.tasks, now.tasks)];
      if (moved.length > 0) return told.end(EXIT.refused, moved);
      const {ops, later} = sizeOf(plan.tasks);
      if (ops + later === 0) return told.end(EXIT.done, []);
      return (await execute({...run, check: false, guard: guardOf(plan, redactor)})).exitCode;
    } finally {
      await kept.close();
    }
  };
}

function guardOf(plan: SavedPlan, redactor: Redactor): NonNullable<RunInput['guard']> {
  const planned = new Map(plan.tasks.map(task => [task.id, task]));
  return ({id, noLog = false}, ops) => {
    const records = ops.map(op => opRecord(op, noLog));
    return breach(planned.get(redactor.clean(id)), id, cleaned(records, redactor));
  };
}

/** The check before the run is not shown, unless it is all there is. */
class Quiet {
  readonly #emit: Emit;
  readonly #held: Event[] = [];

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  readonly emit: Emit = event => {
    if (SHOWN.has(event.type)) this.#held.push(event);
  };

  /** Tells how it ended. */
  end(exitCode: number, moved: readonly Moved[]): number {
    for (const event of this.#held) {
      if (event.type !== 'run-end') this.#emit(event);
      else {
        for (const diagnostic of movedProblems(moved)) this.#emit({type: 'diagnostic', diagnostic});
        this.#emit({...event, exitCode, recap: {}, hint: HINTS[exitCode] ?? ''});
      }
    }
    return exitCode;
  }
}

const SHOWN: ReadonlySet<Event['type']> = new Set<Event['type']>([
  'run-start',
  'host-unreachable',
  'diagnostic',
  'run-end',
]);

const HINTS: Readonly<Record<number, string>> = {
  [EXIT.done]: 'there is nothing to do: the plan changes nothing, and everything is as it says.',
  [EXIT.refused]: 'the plan does not hold any more, and nothing was changed.',
  [EXIT.unreachable]: 'nothing was changed. Mend the connection to the hosts named above, then apply the plan again.',
  [EXIT.interrupted]: 'interrupted before anything was changed: apply the plan again.',
};
