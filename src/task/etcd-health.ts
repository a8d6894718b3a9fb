/** `etcd_health`: every member answers, and all agree on cluster, members and leader. Waits where they do not yet. */
import {warning} from '../base/diagnostic.ts';
import {ok} from '../base/result.ts';
import {hasWrongIdentity, judgeCluster, memberListOf} from '../etcd/health.ts';
import {isJoining} from '../etcd/member-list.ts';
import {memberTable} from '../etcd/member-table.ts';
import {expectedIdentity, type IdentityArgs, markerProbes, TOKEN_PROPERTY} from './etcd-identity.ts';
import {CLUSTER_PROPERTIES, endpointOf, memberProbes} from './etcd-members.ts';
import {statesOf} from './etcd-states.ts';
import type {Probe} from './probe.ts';
import {defineKind, failure} from './task.ts';

interface Args extends IdentityArgs {
  /** There while a new cluster has not been seen healthy: its ids must be those foretold. '' = not asked for. */
  readonly marker: string;
  /** Seconds to wait. */
  readonly timeout: number;
  /** Whose journal is named when a member does not come up. */
  readonly unit: string;
}

/** Judges the cluster, and waits for it if it is not healthy yet. */
export const etcdHealthKind = defineKind<Args, Readonly<Record<string, Probe>>>({
  name: 'etcd_health',
  summary:
    'Waits until every member answers and all agree on cluster id, members and leader; a linearizable read must pass on each.',
  scope: 'cluster',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['members', 'pki_dir'],
    properties: {
      ...CLUSTER_PROPERTIES,
      ...TOKEN_PROPERTY,
      marker: {type: 'string', default: ''},
      timeout: {type: 'integer', minimum: 1, default: 60},
      unit: {type: 'string', default: 'etcd.service'},
    },
  },
  probe: args => ({...memberProbes(args), ...markerProbes(args.members, args.marker)}),
  plan: (args, facts, context) => {
    const {members, pki_dir: pkiDir, timeout, unit} = args;
    if (context.pending.length > 0) return ok({kind: 'undecided', reason: 'decided after the changes above are made'});
    const lost = members.filter(({host}) => context.lostHosts.includes(host));
    const list = memberListOf(statesOf(members, facts));
    const outside = members.filter(({name, peer_url: peerUrl}) => isJoining(list, {name, peerUrl}));
    const asked = members.filter(member => !lost.includes(member) && !outside.includes(member));
    const warnings = [
      ...lost.map(({name, host}) =>
        warning('W_ETCD_MEMBER_UNSEEN', `${name} was not waited for: its host ${host} cannot be reached`),
      ),
      ...outside
        .filter(member => !lost.includes(member))
        .map(({name, host}) =>
          warning('W_ETCD_NOT_JOINED', `${name} is in the inventory and has not joined the running cluster`, {
            hint: `let it join: "etcdctl-play etcd.yml -l ${host}".`,
          }),
        ),
    ];
    if (asked.length === 0) return ok({kind: 'satisfied', reason: 'no member can be asked', warnings});
    const states = statesOf(asked, facts);
    const expect = {unit, ...expectedIdentity(args, facts)};
    const {healthy, problems, summary} = judgeCluster(states, expect);
    if (healthy || (lost.length > 0 && summary.answering === asked.length && summary.healthyVoters >= summary.quorum)) {
      return ok({
        kind: 'satisfied',
        reason: `${summary.answering} of ${members.length} members answer and agree: cluster ${summary.clusterId}, leader ${summary.leader}`,
        output: memberTable(states),
        warnings: [...warnings, ...problems.filter(({severity}) => severity === 'warning')],
      });
    }
    if (context.check || hasWrongIdentity(problems)) return failure(...problems);
    return ok({
      kind: 'change',
      reason: problems[0]?.message ?? 'the members do not agree yet',
      ops: [
        {
          kind: 'etcd-wait',
          endpoints: asked.map(member => endpointOf(member, pkiDir)),
          expect,
          timeoutSeconds: timeout,
        },
      ],
      warnings,
    });
  },
});
