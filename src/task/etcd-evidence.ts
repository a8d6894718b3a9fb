/** `etcd_evidence`: what there is of a cluster, on disk and alive, and whether this run may go on. Touches nothing. */
import type {Diagnostic} from '../base/diagnostic.ts';
import {problem} from '../base/diagnostic.ts';
import {ok} from '../base/result.ts';
import {decideFromEvidence, type MemberEvidence} from '../etcd/evidence.ts';
import {lineOf, parseVersion} from '../etcd/versions.ts';
import {type IdentityArgs, identityResult, TOKEN_PROPERTY} from './etcd-identity.ts';
import {CLUSTER_PROPERTIES, type MemberArg, memberProbes} from './etcd-members.ts';
import type {EtcdDataFact, EtcdFact, Fact, PathFact, UnitFact} from './fact.ts';
import type {Probe} from './probe.ts';
import {releaseVersion} from './release-name.ts';
import {defineKind, refusal} from './task.ts';

interface Args extends IdentityArgs {
  readonly data: string;
  readonly marker: string;
  readonly unit: string;
  readonly init: string;
  readonly version: string;
  readonly archive: string;
  /** The data is about to be moved aside: only split clusters matter. */
  readonly rebuild: boolean;
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
    required: ['members', 'pki_dir', 'data', 'marker', 'unit'],
    properties: {
      ...CLUSTER_PROPERTIES,
      ...TOKEN_PROPERTY,
      data: {type: 'string'},
      marker: {type: 'string'},
      unit: {type: 'string'},
      init: {enum: ['new', 'existing']},
      version: {type: 'string'},
      archive: {type: 'string'},
      rebuild: {type: 'boolean'},
    },
  },
  probe: args => ({
    ...memberProbes(args),
    ...Object.fromEntries(
      args.members.flatMap(({name, host}): [string, Probe][] => [
        [`data:${name}`, {kind: 'etcd-data', path: args.data, at: host}],
        [`marker:${name}`, {kind: 'path', path: args.marker, at: host}],
        [`unit:${name}`, {kind: 'unit', unit: args.unit, at: host}],
      ]),
    ),
  }),
  plan: (args, facts, context) => {
    if (context.pending.length > 0) return ok({kind: 'undecided', reason: 'decided after the data is moved aside'});
    const members = args.members.map(member => evidenceOf(member, facts, context.lostHosts));
    const decision = decideFromEvidence(members, args.init);
    if (!decision.ok) return refusal(...decision.problems);
    const upgrade = upgradeProblems(args, members);
    if (upgrade.length > 0) return refusal(...upgrade);
    const {result = {}, ...identity} = identityResult(args, decision.state);
    return ok({
      kind: 'satisfied',
      reason: decision.reason,
      warnings: decision.warnings,
      ...identity,
      result: {state: decision.state, ...result},
    });
  },
});

function evidenceOf(
  member: MemberArg,
  facts: Readonly<Record<string, Fact | undefined>>,
  lostHosts: readonly string[],
): MemberEvidence {
  const live = facts[`etcd:${member.name}`] as EtcdFact;
  const data = facts[`data:${member.name}`] as EtcdDataFact | undefined;
  const marker = facts[`marker:${member.name}`] as PathFact | undefined;
  const unit = facts[`unit:${member.name}`] as UnitFact | undefined;
  return {
    name: member.name,
    host: member.host,
    peerUrl: member.peer_url,
    hostLost: lostHosts.includes(member.host),
    ...(data === undefined || marker === undefined || unit === undefined
      ? {}
      : {
          disk: {
            hasData: data.hasMember,
            isBootstrapping: marker.exists,
            unitActive: unit.active === 'active' || unit.active === 'activating',
          },
        }),
    live: live.reachable
      ? {answers: true, clusterId: live.clusterId, version: live.version, members: live.members}
      : {answers: false, reason: live.reason, message: live.message},
  };
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
