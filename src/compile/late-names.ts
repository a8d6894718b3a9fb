/** Which values wait for results of the run: found in the text of templates, without rendering them. */
import {type Data, isMap} from '../base/data.ts';
import {freeNames} from '../template/free-names.ts';
import {isTemplate} from '../template/templar.ts';
import type {Scope} from './scope.ts';

/** How a text is to be read. */
export type Mode = 'text' | 'expression';

/** Names that templates use, each text looked at once. */
export class NameIndex {
  readonly #names = new Map<string, readonly string[]>();

  /** Names that a text takes from outside. A text that is no valid template has none: rendering it tells why. */
  of(text: string, mode: Mode): readonly string[] {
    if (mode === 'text' && !isTemplate(text)) return [];
    const key = `${mode} ${text}`;
    const names = this.#names.get(key) ?? freeNames(text, mode).names;
    this.#names.set(key, names);
    return names;
  }

  /** Names in all texts of a value. */
  in(value: Data, mode: Mode = 'text'): readonly string[] {
    if (typeof value === 'string') return this.of(value, mode);
    if (Array.isArray(value)) return value.flatMap(item => this.in(item as Data, mode));
    return isMap(value) ? Object.values(value).flatMap(item => this.in(item, mode)) : [];
  }

  /** Whether one of the names, or a variable that they lead to, is known only during the run. */
  isLate(names: readonly string[], scope: Scope): boolean {
    return scope.host.late.size > 0 && this.#reaches(names, scope, new Set());
  }

  #reaches(names: readonly string[], scope: Scope, seen: Set<string>): boolean {
    return names.some(name => {
      if (seen.has(name)) return false;
      seen.add(name);
      if (scope.isLate(name)) return true;
      if (scope.locals.has(name)) return false;
      const found = scope.find(name);
      return found !== undefined && !found.final && this.#reaches(this.in(found.value), scope, seen);
    });
  }
}

/** Whether a text asks for a name only behind a guard: `x is defined`, `x | default(…)`. */
export function isGuarded(name: string, text: string): boolean {
  const path = String.raw`(?:\.\w+|\[[^\]]*\])*`;
  const guard = String.raw`\s*(?:\|\s*(?:default|d)\b|is\s+(?:not\s+)?(?:un)?defined\b)`;
  return new RegExp(String.raw`\b${name}${path}${guard}`).test(text);
}
