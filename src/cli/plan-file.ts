/** Plan files on the controller's disk: read whole, written whole, for their owner only. */
import {mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {basename, dirname, join, resolve} from 'node:path';
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {err, type Result} from '../base/result.ts';
import {planText, readPlan} from '../plan/plan-file.ts';
import type {PlanBody, SavedPlan} from '../plan/saved-plan.ts';
import type {World} from './world.ts';

/** Why no plan can be saved there (`E_PLAN_OUT`): found before any host is asked. A file that is no plan is not overwritten. */
export function planOutProblem(path: string, {cwd}: World): Diagnostic | undefined {
  const file = resolve(cwd, path);
  const no = (message: string, hint: string) => problem('E_PLAN_OUT', message, {hint});
  if (kindOf(dirname(file)) !== 'directory')
    return no(`no plan can be saved as ${path}: ${dirname(file)} is no directory`, 'make the directory first.');
  const kind = kindOf(file);
  if (kind === undefined) return undefined;
  const text = kind === 'file' ? readText(file) : undefined;
  const isPlan = text !== undefined && /"program": ?"etcdctl-play"/.test(text) && /"checksum"/.test(text);
  return isPlan ? undefined : no(`${path} is there and is no plan: it is not overwritten`, 'choose another name.');
}

/** Writes a plan (0600) under a temporary name and renames it. Throws where the disk does not take it. */
export function writePlan(path: string, body: PlanBody, {cwd, randomId}: World): void {
  const file = resolve(cwd, path);
  const part = join(dirname(file), `.${basename(file)}.${randomId()}`);
  try {
    mkdirSync(dirname(file), {recursive: true});
    writeFileSync(part, planText(body), {mode: 0o600, flag: 'wx', flush: true});
    renameSync(part, file);
  } catch (error) {
    rmSync(part, {force: true});
    throw error;
  }
}

/** Reads a plan. Fails with `E_PLAN_NOT_FOUND`, `E_PLAN_FORMAT`, `E_PLAN_EDITED`. */
export function loadPlan(path: string, {cwd}: World): Result<SavedPlan> {
  const text = readText(resolve(cwd, path));
  if (text !== undefined) return readPlan(text, path);
  const hint = 'make one: the command of the run with --check --plan-out FILE.';
  return err([problem('E_PLAN_NOT_FOUND', `the plan ${path} is not there, or cannot be read`, {hint})]);
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function kindOf(path: string): 'file' | 'directory' | undefined {
  const stat = statSync(path, {throwIfNoEntry: false});
  return stat?.isDirectory() ? 'directory' : stat === undefined ? undefined : 'file';
}
