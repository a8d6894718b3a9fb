/**
 * YAML as PyYAML reads it (1.1, its booleans, `0755` octal, duplicate keys refused), every value with its place.
 * With yaml-tags.ts the only file that knows the `yaml` package.
 */
import {isAlias, isMap, isScalar, isSeq, type Node, parseDocument, type Scalar} from 'yaml';
import {type Data, dataMap} from './data.ts';
import {type Diagnostic, problem} from './diagnostic.ts';
import {err, ok, type Result} from './result.ts';
import type {Location, SourceFile} from './source.ts';
import {pyYamlTags} from './yaml-tags.ts';

/** A value in a YAML file, with its place. */
export type YamlNode = YamlScalar | YamlSequence | YamlMapping;

export interface YamlScalar {
  readonly kind: 'scalar';
  readonly value: null | boolean | number | bigint | string;
  /** As written, without quotes. */
  readonly source: string;
  /** Written in quotes or as a block: a string whatever it looks like. */
  readonly quoted: boolean;
  /** `!unsafe` or `!vault`, where written. */
  readonly tag?: string;
  readonly at: Location;
}

export interface YamlSequence {
  readonly kind: 'sequence';
  readonly items: readonly YamlNode[];
  readonly at: Location;
}

export interface YamlMapping {
  readonly kind: 'mapping';
  readonly entries: readonly YamlEntry[];
  readonly at: Location;
}

export interface YamlEntry {
  readonly key: string;
  readonly keyAt: Location;
  readonly value: YamlNode;
}

/** More aliases than this are refused: an alias bomb. */
const MAX_ALIASES = 1000;
/** Deeper nesting than this is refused. */
const MAX_DEPTH = 200;

/** Reads one YAML document; an empty one is a null scalar. Every problem is reported, with its place. */
export function parseYaml(file: SourceFile): Result<YamlNode> {
  const document = parseDocument(file.text, {
    version: '1.1',
    uniqueKeys: false, // the library's own check takes quadratic time: #mapping does it
    intAsBigInt: true,
    prettyErrors: false,
    logLevel: 'error', // 'silent' would also hide a second document
    customTags: pyYamlTags,
  });
  const problems: Diagnostic[] = [...document.errors, ...document.warnings].map(error => {
    const [start, end] = error.pos;
    return yamlProblem(file, error.code, error.message, {file, start, end: Math.max(end, start + 1)});
  });
  if (problems.length > 0) return err(problems);
  const converter = new Converter(file, document);
  const root = converter.convert(document.contents as Node | null, 0);
  return converter.problems.length > 0 ? err(converter.problems) : ok(root);
}

/** Names the usual mistakes with their remedy. */
function yamlProblem(file: SourceFile, code: string, message: string, at: Location): Diagnostic {
  const first = message.split('\n')[0] ?? message;
  if (file.text.slice(at.start, at.end).includes('\t')) {
    return problem('E_YAML_TAB', 'a tab is used for indentation', {
      at,
      hint: 'indent with spaces: YAML does not allow tabs.',
    });
  }
  if (code === 'MULTIPLE_DOCS') {
    return problem('E_YAML_DOCUMENTS', 'a second YAML document starts here', {
      at,
      hint: 'keep one document per file: remove the "---" or split the file.',
    });
  }
  return problem('E_YAML_SYNTAX', `not valid YAML: ${first}`, {
    at,
    hint: 'check indentation, colons and quotes around this place.',
  });
}

/** Turns the library's nodes into ours. */
class Converter {
  readonly problems: Diagnostic[] = [];
  readonly #file: SourceFile;
  readonly #document: ReturnType<typeof parseDocument>;
  #aliases = 0;

  constructor(file: SourceFile, document: ReturnType<typeof parseDocument>) {
    this.#file = file;
    this.#document = document;
  }

  convert(node: Node | null, depth: number): YamlNode {
    const at = this.#place(node);
    if (node === null) return {kind: 'scalar', value: null, source: '', quoted: false, at};
    if (depth > MAX_DEPTH) return this.#refuse(at, 'E_YAML_DEPTH', `nested deeper than ${MAX_DEPTH} levels`);
    if (isAlias(node)) {
      if (++this.#aliases > MAX_ALIASES) return this.#refuse(at, 'E_YAML_ALIASES', `more than ${MAX_ALIASES} aliases`);
      const target = node.resolve(this.#document);
      if (target === undefined) return this.#refuse(at, 'E_YAML_SYNTAX', `the alias *${node.source} has no anchor`);
      return this.convert(target, depth + 1);
    }
    if (isMap(node)) return this.#mapping(node as never, at, depth);
    if (isSeq(node))
      return {kind: 'sequence', items: node.items.map(item => this.convert(item as Node | null, depth + 1)), at};
    if (isScalar(node)) return this.#scalar(node, at);
    return this.#refuse(at, 'E_YAML_SYNTAX', 'this kind of YAML node is not known');
  }

  #mapping(node: {items: {key: unknown; value: unknown}[]}, at: Location, depth: number): YamlMapping {
    const merged: YamlEntry[] = [];
    const entries: YamlEntry[] = [];
    const written = new Map<string, Location>();
    for (const pair of node.items) {
      const keyNode = pair.key as Node | null;
      const keyAt = this.#place(keyNode);
      if (isScalar(keyNode) && keyNode.source === '<<' && keyNode.type === 'PLAIN') {
        merged.push(...this.#merged(pair.value as Node | null, keyAt, depth));
        continue;
      }
      const key = this.convert(keyNode, depth + 1);
      if (key.kind !== 'scalar') {
        this.#refuse(keyAt, 'E_YAML_KEY', 'a key must be a plain word, not a list or a mapping');
        continue;
      }
      const name = typeof key.value === 'string' ? key.value : key.source;
      const first = written.get(name);
      if (first !== undefined) this.#duplicate(name, first, keyAt);
      written.set(name, keyAt);
      entries.push({key: name, keyAt, value: this.convert(pair.value as Node | null, depth + 1)});
    }
    const own = new Map<string, YamlEntry>();
    for (const entry of [...merged, ...entries]) own.set(entry.key, entry);
    return {kind: 'mapping', entries: [...own.values()], at};
  }

  /** `<<: *defaults`: wherever it stands, the mapping's own keys win; of several, the first. */
  #merged(value: Node | null, at: Location, depth: number): readonly YamlEntry[] {
    const source = this.convert(value, depth + 1);
    if (source.kind === 'mapping') return source.entries;
    if (source.kind === 'sequence' && source.items.every(item => item.kind === 'mapping')) {
      return [...source.items].reverse().flatMap(item => (item.kind === 'mapping' ? item.entries : []));
    }
    this.#refuse(at, 'E_YAML_MERGE', '"<<" needs a mapping or a list of mappings');
    return [];
  }

  #scalar(node: Scalar, at: Location): YamlScalar {
    const quoted = node.type !== 'PLAIN' && node.type !== undefined;
    let value = node.value as YamlScalar['value'] | object;
    if (
      typeof value === 'bigint' &&
      value >= BigInt(Number.MIN_SAFE_INTEGER) &&
      value <= BigInt(Number.MAX_SAFE_INTEGER)
    )
      value = Number(value);
    if (typeof value === 'object' && value !== null) value = node.source ?? String(value); // timestamps, binary: as written
    const custom = node.tag?.startsWith('!') ? {tag: node.tag} : {};
    return {kind: 'scalar', value: value ?? null, source: node.source ?? String(value ?? ''), quoted, ...custom, at};
  }

  #duplicate(key: string, first: Location, at: Location): void {
    const hint = 'keep one of the two: YAML would silently use the last.';
    const related = [{message: 'first written here', at: first}];
    this.problems.push(
      problem('E_YAML_DUPLICATE_KEY', `the key "${key}" is written twice in one mapping`, {at, hint, related}),
    );
  }

  #place(node: Node | null): Location {
    const [start, valueEnd] = node?.range ?? [0, 0];
    return {file: this.#file, start, end: Math.max(valueEnd, start + 1)};
  }

  #refuse(at: Location, code: `E_${string}`, message: string): YamlScalar {
    this.problems.push(problem(code, message, {at}));
    return {kind: 'scalar', value: null, source: '', quoted: false, at};
  }
}

/** The plain value of a node. */
export function toData(node: YamlNode): Data {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'sequence':
      return node.items.map(toData);
    case 'mapping':
      return dataMap(node.entries.map(entry => [entry.key, toData(entry.value)]));
  }
}

/** The entry of a mapping, or undefined (also where the node is no mapping). */
export function entryOf(node: YamlNode | undefined, key: string): YamlEntry | undefined {
  return node?.kind === 'mapping' ? node.entries.find(entry => entry.key === key) : undefined;
}

/** The node at a JSON path (`['hosts', '10.10.10.10', 'etcd_seq']`), or the nearest one above it that exists. */
export function nodeAt(node: YamlNode, path: readonly (string | number)[]): YamlNode {
  let current = node;
  for (const step of path) {
    const next: YamlNode | undefined =
      current.kind === 'sequence' ? current.items[Number(step)] : entryOf(current, String(step))?.value;
    if (next === undefined) return current;
    current = next;
  }
  return current;
}
