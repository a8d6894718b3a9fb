/** Renders one template text: parses it (once per renderer), evaluates it, and says where it failed. */
import type {Diagnostic} from '../base/diagnostic.ts';
import {problem} from '../base/diagnostic.ts';
import type {Location} from '../base/source.ts';
import {evaluate, outputText} from './evaluate/expression.ts';
import {type Environment, Scope} from './evaluate/scope.ts';
import {Output, run} from './evaluate/statement.ts';
import {LocatedFailure, TemplateFailure} from './failure.ts';
import {narrow} from './locate.ts';
import type {Expression, Statement} from './syntax/nodes.ts';
import {parseExpression, parseTemplate} from './syntax/parse.ts';
import type {Escapes} from './syntax/tokens.ts';
import {isDict, isList, LazyMapping, PyTuple, Undefined, type Value} from './values/model.ts';
import {undefinedFailure} from './values/text.ts';

/** What a renderer gets from the templar. */
export type Services = Omit<Environment, 'keep'>;

/** Parsed templates by their text: what one renderer has parsed, others need not. */
export class ParsedTemplates {
  readonly trees = new Map<string, readonly Statement[]>();
  readonly expressions = new Map<string, Expression>();
}

/** Renders texts and expressions. */
export class Renderer {
  readonly #services: Services;
  readonly #parsed: ParsedTemplates;

  constructor(services: Services, parsed: ParsedTemplates) {
    this.#services = services;
    this.#parsed = parsed;
  }

  /** A text as text, its newlines at the end kept as Ansible keeps them. Throws TemplateFailure or LocatedFailure. */
  text(text: string, escapes: Escapes, at: Location | undefined): string {
    return this.#guarded(text, at, scope => {
      const output = new Output();
      run(this.#tree(text, escapes), scope, output);
      return withNewlines(text, output.text(scope.environment.meter));
    });
  }

  /**
   * A value of a variable or argument: one `{{ expression }}` alone keeps its type, also after statements that write nothing
   * (a list built in a loop); everything else is text.
   */
  value(text: string, at: Location | undefined): Value {
    return this.#guarded(text, at, scope => {
      const tree = this.#tree(text, 'raw-in-output');
      const last = tree.findLastIndex(statement => statement.kind !== 'text' || statement.text.trim() !== '');
      const final = tree[last];
      const output = new Output();
      if (final?.kind !== 'output') {
        run(tree, scope, output);
        return withNewlines(text, output.text(scope.environment.meter));
      }
      const isAlone = tree.length === 1 && /^\{\{[\s\S]*\}\}$/.test(text);
      run(tree.slice(0, last), scope, output);
      const value = evaluate(final.value, scope);
      if (value instanceof Undefined && !value.isNothing) throw placedUndefined(value, final.value);
      if (isAlone) return value;
      if (output.text(scope.environment.meter).trim() === '' && isStructure(value)) return value;
      output.write(outputText(value, scope));
      run(tree.slice(last + 1), scope, output);
      return withNewlines(text, output.text(scope.environment.meter));
    });
  }

  /** The value of a bare expression. */
  expression(text: string, at: Location | undefined): Value {
    return this.#guarded(text, at, scope => {
      const tree = this.#parsed.expressions.get(text) ?? parseExpression(text);
      this.#parsed.expressions.set(text, tree);
      const value = evaluate(tree, scope);
      if (value instanceof Undefined && !value.isNothing) throw placedUndefined(value, tree);
      return value;
    });
  }

  #tree(text: string, escapes: Escapes): readonly Statement[] {
    const key = `${escapes}\n${text}`;
    const known = this.#parsed.trees.get(key);
    if (known !== undefined) return known;
    // Jinja2 drops one newline at the end; `withNewlines` gives it back.
    const tree = parseTemplate(text.replace(/\r?\n$/, ''), escapes);
    this.#parsed.trees.set(key, tree);
    return tree;
  }

  #guarded<T>(text: string, at: Location | undefined, work: (scope: Scope) => T): T {
    const kept: unknown[] = [];
    const keep = (error: unknown) => {
      const isMissing =
        (error instanceof TemplateFailure && error.code === 'E_UNDEFINED') ||
        (error instanceof LocatedFailure && error.isUndefined);
      if (isMissing) kept.push(error);
      return isMissing;
    };
    let result: T | undefined;
    let last: unknown;
    try {
      result = work(new Scope({...bound(this.#services), keep}));
    } catch (error) {
      last = error;
    }
    const errors = last === undefined ? kept : [...kept, last];
    if (errors.length > 0) throw merged(errors.map(error => located(error, text, at)));
    return result as T;
  }
}

/** The services' methods as plain functions, so that they can be spread into an environment. */
function bound(services: Services): Services {
  return {
    meter: services.meter,
    filter: (name, input, args) => services.filter(name, input, args),
    test: (name, input, args) => services.test(name, input, args),
    variable: name => services.variable(name),
    known: () => services.known(),
  };
}

function placedUndefined(value: Undefined, node: Expression): Error {
  const failure = undefinedFailure(value);
  return failure instanceof TemplateFailure || failure instanceof LocatedFailure
    ? failure.placed(node.start, node.end)
    : failure;
}

function isStructure(value: Value): boolean {
  return isList(value) || isDict(value) || value instanceof PyTuple || value instanceof LazyMapping;
}

/** Ansible counts the newlines at the end of the template and gives back those that rendering lost. */
function withNewlines(template: string, result: string): string {
  const missing = endingNewlines(template) - endingNewlines(result);
  return missing > 0 ? result + '\n'.repeat(missing) : result;
}

function endingNewlines(text: string): number {
  let count = 0;
  for (let index = text.length - 1; index >= 0 && (text[index] === '\n' || text[index] === '\r'); index--)
    if (text[index] === '\n') count++;
  return count;
}

/** A failure with its place; without a location of the template it keeps none and takes that of whoever uses the template. */
function located(error: unknown, text: string, at: Location | undefined): Error {
  if (error instanceof RangeError)
    return located(new TemplateFailure('E_TEMPLATE_LIMIT', 'the template is nested or recurses too deeply'), text, at);
  if (error instanceof LocatedFailure) return usedHere(error, text, at);
  if (!(error instanceof TemplateFailure)) throw error;
  if (at === undefined) return new TemplateFailure(error.code, error.message, {hint: error.hint});
  const start = error.start ?? 0;
  const place = error.start === undefined ? at : narrow(at, text, start, error.end ?? start + 1);
  return new LocatedFailure([
    problem(error.code, error.message, {at: place, ...(error.hint === undefined ? {} : {hint: error.hint})}),
  ]);
}

/** A failure out of a variable's own template: says where the variable is used. */
function usedHere(error: LocatedFailure, text: string, at: Location | undefined): LocatedFailure {
  const {usedAt} = error;
  if (at === undefined || usedAt === undefined) return new LocatedFailure(error.diagnostics);
  const place = narrow(at, text, usedAt.start, usedAt.end);
  return new LocatedFailure(
    error.diagnostics.map(diagnostic => ({
      ...diagnostic,
      related: [...(diagnostic.related ?? []), {message: 'used here', at: place}],
    })),
  );
}

/** Several failures as one; the same problem at the same place is told once. */
function merged(errors: readonly Error[]): Error {
  const [first] = errors;
  if (first === undefined || errors.length === 1) return first ?? new Error('no failure');
  const diagnostics = errors.flatMap(error => (error instanceof LocatedFailure ? error.diagnostics : plain(error)));
  const seen = new Set<string>();
  return new LocatedFailure(
    diagnostics.filter(diagnostic => {
      const key = `${diagnostic.code} ${diagnostic.message} ${diagnostic.at?.start}`;
      return !seen.has(key) && seen.add(key);
    }),
  );
}

function plain(error: Error): Diagnostic[] {
  if (!(error instanceof TemplateFailure)) throw error;
  return [problem(error.code, error.message, error.hint === undefined ? {} : {hint: error.hint})];
}
