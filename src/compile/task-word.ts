/** One entry of a list of tasks: its words sorted out, its kind found. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {formatLocation} from '../base/source.ts';
import {entryOf, type YamlEntry, type YamlMapping, type YamlNode} from '../base/yaml.ts';
import {findAction, readArgs} from './action.ts';
import {readInclude} from './include-word.ts';
import {readLoop} from './loop-word.ts';
import {type MetaNode, NO_WORDS, type StepNode, type TaskNode} from './node.ts';
import {type Raw, rawOf, shapeOf} from './raw.ts';
import {
  checkWords,
  isEmpty,
  readConditions,
  readRaw,
  readText,
  readTextNodes,
  readTexts,
  readWords,
} from './read-words.ts';
import {BLOCK_WORDS, TASK_WORDS} from './word-list.ts';

/** Reads a list of tasks; entries that cannot be read are left out, each after its problems. */
export function readTasks(node: YamlNode | undefined, dir: string, problems: Diagnostic[]): readonly TaskNode[] {
  if (node === undefined || isEmpty(node)) return [];
  if (node.kind !== 'sequence') {
    const hint = 'start each task with "- name: …".';
    problems.push(problem('E_PLAYBOOK_SHAPE', `tasks must be a list, not ${shapeOf(node)}`, {at: node.at, hint}));
    return [];
  }
  return node.items.flatMap(item => readTask(item, dir, problems) ?? []);
}

function readTask(node: YamlNode, dir: string, problems: Diagnostic[]): TaskNode | undefined {
  if (node.kind !== 'mapping') {
    const hint = 'write "name:" and one task kind with its arguments.';
    problems.push(problem('E_PLAYBOOK_SHAPE', `a task must be a mapping, not ${shapeOf(node)}`, {at: node.at, hint}));
    return undefined;
  }
  const block = entryOf(node, 'block');
  if (block !== undefined) return readBlock(node, block, dir, problems);
  const action = findAction(node, problems);
  if (action === undefined) return undefined;
  if (action.type === 'include') return readInclude(node, action, baseOf(node, dir, problems), problems);
  if (action.type === 'meta') return readMeta(node, action.value, dir, problems);
  const known = new Set([...TASK_WORDS, ...(action.key === undefined ? [] : [action.key])]);
  checkWords(node, known, 'task', problems);
  const base = baseOf(node, dir, problems);
  const loop = readLoop(node, problems);
  const register = readText(entryOf(node, 'register')?.value, 'register', problems);
  const step: StepNode = {
    ...base,
    type: 'step',
    kind: action.kind,
    args: readArgs(node, action, problems),
    argsAt: action.value.at,
    ...(loop === undefined ? {} : {loop}),
    ...(register === undefined ? {} : {register}),
    notify: readTextNodes(entryOf(node, 'notify')?.value, 'notify', problems),
    listen: readTexts(entryOf(node, 'listen')?.value, 'listen', problems),
    changedWhen: readConditions(entryOf(node, 'changed_when')?.value, 'changed_when', problems),
    failedWhen: readConditions(entryOf(node, 'failed_when')?.value, 'failed_when', problems),
    ...readUntil(node, problems),
  };
  return action.isLocal ? onController(step, node) : step;
}

/** `local_action` is `delegate_to: localhost`. */
function onController(step: StepNode, node: YamlMapping): StepNode {
  const inherited = new Map(step.words.inherited).set('delegate_to', {value: 'localhost', at: node.at, node});
  return {...step, words: {...step.words, inherited}};
}

function readUntil(node: YamlMapping, problems: Diagnostic[]): Pick<StepNode, 'until'> {
  const conditions = readConditions(entryOf(node, 'until')?.value, 'until', problems);
  if (conditions === undefined || conditions.length === 0) return {};
  const retries = readRaw(node, 'retries');
  const delay = readRaw(node, 'delay');
  return {
    until: {
      conditions,
      ...(retries === undefined ? {} : {retries}),
      ...(delay === undefined ? {} : {delay}),
    },
  };
}

function readBlock(node: YamlMapping, block: YamlEntry, dir: string, problems: Diagnostic[]): TaskNode {
  checkWords(node, BLOCK_WORDS, 'block', problems);
  return {
    ...baseOf(node, dir, problems),
    type: 'block',
    children: readTasks(block.value, dir, problems),
    notify: readTextNodes(entryOf(node, 'notify')?.value, 'notify', problems),
  };
}

function readMeta(node: YamlMapping, value: YamlNode, dir: string, problems: Diagnostic[]): MetaNode | undefined {
  checkWords(node, new Set([...TASK_WORDS, 'meta', 'ansible.builtin.meta']), 'task', problems);
  const action = readText(value, 'meta', problems);
  const base = baseOf(node, dir, problems);
  switch (action) {
    case 'flush_handlers':
    case 'noop':
    case 'end_play':
    case 'end_host':
      return {...base, type: 'meta', action};
    case 'clear_facts':
    case 'clear_host_errors':
    case 'refresh_inventory':
    case 'reset_connection':
      return {...base, type: 'meta', action: 'noop'};
    default: {
      const hint = 'use flush_handlers, noop, end_host or end_play.';
      if (action !== undefined)
        problems.push(problem('E_UNSUPPORTED', `"meta: ${action}" is not supported`, {at: value.at, hint}));
      return undefined;
    }
  }
}

/** What every node has. */
export interface NodeStart {
  readonly at: TaskNode['at'];
  readonly place: string;
  readonly dir: string;
  readonly name?: Raw;
  readonly words: TaskNode['words'];
}

function baseOf(node: YamlMapping, dir: string, problems: Diagnostic[]): NodeStart {
  const name = entryOf(node, 'name')?.value;
  return {
    at: node.at,
    place: formatLocation(node.at),
    dir,
    ...(name === undefined || isEmpty(name) ? {} : {name: rawOf(name)}),
    words: node.entries.length === 0 ? NO_WORDS : readWords(node, 'task', problems),
  };
}
