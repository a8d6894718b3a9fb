/** Which key of a task is its kind, and the arguments under it. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {nearestName} from '../base/names.ts';
import {entryOf, type YamlEntry, type YamlMapping, type YamlNode} from '../base/yaml.ts';
import {KINDS, kindOf} from '../task/index.ts';
import type {AnyTaskKind} from '../task/task.ts';
import {freeFormArgs} from './free-form.ts';
import type {Arg} from './node.ts';
import {rawOf, shapeOf} from './raw.ts';
import {TASK_WORDS, UNSUPPORTED} from './word-list.ts';

/** What a task does. */
export type Action =
  | {readonly type: 'include'; readonly word: IncludeWord; readonly key: string; readonly value: YamlNode}
  | {readonly type: 'meta'; readonly value: YamlNode}
  | {
      readonly type: 'step';
      readonly kind: AnyTaskKind;
      /** The key it stands under; undefined for `action:`. */
      readonly key?: string;
      readonly value: YamlNode;
      readonly text?: string;
      readonly isLocal: boolean;
    };

/** The words that bring in other tasks. */
export type IncludeWord = 'import_tasks' | 'include_tasks' | 'import_role' | 'include_role';

const INCLUDE_WORDS: readonly string[] = ['import_tasks', 'include_tasks', 'import_role', 'include_role'];

/** The one kind of a task; undefined after a problem where there is none, or more than one. */
export function findAction(node: YamlMapping, problems: Diagnostic[]): Action | undefined {
  const candidates = node.entries.filter(({key}) => !TASK_WORDS.has(key) || key === 'action' || key === 'local_action');
  const actions = candidates.flatMap(entry => actionOf(entry, problems) ?? []);
  const [first, second] = actions;
  if (first !== undefined && second === undefined) return first;
  if (second !== undefined) {
    const names = candidates.map(({key}) => `"${key}"`).join(' and ');
    const hint = 'a task does one thing: write two tasks.';
    problems.push(
      problem('E_TASK_KIND', `a task has more than one kind: ${names}`, {at: candidates[1]?.keyAt ?? node.at, hint}),
    );
    return undefined;
  }
  problems.push(...missingKind(node, candidates));
  return undefined;
}

function actionOf(entry: YamlEntry, problems: Diagnostic[]): Action | undefined {
  const {key, value} = entry;
  const word = key.replace(/^ansible\.(builtin|legacy)\./, '');
  if (INCLUDE_WORDS.includes(word)) return {type: 'include', word: word as IncludeWord, key, value};
  if (word === 'meta') return {type: 'meta', value};
  if (word === 'action' || word === 'local_action') return longAction(entry, problems);
  const kind = kindOf(key);
  return kind === undefined ? undefined : {type: 'step', kind, key, value, isLocal: false};
}

/** `action: {module: file, path: /x}`, `action: file path=/x`, `local_action: …`. */
function longAction({key, value}: YamlEntry, problems: Diagnostic[]): Action | undefined {
  const isLocal = key === 'local_action';
  const text = value.kind === 'scalar' && typeof value.value === 'string' ? value.value.trim() : undefined;
  const name = text === undefined ? entryOf(value, 'module')?.value : undefined;
  const word = text?.split(/\s/, 1)[0] ?? (name?.kind === 'scalar' ? String(name.value) : '');
  const kind = kindOf(word);
  if (kind === undefined) {
    problems.push(unknownKind(word, name?.at ?? value.at));
    return undefined;
  }
  return {type: 'step', kind, value, isLocal, ...(text === undefined ? {} : {text: text.slice(word.length).trim()})};
}

/** Why a task has no kind: an unknown one, or a misspelt word, or nothing at all. */
function missingKind(node: YamlMapping, candidates: readonly YamlEntry[]): Diagnostic[] {
  const unsupported = candidates.filter(({key}) => UNSUPPORTED.has(key));
  if (unsupported.length > 0) {
    return unsupported.map(({key, keyAt}) =>
      problem('E_UNSUPPORTED', `"${key}" is not supported in a task`, {at: keyAt, hint: UNSUPPORTED.get(key) ?? ''}),
    );
  }
  const named = candidates.filter(({key}) => key !== 'action' && key !== 'local_action');
  if (named.length > 0) return named.map(({key, keyAt}) => unknownKind(key, keyAt));
  if (candidates.length > 0) return []; // `action:` with an unknown module has been told already.
  const hint = 'add one task kind, such as "command: …" or "file: …".';
  return [problem('E_TASK_KIND', 'a task has no kind: nothing to do', {at: node.at, hint})];
}

function unknownKind(key: string, at: YamlNode['at']): Diagnostic {
  const words = [...KINDS.keys(), ...INCLUDE_WORDS, ...TASK_WORDS, 'block', 'meta'];
  const near = nearestName(key.replace(/^ansible\.(builtin|legacy)\./, ''), words);
  const hint =
    near === undefined ? `the task kinds are: ${[...KINDS.keys()].sort().join(', ')}.` : `did you mean "${near}"?`;
  return problem('E_TASK_KIND', `there is no task kind "${key}"`, {at, hint});
}

/** The arguments of a step: those under its kind, then those of `args:`. */
export function readArgs(
  node: YamlMapping,
  action: Extract<Action, {type: 'step'}>,
  problems: Diagnostic[],
): readonly Arg[] {
  const extra = entryOf(node, 'args')?.value;
  if (extra !== undefined && extra.kind !== 'mapping') {
    problems.push(problem('E_TASK_ARGS', `"args" must be a mapping, not ${shapeOf(extra)}`, {at: extra.at}));
  }
  const own = ownArgs(action, problems).filter(arg => !(action.key === undefined && arg.name === 'module'));
  const added = extra?.kind === 'mapping' ? extra.entries.map(toArg) : [];
  return [...own.filter(arg => !added.some(({name}) => name === arg.name)), ...added];
}

function ownArgs({kind, value, text}: Extract<Action, {type: 'step'}>, problems: Diagnostic[]): readonly Arg[] {
  if (value.kind === 'mapping') return value.entries.map(toArg);
  if (value.kind === 'scalar' && value.value === null) return [];
  if (value.kind === 'scalar') {
    const args = freeFormArgs(kind, text ?? String(value.value));
    if (args !== undefined)
      return [...args].map(([name, item]) => ({name, value: item, at: value.at, keyAt: value.at, node: value}));
  }
  if (value.kind === 'sequence' && kind.freeForm !== undefined)
    return [{...rawOf(value), name: kind.freeForm, keyAt: value.at}];
  const hint = 'write the arguments as "name: value" lines below the kind.';
  problems.push(
    problem('E_TASK_ARGS', `the arguments of "${kind.name}" must be a mapping, not ${shapeOf(value)}`, {
      at: value.at,
      hint,
    }),
  );
  return [];
}

function toArg({key, keyAt, value}: YamlEntry): Arg {
  return {...rawOf(value), name: key, keyAt};
}
