/**
 * `etcd_settle`: members that were started a moment ago join before any other is stopped. Without it a run that starts one
 * member and has to restart another would find the first one still missing, and the gate would say no.
 */
import {ok} from '../base/result.ts';
import {memberListOf} from '../etcd/health.ts';
import {isJoining} from '../etcd/member-list.ts';
import {CLUSTER_PROPERTIES, type ClusterArgs, endpointOf, type MemberArg, memberProbes} from './etcd-members.ts';
import {statesOf} from './etcd-states.ts';
import type {EtcdFact, UnitFact} from './fact.ts';
import type {Probe} from './probe.ts';
import {defineKind} from './task.ts';

interface Args extends ClusterArgs {
  readonly unit: string;
  /** Seconds to wait. */
  readonly timeout: number;
}

/** Waits for members whose unit is starting, and for nothing else: a member that hangs or is down is the gate's business. */
export const etcdSettleKind = defineKind<Args, Readonly<Record<string, Probe>>>({
  name: 'etcd_settle',
  summary: 'Waits until members that are just starting have joined their cluster, before another one may be stopped.',
  scope: 'cluster',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['members', 'pki_dir', 'unit'],
    properties: {
      ...CLUSTER_PROPERTIES,
      unit: {type: 'string'},
      timeout: {type: 'integer', minimum: 1, default: 60},
    },
  },
  probe: args => ({
    ...memberProbes(args),
    ...Object.fromEntries(
      args.members.map(({name, host}): [string, Probe] => [`unit:${name}`, {kind: 'unit', unit: args.unit, at: host}]),
    ),
  }),
  plan: ({members, pki_dir: pkiDir, unit, timeout}, facts, context) => {
    if (context.pending.length > 0) return ok({kind: 'undecided', reason: 'decided after the changes above are made'});
    const list = memberListOf(statesOf(members, facts));
    // A member that joins, and a learner, is waited for when it has its turn.
    const isVoter = ({name, peer_url: peerUrl}: MemberArg) =>
      !isJoining(list, {name, peerUrl}) && !list.some(row => row.isLearner && row.name === name);
    const starting = members.filter(
      member => isVoter(member) && isStarting(facts[`unit:${member.name}`] as UnitFact | undefined),
    );
    if (starting.length === 0 || context.check) return ok({kind: 'satisfied', reason: 'no member is just starting'});
    const asked = members.filter(
      member => starting.includes(member) || (facts[`etcd:${member.name}`] as EtcdFact).reachable,
    );
    return ok({
      kind: 'change',
      reason: `${starting.map(({name}) => name).join(', ')} ${starting.length > 1 ? 'are' : 'is'} starting`,
      ops: [
        {
          kind: 'etcd-wait',
          endpoints: asked.map(member => endpointOf(member, pkiDir)),
          expect: {unit},
          timeoutSeconds: timeout,
        },
      ],
    });
  },
});

/** The unit is `Type=notify`: it is active when its member has joined. */
function isStarting(unit: UnitFact | undefined): boolean {
  return unit?.active === 'activating';
}
