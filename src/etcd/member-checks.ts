/** What can be wrong between members: numbers, names, addresses and ports used twice, addresses nobody can reach. */
import {type Diagnostic, problem, warning} from '../base/diagnostic.ts';
import {groupBy} from '../base/group-by.ts';
import type {Location} from '../base/source.ts';
import type {ReadMember} from './member.ts';
import {place, show} from './member-values.ts';
import {tolerated} from './quorum.ts';
import {canonicalAddress, isHostName, isIpv4, isIpv6, isLoopback, isUnspecified} from './url.ts';

/** More members than this cost more than they give (etcd's FAQ). */
const MAX_SENSIBLE_MEMBERS = 7;

/** Addresses that other members could not reach. */
export function addressProblems(members: readonly ReadMember[]): readonly Diagnostic[] {
  const sizes = groupBy(members, member => member.cluster);
  return members.flatMap(member => {
    const wrong = addressFault(member, (sizes.get(member.cluster)?.length ?? 1) > 1);
    if (wrong === undefined) return [];
    const {input} = member;
    return [
      problem('E_ETCD_ADDRESS', `etcd_address of host "${member.host}" is ${show(input.address.value)}, ${wrong.why}`, {
        hint: wrong.hint,
        ...place(input.address.at, input.hostAt),
      }),
    ];
  });
}

function addressFault(
  {address, input}: ReadMember,
  hasPeers: boolean,
): {readonly why: string; readonly hint: string} | undefined {
  const useIp = 'set etcd_address to the IP address at which the other members and the clients reach this host.';
  if (typeof input.address.value !== 'string') return {why: 'not an address', hint: useIp};
  if (address.startsWith('['))
    return {
      why: 'in brackets',
      hint: 'write the IPv6 address without brackets: they are added where a URL needs them.',
    };
  if (!isIpv4(address) && !isIpv6(address) && !isHostName(address))
    return {why: 'neither an IP address nor a host name', hint: useIp};
  if (isUnspecified(address)) return {why: 'which is no address that others can connect to', hint: useIp};
  if (hasPeers && isLoopback(address)) return {why: 'which only this host itself can reach', hint: useIp};
  return undefined;
}

/** What two members may not share: a number or a name in a cluster, or an address together with a port. */
export function duplicateProblems(members: readonly ReadMember[]): readonly Diagnostic[] {
  const problems: Diagnostic[] = [];
  for (const [cluster, list] of groupBy(members, member => member.cluster)) {
    const hint = `the next free number in cluster "${cluster}" is ${nextSeq(list)}: use "etcd_seq: ${nextSeq(list)}".`;
    for (const [first, again] of pairs(list, member => [String(member.seq)])) {
      const message = `etcd_seq ${again.seq} of host "${again.host}" is already that of host "${first.host}" in cluster "${cluster}"`;
      problems.push(twice('E_ETCD_SEQ_DUPLICATE', message, hint, first, again, member => member.input.seq?.at));
    }
  }
  for (const [first, again] of pairs(members, member => [member.name])) {
    if (first.cluster === again.cluster && first.seq === again.seq) continue;
    const message = `host "${again.host}" and host "${first.host}" both have the member name "${again.name}"`;
    const hint = 'rename one of the clusters, or give one member another name.';
    problems.push(twice('E_ETCD_MEMBER_NAME_DUPLICATE', message, hint, first, again, member => member.input.name?.at));
  }
  for (const [first, again] of pairs(members, sockets)) {
    const port = sockets(again)
      .find(socket => sockets(first).includes(socket))
      ?.split(' ')[1];
    const message = `host "${again.host}" has the address ${again.address} and the port ${port}, which host "${first.host}" has too`;
    const hint =
      'every member needs an address or ports of its own; two clusters on one machine need other etcd_port and etcd_peer_port.';
    problems.push(twice('E_ETCD_ADDRESS_DUPLICATE', message, hint, first, again, member => member.input.address.at));
  }
  return problems;
}

/** What is unwise about a cluster's size. */
export function warningsOf(cluster: string, size: number): readonly Diagnostic[] {
  if (size > MAX_SENSIBLE_MEMBERS) {
    return [
      warning('W_ETCD_SIZE', `cluster "${cluster}" has ${size} members: every write waits for more than half of them`, {
        hint: `5 members survive the loss of 2, 7 that of 3; more than ${MAX_SENSIBLE_MEMBERS} only makes writes slower.`,
      }),
    ];
  }
  if (size % 2 === 1 || size === 0) return [];
  return [
    warning(
      'W_ETCD_EVEN_SIZE',
      `cluster "${cluster}" has ${size} members and survives the loss of ${tolerated(size)}, no more than with ${size - 1}`,
      {
        hint: `use ${size + 1} members, or ${size - 1}.`,
      },
    ),
  ];
}

function sockets({address, port, peerPort}: ReadMember): string[] {
  const canonical = canonicalAddress(address);
  return [`${canonical} ${port}`, `${canonical} ${peerPort}`];
}

/** Each member that shares a key with an earlier one, once, with the first that has the key. */
function pairs(
  members: readonly ReadMember[],
  keysOf: (member: ReadMember) => readonly string[],
): [first: ReadMember, again: ReadMember][] {
  const seen = new Map<string, ReadMember>();
  const found: [ReadMember, ReadMember][] = [];
  for (const member of members) {
    const keys = keysOf(member);
    const first = keys.map(key => seen.get(key)).find(other => other !== undefined);
    if (first !== undefined) found.push([first, member]);
    for (const key of keys) if (!seen.has(key)) seen.set(key, member);
  }
  return found;
}

function nextSeq(members: readonly ReadMember[]): number {
  const known = members.filter(({input, seq}) => input.seq !== undefined && String(input.seq.value) === String(seq));
  return Math.max(0, ...known.map(({seq}) => seq)) + 1;
}

function twice(
  code: `E_${string}`,
  message: string,
  hint: string,
  first: ReadMember,
  again: ReadMember,
  placeOf: (member: ReadMember) => Location | undefined,
): Diagnostic {
  const firstAt = placeOf(first) ?? first.input.hostAt;
  return problem(code, message, {
    hint,
    ...place(placeOf(again), again.input.hostAt),
    ...(firstAt === undefined ? {} : {related: [{message: 'first used here', at: firstAt}]}),
  });
}
