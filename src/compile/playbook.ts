/** A playbook file into plays; other playbooks that it imports in their place. */
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import type {SourceFile} from '../base/source.ts';
import {entryOf, parseYaml, type YamlMapping, type YamlNode} from '../base/yaml.ts';
import type {Play, RoleEntry, Words} from './node.ts';
import {dirname, join} from './paths.ts';
import {type Raw, rawOf, shapeOf, variableOf} from './raw.ts';
import {checkWords, isEmpty, readRaw, readTextNodes, readWords} from './read-words.ts';
import {readTasks} from './task-word.ts';
import {PLAY_WORDS, ROLE_WORDS} from './word-list.ts';

const IMPORT_WORDS = new Set(['import_playbook', 'ansible.builtin.import_playbook', 'name', 'tags', 'vars', 'when']);

/** Reads a playbook and those it imports; `read` finds a file of the project. */
export function readPlaybook(
  file: SourceFile,
  read: (path: string) => SourceFile | undefined,
  problems: Diagnostic[],
  above: readonly string[] = [],
): readonly Play[] {
  const parsed = parseYaml(file);
  if (!parsed.ok) {
    problems.push(...parsed.error);
    return [];
  }
  const root = parsed.value;
  if (root.kind !== 'sequence') {
    const hint = 'a playbook is a list of plays: start with "- hosts: …".';
    problems.push(problem('E_PLAYBOOK_SHAPE', `a playbook must be a list, not ${shapeOf(root)}`, {at: root.at, hint}));
    return [];
  }
  return root.items.flatMap(item => {
    if (item.kind !== 'mapping') {
      problems.push(
        problem('E_PLAYBOOK_SHAPE', `a play must be a mapping, not ${shapeOf(item)}`, {
          at: item.at,
          hint: 'start with "- hosts: …".',
        }),
      );
      return [];
    }
    const imported = entryOf(item, 'import_playbook') ?? entryOf(item, 'ansible.builtin.import_playbook');
    if (imported === undefined) return readPlay(item, file, problems) ?? [];
    checkWords(item, IMPORT_WORDS, 'import_playbook', problems);
    const words = readWords(item, 'import', problems);
    return importPlaybook(imported.value, file, read, problems, above).map(play => withWords(play, words));
  });
}

function importPlaybook(
  node: YamlNode,
  file: SourceFile,
  read: (path: string) => SourceFile | undefined,
  problems: Diagnostic[],
  above: readonly string[],
): readonly Play[] {
  const name = node.kind === 'scalar' ? String(node.value) : '';
  const path = join(dirname(file.path), name);
  if (path === file.path || above.includes(path)) {
    problems.push(
      problem('E_PLAYBOOK_LOOP', `"${name}" imports itself`, {at: node.at, hint: 'take one of the imports out.'}),
    );
    return [];
  }
  const found = read(path);
  if (found === undefined) {
    const hint = `looked for ${path}: names start at the playbook that imports.`;
    problems.push(problem('E_PLAYBOOK_NOT_FOUND', `there is no playbook "${name}"`, {at: node.at, hint}));
    return [];
  }
  return readPlaybook(found, read, problems, [...above, file.path]);
}

/** Tags, conditions and variables of `import_playbook` go to each play. */
function withWords(play: Play, words: Words): Play {
  return {
    ...play,
    words: {
      ...play.words,
      tags: [...words.tags, ...play.words.tags],
      when: [...words.when, ...play.words.when],
      vars: new Map([...play.words.vars, ...words.vars]),
    },
  };
}

function readPlay(node: YamlMapping, file: SourceFile, problems: Diagnostic[]): Play | undefined {
  checkWords(node, PLAY_WORDS, 'play', problems);
  const hosts = readRaw(node, 'hosts');
  if (hosts === undefined || hosts.value === null || hosts.value === '') {
    problems.push(
      problem('E_PLAY_HOSTS', 'a play does not say on which hosts', {at: node.at, hint: 'add "hosts: etcd".'}),
    );
    return undefined;
  }
  const dir = dirname(file.path);
  const optional = (word: string, key: 'serial' | 'maxFailPercentage' | 'connection' | 'beyondLimit') => {
    const raw = readRaw(node, word);
    return raw === undefined ? {} : {[key]: raw};
  };
  const list = (word: string) => readTasks(entryOf(node, word)?.value, dir, problems);
  return {
    name: playName(entryOf(node, 'name')?.value, hosts),
    playbook: file.path,
    dir,
    at: node.at,
    hosts,
    words: readWords(node, 'play', problems),
    varsFiles: readVarsFiles(entryOf(node, 'vars_files')?.value, problems),
    roles: readRoles(entryOf(node, 'roles')?.value, problems),
    preTasks: list('pre_tasks'),
    tasks: list('tasks'),
    postTasks: list('post_tasks'),
    handlers: list('handlers'),
    ...optional('serial', 'serial'),
    ...optional('max_fail_percentage', 'maxFailPercentage'),
    ...optional('connection', 'connection'),
    ...optional('beyond_limit', 'beyondLimit'),
  };
}

/** A play without a name is called by its hosts, as in Ansible. */
function playName(name: YamlNode | undefined, hosts: Raw): string {
  if (name?.kind === 'scalar' && name.value !== null) return String(name.value);
  return Array.isArray(hosts.value) ? hosts.value.join(',') : String(hosts.value);
}

/** Each entry a file name, or a list of names of which the first that exists is taken. */
function readVarsFiles(node: YamlNode | undefined, problems: Diagnostic[]): readonly Raw[] {
  if (node?.kind !== 'sequence') return readTextNodes(node, 'vars_files', problems);
  return node.items.map(rawOf);
}

/** Reads `roles:` of a play, or `dependencies:` of a role. */
export function readRoles(node: YamlNode | undefined, problems: Diagnostic[]): readonly RoleEntry[] {
  if (node === undefined || isEmpty(node)) return [];
  if (node.kind !== 'sequence') {
    problems.push(
      problem('E_PLAYBOOK_SHAPE', `roles must be a list, not ${shapeOf(node)}`, {
        at: node.at,
        hint: 'write "- <role>" lines.',
      }),
    );
    return [];
  }
  return node.items.flatMap(item => readRole(item, problems) ?? []);
}

function readRole(node: YamlNode, problems: Diagnostic[]): RoleEntry | undefined {
  if (node.kind === 'scalar' && typeof node.value === 'string') {
    return {
      name: rawOf(node),
      words: {tags: [], when: [], vars: new Map(), inherited: new Map()},
      params: new Map(),
      at: node.at,
    };
  }
  const name = entryOf(node, 'role') ?? entryOf(node, 'name');
  if (node.kind !== 'mapping' || name === undefined) {
    const hint = 'write "- <role>" or "- role: <role>".';
    problems.push(
      problem('E_PLAYBOOK_SHAPE', `an entry of roles must name a role: it is ${shapeOf(node)}`, {at: node.at, hint}),
    );
    return undefined;
  }
  const params = node.entries.filter(({key}) => !ROLE_WORDS.has(key));
  return {
    name: rawOf(name.value),
    words: readWords(node, 'role', problems),
    params: new Map(params.map(({key, value}) => [key, variableOf(key, value, 'role parameter')])),
    at: node.at,
  };
}
