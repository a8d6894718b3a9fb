/** The members that an inventory asks for: one per host, with everything etcd needs to know of it. */
import type {Diagnostic} from '../base/diagnostic.ts';
import {err, ok, type Result} from '../base/result.ts';
import type {EtcdMember, MemberInput, ReadMember} from './member.ts';
import {addressProblems, duplicateProblems, groupBy, warningsOf} from './member-checks.ts';
import {readClusterName, readMemberName, readPort, readSeq} from './member-values.ts';
import {formatUrl} from './url.ts';

export type {EtcdMember, Located, MemberInput} from './member.ts';

/** Every cluster's members, by cluster name, sorted by sequence number; or every problem of all of them. */
export function resolveMembers(inputs: readonly MemberInput[]): Result<ReadonlyMap<string, readonly EtcdMember[]>> {
  const problems: Diagnostic[] = [];
  const members: ReadMember[] = [];
  for (const input of inputs) {
    const member = readMember(input, problems);
    if (member !== undefined) members.push(member);
  }
  problems.push(...addressProblems(members), ...duplicateProblems(members));
  if (problems.length > 0) return err(problems);
  const clusters = groupBy(members, member => member.cluster);
  return ok(new Map([...clusters].map(([name, list]) => [name, list.sort((a, b) => a.seq - b.seq).map(withoutInput)])));
}

/** What is allowed but unwise about the sizes of the clusters. */
export function memberWarnings(clusters: ReadonlyMap<string, readonly EtcdMember[]>): readonly Diagnostic[] {
  return [...clusters].flatMap(([name, members]) => warningsOf(name, members.length));
}

/** Reads one host's values; undefined when one of them cannot be used, after saying so for each. */
function readMember(input: MemberInput, problems: Diagnostic[]): ReadMember | undefined {
  const cluster = take(readClusterName(input), problems);
  const seq = take(readSeq(input), problems);
  const name = take(readMemberName(input, `${cluster}-${seq}`), problems);
  const port = take(readPort(input, 'port'), problems);
  const peerPort = take(readPort(input, 'peerPort'), problems);
  const address = String(input.address.value);
  if (cluster === undefined || seq === undefined || name === undefined || port === undefined || peerPort === undefined)
    return undefined;
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
    input,
  };
}

function take<T>(result: Result<T>, problems: Diagnostic[]): T | undefined {
  if (result.ok) return result.value;
  problems.push(...result.error);
  return undefined;
}

function withoutInput({input: _, ...member}: ReadMember): EtcdMember {
  return member;
}
