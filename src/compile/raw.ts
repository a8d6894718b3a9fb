/** Values as the user wrote them: data with its place, templates not rendered. */
import {type Data, dataMap} from '../base/data.ts';
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import type {Location} from '../base/source.ts';
import {toData, type YamlNode} from '../base/yaml.ts';

/** A value of a playbook or role. */
export interface Raw {
  readonly value: Data;
  readonly at: Location;
  readonly node: YamlNode;
}

/** A variable of any layer; the inventory's variables have this shape too. */
export interface Var {
  readonly name: string;
  readonly value: Data;
  readonly at?: Location;
  readonly node?: YamlNode;
  /** "role etcd defaults", "play vars", "group etcd". */
  readonly origin: string;
  /** Never rendered: a result, or text marked `!unsafe`. */
  readonly final?: boolean;
  /** Holds a vaulted text, which cannot be read. */
  readonly vault?: boolean;
}

/** Variables of one layer by name. */
export type VarMap = ReadonlyMap<string, Var>;

/** No variables. */
export const NO_VARS: VarMap = new Map();

/** The value of a node with its place. */
export function rawOf(node: YamlNode): Raw {
  return {value: safeData(node), at: node.at, node};
}

/** The plain value of a node; texts marked `!unsafe` are wrapped so that rendering gives them back as they are. */
export function safeData(node: YamlNode): Data {
  switch (node.kind) {
    case 'scalar':
      return node.tag === '!unsafe' && typeof node.value === 'string' ? literally(node.value) : node.value;
    case 'sequence':
      return node.items.map(safeData);
    case 'mapping':
      return dataMap(node.entries.map(entry => [entry.key, safeData(entry.value)]));
  }
}

/** A text that renders to itself, whatever braces it holds. */
export function literally(text: string): string {
  if (!/\{[{%#]/.test(text)) return text;
  return text.replace(/\{[{%#]/g, open => `{{ '${open}' }}`);
}

/** `literally` for every text in a value. */
export function literalData(value: Data): Data {
  if (typeof value === 'string') return literally(value);
  if (Array.isArray(value)) return value.map(item => literalData(item as Data));
  if (value === null || typeof value !== 'object') return value;
  return dataMap(Object.entries(value).map(([key, item]) => [key, literalData(item)]));
}

/** Whether a node holds a text tagged so (`!vault`, `!unsafe`). */
export function hasTag(node: YamlNode, tag: string): boolean {
  if (node.kind === 'scalar') return node.tag === tag;
  if (node.kind === 'sequence') return node.items.some(item => hasTag(item, tag));
  return node.entries.some(entry => hasTag(entry.value, tag));
}

/** Reads `vars`-like mappings: variables with their places. */
export function readVars(node: YamlNode, origin: string, problems: Diagnostic[]): VarMap {
  if (node.kind === 'scalar' && node.value === null) return NO_VARS;
  if (node.kind !== 'mapping') {
    problems.push(
      problem('E_VARS_SHAPE', `${origin}: variables must be a mapping, not ${shapeOf(node)}`, {
        at: node.at,
        hint: 'write one "name: value" per line.',
      }),
    );
    return NO_VARS;
  }
  const vars = new Map<string, Var>();
  for (const {key, keyAt, value} of node.entries) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) {
      problems.push(
        problem('E_VARIABLE_NAME', `"${key}" is not a variable name`, {
          at: keyAt,
          hint: 'use letters, digits and underscores; do not start with a digit.',
        }),
      );
      continue;
    }
    vars.set(key, variableOf(key, value, origin));
  }
  return vars;
}

/** One variable from its node. */
export function variableOf(name: string, node: YamlNode, origin: string): Var {
  return {
    name,
    value: safeData(node),
    at: node.at,
    node,
    origin,
    ...(hasTag(node, '!vault') ? {vault: true} : {}),
  };
}

/** What a node is, in words. */
export function shapeOf(node: YamlNode): string {
  if (node.kind === 'mapping') return 'a mapping';
  if (node.kind === 'sequence') return 'a list';
  return node.value === null ? 'empty' : JSON.stringify(String(toData(node)));
}
