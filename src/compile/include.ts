/** `import_…` and `include_…`: other tasks in their place. */
import {type Data, dataMap} from '../base/data.ts';
import {problem} from '../base/diagnostic.ts';
import {judge} from './conditions.ts';
import type {HostState} from './host-state.ts';
import {turnsOf} from './loop.ts';
import type {IncludeNode, RoleEntry, TaskNode} from './node.ts';
import {isAbsolute, join} from './paths.ts';
import {included, inside, type Place, searchDirs} from './place.ts';
import type {PlayScope} from './play-scope.ts';
import type {Raw, Var, VarMap} from './raw.ts';
import {Scope} from './scope.ts';

/** How a role is entered: as an entry of `roles:`, or by an include. */
export interface IncludeVisit {
  readonly isInclude: boolean;
  readonly tasksFrom?: string;
}

/** The walk, as includes use it. */
export interface IncludeContext {
  readonly walk: {
    tasks(nodes: readonly TaskNode[], hosts: readonly HostState[], place: Place): void;
    role(entry: RoleEntry, name: string, hosts: readonly HostState[], place: Place, visit: IncludeVisit): void;
  };
  readonly play: PlayScope;
  isChosen(tags: readonly string[]): boolean;
}

/** One way in: hosts that go there with the same variables. */
interface Entrance {
  readonly target: string;
  readonly tasksFrom?: string;
  readonly params: VarMap;
  readonly when: readonly Raw[];
  readonly hosts: HostState[];
}

/** Deeper than this, includes are taken to include themselves without end. */
const MAX_DEPTH = 60;

/** Places what an include brings in. */
export function enterInclude(
  node: IncludeNode,
  hosts: readonly HostState[],
  place: Place,
  context: IncludeContext,
): void {
  if (place.includes.length >= MAX_DEPTH) {
    const hint = 'an include that includes itself needs a condition that ends it.';
    context.play.shared.problems.add(
      problem('E_INCLUDE_DEPTH', `includes are nested deeper than ${MAX_DEPTH}`, {at: node.at, hint}),
    );
    return;
  }
  if (node.isImport) enterImport(node, hosts, place, context);
  else enterDynamic(node, hosts, place, context);
}

/** An include's own words decide whether it is entered; each host may go elsewhere. */
function enterDynamic(node: IncludeNode, hosts: readonly HostState[], place: Place, context: IncludeContext): void {
  const own = inside(place, node.words);
  if (!context.isChosen(own.tags)) return;
  const entrances = new Map<string, Entrance>();
  for (const host of hosts)
    for (const entrance of entrancesOf(node, host, own, context.play)) addTo(entrances, entrance, host);
  for (const entrance of entrances.values()) {
    const inner = included(place, node.apply, entrance.params, entrance.target);
    go(node, entrance, {...inner, when: [...inner.when, ...entrance.when]}, context);
  }
}

/** An import's words apply to each task inside; its name is the same for all hosts. */
function enterImport(node: IncludeNode, hosts: readonly HostState[], place: Place, context: IncludeContext): void {
  const [first] = hosts;
  if (first === undefined) return;
  const inner = inside(place, node.words);
  const scope = new Scope(first, context.play, inner.sight);
  const target = scope.render(node.target);
  if (target === undefined) return;
  const tasksFrom = node.tasksFrom === undefined ? undefined : scope.render(node.tasksFrom);
  const entrance = {
    target: String(target),
    ...(tasksFrom === undefined ? {} : {tasksFrom: String(tasksFrom)}),
    params: new Map<string, Var>(),
    when: [],
    hosts: [...hosts],
  };
  go(node, entrance, {...inner, includes: [...inner.includes, String(target)]}, context);
}

/** Where one host goes: once, or once for each item of a loop. */
function entrancesOf(
  node: IncludeNode,
  host: HostState,
  own: Place,
  play: PlayScope,
): readonly Omit<Entrance, 'hosts'>[] {
  const outer = new Scope(host, play, own.sight);
  const turns = node.loop === undefined ? [{locals: new Map<string, Data>()}] : (turnsOf(node.loop, outer) ?? []);
  return turns.flatMap(({locals}) => {
    const scope = outer.with(locals);
    const judged = judge(own.when, scope);
    if (judged === undefined || judged.skip !== undefined) return [];
    const target = scope.render(node.target);
    const tasksFrom = node.tasksFrom === undefined ? undefined : scope.render(node.tasksFrom);
    if (target === undefined) return [];
    const turnVars = [...locals].map(([name, value]): [string, Var] => [
      name,
      {name, value, origin: 'loop', final: true},
    ]);
    const isWaiting = (raw: Raw) => judged.late.some(late => late.at === raw.at);
    return [
      {
        target: String(target),
        ...(tasksFrom === undefined ? {} : {tasksFrom: String(tasksFrom)}),
        params: new Map([...node.words.vars, ...turnVars]),
        when: own.when.filter(isWaiting),
      },
    ];
  });
}

/** Hosts that go to the same place with the same variables go together. */
function addTo(entrances: Map<string, Entrance>, entrance: Omit<Entrance, 'hosts'>, host: HostState): void {
  const values = [...entrance.params.values()].map(({name, value}) => [name, value] as const);
  const text = JSON.stringify(
    [entrance.target, entrance.tasksFrom, dataMap(values), entrance.when.map(raw => raw.value)],
    bigIntText,
  );
  // Items of one host that look alike are still turns of their own.
  let key = text;
  for (let n = 1; entrances.get(key)?.hosts.includes(host); n++) key = `${text} ${n}`;
  const known = entrances.get(key) ?? {...entrance, hosts: []};
  known.hosts.push(host);
  entrances.set(key, known);
}

function bigIntText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

function go(node: IncludeNode, {target, tasksFrom, hosts}: Entrance, place: Place, {walk, play}: IncludeContext): void {
  if (node.what === 'role') {
    const entry: RoleEntry = {
      name: {...node.target, value: target},
      words: {tags: [], when: [], vars: new Map(), inherited: new Map()},
      params: new Map(),
      at: node.at,
    };
    walk.role(entry, target, hosts, place, {isInclude: true, ...(tasksFrom === undefined ? {} : {tasksFrom})});
    return;
  }
  const paths = taskPaths(node, target, place, play);
  const tasks = play.shared.project.firstTasks(paths);
  if (tasks !== undefined) {
    walk.tasks(tasks, hosts, place);
    return;
  }
  const at = node.target.at;
  play.shared.problems.add(
    problem('E_FILE_NOT_FOUND', `there is no file "${target}" with tasks`, {
      at,
      hint: `looked for ${paths.join(', ')}.`,
    }),
  );
}

/** Beside the file that includes, then in the role's tasks, then at the playbook. */
export function taskPaths(
  node: IncludeNode,
  target: string,
  place: Place,
  play: {readonly dir: string},
): readonly string[] {
  if (isAbsolute(target)) return [target];
  return [...new Set([node.dir, ...searchDirs(place, node, play.dir, 'tasks')].map(dir => join(dir, target)))];
}
