/** The arguments of one task on one host: rendered where that can be done now, kept as templates where it cannot. */
import {type Data, type DataMap, dataMap} from '../base/data.ts';
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {OMIT, withoutOmitted} from '../task/omit.ts';
import type {LintProblem} from '../task/task.ts';
import {leansOnRefused, userPlaceOfKey} from './blame.ts';
import type {LateText} from './late-task.ts';
import type {Arg, StepNode} from './node.ts';
import {type Place, searchDirs} from './place.ts';
import {literalData} from './raw.ts';
import type {Scope} from './scope.ts';
import {findFile, findTemplate} from './text-files.ts';
import {unknownArgs, validateArgs} from './validate-args.ts';

/** Arguments ready to use, and with `late` those that are not, as templates beside the ready ones made literal. */
export interface Arguments {
  readonly args: DataMap;
  readonly late?: {readonly args: DataMap; readonly texts: readonly LateText[]};
}

/** One argument, ready or late. */
type Piece =
  | {readonly name: string; readonly ready: Data}
  | {readonly name: string; readonly template: Data; readonly texts: readonly LateText[]};

/** Arguments of a step; undefined after problems. `peers`: the hosts that one task acts for, by name. */
export function argumentsOf(
  node: StepNode,
  place: Place,
  scope: Scope,
  peers: ReadonlyMap<string, Scope>,
): Arguments | undefined {
  const {perHost = []} = node.kind;
  const pieces = node.args.filter(({name}) => !perHost.includes(name)).map(arg => piecesOf(node, arg, place, scope));
  if (perHost.length > 0) pieces.push(hostsPieces(node, place, peers));
  if (pieces.includes(undefined)) return undefined;
  const all = pieces.flatMap(list => list ?? []);
  const ready = withoutOmitted(
    dataMap(all.flatMap(piece => ('ready' in piece ? [[piece.name, piece.ready] as const] : []))),
  );
  const texts = all.flatMap(piece => ('texts' in piece ? piece.texts : []));
  if (all.every(piece => 'ready' in piece)) return checked(node, ready, scope);
  if (!addProblems(unknownArgs(node), scope)) return undefined;
  const templates = all.flatMap(piece => ('texts' in piece ? [[piece.name, piece.template] as const] : []));
  const literal = Object.entries(ready).map(([name, value]) => [name, literalData(value)] as const);
  return {args: ready, late: {args: dataMap([...literal, ...templates]), texts}};
}

function checked(node: StepNode, args: DataMap, scope: Scope): Arguments | undefined {
  const result = validateArgs(node, args, scope.play.shared.validators);
  const {names} = scope.play.shared;
  const isFollowUp = leansOnRefused(names.in(dataMap(node.args.map(arg => [arg.name, arg.value]))), scope);
  if (result.problems.length > 0 && isFollowUp) return undefined;
  if (!addProblems(result.problems, scope)) return undefined;
  const lint = (node.kind.lint?.(result.args) ?? []).map(one => lintProblem(node, one, scope));
  const told = isFollowUp ? lint.filter(({isPlaced}) => isPlaced) : lint;
  addProblems(
    told.map(({diagnostic}) => diagnostic),
    scope,
  );
  return lint.some(({diagnostic}) => diagnostic.severity === 'error') ? undefined : {args: result.args};
}

/** What a kind says of arguments that fit its schema, at the place where the user wrote the key that it is about, if any. */
function lintProblem(
  node: StepNode,
  {path = [], ...diagnostic}: LintProblem,
  scope: Scope,
): {readonly diagnostic: Diagnostic; readonly isPlaced: boolean} {
  const [name, ...keys] = path;
  const arg = node.args.find(candidate => candidate.name === name);
  const at = arg === undefined || keys.length === 0 ? undefined : userPlaceOfKey(arg.value, keys, scope);
  return {diagnostic: {at: at ?? arg?.at ?? node.argsAt, ...diagnostic}, isPlaced: at !== undefined};
}

/** Whether there was nothing to add. */
function addProblems(problems: readonly Diagnostic[], scope: Scope): boolean {
  for (const diagnostic of problems) scope.problem(diagnostic);
  return problems.length === 0;
}

/** What an argument becomes: one piece, or for some kinds several. */
function piecesOf(node: StepNode, arg: Arg, place: Place, scope: Scope): readonly Piece[] | undefined {
  const kind = node.kind.name;
  const content = node.kind.templates?.[arg.name];
  if (content !== undefined) return templatePieces(node, arg, content, place, scope);
  if (kind === 'copy' && arg.name === 'src') return filePieces(node, arg, place, scope);
  if (kind === 'assert' && arg.name === 'that') return conditionPieces(arg, scope);
  if (kind === 'debug' && arg.name === 'var') return variablePieces(arg, scope);
  return plainPieces(arg, scope);
}

function plainPieces(arg: Arg, scope: Scope): readonly Piece[] | undefined {
  const {names} = scope.play.shared;
  if (names.isLate(names.in(arg.value), scope)) {
    return [
      {name: arg.name, template: arg.value, texts: textsIn(arg.value).map(text => ({text, mode: 'text', at: arg.at}))},
    ];
  }
  const value = scope.render(arg);
  return value === undefined ? undefined : [{name: arg.name, ready: value}];
}

function textsIn(value: Data): readonly string[] {
  if (typeof value === 'string') return [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(item => textsIn(item as Data));
}

/** `hosts`: what each host gives for itself, by its name. */
function hostsPieces(node: StepNode, place: Place, peers: ReadonlyMap<string, Scope>): readonly Piece[] | undefined {
  const own = node.args.filter(({name}) => node.kind.perHost?.includes(name));
  const hosts = [...peers].map(([name, scope]) => {
    const pieces = own.map(arg => earlyPieces(node, arg, place, scope));
    if (pieces.includes(undefined)) return undefined;
    const ready = pieces.flatMap(list => (list ?? []).map(piece => [piece.name, piece.ready] as const));
    return [name, withoutOmitted(dataMap(ready))] as const;
  });
  if (hosts.includes(undefined)) return undefined;
  return [{name: 'hosts', ready: dataMap(hosts.flatMap(host => (host === undefined ? [] : [host])))}];
}

/** Pieces of an argument that may not wait for results: another host's are not known here. */
function earlyPieces(
  node: StepNode,
  arg: Arg,
  place: Place,
  scope: Scope,
): readonly Extract<Piece, {ready: Data}>[] | undefined {
  const pieces = piecesOf(node, arg, place, scope);
  const ready = pieces?.flatMap(piece => ('ready' in piece ? [piece] : []));
  if (ready === undefined || ready.length === pieces?.length) return ready;
  const message = `"${arg.name}" of ${scope.host.name} depends on the result of a task and is not known before the run`;
  scope.problem(problem('E_HOSTVARS_LATE', message, {at: arg.at, hint: 'use variables of the inventory.'}));
  return undefined;
}

/** A kind that has a text rendered (`template`) gets it under the name `content`. */
function templatePieces(
  node: StepNode,
  arg: Arg,
  content: string,
  place: Place,
  scope: Scope,
): readonly Piece[] | undefined {
  const src = knownText(arg, scope);
  if (src === undefined) return undefined;
  if (src === OMIT) return [];
  const file = findTemplate(src, arg, searchDirs(place, node, scope.play.dir, 'templates'), scope);
  if (file === undefined) return undefined;
  const at = {file, start: 0, end: file.text.length};
  const {names} = scope.play.shared;
  const source: Piece = {name: arg.name, ready: src};
  if (names.isLate(names.of(file.text, 'text'), scope)) {
    return [source, {name: content, template: file.text, texts: [{text: file.text, mode: 'text', at}]}];
  }
  const text = scope.renderText(file.text, at);
  return text === undefined ? undefined : [source, {name: content, ready: text}];
}

/** `copy` gets the controller's path of its file. */
function filePieces(node: StepNode, arg: Arg, place: Place, scope: Scope): readonly Piece[] | undefined {
  const src = knownText(arg, scope);
  if (src === undefined) return undefined;
  const path = findFile(src, arg, searchDirs(place, node, scope.play.dir, 'files'), scope);
  return path === undefined ? undefined : [{name: 'src', ready: path}];
}

/** The name of a file must be known before the run. */
function knownText(arg: Arg, scope: Scope): string | undefined {
  const {names} = scope.play.shared;
  if (names.isLate(names.in(arg.value), scope)) {
    const hint = 'choose the file by a variable of the inventory.';
    scope.problem(problem('E_FILE_LATE', `"${arg.name}" depends on a result of this run`, {at: arg.at, hint}));
    return undefined;
  }
  const value = scope.render(arg);
  return value === undefined ? undefined : String(value);
}

/** `assert` gets each condition with its answer; late ones with an expression that gives the answer. */
function conditionPieces(arg: Arg, scope: Scope): readonly Piece[] | undefined {
  const conditions = Array.isArray(arg.value) ? (arg.value as readonly Data[]) : [arg.value];
  const items = conditions.map((value, index) => {
    const node = arg.node.kind === 'sequence' ? (arg.node.items[index] ?? arg.node) : arg.node;
    return conditionItem(value, node.at, scope);
  });
  if (items.includes(undefined)) return undefined;
  const known = items.flatMap(item => item ?? []);
  const late = known.flatMap(item => item.late ?? []);
  if (late.length === 0) return [{name: 'that', ready: known.map(item => item.data)}];
  return [{name: 'that', template: known.map(item => item.data), texts: late}];
}

function conditionItem(
  value: Data,
  at: Arg['at'],
  scope: Scope,
): {readonly data: Data; readonly late?: LateText} | undefined {
  const {names} = scope.play.shared;
  const text = String(value);
  const condition = ['condition', literalData(text)] as const;
  if (typeof value === 'string' && names.isLate(names.of(text, 'expression'), scope)) {
    return {
      data: dataMap([condition, ['holds', `{{ true if (${text}) else false }}`]]),
      late: {text, mode: 'expression', at},
    };
  }
  const holds = scope.condition({value, at});
  return holds === undefined
    ? undefined
    : {
        data: dataMap([
          ['condition', text],
          ['holds', holds],
        ]),
      };
}

/** `debug: var=x` gets the value of `x`; what is not defined is said so, as in Ansible. */
function variablePieces(arg: Arg, scope: Scope): readonly Piece[] | undefined {
  const {names} = scope.play.shared;
  const text = String(arg.value);
  const expression = `{{ ${text} }}`;
  if (names.isLate(names.of(text, 'expression'), scope)) {
    return [{name: 'var', template: expression, texts: [{text: expression, mode: 'text', at: arg.at}]}];
  }
  const value = scope.templar.render(expression, arg.at);
  return [{name: 'var', ready: value.ok ? value.value : 'VARIABLE IS NOT DEFINED!'}];
}
