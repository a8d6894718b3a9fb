/** `--plan-out`: a check run whose decisions are saved. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {EXIT} from '../base/event.ts';
import {mapTexts, plain} from '../plan/canonical.ts';
import {type PlanBody, type PlanOptions, sizeOf} from '../plan/saved-plan.ts';
import {drawDiagnostic} from '../report/diagnostic.ts';
import {createPaint} from '../report/paint.ts';
import type {Redactor} from '../report/redact.ts';
import {isColored} from './color.ts';
import {graphDigest} from './graph-digest.ts';
import type {Options} from './options.ts';
import {planOutProblem, writePlan} from './plan-file.ts';
import {keptOptions} from './plan-options.ts';
import type {Project} from './project.ts';
import type {Job} from './run.ts';
import type {World} from './world.ts';

/** What speaks against saving a plan, found before any host is asked; or the run that saves it. */
export function planJob(
  path: string,
  project: Project,
  options: Options,
  world: World,
  redactor: Redactor,
): {readonly problems: readonly Diagnostic[]} | {readonly job: Job} {
  const place = planOutProblem(path, world);
  const kept = keptOptions(options, project, world, redactor);
  const problems = [...(place === undefined ? [] : [place]), ...(kept.ok ? [] : kept.error)];
  if (problems.length > 0 || !kept.ok) return {problems};
  const job: Job = async input => {
    const {execute} = await import('../execute/run.ts');
    // One moment for all decisions: what `apply` decides, it decides as of then.
    const nowMs = world.now();
    const {exitCode, decided} = await execute({...input, now: () => nowMs, keepDecisions: true});
    if (exitCode !== EXIT.done || decided === undefined) return tell(notSaved(path), exitCode, options, world);
    const body = bodyOf(kept.value, project, input, {nowMs, decided: cleaned(decided, redactor)});
    try {
      writePlan(path, body, world);
    } catch (error) {
      const message = `the plan could not be saved as ${path}: ${(error as Error).message}`;
      return tell(problem('E_PLAN_OUT', message, {hint: 'choose another place.'}), EXIT.failed, options, world);
    }
    world.stderr.write(`plan: ${path}, ${sizeText(body)}\n`);
    return exitCode;
  };
  return {job};
}

/** The decisions as the plan file holds them: no known secret in any text. */
export function cleaned<T extends object>(decided: T, redactor: Redactor): T {
  return mapTexts(plain(decided), text => redactor.clean(text)) as unknown as T;
}

function bodyOf(
  options: PlanOptions,
  {compiled, files}: Project,
  {version, runId}: {readonly version: string; readonly runId: string},
  {nowMs, decided}: {readonly nowMs: number; readonly decided: Pick<PlanBody, 'tasks' | 'state' | 'identity'>},
): PlanBody {
  return {
    program: 'etcdctl-play',
    version,
    runId,
    created: new Date(nowMs).toISOString(),
    options,
    files: files.sums(),
    graph: graphDigest(compiled),
    ...decided,
  };
}

function sizeText({tasks}: PlanBody): string {
  const {ops, hosts, later} = sizeOf(tasks);
  if (ops + later === 0) return 'in which nothing changes';
  const rest = later === 0 ? '' : `, and ${later} task${later === 1 ? ' that is' : 's that are'} decided on the way`;
  return `${ops} operation${ops === 1 ? '' : 's'} on ${hosts} host${hosts === 1 ? '' : 's'}${rest}`;
}

function notSaved(path: string): Diagnostic {
  return problem('E_PLAN_NOT_SAVED', `no plan was saved as ${path}: the check did not go through`, {
    hint: 'a plan is of a whole run. Mend what the messages above name, and make the plan again.',
  });
}

function tell(diagnostic: Diagnostic, code: number, options: Options, world: World): number {
  const paint = createPaint(isColored(options, world.stderr, world.env));
  world.stderr.write(`${drawDiagnostic(diagnostic, paint)}\n`);
  return code;
}
