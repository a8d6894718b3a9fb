/** JSON Schema for arguments and variables. The only file that knows the `ajv` package. */
import {Ajv2020, type ErrorObject, type ValidateFunction} from 'ajv/dist/2020.js';
import {type Data, type DataMap, dataMap} from '../base/data.ts';

/** One way in which a value is not as a schema says. */
export interface Violation {
  /** JSON Schema keyword: `type`, `minimum`, `additionalProperties`, … */
  readonly keyword: string;
  /** Where in the value. */
  readonly path: readonly string[];
  /** "must be integer". */
  readonly message: string;
  /** The key that is unknown or missing, where the keyword is about keys. */
  readonly key?: string;
}

/** A schema: plain JSON. */
export type Schema = Readonly<Record<string, unknown>>;

/** Our own schemas are held to the meta-schema by a test: compiling it at each start would cost more than all of them. */
const OPTIONS = {
  allErrors: true,
  strict: false,
  validateFormats: false,
  validateSchema: false,
  meta: false,
  code: {optimize: false},
} as const;

/** Schemas made ready once each. */
export class Validators {
  readonly #strict = new Ajv2020(OPTIONS);
  readonly #coercing = new Ajv2020({...OPTIONS, coerceTypes: true, useDefaults: true});
  readonly #ready = new Map<Schema, {strict?: ValidateFunction; coercing?: ValidateFunction}>();

  /** The value (numbers and booleans written as text turned into what the schema wants, with `coerce`) and what is wrong with it. */
  check(
    schema: Schema,
    value: Data,
    coerce: boolean,
  ): {readonly value: Data; readonly violations: readonly Violation[]} {
    const validate = this.#validator(schema, coerce);
    // Coercion writes into its input, and only into something that holds the value.
    const holder: Record<string, unknown> = {value: toPlain(value)};
    const isValid = coerce
      ? validate(holder.value, {
          parentData: holder,
          parentDataProperty: 'value',
          instancePath: '',
          rootData: holder,
          dynamicAnchors: {},
        })
      : validate(holder.value);
    const violations = isValid ? [] : (validate.errors ?? []).filter(isTelling).map(toViolation);
    return {value: coerce ? fromPlain(holder.value) : value, violations};
  }

  #validator(schema: Schema, coerce: boolean): ValidateFunction {
    const ready = this.#ready.get(schema) ?? {};
    this.#ready.set(schema, ready);
    if (coerce) {
      ready.coercing ??= this.#coercing.compile(schema);
      return ready.coercing;
    }
    ready.strict ??= this.#strict.compile(schema);
    return ready.strict;
  }
}

/** `anyOf`, `if` and `propertyNames`' own schema only repeat what their branches have said. */
function isTelling({keyword, propertyName}: ErrorObject): boolean {
  return propertyName === undefined && keyword !== 'if' && keyword !== 'then' && keyword !== 'else';
}

function toViolation({keyword, instancePath, message, params}: ErrorObject): Violation {
  const path = instancePath
    .split('/')
    .slice(1)
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const key = params.additionalProperty ?? params.unevaluatedProperty ?? params.missingProperty ?? params.propertyName;
  const allowed = Array.isArray(params.allowedValues) ? `: ${params.allowedValues.join(', ')}` : '';
  return {
    keyword,
    path,
    message: `${inWords(keyword, params) ?? message ?? keyword}${allowed}`,
    ...(typeof key === 'string' ? {key} : {}),
  };
}

/** Ordinary objects: ajv asks them for their own keys only. Integers beyond 2^53 are given as the nearest number. */
function toPlain(value: Data): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(item => toPlain(item as Data));
  if (value === null || typeof value !== 'object') return value;
  return dataMap(Object.entries(value as DataMap).map(([key, item]) => [key, toPlain(item) as Data]));
}

function fromPlain(value: unknown): Data {
  return value as Data;
}

/** The commonest messages as a person would say them. */
function inWords(keyword: string, {type, limit}: ErrorObject['params']): string | undefined {
  if (keyword === 'type')
    return `must be ${[type]
      .flat()
      .map(name => TYPES[String(name)] ?? String(name))
      .join(' or ')}`;
  if (keyword === 'minimum') return `must be at least ${String(limit)}`;
  if (keyword === 'maximum') return `must be at most ${String(limit)}`;
  return keyword === 'enum' ? 'must be one of these' : undefined;
}

const TYPES: Readonly<Record<string, string>> = {
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false (without quotes)',
  array: 'a list',
  object: 'a mapping',
  string: 'a text',
  null: 'empty',
};
