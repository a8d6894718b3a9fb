/** The values a template works with: plain data, and what Python has beside it. */
import type {Data} from '../../base/data.ts';
import type {Result} from '../../base/result.ts';
import type {Meter} from './meter.ts';

/** Any value of an expression. A `number` is an int when it is a safe integer, else a float; other ints are `bigint`. */
export type Value = null | boolean | number | bigint | string | readonly Value[] | ValueMap | Special;

/** A mapping (null prototype; keys are strings, numbers as keys in Python's spelling). */
export interface ValueMap {
  readonly [key: string]: Value;
}

/** Values that are not plain data. */
export abstract class Special {
  /** Python's name of the type, as `type_debug` and messages show it. */
  abstract readonly typeName: string;

  /** The value's own attribute, where it has it. */
  attribute(_name: string): Value | undefined {
    return undefined;
  }
}

/** A float whose value is a whole number (`5.0`): a plain number would read as an int. */
export class PyFloat extends Special {
  readonly typeName = 'float';
  readonly value: number;

  constructor(value: number) {
    super();
    this.value = value;
  }
}

/** A tuple: prints in parentheses and never equals a list. */
export class PyTuple extends Special {
  readonly typeName = 'tuple';
  readonly items: readonly Value[];

  constructor(items: readonly Value[]) {
    super();
    this.items = items;
  }
}

/** A mapping whose values are worked out when asked for (`hostvars`). */
export class LazyMapping extends Special {
  readonly typeName = 'dict';
  readonly #keys: () => Iterable<string>;
  readonly #get: (key: string) => Result<Data | LazyMapping> | undefined;

  /** `get` gives undefined for a key that does not exist; its values are final, never rendered as templates. */
  constructor(keys: () => Iterable<string>, get: (key: string) => Result<Data | LazyMapping> | undefined) {
    super();
    this.#keys = keys;
    this.#get = get;
  }

  keys(): string[] {
    return [...this.#keys()];
  }

  get(key: string): Result<Data | LazyMapping> | undefined {
    return this.#get(key);
  }
}

/** A name or attribute that does not exist: an error as soon as anything but a test or a default touches it. */
export class Undefined extends Special {
  readonly typeName = 'AnsibleUndefined';
  /** One sentence for the user. */
  readonly message: string;
  readonly hint: string | undefined;
  /** Where in the template, UTF-16 offsets. */
  readonly start: number | undefined;
  readonly end: number | undefined;
  /** An inline `if` without `else`: Jinja2 lets it count as nothing (`''`, false, an empty list). */
  readonly isNothing: boolean;
  /** Why a variable that exists has no value: its own template failed. */
  readonly cause: Error | undefined;

  constructor(
    message: string,
    more: {
      hint?: string | undefined;
      start?: number | undefined;
      end?: number | undefined;
      cause?: Error;
      isNothing?: boolean;
    } = {},
  ) {
    super();
    this.cause = more.cause;
    this.isNothing = more.isNothing ?? false;
    this.message = message;
    this.hint = more.hint;
    this.start = more.start;
    this.end = more.end;
  }
}

/** Arguments of a call. */
export interface CallArguments {
  readonly positional: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
}

/** Something that can be called: a macro, a method bound to its value, a global function. */
export class Callable extends Special {
  readonly typeName = 'function';
  readonly name: string;
  readonly #run: (args: CallArguments, meter: Meter) => Value;
  readonly #attributes: ReadonlyMap<string, Value>;

  constructor(
    name: string,
    run: (args: CallArguments, meter: Meter) => Value,
    attributes: ReadonlyMap<string, Value> = new Map(),
  ) {
    super();
    this.name = name;
    this.#run = run;
    this.#attributes = attributes;
  }

  call(args: CallArguments, meter: Meter): Value {
    return this.#run(args, meter);
  }

  override attribute(name: string): Value | undefined {
    return this.#attributes.get(name);
  }
}

/** Jinja's `namespace()`: the one object whose attributes `set` may change. */
export class Namespace extends Special {
  readonly typeName = 'Namespace';
  readonly fields = new Map<string, Value>();

  override attribute(name: string): Value | undefined {
    return this.fields.get(name);
  }
}

/** Whether a value is a plain mapping. */
export function isDict(value: Value | undefined): value is ValueMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Special);
}

/** Whether a value is a list. */
export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** A new mapping with a null prototype. */
export function dictOf(entries: Iterable<readonly [string, Value]> = []): Record<string, Value> {
  const map: Record<string, Value> = Object.create(null);
  for (const [key, value] of entries) map[key] = value;
  return map;
}

/** A value, or another where there is none; None is a value. */
export function valueOr(value: Value | undefined, other: () => Value): Value {
  return value === undefined ? other() : value;
}

/** Python's name of a value's type. */
export function typeName(value: Value): string {
  if (value === null) return 'NoneType';
  if (value instanceof Special) return value.typeName;
  if (isList(value)) return 'list';
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'string':
      return 'str';
    case 'bigint':
      return 'int';
    case 'number':
      return Number.isSafeInteger(value) ? 'int' : 'float';
    default:
      return 'dict';
  }
}
