/** A plan as the text of its file, and back: strictly, since what is read here decides what is done to hosts. */
import {problem} from '../base/diagnostic.ts';
import {err, ok, type Result} from '../base/result.ts';
import {canonical, digest, plain} from './canonical.ts';
import {MAX_AGE_DAYS, PLAN_FORMAT, type PlanBody, type SavedPlan} from './saved-plan.ts';

const DAY_MS = 86_400_000;
/** Clocks of two controllers may differ by this much. */
const SKEW_MS = 300_000;

/** The text of a plan file: the same plan gives the same text. */
export function planText(body: PlanBody): string {
  const content = {...body, format: PLAN_FORMAT};
  return `${JSON.stringify(plain({...content, checksum: digest(content)}), undefined, 1)}\n`;
}

/** The plan in a text, or what is wrong with it: `E_PLAN_FORMAT`, `E_PLAN_EDITED`. */
export function readPlan(text: string, path: string): Result<SavedPlan> {
  const data = parse(text);
  if (data === undefined) return refused(`${path} is not JSON`, AGAIN);
  if (data['program'] !== 'etcdctl-play' || !('format' in data))
    return refused(`${path} is not a plan of etcdctl-play`, AGAIN);
  if (data['format'] !== PLAN_FORMAT) {
    const by = typeof data['version'] === 'string' ? `, written by etcdctl-play ${data['version']}` : '';
    return refused(
      `${path} has the form ${canonical(data['format'])}${by}; this program reads ${PLAN_FORMAT}`,
      'make the plan with the program that is to apply it.',
    );
  }
  const {checksum, ...content} = data;
  if (checksum !== digest(content)) {
    const hint = `a plan is applied as it was made: change the inventory instead, and ${AGAIN}`;
    return err([problem('E_PLAN_EDITED', `${path} was changed since it was saved: its checksum does not fit`, {hint})]);
  }
  return hasShape(data) ? ok(data as unknown as SavedPlan) : refused(`${path} lacks parts of a plan`, AGAIN);
}

/** `E_PLAN_OLD` where a plan was made too long ago, or in the future. */
export function ageProblem({created}: Pick<SavedPlan, 'created'>, nowMs: number): Result<number> {
  const createdMs = Date.parse(created);
  const days = (nowMs - createdMs) / DAY_MS;
  if (nowMs - createdMs >= -SKEW_MS && days <= MAX_AGE_DAYS) return ok(createdMs);
  const message =
    days < 0
      ? `the plan was made at ${created}, and this machine says it is ${new Date(nowMs).toISOString()}`
      : `the plan was made at ${created}, ${Math.floor(days)} days ago; a plan holds for ${MAX_AGE_DAYS} days`;
  const hint = days < 0 ? 'set the clock of this machine.' : AGAIN;
  return err([problem('E_PLAN_OLD', message, {hint})]);
}

const AGAIN = 'make a new plan: the command of the run with --check --plan-out FILE.';

function refused(message: string, hint: string): Result<never> {
  return err([problem('E_PLAN_FORMAT', message, {hint})]);
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const data: unknown = JSON.parse(text);
    return isRecord(data) ? data : {};
  } catch {
    return undefined;
  }
}

function hasShape(data: Record<string, unknown>): boolean {
  const {options, files, identity, state, tasks, created, graph, version} = data;
  const texts = [created, graph, version].every(value => typeof value === 'string');
  const records = [options, files, identity, state].every(isRecord);
  return (
    texts && records && Array.isArray(tasks) && tasks.every(isRecord) && !Number.isNaN(Date.parse(String(created)))
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
