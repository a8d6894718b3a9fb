/** `etcd_preflight_peers`: what the hosts of a cluster tell together: whether they are as many as they seem, and can reach each other. */
import type {Diagnostic} from '../base/diagnostic.ts';
import {problem} from '../base/diagnostic.ts';
import {ok} from '../base/result.ts';
import type {ConnectFact, MachineFact, NamesFact} from '../etcd/preflight-facts.ts';
import {clockProblems, nameProblems, twinProblems} from '../etcd/preflight-machines.ts';
import {reachProblems, type Tried, type Way} from '../etcd/preflight-reach.ts';
import {isIpv4, isIpv6, parseUrl} from '../etcd/url.ts';
import {ADMIN, CLUSTER_PROPERTIES, type ClusterArgs, type MemberArg} from './etcd-members.ts';
import type {EtcdDataFact, Fact, PkiFact, UnitFact} from './fact.ts';
import type {Probe} from './probe.ts';
import {defineKind, refusal} from './task.ts';

interface Args extends ClusterArgs {
  readonly data: string;
  readonly unit: string;
  /** Seconds that clocks may certainly be apart. */
  readonly clock: number;
  /** Try the ways between members that run already, too. */
  readonly always: boolean;
}

type Facts = Readonly<Record<string, Fact | undefined>>;

/** Refuses, before anything is changed, hosts that cannot be one cluster. */
export const etcdPreflightPeersKind = defineKind<Args, Readonly<Record<string, Probe>>>({
  name: 'etcd_preflight_peers',
  summary:
    'Refuses hosts that are one machine under two names, cannot reach each other, disagree on names, or whose clocks make certificates invalid.',
  scope: 'cluster',
  tellsMore: true,
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['members', 'pki_dir', 'data', 'unit'],
    properties: {
      ...CLUSTER_PROPERTIES,
      data: {type: 'string'},
      unit: {type: 'string'},
      clock: {type: 'number', minimum: 0, default: 1},
      always: {type: 'boolean', default: false},
    },
  },
  probe: args => {
    const names = [...namesOf(args.members).keys()];
    const perHost = args.members.flatMap(({name, host}): [string, Probe][] => [
      [`data:${name}`, {kind: 'etcd-data', path: args.data, at: host}],
      [`unit:${name}`, {kind: 'unit', unit: args.unit, at: host}],
      [`machine:${name}`, {kind: 'machine', at: host}],
      ...(names.length === 0 ? [] : [[`names:${name}`, {kind: 'names', names, at: host}] as [string, Probe]]),
    ]);
    const ways = args.always ? waysOf(args.members, () => true) : [];
    return {
      pki: {kind: 'pki', dir: args.pki_dir, names: [ADMIN]},
      ...Object.fromEntries(perHost),
      ...Object.fromEntries(
        ways.map((way): [string, Probe] => [
          keyOf(way),
          {kind: 'tcp', address: way.address, port: way.port, at: way.from},
        ]),
      ),
    };
  },
  plan: (args, facts, {hosts, stoppedHosts, check}) => {
    const here = args.members.filter(({host}) => hosts.includes(host));
    const first = args.members.filter(({name}) => isFirst(facts, name)).map(({host}) => host);
    const isNew = !args.members.some(
      ({name}) => (facts[`data:${name}`] as EtcdDataFact | undefined)?.hasMember === true,
    );
    const found = [
      ...togetherProblems(args, facts),
      ...(isNew ? stoppedProblems(here.filter(({host}) => stoppedHosts.includes(host))) : []),
    ];
    const wanted = waysOf(args.members, way => args.always || first.includes(way.from) || first.includes(way.to));
    const ways = wanted.filter(way => hosts.includes(way.from) && connectOf(facts, way)?.result !== 'open');
    if (!check && ways.length > 0)
      return ok({
        kind: 'change',
        reason: `${ways.length} ways between members are tested`,
        ops: [{kind: 'peer-test', ways, found}],
      });
    const tried = ways.flatMap((way): Tried[] => {
      const fact = connectOf(facts, way);
      return fact === undefined ? [] : [{...way, fact, listening: runsAt(args.members, facts, way.to)}];
    });
    const all = [...found, ...reachProblems(tried)];
    if (all.some(({severity}) => severity === 'error')) return refusal(...all);
    return ok({kind: 'satisfied', reason: reasonOf(args, ways), warnings: all});
  },
});

function reasonOf({always, members}: Args, untested: readonly Way[]): string {
  if (untested.length > 0)
    return 'ways between members are not tested in a check run where nobody listens yet: that takes a listener for a moment';
  return always && members.length > 1 ? 'every member reaches every other' : 'the hosts fit together';
}

/** Members' addresses that are names, and the host that each is of. */
function namesOf(members: readonly MemberArg[]): ReadonlyMap<string, string> {
  return new Map(
    members.flatMap(({host, peer_url: peer, client_url: client}) =>
      [parseUrl(peer), parseUrl(client)].flatMap((url): [string, string][] =>
        url === undefined || isIpv4(url.address) || isIpv6(url.address) ? [] : [[url.address, host]],
      ),
    ),
  );
}

/** From every host to the peer and client port of every other member. */
function waysOf(members: readonly MemberArg[], isWanted: (way: Way) => boolean): Way[] {
  return members
    .flatMap(({host: from}) =>
      members
        .filter(({host}) => host !== from)
        .flatMap(({host: to, peer_url: peer, client_url: client}) =>
          [parseUrl(peer), parseUrl(client)].flatMap((url): Way[] =>
            url === undefined ? [] : [{from, to, address: url.address, port: url.port}],
          ),
        ),
    )
    .filter(isWanted);
}

function keyOf({from, to, port}: Way): `tcp:${string}` {
  return `tcp:${from} ${to} ${port}`;
}

function connectOf(facts: Facts, way: Way): ConnectFact | undefined {
  return facts[keyOf(way)] as ConnectFact | undefined;
}

function isFirst(facts: Facts, name: string): boolean {
  const data = facts[`data:${name}`] as EtcdDataFact | undefined;
  const unit = facts[`unit:${name}`] as UnitFact | undefined;
  return data?.hasMember === false && unit?.mainPid === 0;
}

function runsAt(members: readonly MemberArg[], facts: Facts, host: string): boolean {
  const name = members.find(member => member.host === host)?.name;
  return (facts[`unit:${name}`] as UnitFact | undefined)?.active === 'active';
}

function togetherProblems({members, clock}: Args, facts: Facts): readonly Diagnostic[] {
  const answers = <T>(kind: string): ReadonlyMap<string, T> =>
    new Map(
      members.flatMap(({name, host}): [string, T][] => {
        const fact = facts[`${kind}:${name}`] as T | undefined;
        return fact === undefined ? [] : [[host, fact]];
      }),
    );
  const machines = answers<MachineFact>('machine');
  const named = [...answers<{answers: NamesFact}>('names')].map(([host, fact]) => [host, fact.answers] as const);
  return [
    ...twinProblems(machines),
    ...clockProblems(machines, {warnMs: clock * 1000, caNotBeforeMs: (facts.pki as PkiFact).ca.notBeforeMs}),
    ...nameProblems(new Map(named), namesOf(members)),
  ];
}

/** A new cluster is made on all its hosts or on none: nothing is changed on the others either. */
function stoppedProblems(stopped: readonly MemberArg[]): readonly Diagnostic[] {
  if (stopped.length === 0) return [];
  const hosts = stopped.map(({host}) => host).join(', ');
  return [
    problem('E_PREFLIGHT_HOSTS', `a new cluster is made on all its hosts or on none, and ${hosts} cannot go on`, {
      hint: 'mend what is said of these hosts above, then run the same command again: nothing was changed.',
    }),
  ];
}
