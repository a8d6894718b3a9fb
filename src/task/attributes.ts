/** Owner, group and mode: read from arguments, compared with what a path has. */
import type {Data} from '../base/data.ts';
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import type {Cause} from '../base/event.ts';
import type {PathFact} from './fact.ts';
import {parseMode} from './mode.ts';
import type {Attributes} from './op.ts';

/** The arguments that many kinds share. */
export interface AttributeArgs {
  readonly owner?: string;
  readonly group?: string;
  readonly mode?: string | number;
}

/** Their part of a JSON Schema's `properties`. */
export const ATTRIBUTE_PROPERTIES = {
  owner: {type: 'string', description: 'Name or number of the user who owns it.'},
  group: {type: 'string', description: 'Name or number of its group.'},
  mode: {type: ['string', 'integer'], description: 'Octal digits in quotes: "0640".'},
} as const;

/** A path that is there. */
export type ExistingPath = Extract<PathFact, {exists: true}>;

/** What is wrong with owner, group and mode: `E_TASK_MODE`, `E_TASK_ACCOUNT`. */
export function attributeProblems({owner, group, mode}: AttributeArgs): readonly Diagnostic[] {
  const parsed = mode === undefined ? undefined : parseMode(mode as Data);
  return [
    ...(parsed === undefined || parsed.ok ? [] : [parsed.error]),
    ...(owner === undefined ? [] : accountProblems('owner', owner)),
    ...(group === undefined ? [] : accountProblems('group', group)),
  ];
}

/** `E_TASK_ACCOUNT` where a name cannot be that of a user or group. */
export function accountProblems(argument: string, name: string): readonly Diagnostic[] {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}\$?$/.test(name)) return [];
  const hint = 'use letters, digits, "_", "-" and ".", not beginning with "-".';
  return [
    problem('E_TASK_ACCOUNT', `${JSON.stringify(name)} (${argument}) cannot be the name of a user or group`, {hint}),
  ];
}

/** What is wanted, the mode in four digits. Call it only where `attributeProblems` found none. */
export function attributesOf({owner, group, mode}: AttributeArgs): Attributes {
  const parsed = mode === undefined ? undefined : parseMode(mode as Data);
  return {
    ...(owner === undefined ? {} : {owner}),
    ...(group === undefined ? {} : {group}),
    ...(parsed?.ok ? {mode: parsed.value} : {}),
  };
}

/** How a path's attributes differ: "mode 0644 -> 0640". Empty = as wanted. */
export function attributeDrift(fact: ExistingPath, wanted: Attributes): readonly string[] {
  const drift: string[] = [];
  if (wanted.owner !== undefined && !isAccount(wanted.owner, fact.owner, fact.uid))
    drift.push(`owner ${fact.owner} -> ${wanted.owner}`);
  if (wanted.group !== undefined && !isAccount(wanted.group, fact.group, fact.gid))
    drift.push(`group ${fact.group} -> ${wanted.group}`);
  if (wanted.mode !== undefined && wanted.mode !== fact.mode) drift.push(`mode ${fact.mode} -> ${wanted.mode}`);
  return drift;
}

/** The same for programs: `mode_differs` "0644 -> 0640". */
export function driftCauses(drift: readonly string[]): readonly Cause[] {
  return drift.map(text => {
    const [word = '', ...rest] = text.split(' ');
    return {code: `${word}_differs`, detail: rest.join(' ')};
  });
}

function isAccount(wanted: string, name: string, id: number): boolean {
  return wanted === name || (/^[0-9]+$/.test(wanted) && Number(wanted) === id);
}
