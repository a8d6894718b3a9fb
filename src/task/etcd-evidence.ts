/** `etcd_evidence`: what there is of a cluster, on disk and alive, and whether this run may go on. Touches nothing. */
import type {Diagnostic} from '../base/diagnostic.ts';
import {problem} from '../base/diagnostic.ts';
import {ok} from '../base/result.ts';
import {decideFromEvidence, type MemberEvidence} from '../etcd/evidence.ts';
import {parseUrl} from '../etcd/url.ts';
import {lineOf, parseVersion} from '../etcd/versions.ts';
import {DATA_PROPERTIES, type DataArgs, dataProbe} from './etcd-data.ts';
import {type IdentityArgs, identityResult} from './etcd-identity.ts';
import {CLUSTER_PROPERTIES, type MemberArg, memberProbes} from './etcd-members.ts';
import type {EtcdDataFact, EtcdFact, Fact, ListenerFact, PathFact, UnitFact} from './fact.ts';
import type {Probe} from './probe.ts';
import {releaseVersion} from './release-name.ts';
import {defineKind, refusal} from './task.ts';

interface Args extends IdentityArgs, DataArgs {
  readonly marker: string;
  readonly unit: string;
  readonly config_file: string;
  readonly init?: '' | 'new' | 'existing';
  readonly adopt?: boolean;
  readonly repair?: boolean;
  /** Later tasks of this run add members that have to join; without them such a member is refused. */
  readonly join?: boolean;
  readonly version: string;
  readonly archive: string;
}

/** Decides whether a cluster is new, being made, stopped or running; refuses when the evidence is ambiguous. */
export const etcdEvidenceKind = defineKind<Args, Readonly<Record<string, Probe>>>({
  name: 'etcd_evidence',
  summary:
    'Finds out whether a cluster is new, half made, stopped or running, and refuses to go on where that is ambiguous.',
  scope: 'cluster',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['members', 'pki_dir', 'data', 'marker', 'unit', 'config_file', 'token'],
    properties: {
      ...CLUSTER_PROPERTIES,
      ...DATA_PROPERTIES,
      marker: {type: 'string'},
      unit: {type: 'string'},
      config_file: {type: 'string'},
      token: {type: 'string'},
      init: {enum: ['', 'new', 'existing']},
      adopt: {type: 'boolean'},
      repair: {type: 'boolean'},
      join: {type: 'boolean'},
      version: {type: 'string'},
      archive: {type: 'string'},
    },
  },
  probe: args => ({
    ...memberProbes(args),
    ...Object.fromEntries(
      args.members.flatMap(({name, host, client_url: client, peer_url: peer}): [string, Probe][] => [
        [`data:${name}`, dataProbe(args, host)],
        [`marker:${name}`, {kind: 'path', path: args.marker, at: host}],
        [`unit:${name}`, {kind: 'unit', unit: args.unit, at: host}],
        [`config:${name}`, {kind: 'path', path: args.config_file, content: 'text', at: host}],
        [`listener:${name}`, {kind: 'listener', unit: args.unit, ports: [client, peer].flatMap(portOf), at: host}],
      ]),
    ),
  }),
  plan: (args, facts, context) => {
    if (context.pending.length > 0) return ok({kind: 'undecided', reason: 'decided after the data is moved aside'});
    const members = args.members.map(member => evidenceOf(member, args, facts, context.lostHosts));
    const {init = '', token, adopt = false, repair = false} = args;
    const decision = decideFromEvidence(members, {init, token, adopt, repair});
    if (!decision.ok) return refusal(...decision.problems);
    const upgrade = upgradeProblems(args, members);
    if (upgrade.length > 0) return refusal(...upgrade);
    const {state, reason, warnings, joining, repairing} = decision;
    if (joining.length > 0 && args.join !== true)
      return refusal(...joining.map(name => cannotJoin(name, args.members)));
    const {result = {}, ...identity} = identityResult(args, state);
    return ok({
      kind: 'satisfied',
      reason,
      warnings,
      ...identity,
      result: {state, joining: [...joining], repairing: [...repairing], ...result},
    });
  },
});

function portOf(url: string): number[] {
  const parsed = parseUrl(url);
  return parsed === undefined ? [] : [parsed.port];
}

function evidenceOf(
  member: MemberArg,
  {data: path}: Args,
  facts: Readonly<Record<string, Fact | undefined>>,
  lostHosts: readonly string[],
): MemberEvidence {
  const live = facts[`etcd:${member.name}`] as EtcdFact;
  const data = facts[`data:${member.name}`] as EtcdDataFact | undefined;
  const marker = facts[`marker:${member.name}`] as PathFact | undefined;
  const unit = facts[`unit:${member.name}`] as UnitFact | undefined;
  const config = facts[`config:${member.name}`] as PathFact | undefined;
  const listener = facts[`listener:${member.name}`] as ListenerFact | undefined;
  return {
    name: member.name,
    host: member.host,
    peerUrl: member.peer_url,
    hostLost: lostHosts.includes(member.host),
    ...(data === undefined ||
    marker === undefined ||
    unit === undefined ||
    config === undefined ||
    listener === undefined
      ? {}
      : {
          disk: {
            path,
            hasData: data.hasMember,
            ...(data.identity === undefined ? {} : {identity: data.identity}),
            isBootstrapping: marker.exists,
            unitActive: !['inactive', 'failed'].includes(unit.active),
            isManaged: unit.load !== 'not-found' || config.exists,
            holders: listener.others.filter(({pid}) => pid === 0 || pid !== unit.mainPid),
          },
        }),
    live: live.reachable
      ? {
          answers: true,
          memberId: live.memberId,
          clusterId: live.clusterId,
          version: live.version,
          members: live.members,
        }
      : {answers: false, reason: live.reason, message: live.message},
  };
}

function cannotJoin(name: string, members: readonly MemberArg[]): Diagnostic {
  const url = members.find(member => member.name === name)?.peer_url ?? '';
  return problem(
    'E_ETCD_NOT_MEMBER',
    `${name} (${url}) is not a member of the running cluster, and starting it would make a cluster of its own`,
    {hint: 'correct the inventory, or run the whole playbook: a member joins before it is started.'},
  );
}

/** Another minor release is an upgrade (or a downgrade): not something that happens by the way. */
function upgradeProblems({version, archive}: Args, members: readonly MemberEvidence[]): Diagnostic[] {
  const wanted = parseVersion(releaseVersion(archive) ?? version ?? '');
  if (wanted === undefined) return [];
  return members.flatMap(({name, live}) => {
    const running = live.answers ? parseVersion(live.version) : undefined;
    if (running === undefined || lineOf(running) === lineOf(wanted)) return [];
    return [
      problem(
        'E_ETCD_UPGRADE',
        `${name} runs etcd ${lineOf(running)}, but the inventory asks for ${lineOf(wanted)}: a change of the minor release is an upgrade of its own`,
        {
          hint: `set etcd_version (or etcd_archive) to a ${lineOf(running)} release.`,
        },
      ),
    ];
  });
}
