/** A cluster as a person wants to see it: one row for each member, and how long its certificates last. */

import {type Diagnostic, problem, warning} from '../base/diagnostic.ts';
import {groupBy} from '../base/group-by.ts';
import {columns} from './columns.ts';
import type {MemberState} from './facts.ts';
import {idFromDecimal} from './identity.ts';
import {formatBytes} from './member-table.ts';

const DAY_MS = 86_400_000;

/** A certificate and its end. */
export interface CertificateEnd {
  /** `server.crt`, `ca.crt` … */
  readonly file: string;
  readonly fingerprint256: string;
  readonly notAfterMs: number;
}

/** What is known of one member. */
export interface MemberStatus {
  readonly name: string;
  readonly host: string;
  readonly state: MemberState;
  /** Certificates on the host's disk; empty = the host was not asked. */
  readonly certificates: readonly CertificateEnd[];
  /** `active (running)`; absent = the host was not asked. */
  readonly unit?: string;
}

/** Whole days until a time; negative once it is past. */
export function daysLeft(notAfterMs: number, nowMs: number): number {
  return Math.floor((notAfterMs - nowMs) / DAY_MS);
}

/** How many entries each member that answers is behind the furthest one. */
export function lags(members: readonly MemberStatus[]): ReadonlyMap<string, string> {
  const applied = members.flatMap(({name, state}): [string, bigint][] =>
    state.reachable ? [[name, BigInt(state.raftAppliedIndex)]] : [],
  );
  let furthest = 0n;
  for (const [, index] of applied) if (index > furthest) furthest = index;
  return new Map(applied.map(([name, index]) => [name, String(furthest - index)]));
}

/** Kinds of the alarms that a member has raised itself: each member tells those of all. */
export function ownAlarms(state: MemberState): readonly string[] {
  if (!state.reachable) return [];
  return state.errors.flatMap(text => {
    const match = /memberID:\s*(\d+)\s+alarm:\s*(\w+)/.exec(text);
    return match !== null && idFromDecimal(match[1] ?? '0') === state.memberId ? [match[2] ?? ''] : [];
  });
}

/** `leader`, `voter`, `learner`, or why it does not answer. */
export function roleOf(state: MemberState): string {
  if (!state.reachable) return `down (${state.reason})`;
  if (state.isLearner) return 'learner';
  return state.leaderId === state.memberId ? 'leader' : 'voter';
}

const HEADER = [
  'MEMBER',
  'HOST',
  'ROLE',
  'VERSION',
  'DB',
  'IN USE',
  'INDEX',
  'APPLIED',
  'LAG',
  'TERM',
  'ALARMS',
  'CERT DAYS',
  'UNIT',
];
/** A value that is not known. */
const NONE = '-';

/** A text table, one row for each member, no trailing spaces. */
export function statusTable(members: readonly MemberStatus[], nowMs: number): string {
  const behind = lags(members);
  return columns([HEADER, ...members.map(member => row(member, behind.get(member.name) ?? NONE, nowMs))]);
}

function row(member: MemberStatus, lag: string, nowMs: number): readonly string[] {
  const {name, host, state, certificates, unit = NONE} = member;
  const days = certificateDays(certificates, nowMs);
  if (!state.reachable) return [name, host, roleOf(state), ...Array<string>(8).fill(NONE), days, unit];
  const {version, dbSizeBytes, dbSizeInUseBytes, raftIndex, raftAppliedIndex, raftTerm} = state;
  const inUse = dbSizeInUseBytes === undefined ? NONE : formatBytes(dbSizeInUseBytes);
  const alarms = ownAlarms(state).join(',') || NONE;
  return [
    ...[name, host, roleOf(state), version, formatBytes(dbSizeBytes), inUse],
    ...[raftIndex, raftAppliedIndex, lag, raftTerm, alarms, days, unit],
  ];
}

/** `3649 (CA 7299)`; `server 6, peer 3649, client 3649 (CA 7299)` where they are not the same. */
function certificateDays(certificates: readonly CertificateEnd[], nowMs: number): string {
  const days = certificates.map(({file, notAfterMs}) => ({file, days: daysLeft(notAfterMs, nowMs)}));
  const leaves = days.filter(({file}) => file !== 'ca.crt');
  const ca = days.find(({file}) => file === 'ca.crt');
  const isOne = new Set(leaves.map(one => one.days)).size === 1;
  const shown = isOne
    ? `${leaves[0]?.days}`
    : leaves.map(one => `${one.file.replace('.crt', '')} ${one.days}`).join(', ');
  return `${shown || NONE}${ca === undefined ? '' : ` (CA ${ca.days})`}`;
}

/** Days before the end of a certificate at which it is worth a warning, and an error. */
export interface CertificateLimits {
  readonly warnDays: number;
  readonly failDays: number;
}

/** Certificates near their end: each leaf on its host, a CA once for all that have it. `fix`: what makes it anew. */
export function certificateProblems(
  members: readonly Pick<MemberStatus, 'name' | 'host' | 'certificates'>[],
  nowMs: number,
  {warnDays, failDays}: CertificateLimits,
): readonly Diagnostic[] {
  const all = members.flatMap(({name, host, certificates}) => certificates.map(one => ({...one, name, host})));
  return [...groupBy(all, ({file, fingerprint256}) => `${file} ${fingerprint256}`).values()].flatMap(same => {
    const [first] = same;
    const days = first === undefined ? warnDays + 1 : daysLeft(first.notAfterMs, nowMs);
    if (first === undefined || days > warnDays) return [];
    const isCa = first.file === 'ca.crt';
    const end = new Date(first.notAfterMs).toISOString();
    const when = days < 0 ? `has been over since ${end}` : `ends in ${days} day${days === 1 ? '' : 's'} (${end})`;
    const message = `${first.file} of ${same.map(({name}) => name).join(', ')} ${when}`;
    const hint = isCa
      ? 'plan its renewal: members and clients need the new CA before the old one ends.'
      : `make it anew with "etcdctl-play etcd.yml -l ${first.host} -t etcd_cert" (no restart).`;
    return [
      days <= failDays
        ? problem('E_ETCD_CERT_EXPIRES', message, {hint})
        : warning('W_ETCD_CERT_EXPIRES', message, {hint}),
    ];
  });
}
