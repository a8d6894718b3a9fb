/** Finds the secrets that users write, so that the redactor knows them before anything is printed. */
import type {Data} from '../base/data.ts';
import {isMap} from '../base/data.ts';
import type {SourceFile} from '../base/source.ts';
import type {Redactor} from '../report/redact.ts';

/** Names whose values are secret: `ansible_password`, `etcd_root_password`, `backup_secret_key`, `token` … */
const SECRET_NAME =
  /(?:^|_)(?:password|passwd|pass|passphrase|secret|token|apikey|api_key|access_key|private_key|secret_key)$/i;

/** No password is longer; a private key belongs into a file of its own. */
const MAX_SECRET = 10_000;
/** etcd's `initial-cluster-token` keeps clusters apart; it protects nothing, and is often the cluster's name. */
const NO_SECRET_NAME = /^(?:etcd|(?:etcd_)?(?:initial_)?cluster)_token$/i;

/** Values that are no secrets: paths, templates, booleans, nothing. */
const NO_SECRET = /^(?:|~|null|true|false|yes|no|on|off|\/.*|~\/.*|.*\{\{.*)$/i;

/**
 * Secrets in the text of a file, line by line: a mistake in a file may have to be shown before the file can be understood.
 * Sees `name: value`, `"name": "value"` and `name=value`.
 */
export function addSecretsOfText({text}: SourceFile, redactor: Redactor): void {
  for (const match of text.matchAll(/([A-Za-z_]\w*)["']?[ \t]*([:=])[ \t]*/g)) {
    const [whole, name = '', separator] = match;
    if (!isSecretName(name)) continue;
    const rest = text.slice(match.index + whole.length, match.index + whole.length + MAX_SECRET);
    for (const value of separator === '=' ? valuesOfPair(rest) : valuesOfEntry(rest)) addSecret(value, redactor);
  }
}

/** `name=value`: up to the next blank, unless quoted. */
function valuesOfPair(rest: string): string[] {
  return [quotedStart(rest) ?? /^\S*/.exec(rest)?.[0] ?? ''];
}

/** `name: value`: the rest of the line; inside `{…}` only up to a comma or brace, and which of the two it is shows only later. */
function valuesOfEntry(rest: string): string[] {
  const quoted = quotedStart(rest);
  if (quoted !== undefined) return [quoted];
  const line = (/^[^\n]*/.exec(rest)?.[0] ?? '').replace(/\s+#.*$/, '').trim();
  if (/^[{[&!|>*]/.test(line)) return [];
  return [...new Set([line, line.split(/[,}]/)[0]?.trim() ?? ''])];
}

/** The text inside the quotes with which a value begins. */
function quotedStart(rest: string): string | undefined {
  const double = /^"((?:[^"\\]|\\[\s\S])*)"/.exec(rest)?.[1];
  if (double !== undefined) return double.replace(/\\(["\\])/g, '$1');
  return /^'((?:[^']|'')*)'/.exec(rest)?.[1]?.replaceAll("''", "'");
}

/** Secrets among variables, at any depth. */
export function addSecretsOfData(name: string, value: Data, redactor: Redactor): void {
  if (isMap(value)) for (const [key, inner] of Object.entries(value)) addSecretsOfData(key, inner, redactor);
  else if (Array.isArray(value)) for (const inner of value) addSecretsOfData(name, inner, redactor);
  else if (isSecretName(name) && (typeof value === 'string' || typeof value === 'number'))
    addSecret(`${value}`, redactor);
}

function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !NO_SECRET_NAME.test(name);
}

function addSecret(value: string, redactor: Redactor): void {
  if (!NO_SECRET.test(value.trim())) redactor.add(value);
}
