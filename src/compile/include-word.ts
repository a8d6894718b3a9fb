/** `import_tasks`, `include_tasks`, `import_role`, `include_role` as written. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {entryOf, type YamlMapping, type YamlNode} from '../base/yaml.ts';
import type {Action} from './action.ts';
import {readLoop} from './loop-word.ts';
import {type IncludeNode, NO_WORDS} from './node.ts';
import {type Raw, rawOf, shapeOf} from './raw.ts';
import {checkWords, readTexts, readWords} from './read-words.ts';
import type {NodeStart} from './task-word.ts';
import {BLOCK_WORDS, TASK_WORDS} from './word-list.ts';

const TASKS_ARGS = new Set(['file', 'apply']);
const ROLE_ARGS = new Set(['name', 'role', 'tasks_from', 'apply', 'public', 'allow_duplicates']);

/** Reads an include; undefined after a problem where it does not say what to bring in. */
export function readInclude(
  node: YamlMapping,
  {word, key, value}: Extract<Action, {type: 'include'}>,
  start: NodeStart,
  problems: Diagnostic[],
): IncludeNode | undefined {
  checkWords(node, new Set([...TASK_WORDS, key]), 'task', problems);
  const what = word.endsWith('role') ? 'role' : 'tasks';
  const isImport = word.startsWith('import');
  const target = targetOf(value, what);
  if (value.kind === 'mapping') checkWords(value, what === 'role' ? ROLE_ARGS : TASKS_ARGS, word, problems);
  if (target === undefined) {
    const hint = what === 'role' ? 'write "name: <role>".' : 'write the name of a file with tasks.';
    problems.push(
      problem('E_PLAYBOOK_SHAPE', `"${key}" does not say what to bring in: it is ${shapeOf(value)}`, {
        at: value.at,
        hint,
      }),
    );
    return undefined;
  }
  const loop = readLoop(node, problems);
  if (loop !== undefined && isImport) {
    const hint = `use "include_${what}" with a loop.`;
    problems.push(problem('E_LOOP', `"${word}" cannot be repeated by a loop`, {at: loop.items.at, hint}));
  }
  const tasksFrom = entryOf(value, 'tasks_from')?.value;
  const apply = entryOf(value, 'apply')?.value;
  if (apply?.kind === 'mapping') checkWords(apply, BLOCK_WORDS, 'apply', problems);
  return {
    ...start,
    type: 'include',
    what,
    isImport,
    target,
    ...(tasksFrom === undefined ? {} : {tasksFrom: rawOf(tasksFrom)}),
    apply: apply?.kind === 'mapping' ? readWords(apply, 'apply', problems) : NO_WORDS,
    ...(loop === undefined ? {} : {loop}),
    listen: readTexts(entryOf(node, 'listen')?.value, 'listen', problems),
  };
}

function targetOf(value: YamlNode, what: 'tasks' | 'role'): Raw | undefined {
  if (value.kind === 'scalar') return typeof value.value === 'string' && what === 'tasks' ? rawOf(value) : undefined;
  const entry = what === 'tasks' ? entryOf(value, 'file') : (entryOf(value, 'name') ?? entryOf(value, 'role'));
  return entry?.value.kind === 'scalar' && entry.value.value !== null ? rawOf(entry.value) : undefined;
}
