/** Ansible's old one-line arguments: `file: path=/x state=absent`, `command: ls creates=/x`. */
import type {AnyTaskKind} from '../task/task.ts';

/** Words that a free-form command may carry beside its text. */
const COMMAND_WORDS = new Set(['chdir', 'creates', 'removes', 'executable', 'stdin', 'warn']);

/** The arguments that a bare text means for a kind. */
export function freeFormArgs(kind: AnyTaskKind, text: string): ReadonlyMap<string, string> | undefined {
  const words = splitWords(text);
  if (kind.freeForm === undefined) {
    const pairs = words.map(pairOf);
    if (pairs.some(pair => pair === undefined)) return undefined;
    return new Map(pairs.flatMap(pair => (pair === undefined ? [] : [pair])));
  }
  const pairs = words.flatMap(word => {
    const pair = pairOf(word);
    return pair !== undefined && isArgument(kind, pair[0]) ? [pair] : [];
  });
  // `debug: msg=hello` is all pairs; `shell: a=1 ls` is a text.
  if (words.length > 0 && pairs.length === words.length) return new Map(pairs);
  const extra = new Map(pairs.filter(([name]) => COMMAND_WORDS.has(name)));
  const rest = words.filter(word => !extra.has(pairOf(word)?.[0] ?? ''));
  extra.set(kind.freeForm, extra.size === 0 ? text : rest.join(' '));
  return extra;
}

function isArgument(kind: AnyTaskKind, name: string | undefined): boolean {
  const properties = kind.schema.properties;
  return name !== undefined && typeof properties === 'object' && properties !== null && Object.hasOwn(properties, name);
}

function pairOf(word: string): [string, string] | undefined {
  const match = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(word);
  return match === null ? undefined : [match[1] ?? '', unquote(match[2] ?? '')];
}

function unquote(text: string): string {
  const match = /^(["'])(.*)\1$/s.exec(text);
  return match === null ? text : (match[2] ?? '');
}

/** One word: quoted stretches, templates, and anything else without blanks. */
const WORD = /(?:"(?:\\.|[^"\\])*"|'[^']*'|\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}|\S)+/g;

/** Splits at blanks outside quotes and outside `{{ }}`; quotes stay. */
export function splitWords(text: string): readonly string[] {
  return text.match(WORD) ?? [];
}
