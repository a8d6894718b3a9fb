/** How filters, tests, methods and global functions are declared: parameters by name, checked before they run. */
import {typeFailure} from './failure.ts';
import {isTruthy} from './values/compare.ts';
import type {Meter} from './values/meter.ts';
import {type CallArguments, Undefined, type Value} from './values/model.ts';
import {smallInt} from './values/number.ts';
import {str, undefinedFailure} from './values/text.ts';

/** What a routine may use beside its arguments. */
export interface Context {
  readonly meter: Meter;
  /** Runs a filter by name: `map('upper')`. */
  filter(name: string, input: Value, args: CallArguments): Value;
  /** Runs a test by name: `select('defined')`. */
  test(name: string, input: Value, args: CallArguments): boolean;
}

/** One filter, test or method. */
export interface Routine {
  readonly params: readonly string[];
  readonly rest: boolean;
  readonly extra: boolean;
  readonly takesUndefined: boolean;
  readonly run: (input: Value, args: Args, context: Context) => Value;
}

/** Routines by name. */
export type Routines = ReadonlyMap<string, Routine>;

/**
 * Declares a routine. `signature`: parameter names in order, all optional to the caller (the routine checks what it needs);
 * `*` takes further positional arguments, `**` further named ones, `?` first lets undefined values in.
 */
export function routine(signature: string, run: Routine['run']): Routine {
  const words = signature.split(' ').filter(word => word !== '');
  return {
    params: words.filter(word => /^\w+$/.test(word)),
    rest: words.includes('*'),
    extra: words.includes('**'),
    takesUndefined: words.includes('?'),
    run,
  };
}

/** Several names for one routine. */
export function named(names: string, signature: string, run: Routine['run']): (readonly [string, Routine])[] {
  const declared = routine(signature, run);
  return names.split(' ').map(name => [name, declared] as const);
}

/** Arguments in the order of the declared parameters. */
export class Args {
  readonly #values: readonly (Value | undefined)[];
  readonly #params: readonly string[];
  readonly #meter: Meter;
  /** Positional arguments beyond the declared ones. */
  readonly rest: readonly Value[];
  /** Named arguments beyond the declared ones. */
  readonly extra: ReadonlyMap<string, Value>;

  constructor(routine: Routine, args: CallArguments, meter: Meter) {
    const {params} = routine;
    const given: (Value | undefined)[] = params.map((name, index) =>
      index < args.positional.length ? args.positional[index] : args.named.get(name),
    );
    const extra = new Map([...args.named].filter(([name]) => !params.includes(name)));
    const unknown = [...extra.keys()][0];
    if (unknown !== undefined && !routine.extra) throw typeFailure(`unknown argument "${unknown}"`, expected(params));
    const twice = params.find((name, index) => index < args.positional.length && args.named.has(name));
    if (twice !== undefined) throw typeFailure(`the argument "${twice}" is given twice`);
    if (args.positional.length > params.length && !routine.rest) {
      throw typeFailure(`takes at most ${params.length} argument(s), not ${args.positional.length}`, expected(params));
    }
    this.#values = given;
    this.#params = params;
    this.#meter = meter;
    this.rest = args.positional.slice(params.length);
    this.extra = extra;
  }

  /** The argument, or undefined where it is not given. */
  get(index: number): Value | undefined {
    return this.#values[index];
  }

  /** The argument, or another value where it is not given. */
  or(index: number, other: Value): Value {
    const value = this.#values[index];
    return value === undefined ? other : value;
  }

  /** The argument; not given is an E_TEMPLATE_TYPE. */
  need(index: number): Value {
    const value = this.#values[index];
    if (value === undefined) throw typeFailure(`the argument "${this.#params[index]}" is missing`);
    return value;
  }

  /** The argument as text. */
  text(index: number, fallback?: string): string {
    const value = this.#values[index];
    return value === undefined && fallback !== undefined ? fallback : str(this.need(index), this.#meter);
  }

  /** The argument as a whole number. */
  int(index: number, fallback?: number): number {
    const value = this.#values[index];
    return value === undefined && fallback !== undefined
      ? fallback
      : smallInt(this.need(index), `the argument "${this.#params[index]}"`);
  }

  /** The argument's truth. */
  flag(index: number, fallback = false): boolean {
    const value = this.#values[index];
    return value === undefined ? fallback : isTruthy(value);
  }
}

function expected(params: readonly string[]): string {
  return params.length === 0 ? 'it takes no arguments.' : `its arguments are: ${params.join(', ')}.`;
}

/** Checks the arguments and runs a routine. */
export function runRoutine(declared: Routine, input: Value, args: CallArguments, context: Context): Value {
  context.meter.step();
  if (declared.takesUndefined) return declared.run(input, new Args(declared, args, context.meter), context);
  for (const value of [...args.positional, ...args.named.values()]) {
    if (value instanceof Undefined) throw undefinedFailure(value);
  }
  return declared.run(defined(input), new Args(declared, args, context.meter), context);
}

/** The input itself; nothing at all (an inline `if` without `else`) counts as an empty text. */
function defined(input: Value): Value {
  if (!(input instanceof Undefined)) return input;
  if (input.isNothing) return '';
  throw undefinedFailure(input);
}

/** No arguments. */
export const NO_ARGUMENTS: CallArguments = {positional: [], named: new Map()};
