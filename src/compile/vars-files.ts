/** `vars_files` of a play: for each host, since their names may be templates. */
import type {Data} from '../base/data.ts';
import {problem} from '../base/diagnostic.ts';
import type {HostState} from './host-state.ts';
import type {Play} from './node.ts';
import {join} from './paths.ts';
import {NOWHERE} from './place.ts';
import type {PlayScope} from './play-scope.ts';
import {NO_VARS, type Raw, type VarMap} from './raw.ts';
import {merged} from './role.ts';
import {Scope} from './scope.ts';

/** Reads each host's files once; `bare` = the play without them. */
export function varsFilesOf(play: Play, bare: PlayScope): (host: HostState) => VarMap {
  if (play.varsFiles.length === 0) return () => NO_VARS;
  const known = new Map<string, VarMap>();
  return host => {
    const vars =
      known.get(host.name) ?? merged(...play.varsFiles.map(raw => readOne(raw, play, new Scope(host, bare, NOWHERE))));
    known.set(host.name, vars);
    return vars;
  };
}

/** One entry: a name, or names of which the first that exists counts. */
function readOne(raw: Raw, play: Play, scope: Scope): VarMap {
  const value = scope.render(raw);
  if (value === undefined) return NO_VARS;
  const names = (Array.isArray(value) ? (value as readonly Data[]) : [value]).map(String);
  const paths = names.flatMap(name => [join(`${play.dir}/vars`, name), join(play.dir, name)]);
  for (const path of paths) {
    const vars = scope.play.shared.project.vars(path, `vars file ${path}`);
    if (vars !== undefined) return vars;
  }
  scope.problem(
    problem('E_FILE_NOT_FOUND', `there is no vars file "${names.join('" or "')}"`, {
      at: raw.at,
      hint: `looked for ${paths.join(', ')}.`,
    }),
  );
  return NO_VARS;
}
