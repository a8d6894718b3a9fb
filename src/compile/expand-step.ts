/** One written task on one host: its turns, each skipped, ready, or waiting for results. */
import {type Data, type DataMap, dataMap} from '../base/data.ts';
import {problem} from '../base/diagnostic.ts';
import type {Location} from '../base/source.ts';
import type {LateTask, Task} from '../task/task.ts';
import {type Arguments, argumentsOf} from './args.ts';
import {type Judgement, judge} from './conditions.ts';
import {type LateText, packLate} from './late-task.ts';
import {type Turn, turnsOf} from './loop.ts';
import type {StepNode} from './node.ts';
import type {Place} from './place.ts';
import {literalData, type Raw} from './raw.ts';
import type {Scope} from './scope.ts';
import {checkAssert} from './static-assert.ts';
import {text, wordFields} from './task-words.ts';

/** A task before it has its place in the graph. */
export interface Draft {
  readonly fields: Omit<Task, 'id' | 'needs' | 'play' | 'host' | 'tags'>;
  /** Number in its loop. */
  readonly item?: number;
  readonly delegateTo?: string;
  /** Names of handlers, and where they are written. */
  readonly notify: readonly {readonly name: string; readonly at: Location}[];
  readonly scope: Scope;
}

/** Scopes of the hosts that one host acts for, by name. */
type Peers = ReadonlyMap<string, Scope>;

/** The tasks that a step becomes on a host; a turn with problems is left out. */
export function draftsOf(node: StepNode, place: Place, scope: Scope, peers: Peers): readonly Draft[] {
  if (node.loop === undefined) return draftOf(node, place, scope, peers, undefined) ?? [];
  // A loop over what only exists when `when` holds must not be looked at when it does not.
  const before = withoutProblems(place, scope, node.loop.loopVar);
  if (before?.skip !== undefined) return [skipped(node, place, scope, before.skip)];
  const turns = turnsOf(node.loop, scope);
  if (turns === undefined) return [];
  if (turns.length === 0) return [skipped(node, place, scope, 'the loop has no items')];
  return turns.flatMap(turn => draftOf(node, place, scope.with(turn.locals), peers, turn) ?? []);
}

/** Conditions that do not speak of the loop's item, judged before the loop. */
function withoutProblems(place: Place, scope: Scope, loopVar: string): Judgement | undefined {
  const {names} = scope.play.shared;
  const early = place.when.filter(
    raw => typeof raw.value !== 'string' || !names.of(raw.value, 'expression').includes(loopVar),
  );
  const [first] = early.flatMap(raw => {
    const isLate = typeof raw.value === 'string' && names.isLate(names.of(raw.value, 'expression'), scope);
    if (isLate) return [];
    const holds = scope.tryCondition(raw);
    return holds.ok && !holds.value ? [String(raw.value)] : [];
  });
  return first === undefined ? undefined : {skip: `when: ${first} is false`, late: []};
}

function skipped(node: StepNode, place: Place, scope: Scope, reason: string, name = nameOf(node, scope)): Draft {
  return {fields: {...common(node, place, scope, name), args: dataMap(), skip: reason}, notify: [], scope};
}

function draftOf(
  node: StepNode,
  place: Place,
  scope: Scope,
  peers: Peers,
  turn: Turn | undefined,
): readonly [Draft] | undefined {
  const item = turn === undefined ? {} : {item: turn.index};
  const name = nameOf(node, scope) + (turn === undefined ? '' : labelOf(node, turn, place, scope));
  const judged = judge(place.when, scope);
  if (judged === undefined) return undefined;
  if (judged.skip !== undefined) return [{...skipped(node, place, scope, judged.skip, name), ...item}];
  const args = argumentsOf(node, place, scope, peers);
  if (args === undefined) return undefined;
  if (args.late === undefined && judged.late.length === 0) checkAssert(node, args.args, place, scope);
  const delegateTo = text(place, 'delegate_to', scope);
  const notify = [...place.notify].flatMap(raw => notified(raw, scope));
  const late = lateOf(node, args, judged, scope);
  const fields = {
    ...common(node, place, scope, name),
    ...wordFields(place, scope),
    args: args.args,
    ...untilOf(node, scope),
    ...(node.changedWhen === undefined ? {} : {changedWhen: node.changedWhen.map(conditionText)}),
    ...(node.failedWhen === undefined ? {} : {failedWhen: node.failedWhen.map(conditionText)}),
    ...(late === undefined ? {} : {late}),
  };
  return [{fields, notify, scope, ...item, ...(delegateTo === undefined ? {} : {delegateTo})}];
}

type Common = Pick<Task, 'name' | 'kind'> & Partial<Pick<Task, 'role' | 'cluster' | 'at' | 'register'>>;

function common(node: StepNode, place: Place, scope: Scope, name: string): Common {
  const cluster = scope.host.member?.cluster;
  return {
    name,
    kind: node.kind.name,
    at: node.place,
    ...(place.sight.role === undefined ? {} : {role: place.sight.role.name}),
    ...(cluster === undefined ? {} : {cluster}),
    ...(node.register === undefined ? {} : {register: node.register}),
  };
}

/** A name that cannot be rendered is shown as written, as in Ansible. */
function nameOf(node: StepNode, scope: Scope): string {
  if (node.name === undefined) return node.kind.name;
  const {value, at} = node.name;
  const isKnown = scope.play.shared.names.in(value).every(name => scope.has(name) && !scope.isLate(name));
  const rendered = isKnown ? scope.templar.render(value, at) : undefined;
  return String(rendered?.ok ? rendered.value : value);
}

/** ` (item=x)`; under `no_log` an item may be a secret. */
function labelOf(node: StepNode, turn: Turn, place: Place, scope: Scope): string {
  const isSecret = place.inherited.has('no_log') && place.inherited.get('no_log')?.value !== false;
  if (isSecret) return ` (item ${turn.index + 1})`;
  const label =
    node.loop?.label === undefined ? undefined : scope.templar.render(node.loop.label.value, node.loop.label.at);
  return ` (item=${shown(label?.ok ? label.value : turn.item)})`;
}

function shown(value: Data): string {
  if (value !== null && typeof value === 'object')
    return JSON.stringify(value, (_key, item) => (typeof item === 'bigint' ? String(item) : item));
  return String(value);
}

/** A handler's name, or several where a template gives a list. */
function notified(raw: Raw, scope: Scope): Draft['notify'] {
  const value = scope.render(raw);
  if (value === undefined || value === null) return [];
  const names = Array.isArray(value) ? (value as readonly Data[]) : [value];
  return names.map(name => ({name: String(name), at: raw.at}));
}

function untilOf(node: StepNode, scope: Scope): Pick<Task, 'until'> {
  if (node.until === undefined) return {};
  const {conditions, retries, delay} = node.until;
  return {
    until: {
      conditions: conditions.map(conditionText),
      retries: numberOf(retries, 3, 'retries', scope),
      delaySeconds: numberOf(delay, 5, 'delay', scope),
    },
  };
}

/** A condition as the executor reads it: an expression. */
function conditionText({value}: Raw): string {
  return String(value);
}

function numberOf(raw: Raw | undefined, otherwise: number, word: string, scope: Scope): number {
  const value = raw === undefined ? otherwise : scope.render(raw);
  if (raw === undefined || value === undefined) return otherwise;
  const number = Number(value);
  if (Number.isFinite(number) && number >= 0 && value !== '') return number;
  scope.problem(
    problem('E_PLAYBOOK_VALUE', `"${word}" is ${JSON.stringify(String(value))}, which is no number`, {
      at: raw.at,
      hint: 'write a number.',
    }),
  );
  return otherwise;
}

/** What the executor needs: with late arguments or conditions, or where conditions on the result use other variables. */
function lateOf(node: StepNode, args: Arguments, judged: Judgement, scope: Scope): LateTask | undefined {
  const own = new Set(node.register === undefined ? [] : [node.register]);
  const onResult: LateText[] = [
    ...(node.changedWhen ?? []),
    ...(node.failedWhen ?? []),
    ...(node.until?.conditions ?? []),
  ].map(raw => ({
    text: conditionText(raw),
    mode: 'expression',
    at: raw.at,
  }));
  if (args.late === undefined && judged.late.length === 0 && onResult.length === 0) return undefined;
  const texts = [...(args.late?.texts ?? []), ...onResult];
  const templates = args.late?.args ?? (literalData(args.args) as DataMap);
  const late = packLate(templates, judged.late, texts, scope, own);
  const isLate = args.late !== undefined || judged.late.length > 0 || Object.keys(late.vars).length > 0;
  return isLate ? late : undefined;
}
