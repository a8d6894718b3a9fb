/** Packs what the executor needs to finish a task: templates that wait for results, and the variables that they use. */
import {type Data, type DataMap, dataMap} from '../base/data.ts';
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {ok} from '../base/result.ts';
import type {Location} from '../base/source.ts';
import type {LateTask} from '../task/task.ts';
import {LazyMapping} from '../template/templar.ts';
import {isGuarded, type Mode} from './late-names.ts';
import {magicVariable} from './magic.ts';
import {literalData} from './raw.ts';
import type {Scope} from './scope.ts';

/** A text that will be rendered during the run. */
export interface LateText {
  readonly text: string;
  readonly mode: Mode;
  readonly at: Location;
}

/** Functions of the template language, which look like names. */
const FUNCTIONS = new Set(['range', 'dict', 'namespace', 'cycler', 'joiner', 'lookup', 'query', 'q', 'now', 'undef']);

/** Names of a task's own result, which its `until`, `changed_when` and `failed_when` may use. */
export type OwnNames = ReadonlySet<string>;

/** Builds `Task.late`; adds a problem for each name that nothing defines. */
export function packLate(
  args: DataMap,
  when: readonly LateText[],
  texts: readonly LateText[],
  scope: Scope,
  own: OwnNames,
): LateTask {
  const vars = new Map<string, Data>();
  const pending = [...when, ...texts].flatMap(({text, mode, at}) =>
    scope.play.shared.names.of(text, mode).map(name => ({name, text, at})),
  );
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const {name, text, at} = next;
    if (vars.has(name) || own.has(name) || FUNCTIONS.has(name)) continue;
    const value = lateVariable(name, scope);
    if (value === undefined) {
      if (!scope.isLate(name) && !isGuarded(name, text)) scope.problem(undefinedName(name, at));
      continue;
    }
    vars.set(name, value.data);
    const place = value.at ?? at;
    if (value.waits)
      for (const inner of scope.play.shared.names.in(value.data))
        pending.push({name: inner, text: String(value.data), at: place});
  }
  return {args, when: when.map(({text}) => text), vars: dataMap(vars)};
}

/** The value of a variable as far as it is known; `waits` = it is a template that needs results. */
function lateVariable(
  name: string,
  scope: Scope,
): {readonly data: Data; readonly waits: boolean; readonly at?: Location} | undefined {
  const {names} = scope.play.shared;
  if (name === 'hostvars') return {data: allHostvars(scope), waits: false};
  const local = scope.locals.get(name);
  if (local !== undefined) return {data: literalData(local), waits: false};
  const magic = magicVariable(name, scope);
  if (magic !== undefined && !(magic instanceof LazyMapping)) return {data: literalData(magic), waits: false};
  const found = scope.isLate(name) ? scope.fallback(name) : scope.find(name);
  if (found === undefined) return undefined;
  const at = found.at === undefined ? {} : {at: found.at};
  if (!found.final && names.isLate(names.in(found.value), scope)) return {data: found.value, waits: true, ...at};
  const rendered = found.final ? ok(found.value) : scope.templar.render(found.value, found.at);
  if (!rendered.ok) {
    for (const diagnostic of rendered.error) scope.problem(diagnostic);
    return {data: null, waits: false};
  }
  return {data: literalData(rendered.value), waits: false, ...at};
}

/** `hostvars` as data, for templates that are rendered during the run; values that cannot be rendered are left out. */
function allHostvars(scope: Scope): Data {
  const {shared} = scope.play;
  const known = shared.cache.get('hostvars as data');
  if (known !== undefined) return known;
  const all = [...shared.input.inventory.hosts.keys()].map(host => {
    const entries = [...(shared.hosts.get(host)?.variables.keys() ?? [])].flatMap(name => {
      const value = scope.templar.render(`{{ hostvars[${JSON.stringify(host)}][${JSON.stringify(name)}] }}`);
      return value.ok ? [[name, literalData(value.value)] as const] : [];
    });
    return [host, dataMap([['inventory_hostname', host], ...entries])] as const;
  });
  const data = dataMap(all);
  shared.cache.set('hostvars as data', data);
  return data;
}

function undefinedName(name: string, at: Location): Diagnostic {
  return problem('E_UNDEFINED', `"${name}" is undefined`, {
    at,
    hint: 'define it, or register it with a task before this one that runs with the same tags.',
  });
}
