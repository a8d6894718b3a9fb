/** Values as YAML, laid out as PyYAML lays them out (`to_yaml`, `to_nice_yaml`). */
import {TemplateFailure, typeFailure} from '../failure.ts';
import {mappingEntries} from './compare.ts';
import type {Meter} from './meter.ts';
import {isList, PyFloat, PyTuple, typeName, Undefined, type Value} from './model.ts';
import {isFloat, isInt} from './number.ts';
import {floatText, MAX_DEPTH, undefinedFailure} from './text.ts';
import {type ScalarPlace, writeScalar} from './yaml-scalar.ts';

/** How to write. */
export interface YamlStyle {
  readonly indent: number;
  /** Collections in one line: always, never, or (undefined) those that hold only scalars. */
  readonly flow: boolean | undefined;
  readonly sortKeys: boolean;
  readonly width: number;
  readonly explicitStart: boolean;
}

/** A value as a YAML document. */
export function toYaml(value: Value, style: YamlStyle, meter: Meter): string {
  const writer = new YamlWriter(style, meter);
  return writer.document(value);
}

class YamlWriter {
  readonly #style: YamlStyle;
  readonly #meter: Meter;
  #text = '';

  constructor(style: YamlStyle, meter: Meter) {
    this.#style = style;
    this.#meter = meter;
  }

  document(value: Value): string {
    const isScalar = childrenOf(value) === undefined;
    if (this.#style.explicitStart) this.#write('---');
    if (this.#style.explicitStart) this.#write(isScalar ? ' ' : '\n');
    this.#node(value, 0, 0, 'root');
    if (!this.#text.endsWith('\n')) this.#write('\n');
    return this.#text;
  }

  #write(text: string): void {
    this.#meter.text(text.length);
    this.#text += text;
  }

  get #column(): number {
    return this.#text.length - (this.#text.lastIndexOf('\n') + 1);
  }

  /** Writes a node; what comes before it (a key, a dash) is there already. */
  #node(value: Value, indent: number, depth: number, place: 'root' | 'sequence' | 'mapping'): void {
    this.#meter.step();
    if (depth > MAX_DEPTH) throw new TemplateFailure('E_TEMPLATE_LIMIT', 'the value is nested too deeply');
    const children = childrenOf(value);
    if (children === undefined) {
      this.#scalar(value, place === 'root' ? this.#style.indent : indent, 'block');
      return;
    }
    if (children.items.length === 0) {
      this.#write(children.isMap ? '{}' : '[]');
      return;
    }
    if (this.#isFlow(children.items)) {
      this.#flow(value, indent);
      return;
    }
    if (children.isMap) this.#mapping(this.#sorted(value), indent, depth, place);
    else this.#sequence(children.items, indent, depth, place);
  }

  #isFlow(items: readonly Value[]): boolean {
    return this.#style.flow ?? items.every(item => childrenOf(item) === undefined);
  }

  #sorted(value: Value): [string, Value][] {
    const entries = mappingEntries(value) ?? [];
    return this.#style.sortKeys ? entries.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)) : entries;
  }

  #mapping(entries: readonly (readonly [string, Value])[], indent: number, depth: number, place: string): void {
    for (const [index, [key, value]] of entries.entries()) {
      this.#startLine(indent, index === 0 && place === 'sequence');
      const keyText = writeScalar(key, this.#place(indent, 'key'));
      if (keyText.length > 128 || keyText.includes('\n')) {
        this.#write(`? ${keyText}`);
        this.#startLine(indent, false);
        this.#write(':');
      } else this.#write(`${keyText}:`);
      this.#value(value, indent, depth, 'mapping');
    }
  }

  #sequence(items: readonly Value[], indent: number, depth: number, place: string): void {
    // In a mapping the dashes stand under the key.
    const at = place === 'mapping' ? indent - this.#style.indent : indent;
    for (const [index, item] of items.entries()) {
      this.#startLine(at, index === 0 && place === 'sequence');
      this.#write('-');
      this.#value(item, at, depth, 'sequence');
    }
  }

  #value(value: Value, indent: number, depth: number, place: 'sequence' | 'mapping'): void {
    const inner = indent + this.#style.indent;
    const children = childrenOf(value);
    const isBlock = children !== undefined && children.items.length > 0 && !this.#isFlow(children.items);
    if (!isBlock) this.#write(' ');
    this.#node(value, inner, depth + 1, place);
  }

  /** Moves to a column: on this line right after a dash, else on a new one. */
  #startLine(indent: number, afterDash: boolean): void {
    if (afterDash) {
      this.#write(' '.repeat(Math.max(1, indent - this.#column)));
      return;
    }
    if (this.#text !== '' && !this.#text.endsWith('\n')) this.#write('\n');
    this.#write(' '.repeat(indent));
  }

  #flow(value: Value, indent: number): void {
    const children = childrenOf(value);
    if (children === undefined) {
      this.#scalar(value, indent, 'flow');
      return;
    }
    this.#write(children.isMap ? '{' : '[');
    const entries: (readonly [string | undefined, Value])[] = children.isMap
      ? this.#sorted(value)
      : children.items.map(item => [undefined, item] as const);
    const inner = indent === 0 ? this.#style.indent : indent;
    for (const [index, [key, item]] of entries.entries()) {
      if (index > 0) this.#write(',');
      if (this.#column > this.#style.width) this.#startLine(inner, false);
      else if (index > 0) this.#write(' ');
      if (key !== undefined) this.#write(`${writeScalar(key, {...this.#place(inner, 'key'), isFlow: true})}: `);
      this.#flow(item, inner + this.#style.indent);
    }
    this.#write(children.isMap ? '}' : ']');
  }

  #scalar(value: Value, indent: number, where: 'block' | 'flow'): void {
    const place = {...this.#place(indent, 'value'), isFlow: where === 'flow'};
    this.#write(typeof value === 'string' ? writeScalar(value, place) : plainScalar(value));
  }

  #place(indent: number, role: 'key' | 'value'): ScalarPlace {
    return {column: this.#column, width: this.#style.width, indent, isKey: role === 'key', isFlow: false};
  }
}

function childrenOf(value: Value): {readonly isMap: boolean; readonly items: readonly Value[]} | undefined {
  if (isList(value)) return {isMap: false, items: value};
  if (value instanceof PyTuple) return {isMap: false, items: value.items};
  const entries = mappingEntries(value);
  return entries && {isMap: true, items: entries.map(([, item]) => item)};
}

function plainScalar(value: Value): string {
  if (value instanceof Undefined) throw undefinedFailure(value);
  if (value === null) return 'null';
  if (typeof value === 'boolean' || isInt(value)) return String(value);
  if (!isFloat(value)) throw typeFailure(`a ${typeName(value)} has no form in YAML`);
  const float = value instanceof PyFloat ? value.value : value;
  if (Number.isNaN(float)) return '.nan';
  if (!Number.isFinite(float)) return float > 0 ? '.inf' : '-.inf';
  const text = floatText(float);
  return text.includes('.') ? text : text.replace('e', '.0e');
}
