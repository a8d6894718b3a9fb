/** Who is to blame: from a value that a role derives to the variables that the user wrote, and whether one of them was refused already. */
import {type Data, isMap} from '../base/data.ts';
import type {Location} from '../base/source.ts';
import {entryOf, type YamlNode} from '../base/yaml.ts';
import type {Var} from './raw.ts';
import type {Scope} from './scope.ts';

/** Definitions that names lead to, through templates: nearest first, each once. */
function definitions(names: readonly string[], scope: Scope): readonly Var[] {
  const found: Var[] = [];
  const seen = new Set<string>();
  let open = names;
  while (open.length > 0) {
    const next: string[] = [];
    for (const name of open) {
      if (seen.has(name) || scope.locals.has(name)) continue;
      seen.add(name);
      const variable = scope.isLate(name) ? undefined : scope.find(name);
      if (variable === undefined) continue;
      found.push(variable);
      if (variable.final !== true) next.push(...scope.play.shared.names.in(variable.value));
    }
    open = next;
  }
  return found;
}

/** Whether names lead to a variable that was refused: what else is wrong with them follows from that. */
export function leansOnRefused(names: readonly string[], scope: Scope): boolean {
  const {refused} = scope.play.shared;
  return refused.size > 0 && definitions(names, scope).some(variable => refused.has(variable));
}

/** Where the user, not a role, wrote what names lead to; undefined where all of it is a role's. */
export function userPlace(names: readonly string[], scope: Scope): Location | undefined {
  return definitions(names, scope).find(isUsers)?.at;
}

/** The same for a definition: its own place where the user wrote it. */
export function userPlaceOf(variable: Var, scope: Scope): Location | undefined {
  return isUsers(variable) ? variable.at : userPlace(scope.play.shared.names.in(variable.value), scope);
}

/** Where the user wrote a key (`['snapshot-count']`, `['peer-transport-security', 'cert-file']`) of a mapping that a value is made of. */
export function userPlaceOfKey(value: Data, path: readonly string[], scope: Scope): Location | undefined {
  const places = definitions(scope.play.shared.names.in(value), scope)
    .filter(isUsers)
    .map(({node, value: whole, at}) => (node === undefined ? placeInText(whole, path, at) : keyPlace(node, path)));
  return places.find(place => place !== undefined);
}

function isUsers({at, origin}: Var): boolean {
  return at !== undefined && !origin.startsWith('role ');
}

function keyPlace(node: YamlNode, path: readonly string[]): Location | undefined {
  let [current, place]: [YamlNode | undefined, Location | undefined] = [node, undefined];
  for (const step of path) {
    const entry = entryOf(current, step);
    if (entry === undefined) return undefined;
    [current, place] = [entry.value, entry.keyAt];
  }
  return place;
}

/** A value without nodes (`-e`): its one place, where it has the key. */
function placeInText(value: Data, path: readonly string[], at: Location | undefined): Location | undefined {
  let current: Data | undefined = value;
  for (const step of path) current = isMap(current) ? current[step] : undefined;
  return current === undefined ? undefined : at;
}
