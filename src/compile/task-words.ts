/** The words of a task that are values, on one host: who acts, with which environment, where. */
import {type Data, isMap} from '../base/data.ts';
import {problem} from '../base/diagnostic.ts';
import type {Task} from '../task/task.ts';
import type {Place} from './place.ts';
import type {Raw} from './raw.ts';
import {toBoolean} from './read-words.ts';
import type {Scope} from './scope.ts';
import type {InheritedWord} from './word-list.ts';

/** Fields of a task that come from such words. */
export type WordFields = Pick<Task, 'become' | 'environment' | 'ignoreErrors' | 'noLog' | 'checkMode'>;

/** Reads them all; problems are added to the scope's. */
export function wordFields(place: Place, scope: Scope): WordFields {
  const become = becomeUser(place, scope);
  const environment = environmentOf(place, scope);
  const checkMode = flag(place, 'check_mode', scope);
  return {
    ...(become === undefined ? {} : {become}),
    ...(environment === undefined ? {} : {environment}),
    ...(flag(place, 'ignore_errors', scope) ? {ignoreErrors: true} : {}),
    ...(flag(place, 'no_log', scope) ? {noLog: true} : {}),
    ...(checkMode === undefined ? {} : {checkMode}),
  };
}

/** A yes/no word; undefined where nobody says it. */
export function flag(place: Place, word: InheritedWord, scope: Scope): boolean | undefined {
  const raw = place.inherited.get(word);
  return raw === undefined ? undefined : booleanOf(raw, word, scope);
}

/** A text word; undefined where nobody says it. */
export function text(place: Place, word: InheritedWord, scope: Scope): string | undefined {
  const raw = place.inherited.get(word);
  const value = raw === undefined ? undefined : scope.render(raw);
  return value === undefined || value === null || value === '' ? undefined : String(value);
}

function booleanOf(raw: Raw, word: string, scope: Scope): boolean | undefined {
  const direct = toBoolean(raw.value);
  if (direct !== undefined) return direct;
  const value = scope.render(raw);
  if (value === undefined) return undefined;
  const flagged = toBoolean(value);
  if (flagged === undefined) {
    scope.problem(
      problem('E_PLAYBOOK_VALUE', `"${word}" is ${JSON.stringify(String(value))}, which is neither true nor false`, {
        at: raw.at,
        hint: 'write true or false.',
      }),
    );
  }
  return flagged;
}

/** The host's own `ansible_become…` variables win over playbooks, as in Ansible. */
function becomeUser(place: Place, scope: Scope): string | undefined {
  const {input} = scope.play.shared;
  const own = hostWord('ansible_become', scope);
  const isWanted =
    (own === undefined ? undefined : toBoolean(own)) ?? flag(place, 'become', scope) ?? input.become ?? false;
  if (!isWanted) return undefined;
  const user = hostWord('ansible_become_user', scope);
  if (user !== undefined && user !== null && user !== '') return String(user);
  return text(place, 'become_user', scope) ?? input.becomeUser ?? 'root';
}

function hostWord(name: string, scope: Scope): Data | undefined {
  const found = scope.find(name);
  if (found === undefined) return undefined;
  return found.at === undefined ? found.value : scope.render({value: found.value, at: found.at});
}

function environmentOf(place: Place, scope: Scope): Readonly<Record<string, string>> | undefined {
  const environment: Record<string, string> = {};
  for (const raw of place.environment) {
    const value = scope.render(raw);
    const parts = Array.isArray(value) ? (value as readonly Data[]) : [value ?? null];
    for (const part of parts) {
      if (isMap(part)) for (const [name, item] of Object.entries(part)) environment[name] = pythonText(item);
      else if (part !== null && part !== '') {
        scope.problem(
          problem('E_PLAYBOOK_VALUE', '"environment" must be a mapping of names to texts', {
            at: raw.at,
            hint: 'write "NAME: value" lines.',
          }),
        );
      }
    }
  }
  return Object.keys(environment).length === 0 ? undefined : environment;
}

/** As Python's `str` writes it. */
function pythonText(value: Data): string {
  if (value === true) return 'True';
  if (value === false) return 'False';
  return value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
}
