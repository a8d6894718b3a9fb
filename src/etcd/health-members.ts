/** What is wrong between the members and their lists: swapped, missing, never started, unknown to the inventory, or far behind. */
import {type Diagnostic, problem, warning} from '../base/diagnostic.ts';
import {type Expectation, type ListedMember, type LiveState, majority, type States} from './facts.ts';
import {lineOf, parseVersion} from './versions.ts';

type Live = ReadonlyMap<string, LiveState>;

/** Entries that a member may be behind the furthest one; more is worth waiting for before the next one is stopped. */
const MAX_LAG = 1000n;

/** Members that are not who they should be, and members that do not vote yet. */
export function memberProblems(own: Live, {memberIds = {}}: Expectation): readonly Diagnostic[] {
  const problems: Diagnostic[] = [];
  for (const [name, state] of own) {
    const expected = Object.hasOwn(memberIds, name) ? memberIds[name] : undefined;
    if (expected !== undefined && expected !== state.memberId) {
      problems.push(
        problem('E_ETCD_MEMBER_ID', `${name} has the member id ${state.memberId}, not ${expected} as it should have`, {
          hint: 'it was started on data of another member, or with another peer URL or token: move its data directory aside and let it join again.',
        }),
      );
    }
    const listed = state.members.find(row => row.id === state.memberId);
    if (listed !== undefined && listed.name !== '' && listed.name !== name) {
      problems.push(
        problem('E_ETCD_MEMBER_SWAPPED', `what answers as ${name} is the member "${listed.name}"`, {
          hint: 'addresses or data directories of two members are swapped, or the inventory gives the member another name than it has: make them agree.',
        }),
      );
    }
    if (state.isLearner) {
      problems.push(
        warning('W_ETCD_LEARNER', `${name} is a learner: it has no vote and does not serve reads`, {
          hint: 'unless it is to stay one (etcd_learner), "etcdctl-play etcd.yml" promotes it.',
        }),
      );
    }
  }
  return problems;
}

/** Member lists that differ, lack a member, or hold one that nobody asked for or that never started. */
export function listProblems(own: Live, states: States): readonly Diagnostic[] {
  const telling = [...own].filter(([, state]) => state.members.length > 0);
  const problems: Diagnostic[] = [];
  for (const [name, state] of own) {
    if (state.members.length > 0 || state.isLearner) continue;
    const why = state.membersError === undefined ? '' : `: ${state.membersError}`;
    problems.push(
      problem('E_ETCD_MEMBERS_UNKNOWN', `${name} does not tell the member list${why}`, {
        hint: 'if authentication is on, the client certificate must belong to "root".',
      }),
    );
  }
  const {groups} = majority(new Map(telling.map(([name, state]) => [name, listText(state.members)])));
  if (groups.size > 1) {
    const who = [...groups.values()].map(names => names.join(', ')).join(' against ');
    problems.push(
      problem('E_ETCD_MEMBER_LISTS_DIFFER', `the members do not agree on who is a member (${who})`, {
        hint: 'a membership change is on its way, or a member lags behind: ask again in a few seconds.',
      }),
    );
  }
  const rows = new Map(
    telling.flatMap(([, state]) => state.members.map((row): [string, ListedMember] => [row.id, row])),
  );
  if (rows.size === 0) return problems;
  for (const [name, state] of own) {
    if (rows.has(state.memberId)) continue;
    problems.push(
      problem('E_ETCD_MEMBER_MISSING', `${name} (${state.memberId}) is not in the cluster's member list`, {
        hint: 'it was removed from the cluster: stop it and move its data aside, or add it again.',
      }),
    );
  }
  for (const row of rows.values()) problems.push(...rowProblems(row, own, states));
  return problems;
}

function rowProblems(row: ListedMember, own: Live, states: States): readonly Diagnostic[] {
  if ([...own.values()].some(state => state.memberId === row.id)) return [];
  if (row.name === '') {
    const message = `the member ${row.id} (${row.peerUrls.join(', ')}) was added but never started`;
    const hint = `start it, or take it back: "etcdctl-play etcd-rm.yml -e etcd_rm_member=${row.id}".`;
    return [
      row.isLearner
        ? warning('W_ETCD_LEARNER_UNSTARTED', message, {hint})
        : problem('E_ETCD_MEMBER_UNSTARTED', message, {hint}),
    ];
  }
  if (states.has(row.name)) return [];
  return [
    warning(
      'W_ETCD_MEMBER_UNKNOWN',
      `the cluster has a member "${row.name}" (${row.id}, ${row.peerUrls.join(', ')}) that the inventory does not have`,
      {
        hint: `add its host to the inventory, or remove it: "etcdctl-play etcd-rm.yml -e etcd_rm_member=${row.id}".`,
      },
    ),
  ];
}

/** What of a list must be equal everywhere. Client URLs are published a moment after the start and may still be on their way. */
export function listText(list: readonly ListedMember[]): string {
  const rows = list.map(({id, peerUrls, isLearner}) => ({id, peerUrls: [...peerUrls].sort(), isLearner}));
  return JSON.stringify(rows.sort((a, b) => (a.id < b.id ? -1 : 1)));
}

/** Members that have applied far less than the furthest one, and by how many entries. */
export function laggards(own: Live): ReadonlyMap<string, bigint> {
  const furthest = [...own.values()].reduce(
    (most, {raftAppliedIndex}) => (BigInt(raftAppliedIndex) > most ? BigInt(raftAppliedIndex) : most),
    0n,
  );
  const behind = [...own].map(([name, {raftAppliedIndex}]) => [name, furthest - BigInt(raftAppliedIndex)] as const);
  return new Map(behind.filter(([, entries]) => entries > MAX_LAG));
}

/** The same as problems; a learner may lag for a while. */
export function lagProblems(own: Live): readonly Diagnostic[] {
  return [...laggards(own)].map(([name, behind]) => {
    const message = `${name} is ${behind} entries behind`;
    const hint = 'wait until it has caught up; if it does not, look at its disk and its network.';
    return own.get(name)?.isLearner
      ? warning('W_ETCD_LAGGING', message, {hint})
      : problem('E_ETCD_LAGGING', message, {hint});
  });
}

/** Members of more than one minor version: fine on the way through an upgrade, not for long. */
export function versionProblems(own: Live): readonly Diagnostic[] {
  const lines = new Map<string, string>();
  for (const [name, {version}] of own) {
    const parsed = parseVersion(version);
    if (parsed !== undefined) lines.set(name, lineOf(parsed));
  }
  const {groups} = majority(lines);
  if (groups.size < 2) return [];
  const who = [...groups].map(([line, names]) => `${line}: ${names.join(', ')}`).join('; ');
  return [
    warning('W_ETCD_VERSION_SKEW', `the members run different versions (${who})`, {
      hint: 'bring the upgrade to its end.',
    }),
  ];
}
