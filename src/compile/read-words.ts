/** Reads the words that plays, blocks, tasks and roles share, and refuses the others. */
import type {Data} from '../base/data.ts';
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {nearestName} from '../base/names.ts';
import {entryOf, type YamlMapping, type YamlNode} from '../base/yaml.ts';
import type {Words} from './node.ts';
import {NO_VARS, type Raw, rawOf, readVars, shapeOf} from './raw.ts';
import {INHERITED, type InheritedWord, UNSUPPORTED} from './word-list.ts';

/** The shared words of a mapping; `what` names it in messages ("play", "task"). */
export function readWords(node: YamlMapping, what: string, problems: Diagnostic[]): Words {
  const inherited = new Map<InheritedWord, Raw>();
  for (const word of INHERITED) {
    const entry = entryOf(node, word);
    if (entry !== undefined) inherited.set(word, rawOf(entry.value));
  }
  const vars = entryOf(node, 'vars');
  return {
    tags: readTags(entryOf(node, 'tags')?.value, problems),
    when: readConditions(entryOf(node, 'when')?.value, 'when', problems) ?? [],
    vars: vars === undefined ? NO_VARS : readVars(vars.value, `${what} vars`, problems),
    inherited,
  };
}

/** `tags: a`, `tags: a,b`, `tags: [a, b]`. */
export function readTags(node: YamlNode | undefined, problems: Diagnostic[]): readonly string[] {
  return readTexts(node, 'tags', problems)
    .flatMap(text => text.split(','))
    .map(tag => tag.trim())
    .filter(tag => tag !== '');
}

/** A text or a list of texts. */
export function readTexts(node: YamlNode | undefined, word: string, problems: Diagnostic[]): readonly string[] {
  return readTextNodes(node, word, problems).map(raw => String(raw.value));
}

/** A text or a list of texts, each with its place. */
export function readTextNodes(node: YamlNode | undefined, word: string, problems: Diagnostic[]): readonly Raw[] {
  if (node === undefined || isEmpty(node)) return [];
  const items = node.kind === 'sequence' ? node.items : [node];
  return items.flatMap(item => {
    if (item.kind === 'scalar' && item.value !== null) return [rawOf(item)];
    problems.push(
      problem('E_PLAYBOOK_SHAPE', `"${word}" must be a text or a list of texts, not ${shapeOf(item)}`, {at: item.at}),
    );
    return [];
  });
}

/** Conditions: a text, a boolean, or a list of them; undefined where the word is absent. */
export function readConditions(
  node: YamlNode | undefined,
  word: string,
  problems: Diagnostic[],
): readonly Raw[] | undefined {
  if (node === undefined) return undefined;
  const items = node.kind === 'sequence' ? node.items : [node];
  return items.flatMap(item => {
    if (item.kind === 'scalar') return item.value === null ? [] : [rawOf(item)];
    const hint = 'write a Jinja2 expression, or a list of them (all must hold).';
    problems.push(
      problem('E_PLAYBOOK_SHAPE', `"${word}" must be a condition, not ${shapeOf(item)}`, {at: item.at, hint}),
    );
    return [];
  });
}

/** Refuses keys outside `known`: those of Ansible's that mean something else here with the way out, others with the nearest word. */
export function checkWords(node: YamlMapping, known: ReadonlySet<string>, what: string, problems: Diagnostic[]): void {
  for (const {key, keyAt} of node.entries) {
    if (known.has(key)) continue;
    problems.push(unknownWord(key, keyAt, known, what));
  }
}

/** The problem of one key that is not known. */
export function unknownWord(key: string, keyAt: Raw['at'], known: Iterable<string>, what: string): Diagnostic {
  const way = UNSUPPORTED.get(key);
  if (way !== undefined)
    return problem('E_UNSUPPORTED', `"${key}" is not supported in a ${what}`, {at: keyAt, hint: way});
  const near = nearestName(key, known);
  const hint = near === undefined ? `a ${what} has no such word.` : `did you mean "${near}"?`;
  return problem('E_PLAYBOOK_KEY', `unknown key "${key}" in a ${what}`, {at: keyAt, hint});
}

/** A text value, or undefined (after a problem where it is something else). */
export function readText(node: YamlNode | undefined, word: string, problems: Diagnostic[]): string | undefined {
  if (node === undefined) return undefined;
  if (node.kind === 'scalar' && node.value !== null) return String(node.value);
  problems.push(problem('E_PLAYBOOK_SHAPE', `"${word}" must be a text, not ${shapeOf(node)}`, {at: node.at}));
  return undefined;
}

/** A word's value with its place. */
export function readRaw(node: YamlMapping, word: string): Raw | undefined {
  const entry = entryOf(node, word);
  return entry === undefined ? undefined : rawOf(entry.value);
}

/** A null scalar. */
export function isEmpty(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.value === null;
}

/** Python's and Ansible's texts for true and false; undefined for anything else. */
export function toBoolean(value: Data): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (value === 1 || value === 0) return value === 1;
  if (typeof value !== 'string') return undefined;
  const text = value.toLowerCase().trim();
  if (['yes', 'true', 'on', '1', 'y', 't'].includes(text)) return true;
  return ['no', 'false', 'off', '0', 'n', 'f', ''].includes(text) ? false : undefined;
}
