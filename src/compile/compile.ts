/** Playbooks and roles x inventory -> a graph of tasks, every mistake found before any host is touched. */
import type {Diagnostic} from '../base/diagnostic.ts';
import {err, ok, type Result} from '../base/result.ts';
import type {EtcdMember} from '../etcd/members.ts';
import {Validators} from '../task/validators.ts';
import {ParsedTemplates} from '../template/templar.ts';
import {reachedHosts, reachOf, withinReach} from './beyond-limit.ts';
import {GraphBuilder} from './builder.ts';
import {findClients} from './clients.ts';
import {compilePlay, declaredIn, type PlayRun, playScope} from './compile-play.ts';
import {compiledHost, unknownDelegate} from './connection.ts';
import {HostState} from './host-state.ts';
import type {Compiled, CompiledHost, CompileInput} from './input.ts';
import {NameIndex} from './late-names.ts';
import {findManaged, findMembers} from './members.ts';
import type {Play} from './node.ts';
import {outlineOf} from './outline.ts';
import {slug} from './paths.ts';
import {NOWHERE} from './place.ts';
import {limitOf, nothingToDo, playHosts} from './play-hosts.ts';
import {barePlay, type PlayScope, type Shared} from './play-scope.ts';
import {readPlaybook} from './playbook.ts';
import {Problems} from './problems.ts';
import {Project} from './project.ts';
import {NO_VARS, type Var} from './raw.ts';
import {Scope} from './scope.ts';
import {startNotFound} from './start-at.ts';
import {unknownTags} from './tags.ts';
import {typedExtraVars} from './validate-variables.ts';

export type {Compiled, CompiledHost, CompiledPlay, CompileInput, ProjectFiles} from './input.ts';

/** Compiles a project for a run; fails with every problem found. Pure: the same input gives the same graph. */
export function compile(input: CompileInput): Result<Compiled> {
  const problems = new Problems();
  const project = new Project(input.files, problems);
  const plays = readPlays(input, problems);
  const warnings: Diagnostic[] = [...input.inventory.warnings];
  const limit = limitOf(input);
  const shared = shareOf(input, project, problems, plays, warnings, limit.ok ? limit.value : undefined);
  if (!limit.ok) problems.addAll(limit.error);
  const runs =
    problems.count > 0 && !limit.ok ? [] : runsOf(plays, shared, limit.ok ? limit.value : undefined, warnings);
  const choice = {only: input.tags, skip: input.skipTags};
  const outline = runs.map(({play, hosts, beyond}) =>
    outlineOf(
      play,
      hosts.filter(host => !beyond?.hosts.has(host)),
      project,
      choice,
    ),
  );
  const context = {
    shared,
    builder: new GraphBuilder(),
    tags: new Set(outline.flatMap(play => play.tasks.flatMap(task => task.tags))),
    start: {isOpen: input.startAtTask === undefined},
    touched: new Set<string>(),
  };
  const scopes = new Map<PlayRun, PlayScope>();
  const compiledPlays = runs.flatMap((planned, index) => {
    const run = withinReach(planned, context.builder);
    // A play for others is not spoken of where it has nobody.
    if (run.play.beyondLimit !== undefined && run.hosts.length === 0) return [];
    const scope = playScope(run, shared);
    scopes.set(run, scope);
    if (index > 0) context.builder.barrier(run.name, run.id, 'play');
    return compilePlay(run, scope, context);
  });
  problems.addAll(unknownTags(choice, context.tags));
  if (!context.start.isOpen) problems.add(startNotFound(input, outline));
  if (plays.length > 0 && limit.ok && runs.every(run => run.hosts.length === 0)) problems.add(nothingToDo(input));
  const hosts = hostsOf(scopes, shared, context.touched);
  const managed = findManaged(shared);
  const found = problems.list(new Set(runs.flatMap(run => run.hosts)).size);
  if (found.some(({severity}) => severity === 'error')) return err(found);
  return ok({
    graph: context.builder.graph(),
    plays: compiledPlays,
    hosts,
    clusters: shared.clusters,
    managed,
    warnings: [...warnings, ...found],
    outline,
  });
}

function readPlays(input: CompileInput, problems: Problems): readonly Play[] {
  const found: Diagnostic[] = [];
  const plays = input.playbooks.flatMap(file => readPlaybook(file, path => input.files.read(path), found));
  problems.addAll(found);
  return plays;
}

/** What everything shares: hosts with their members, extra variables with their types. */
function shareOf(
  input: CompileInput,
  project: Project,
  problems: Problems,
  plays: readonly Play[],
  warnings: Diagnostic[],
  limit: ReadonlySet<string> | undefined,
): Shared {
  const validators = new Validators();
  const declared = plays.flatMap(play => declaredIn(play, {project, problems}));
  const extraVars = typedExtraVars(input.extraVars, declared, validators);
  const base = {
    input,
    project,
    problems,
    extraVars,
    limitHosts: [...input.inventory.hosts.keys()].filter(name => limit === undefined || limit.has(name)),
    names: new NameIndex(),
    refused: new Set<Var>(),
    unchosen: new Map(),
    validators,
    cache: new Map(),
    parsed: new ParsedTemplates(),
  };
  const bare = {...base, hosts: hostStates(input, new Map(), new Map()), clusters: new Map()};
  const clusters = findMembers(bare, warning => warnings.push(warning));
  const members = new Map([...clusters.values()].flat().map(member => [member.host, member]));
  const clients = findClients(bare, clusters);
  return {...base, clusters, hosts: hostStates(input, members, clients)};
}

function hostStates(
  {inventory}: CompileInput,
  members: ReadonlyMap<string, EtcdMember>,
  clients: ReadonlyMap<string, string>,
): ReadonlyMap<string, HostState> {
  const states = [...inventory.hosts.values()].map(
    host =>
      new HostState({
        name: host.name,
        at: host.at,
        groups: host.groups,
        variables: host.variables,
        member: members.get(host.name),
        cluster: members.get(host.name)?.cluster ?? clients.get(host.name),
      }),
  );
  if (!inventory.hosts.has('localhost')) states.push(implicitLocalhost());
  return new Map(states.map(state => [state.name, state]));
}

/** The controller, where the inventory does not speak of it. */
function implicitLocalhost(): HostState {
  const connection = {name: 'ansible_connection', value: 'local', origin: 'implicit localhost', final: true};
  const variables = new Map([['ansible_connection', connection]]);
  return new HostState({
    name: 'localhost',
    at: undefined,
    groups: [],
    variables,
    member: undefined,
    cluster: undefined,
  });
}

/** Each play with its hosts and a name of its own. */
function runsOf(
  plays: readonly Play[],
  shared: Shared,
  limit: ReadonlySet<string> | undefined,
  warnings: Diagnostic[],
): readonly PlayRun[] {
  const names = new Map<string, number>();
  return plays.flatMap(play => {
    const pattern = patternOf(play, shared);
    if (pattern === undefined) return [];
    const reach = reachOf(play, shared);
    const selected = playHosts(pattern, play, shared.input, reach === undefined ? limit : undefined);
    if (!selected.ok) {
      shared.problems.addAll(selected.error);
      return [];
    }
    // A play for those whom others may have named is no mistake where there are none.
    if (reach === undefined) warnings.push(...selected.value.warnings);
    const {hosts, beyond} = reachedHosts(selected.value.hosts, reach, shared, limit);
    const count = (names.get(play.name) ?? 0) + 1;
    names.set(play.name, count);
    const suffix = count === 1 ? '' : ` (${count})`;
    return [
      {play, id: slug(play.name + suffix), name: play.name + suffix, hosts, ...(beyond === undefined ? {} : {beyond})},
    ];
  });
}

/** `hosts:` as text; it may use extra variables and variables of the play. */
function patternOf({hosts, words}: Play, shared: Shared): string | undefined {
  const local = shared.hosts.get('localhost');
  if (local === undefined) return undefined;
  const scope = new Scope(local, {...barePlay(shared), layers: () => [words.vars, NO_VARS]}, NOWHERE);
  const value = scope.render(hosts);
  if (value === undefined) return undefined;
  return Array.isArray(value) ? value.map(String).join(',') : String(value);
}

/** Hosts of the plays, of delegated tasks, and the rest of their clusters. */
function hostsOf(
  scopes: ReadonlyMap<PlayRun, PlayScope>,
  shared: Shared,
  touched: ReadonlySet<string>,
): readonly CompiledHost[] {
  const playOf = new Map<string, PlayScope>();
  for (const [run, scope] of scopes) for (const host of run.hosts) if (!playOf.has(host)) playOf.set(host, scope);
  for (const name of touched) {
    if (!shared.hosts.has(name)) shared.problems.add(unknownDelegate(name));
    else if (!playOf.has(name)) playOf.set(name, barePlay(shared));
  }
  const clusters = new Set([...playOf.keys()].map(name => shared.hosts.get(name)?.member?.cluster));
  const anyPlay = [...scopes.values()][0] ?? barePlay(shared);
  return [...shared.hosts.values()].flatMap(host => {
    const play = playOf.get(host.name);
    if (play !== undefined) return [compiledHost(host, play, false)];
    const isNeeded = host.member !== undefined && clusters.has(host.member.cluster);
    return isNeeded ? [compiledHost(host, anyPlay, true)] : [];
  });
}
