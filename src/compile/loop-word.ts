/** `loop`, `with_…` and `loop_control` as written. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {entryOf, type YamlMapping, type YamlNode} from '../base/yaml.ts';
import type {Loop} from './node.ts';
import {rawOf, shapeOf} from './raw.ts';
import {readRaw, readText, unknownWord} from './read-words.ts';

const WORDS = ['loop', 'with_items', 'with_list', 'with_dict'] as const;
const CONTROL = new Set(['loop_var', 'index_var', 'label', 'pause', 'extended']);

/** The loop of a task, if it has one. */
export function readLoop(node: YamlMapping, problems: Diagnostic[]): Loop | undefined {
  const words = WORDS.filter(word => entryOf(node, word) !== undefined);
  const [word, second] = words;
  const control = entryOf(node, 'loop_control');
  if (word === undefined) {
    if (control !== undefined)
      problems.push(problem('E_LOOP', '"loop_control" without a loop', {at: control.keyAt, hint: 'add "loop: …".'}));
    return undefined;
  }
  if (second !== undefined) {
    problems.push(
      problem('E_LOOP', `a task has two loops: "${word}" and "${second}"`, {
        at: entryOf(node, second)?.keyAt ?? node.at,
      }),
    );
  }
  const items = entryOf(node, word);
  if (items === undefined) return undefined;
  return {word, items: rawOf(items.value), ...readControl(control?.value, problems)};
}

function readControl(node: YamlNode | undefined, problems: Diagnostic[]): Omit<Loop, 'word' | 'items'> {
  if (node === undefined) return {loopVar: 'item'};
  if (node.kind !== 'mapping') {
    problems.push(problem('E_LOOP', `"loop_control" must be a mapping, not ${shapeOf(node)}`, {at: node.at}));
    return {loopVar: 'item'};
  }
  for (const {key, keyAt} of node.entries)
    if (!CONTROL.has(key)) problems.push(unknownWord(key, keyAt, CONTROL, 'loop_control'));
  const indexVar = readText(entryOf(node, 'index_var')?.value, 'index_var', problems);
  const label = readRaw(node, 'label');
  return {
    loopVar: readText(entryOf(node, 'loop_var')?.value, 'loop_var', problems) ?? 'item',
    ...(indexVar === undefined ? {} : {indexVar}),
    ...(label === undefined ? {} : {label}),
  };
}
