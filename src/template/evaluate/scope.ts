/** What the names in a template stand for while it is evaluated. */
import type {Context} from '../routine.ts';
import type {Value} from '../values/model.ts';

/** What the evaluator needs from outside of the template. */
export interface Environment extends Context {
  /** A variable, rendered; undefined where no such variable exists. */
  variable(name: string): Value | undefined;
  /** Names of all variables, for "did you mean". */
  known(): Iterable<string>;
  /** Keeps a problem so that evaluation can go on to the next; false = cannot be kept, throw it. */
  keep(error: unknown): boolean;
}

/** Names set in the template, innermost first. */
export class Scope {
  readonly environment: Environment;
  readonly #parent: Scope | undefined;
  readonly #names = new Map<string, Value>();

  constructor(environment: Environment, parent?: Scope) {
    this.environment = environment;
    this.#parent = parent;
  }

  child(): Scope {
    return new Scope(this.environment, this);
  }

  set(name: string, value: Value): void {
    this.#names.set(name, value);
  }

  /** The value of a name set in the template. */
  local(name: string): Value | undefined {
    const value = this.#names.get(name);
    return value === undefined ? this.#parent?.local(name) : value;
  }
}
