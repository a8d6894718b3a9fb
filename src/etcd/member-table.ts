/** The members as people look at them: one row each, in columns. */
import {columns} from './columns.ts';
import type {LiveState, MemberState, States} from './facts.ts';

const HEADER = ['NAME', 'ID', 'STATUS', 'VERSION', 'DB SIZE', 'RAFT TERM', 'RAFT INDEX', 'CLIENT URL'];
/** A value that is not known. */
const NONE = '-';

/** A text table of members, no trailing spaces, lines joined by a newline. `clientUrls`: by member name, for members that do not answer. */
export function memberTable(states: States, clientUrls: Readonly<Record<string, string>> = {}): string {
  return columns([HEADER, ...[...states].map(([name, state]) => row(name, state, clientUrls[name]))]);
}

function row(name: string, state: MemberState, clientUrl: string | undefined): readonly string[] {
  if (!state.reachable) return [name, NONE, `down (${state.reason})`, NONE, NONE, NONE, NONE, clientUrl ?? NONE];
  const listed = state.members.find(member => member.id === state.memberId);
  return [
    name,
    state.memberId,
    statusOf(state),
    state.version,
    formatBytes(state.dbSizeBytes),
    state.raftTerm,
    state.raftIndex,
    clientUrl ?? listed?.clientUrls[0] ?? NONE,
  ];
}

function statusOf({memberId, leaderId, isLearner}: LiveState): string {
  if (isLearner) return 'learner';
  if (leaderId === '') return 'no leader';
  return memberId === leaderId ? 'leader' : 'follower';
}

/** `20.5 kB`, decimal units as etcdctl shows them. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : Number(value.toFixed(1))} ${units[unit]}`;
}
