/** Tasks whose arguments depend on earlier results: rendered here, just before they are asked about. */
import {type Data, type DataMap, dataMap, isMap} from '../base/data.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import {problem} from '../base/diagnostic.ts';
import {err, ok, type Result} from '../base/result.ts';
import {kindOf} from '../task/index.ts';
import {withoutOmitted} from '../task/omit.ts';
import type {Task} from '../task/task.ts';
import type {Validators} from '../task/validators.ts';
import {Templar} from '../template/templar.ts';

/** Results under their `register` names (and `set_fact`'s), per host. Facts are data: never rendered as templates. */
export class Registered {
  readonly #byHost = new Map<string, Record<string, Data>>();

  of(host: string): DataMap {
    return this.#byHost.get(host) ?? dataMap();
  }

  set(host: string, name: string, value: Data): void {
    const results = this.#byHost.get(host) ?? dataMap();
    results[name] = value;
    this.#byHost.set(host, results as Record<string, Data>);
  }

  /** Keeps a task's result; the items of a loop share one name: `results` holds them in order, as in Ansible. */
  keep(task: Task, result: DataMap): void {
    if (task.register === undefined) return;
    for (const host of task.registerFor ?? [task.host]) this.set(host, task.register, this.#merged(task, host, result));
  }

  #merged(task: Task, host: string, result: DataMap): Data {
    const index = /\[(\d+)\]@/.exec(task.id)?.[1];
    if (index === undefined) return result;
    const before = this.of(host)[task.register ?? ''];
    const results = index !== '0' && isMap(before) && Array.isArray(before.results) ? before.results : [];
    const all = [...results, result];
    const any = (key: string) => all.some(item => isMap(item) && item[key] === true);
    return dataMap([
      ['results', all],
      ['changed', any('changed')],
      ['failed', any('failed')],
    ]);
  }
}

/** The task with everything rendered, or why it does not run. */
export type Finished = {readonly task: Task} | {readonly skip: string};

/** Renders a late task's conditions and arguments with the results at hand. */
export function finishTask(task: Task, registered: DataMap, validators: Validators): Result<Finished> {
  if (task.late === undefined) return ok({task});
  const templar = templarOf(task, registered);
  for (const condition of task.late.when) {
    const holds = templar.condition(condition);
    if (!holds.ok) return err(holds.error.map(located(task)));
    if (!holds.value) return ok({skip: `when: ${condition} is false`});
  }
  const args = templar.render(task.late.args);
  if (!args.ok) return err(args.error.map(located(task)));
  if (!isMap(args.value)) return err([problem('E_TASK_ARGS', `${task.name}: the arguments are not a mapping`)]);
  return checkedArgs(task, withoutOmitted(args.value), validators);
}

/** The compiler could check only names: types and unknown arguments show here. */
function checkedArgs(task: Task, args: DataMap, validators: Validators): Result<Finished> {
  const kind = kindOf(task.kind);
  if (kind === undefined) throw new Error(`Internal error: no task kind ${task.kind}`);
  const {value, violations} = validators.check(kind.schema, args, true);
  const problems = violations.map(({path, message, key}) =>
    problem('E_TASK_ARGS', `${task.name}: ${[...path, ...(key === undefined ? [] : [key])].join('.')} ${message}`),
  );
  const checked = isMap(value) ? value : args;
  const found = [...problems, ...(problems.length === 0 ? (kind.lint?.(checked) ?? []) : [])];
  return found.length > 0 ? err(found.map(located(task))) : ok({task: {...task, args: checked}});
}

/** Whether conditions on a task's own result (`changed_when`, `failed_when`, `until`) hold. */
export function resultHolds(task: Task, conditions: readonly string[], registered: DataMap): Result<boolean> {
  const templar = templarOf(task, registered);
  for (const condition of conditions) {
    const holds = templar.condition(condition);
    if (!holds.ok) return err(holds.error.map(located(task)));
    if (!holds.value) return ok(false);
  }
  return ok(true);
}

function templarOf(task: Task, registered: DataMap): Templar {
  const vars: DataMap = task.late?.vars ?? dataMap();
  return new Templar(name => {
    const result = registered[name];
    if (result !== undefined) return {value: result, final: true};
    const value = vars[name];
    return value === undefined ? undefined : {value};
  });
}

function located(task: Task): (diagnostic: Diagnostic) => Diagnostic {
  return diagnostic =>
    diagnostic.at === undefined && task.at !== undefined
      ? {...diagnostic, message: `${task.at} ${task.name}: ${diagnostic.message}`}
      : diagnostic;
}
