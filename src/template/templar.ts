/** Templates as Ansible means them: the door of this room. */
import type {Data} from '../base/data.ts';
import {problem} from '../base/diagnostic.ts';
import {nearestName} from '../base/names.ts';
import {err, ok, type Result} from '../base/result.ts';
import type {Location} from '../base/source.ts';
import {LocatedFailure, TemplateFailure} from './failure.ts';
import {runFilter, runTest} from './library.ts';
import {holdsTemplate, isTemplate} from './marks.ts';
import {ParsedTemplates, Renderer, type Services} from './renderer.ts';
import {isTruthy} from './values/compare.ts';
import {toData} from './values/data.ts';
import {Meter} from './values/meter.ts';
import {dictOf, LazyMapping, Undefined, type Value} from './values/model.ts';

export {type FreeNames, freeNames} from './free-names.ts';
export {isTemplate} from './marks.ts';
export {ParsedTemplates} from './renderer.ts';
export {LazyMapping} from './values/model.ts';

/** A variable as the inventory has it. */
export interface TemplateVariable {
  readonly value: Data | LazyMapping;
  /** Where it is defined. */
  readonly at?: Location;
  /** Already final: never rendered as a template (facts, registered results, `!unsafe`). */
  readonly final?: boolean;
}

/** Finds a variable by name; undefined = there is none. */
export type Lookup = (name: string) => TemplateVariable | undefined;

/** What helps messages. */
export interface TemplarOptions {
  /** Names of all variables, for "did you mean". */
  readonly known?: () => Iterable<string>;
  /** Shared by templars that render the same texts: a template is then parsed once for all hosts. */
  readonly parsed?: ParsedTemplates;
}

/**
 * Renders templates with the variables of one host. A variable is rendered when it is first used and kept, so that a
 * templar is for one set of variables: make a new one when they change. Every problem is an E_UNDEFINED or E_TEMPLATE_…
 * diagnostic with its place; one that lies in a variable's own template names the definition and the use in `related`.
 */
export class Templar {
  readonly #lookup: Lookup;
  readonly #known: () => Iterable<string>;
  readonly #renderer: Renderer;
  readonly #values = new Map<string, Value | undefined>();
  readonly #inProgress: string[] = [];
  #meter = new Meter();
  #depth = 0;

  constructor(lookup: Lookup, options: TemplarOptions = {}) {
    this.#lookup = lookup;
    this.#known = options.known ?? (() => []);
    const templar = this;
    const services: Services = {
      get meter() {
        return templar.#meter;
      },
      filter: (name, input, args) => runFilter(name, input, args, this.#meter),
      test: (name, input, args) => runTest(name, input, args, this.#meter),
      variable: name => this.#variable(name),
      known: () => this.#known(),
    };
    this.#renderer = new Renderer(services, options.parsed ?? new ParsedTemplates());
  }

  /** Renders every string in a value; one that is exactly one `{{ expression }}` keeps the expression's type. */
  render(value: Data, at?: Location): Result<Data> {
    return this.#result(at, () => toData(this.#render(value, at), this.#meter));
  }

  /** Renders a template file: strings in it have Python's escapes, its newlines at the end are kept. */
  renderText(text: string, at?: Location): Result<string> {
    return this.#result(at, () => (isTemplate(text) ? this.#renderer.text(text, 'python', at) : text));
  }

  /** Evaluates a condition (`when`): a bare expression; Python's truth decides. */
  condition(expression: string | boolean, at?: Location): Result<boolean> {
    if (typeof expression === 'boolean') return ok(expression);
    return this.#result(at, () => isTruthy(this.#conditionValue(expression, at)));
  }

  /** Evaluates a bare expression, its type kept. */
  expression(expression: string, at?: Location): Result<Data> {
    return this.#result(at, () => toData(this.#renderer.expression(expression, at), this.#meter));
  }

  /** A variable, rendered whole. */
  variable(name: string, at?: Location): Result<Data> {
    return this.#result(at, () => {
      const value = this.#variable(name);
      if (value !== undefined) return toData(value, this.#meter);
      const near = nearestName(name, this.#known());
      throw new TemplateFailure('E_UNDEFINED', `"${name}" is undefined`, {
        hint: near === undefined ? 'define it in the inventory.' : `did you mean "${near}"?`,
      });
    });
  }

  /** `when: "{{ x }}"` is a habit: one expression in braces is taken as that expression, and a text that says true or false as that. */
  #conditionValue(expression: string, at: Location | undefined): Value {
    if (!expression.includes('{{') && !expression.includes('{%')) return this.#renderer.expression(expression, at);
    const value = /^\s*\{\{(?:(?!\{\{|\}\})[\s\S])*\}\}\s*$/.test(expression)
      ? this.#renderer.value(expression.trim(), at)
      : undefined;
    if (value === undefined) {
      throw new TemplateFailure(
        'E_TEMPLATE_UNSUPPORTED',
        'a condition is an expression already and must not hold "{{ }}" or "{% %}"',
        {
          hint: 'leave the braces out: when: etcd_role == "server".',
        },
      );
    }
    if (typeof value !== 'string') return value;
    const word = value.trim().toLowerCase();
    if (['true', 'false', ''].includes(word)) return word === 'true';
    throw new TemplateFailure(
      'E_TEMPLATE_UNSUPPORTED',
      'the condition in "{{ }}" gives a text: whether it holds would depend on evaluating that text',
      {
        hint: 'leave the braces out, and compare: when: x == "y".',
      },
    );
  }

  /** Runs with a fresh allowance; failures become diagnostics. Calls from inside (lazy mappings) share the outer allowance. */
  #result<T>(at: Location | undefined, work: () => T): Result<T> {
    if (this.#depth === 0) this.#meter = new Meter();
    this.#depth++;
    try {
      return ok(work());
    } catch (error) {
      if (error instanceof LocatedFailure) return err(error.diagnostics);
      const failure =
        error instanceof RangeError
          ? new TemplateFailure('E_TEMPLATE_LIMIT', 'the value is nested or recurses too deeply')
          : error;
      if (!(failure instanceof TemplateFailure)) throw error;
      const hint = failure.hint === undefined ? {} : {hint: failure.hint};
      return err([problem(failure.code, failure.message, at === undefined ? hint : {...hint, at})]);
    } finally {
      this.#depth--;
    }
  }

  #variable(name: string): Value | undefined {
    if (this.#values.has(name)) return this.#values.get(name);
    const found = this.#lookup(name);
    if (found === undefined) return undefined;
    if (this.#inProgress.includes(name)) throw this.#cycle(name, found);
    this.#inProgress.push(name);
    let value: Value;
    try {
      value =
        found.final === true || found.value instanceof LazyMapping ? found.value : this.#render(found.value, found.at);
    } catch (error) {
      value = missingVariable(name, found, error);
    } finally {
      this.#inProgress.pop();
    }
    this.#values.set(name, value);
    return value;
  }

  #cycle(name: string, found: TemplateVariable): Error {
    const chain = [...this.#inProgress.slice(this.#inProgress.indexOf(name)), name].join(' -> ');
    const message = `the variable "${name}" is defined by itself: ${chain}`;
    const hint = 'break the circle: one of these must have a value of its own.';
    return found.at === undefined
      ? new TemplateFailure('E_TEMPLATE_RECURSION', message, {hint})
      : new LocatedFailure([problem('E_TEMPLATE_RECURSION', message, {hint, at: found.at})]);
  }

  /** Renders deep; problems of all parts are collected. Values without templates are given back as they are. */
  #render(value: Data, at: Location | undefined): Value {
    if (typeof value === 'string') return isTemplate(value) ? this.#renderer.value(value, at) : value;
    if (value === null || typeof value !== 'object' || !holdsTemplate(value, this.#meter)) return value;
    const problems: LocatedFailure[] = [];
    const part = (item: Data): Value => {
      try {
        return this.#render(item, at);
      } catch (error) {
        if (!(error instanceof LocatedFailure)) throw error;
        problems.push(error);
        return null;
      }
    };
    const rendered: Value = Array.isArray(value)
      ? value.map(part)
      : dictOf(Object.entries(value).map(([key, item]) => [this.#key(key, at), part(item)] as const));
    if (problems.length > 0) throw new LocatedFailure(problems.flatMap(failure => failure.diagnostics));
    return rendered;
  }

  /** Keys may be templates too (`set_fact`). */
  #key(key: string, at: Location | undefined): string {
    return isTemplate(key) ? this.#renderer.text(key, 'raw-in-output', at) : key;
  }
}

/** A variable whose template failed: for want of another it counts as undefined itself (`default` helps), else the failure goes on. */
function missingVariable(name: string, found: TemplateVariable, error: unknown): Undefined {
  if (!(error instanceof LocatedFailure)) {
    if (!(error instanceof TemplateFailure)) throw error;
    const inner = new TemplateFailure(error.code, `${error.message} (in the definition of "${name}")`, {
      hint: error.hint,
    });
    if (error.code !== 'E_UNDEFINED') throw inner;
    return new Undefined(inner.message, {hint: inner.hint});
  }
  const {at} = found;
  const told = new LocatedFailure(
    at === undefined
      ? error.diagnostics
      : error.diagnostics.map(one => ({
          ...one,
          related: [...(one.related ?? []), {message: `in the definition of "${name}"`, at}],
        })),
  );
  if (!told.isUndefined) throw told;
  return new Undefined(told.message, {cause: told});
}
