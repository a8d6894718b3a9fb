/** The members that an inventory asks for: one per host, with everything etcd needs to know of it. */
import type {Diagnostic} from '../base/diagnostic.ts';
import {groupBy} from '../base/group-by.ts';
import {err, ok, type Result} from '../base/result.ts';
import type {EtcdMember, MemberInput, ReadMember} from './member.ts';
import {addressProblems, duplicateProblems, warningsOf} from './member-checks.ts';
import {readClusterName, readMemberName, readPort, readSeq} from './member-values.ts';
import {formatUrl} from './url.ts';
import {zoneWarnings} from './zones.ts';

export type {EtcdMember, Located, MemberInput} from './member.ts';

/** Members as far as they could be read, and everything that is wrong with them. */
export interface MembersReading {
  /** By cluster name, sorted by sequence number. With problems: good enough to look for more mistakes, never to act on. */
  readonly clusters: ReadonlyMap<string, readonly EtcdMember[]>;
  readonly problems: readonly Diagnostic[];
}

/** Reads every cluster's members; a value that cannot be used is replaced by a likely one, after saying so. */
export function readMembers(inputs: readonly MemberInput[]): MembersReading {
  const problems: Diagnostic[] = [];
  const members = inputs.map((input, index) => readMember(input, index, problems));
  problems.push(...addressProblems(members), ...duplicateProblems(members));
  const clusters = groupBy(members, member => member.cluster);
  const sorted = [...clusters].map(
    ([name, list]) => [name, list.sort((a, b) => a.seq - b.seq).map(withoutInput)] as const,
  );
  return {clusters: new Map(sorted), problems};
}

/** Every cluster's members, by cluster name, sorted by sequence number; or every problem of all of them. */
export function resolveMembers(inputs: readonly MemberInput[]): Result<ReadonlyMap<string, readonly EtcdMember[]>> {
  const {clusters, problems} = readMembers(inputs);
  return problems.length > 0 ? err(problems) : ok(clusters);
}

/** What is allowed but unwise about the sizes of the clusters and the places of their members. */
export function memberWarnings(clusters: ReadonlyMap<string, readonly EtcdMember[]>): readonly Diagnostic[] {
  return [...clusters].flatMap(([name, members]) => [
    ...warningsOf(name, members.length),
    ...zoneWarnings(name, members),
  ]);
}

/** Stands in for a number that could not be read: large, and different for each host, so that it collides with nothing. */
const STAND_IN = 1_000_000_000;

/** Reads one host's values; says what is wrong with each. */
function readMember(input: MemberInput, index: number, problems: Diagnostic[]): ReadMember {
  const cluster = take(readClusterName(input), 'etcd', problems);
  const seq = take(readSeq(input), STAND_IN + index, problems);
  const name = take(readMemberName(input, `${cluster}-${seq}`), `${cluster}-${seq}`, problems);
  const port = take(readPort(input, 'port'), STAND_IN + 2 * index, problems);
  const zone = input.zone?.value ?? undefined;
  const peerPort = take(readPort(input, 'peerPort'), STAND_IN + 2 * index + 1, problems);
  const address = String(input.address.value);
  return {
    host: input.host,
    cluster,
    name,
    seq,
    address,
    port,
    peerPort,
    peerUrl: formatUrl({scheme: input.scheme, address, port: peerPort}),
    clientUrl: formatUrl({scheme: input.scheme, address, port}),
    ...(zone === undefined || zone === '' ? {} : {zone: String(zone)}),
    input,
  };
}

function take<T>(result: Result<T>, standIn: T, problems: Diagnostic[]): T {
  if (result.ok) return result.value;
  problems.push(...result.error);
  return standIn;
}

function withoutInput({input: _, ...member}: ReadMember): EtcdMember {
  return member;
}
