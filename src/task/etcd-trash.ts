/** `etcd_trash`: what has been moved aside is listed, put back where it was, or deleted for good. */
import {problem} from '../base/diagnostic.ts';
import {ok} from '../base/result.ts';
import type {TrashEntry, UnitFact} from './fact.ts';
import type {Probe} from './probe.ts';
import {defineKind, failure, type LintProblem, refusal} from './task.ts';
import {age, dataOfEntry, parseAge, size, tableOf} from './trash-table.ts';

interface Args {
  readonly action: 'list' | 'restore' | 'expire';
  readonly id?: string;
  /** `90m`, `12h`, `7d`, `2w`. */
  readonly older_than?: string;
  readonly unit: string;
  readonly owner: string;
}

/** Lists, restores or expires entries of a host's trash. */
export const etcdTrashKind = defineKind<Args, Readonly<Record<string, Probe>>>({
  name: 'etcd_trash',
  summary: 'Lists what has been moved aside on a host, puts it back where it was, or deletes it for good.',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['unit', 'owner'],
    properties: {
      action: {enum: ['list', 'restore', 'expire'], default: 'list'},
      id: {type: 'string'},
      older_than: {type: 'string'},
      unit: {type: 'string'},
      owner: {type: 'string'},
    },
  },
  lint,
  probe: ({unit}) => ({trash: {kind: 'trash'}, unit: {kind: 'unit', unit}}),
  plan: (args, facts, {host}) => {
    const mistakes = lint(args);
    if (mistakes.length > 0) return failure(...mistakes);
    const {entries} = facts.trash as {readonly entries: readonly TrashEntry[]};
    if (args.action === 'list') {
      const count = entries.length === 1 ? 'one entry' : `${entries.length} entries`;
      return ok({
        kind: 'satisfied',
        reason: entries.length === 0 ? 'nothing has been moved aside' : count,
        output: tableOf(entries),
        data: {entries: entries.map(dataOfEntry)},
        result: {entries: entries.map(dataOfEntry)},
      });
    }
    const {id = '', older_than: olderThan = ''} = args;
    const entry = id === '' ? undefined : entries.find(one => one.id === id);
    if (id !== '' && entry === undefined) return failure(noSuchEntry(id, host, entries));
    if (args.action === 'restore' && entry !== undefined) return restore(entry, args, host, facts.unit as UnitFact);
    const seconds = parseAge(olderThan);
    const old = (entry === undefined ? entries : [entry]).filter(
      one => seconds === undefined || (one.ageSeconds !== undefined && one.ageSeconds >= seconds),
    );
    const [first, ...rest] = old;
    if (first === undefined) return ok({kind: 'satisfied', reason: `nothing is older than ${olderThan}`});
    return ok({
      kind: 'change',
      reason: `to be deleted: ${old.map(one => `${one.id} (${size(one)}, ${age(one)} old)`).join(', ')}`,
      ops: [{kind: 'trash-expire', id: first.id}, ...rest.map(one => ({kind: 'trash-expire' as const, id: one.id}))],
    });
  },
});

/** Nothing is deleted or put back without saying what. */
function lint({action, id = '', older_than: olderThan = ''}: Args): LintProblem[] {
  const wrong = (message: string, hint: string) => [problem('E_ETCD_TRASH_WHAT', message, {hint})];
  if (olderThan !== '' && parseAge(olderThan) === undefined)
    return wrong(`"${olderThan}" is no age`, 'write a number with m, h, d or w: 90m, 12h, 7d, 2w.');
  if (action === 'restore' && id === '')
    return wrong('it is not said what to restore', 'name the entry that "etcdctl-play trash list" shows.');
  if (action === 'expire' && id === '' && olderThan === '')
    return wrong('it is not said what to delete', 'name an entry, or say from which age on: --older-than 7d.');
  return [];
}

function noSuchEntry(id: string, host: string, entries: readonly TrashEntry[]) {
  const known =
    entries.length === 0 ? 'nothing has been moved aside there' : `there are ${entries.map(one => one.id).join(', ')}`;
  return problem('E_ETCD_TRASH_ID', `${host} has no entry ${id}: ${known}`, {
    hint: 'see "etcdctl-play trash list", and say with -l on which host.',
  });
}

function restore(entry: TrashEntry, {unit, owner}: Args, host: string, {active}: UnitFact) {
  const {id, path, isFree, location} = entry;
  const no = (message: string, hint: string) => refusal(problem('E_ETCD_TRASH_RESTORE', `${host}: ${message}`, {hint}));
  if (entry.sizeBytes === undefined)
    return no(
      `${location}, where the data of ${id} was, is not there any more`,
      `nothing can be restored; "etcdctl-play trash expire ${id} -l ${host}" removes the entry.`,
    );
  if (active !== 'inactive' && active !== 'failed')
    return no(
      `${unit} is ${active}: data is not put under a running member`,
      `stop it first ("systemctl stop ${unit}" on ${host}), if its data may be replaced.`,
    );
  if (!isFree)
    return no(
      `${path} is not empty, and nothing is overwritten`,
      `move aside what is there first: "etcdctl-play etcd.yml -l ${host} -t etcd_clean -e etcd_safeguard=false".`,
    );
  return ok({
    kind: 'change' as const,
    reason: `back to ${path}; start it with "etcdctl-play etcd.yml" when all members of the cluster have theirs`,
    ops: [{kind: 'trash-restore' as const, id, path, unit, owner}] as const,
  });
}
