/** Reads the values of one host's member: each either usable or refused with its place and a remedy. */
import type {Data} from '../base/data.ts';
import {problem} from '../base/diagnostic.ts';
import {err, ok, type Result} from '../base/result.ts';
import type {Location} from '../base/source.ts';
import type {MemberInput} from './member.ts';

/** What a cluster or a member may be called: it ends up in file names, unit names and etcd's `name=url,…` lists. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;
const MAX_NAME_LENGTH = 63;

/** The cluster's name; a bare number counts as the text it was written as. */
export function readClusterName({cluster, host, hostAt}: MemberInput): Result<string> {
  const name =
    typeof cluster.value === 'string' ? cluster.value : isWhole(cluster.value) ? String(cluster.value) : undefined;
  if (name !== undefined && NAME.test(name) && name.length <= MAX_NAME_LENGTH) return ok(name);
  return err([
    problem(
      'E_ETCD_CLUSTER_NAME',
      `etcd_cluster of host "${host}" is ${show(cluster.value)}, which cannot be a cluster's name`,
      {
        hint: `use letters, digits, "_", "." and "-", beginning with a letter or digit, ${MAX_NAME_LENGTH} characters at most.`,
        ...place(cluster.at, hostAt),
      },
    ),
  ]);
}

/** The member's number in its cluster: a whole number from 0, as YAML, INI or the command line may give it. */
export function readSeq({seq, host, hostAt}: MemberInput): Result<number> {
  if (seq === undefined || seq.value === null) {
    return err([
      problem('E_ETCD_SEQ_MISSING', `host "${host}" has no etcd_seq`, {
        hint: 'give every member a number of its own and keep it for life, e.g. "etcd_seq: 1"; the member is named after it.',
        ...place(seq?.at, hostAt),
      }),
    ]);
  }
  const number = toNatural(seq.value);
  if (number !== undefined) return ok(number);
  return err([
    problem('E_ETCD_SEQ_TYPE', `etcd_seq of host "${host}" is ${show(seq.value)}, not a whole number from 0`, {
      hint: 'write it as a plain number, e.g. "etcd_seq: 1".',
      ...place(seq.at, hostAt),
    }),
  ]);
}

/** The member's name: given, or derived. */
export function readMemberName({name, host, hostAt}: MemberInput, derived: string): Result<string> {
  if (name === undefined || name.value === null) return ok(derived);
  if (typeof name.value === 'string' && NAME.test(name.value)) return ok(name.value);
  return err([
    problem(
      'E_ETCD_MEMBER_NAME',
      `the member of host "${host}" is named ${show(name.value)}, which etcd's member lists cannot hold`,
      {
        hint: 'use letters, digits, "_", "." and "-", beginning with a letter or digit; or leave the name out.',
        ...place(name.at, hostAt),
      },
    ),
  ]);
}

/** The client port or the peer port. That the two differ is checked with the client port. */
export function readPort(input: MemberInput, which: 'port' | 'peerPort'): Result<number> {
  const variable = which === 'port' ? 'etcd_port' : 'etcd_peer_port';
  const {value, at} = input[which];
  const port = toNatural(value);
  const where = place(at, input.hostAt);
  if (port === undefined || port < 1 || port > 65535) {
    return err([
      problem('E_ETCD_PORT', `${variable} of host "${input.host}" is ${show(value)}, not a port`, {
        hint: `use a number from 1 to 65535; etcd's usual is ${which === 'port' ? 2379 : 2380}.`,
        ...where,
      }),
    ]);
  }
  if (which === 'peerPort' && port === toNatural(input.port.value)) {
    return err([
      problem('E_ETCD_PORT', `etcd_port and etcd_peer_port of host "${input.host}" are both ${port}`, {
        hint: 'etcd listens on two ports: give clients and peers one each, e.g. 2379 and 2380.',
        ...place(at ?? input.port.at, input.hostAt),
      }),
    ]);
  }
  return ok(port);
}

/** A whole number from 0, whichever way it was written; undefined for anything else. */
function toNatural(value: Data): number | undefined {
  if (typeof value === 'string' ? !/^(?:0|[1-9]\d*)$/.test(value) : !isWhole(value)) return undefined;
  const number = Number(value);
  return number >= 0 && Number.isSafeInteger(number) ? number : undefined;
}

function isWhole(value: Data): value is number | bigint {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
}

/** The value as the user would write it. */
export function show(value: Data): string {
  if (typeof value === 'bigint') return String(value);
  return JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? Number(part) : part));
}

/** The value's place, or else the host's. */
export function place(at: Location | undefined, hostAt: Location | undefined): {readonly at?: Location} {
  const best = at ?? hostAt;
  return best === undefined ? {} : {at: best};
}
