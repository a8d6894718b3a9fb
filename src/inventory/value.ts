/** What is wrong with a value: its type, or a character that must not reach a host. */
import {type Data, isMap} from '../base/data.ts';
import {unreachable} from '../base/unreachable.ts';
import type {NameType} from './names.ts';

/** In words: what the value is, what it must be, and what to do. */
export interface TypeFault {
  readonly is: string;
  readonly mustBe: string;
  readonly hint: string;
}

const BOOLEAN_WORDS = /^(?:yes|no|true|false|on|off|y|n|t|f|1|0|1\.0|0\.0)$/i;

/** Why a value is not of a type, or undefined; templates are not known yet and pass, `null` means "not set". */
export function typeFault(value: Data, type: NameType): TypeFault | undefined {
  if (type === 'any' || value === null || (typeof value === 'string' && value.includes('{{'))) return undefined;
  const is = describe(value);
  switch (type) {
    case 'string':
      return typeof value === 'object' ? {is, mustBe: 'a text', hint: 'write it on one line, in quotes.'} : undefined;
    case 'boolean':
      return typeof value === 'boolean' ||
        value === 0 ||
        value === 1 ||
        (typeof value === 'string' && BOOLEAN_WORDS.test(value))
        ? undefined
        : {is, mustBe: 'true or false', hint: 'write true or false.'};
    case 'integer':
      return integerOf(value) === undefined
        ? {is, mustBe: 'a whole number', hint: 'write a number without quotes.'}
        : undefined;
    case 'port': {
      const port = integerOf(value);
      return port !== undefined && port >= 1 && port <= 65535
        ? undefined
        : {is, mustBe: 'a port from 1 to 65535', hint: 'SSH usually listens on port 22.'};
    }
    default:
      return unreachable(type);
  }
}

/** A whole number, written as one or as a text that looks like one. */
export function integerOf(value: Data): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  return typeof value === 'string' && /^\s*-?[0-9]{1,15}\s*$/.test(value) ? Number(value) : undefined;
}

/** A value in a few words, for messages: `"abc"`, `70000`, `a list`. */
export function describe(value: Data): string {
  if (Array.isArray(value)) return 'a list';
  if (isMap(value)) return 'a mapping';
  if (value === null) return 'empty';
  if (typeof value !== 'string') return String(value);
  return JSON.stringify(value.length > 40 ? `${value.slice(0, 39)}…` : value);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/;

/** The first control character other than newline and tab in a value, as `U+0007`; undefined where there is none. */
export function controlCharacterIn(value: Data): string | undefined {
  if (typeof value === 'string') {
    const found = CONTROL.exec(value)?.[0];
    return found === undefined ? undefined : `U+${found.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
  }
  const parts = Array.isArray(value) ? value : isMap(value) ? Object.entries(value).flat() : [];
  for (const part of parts) {
    const found = controlCharacterIn(part);
    if (found !== undefined) return found;
  }
  return undefined;
}
