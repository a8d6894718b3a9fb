/** What the kinds share that take a member through its turn towards membership: what they ask, and what is known then. */
import {ok, type Result} from '../base/result.ts';
import {healthyVoterIds, judgeCluster, memberListOf} from '../etcd/health.ts';
import {alarmOf} from '../etcd/health-checks.ts';
import {findMember, rowText} from '../etcd/member-list.ts';
import {type MembershipStep, nextStep} from '../etcd/membership.ts';
import {DATA_PROPERTIES, dataProbe} from './etcd-data.ts';
import type {JoinPlace, JoinScene} from './etcd-join-ops.ts';
import {CLUSTER_PROPERTIES, type ClusterArgs, memberProbes} from './etcd-members.ts';
import {statesOf} from './etcd-states.ts';
import type {EtcdDataFact, EtcdFact, Fact, PathFact, UnitFact} from './fact.ts';
import type {Probe} from './probe.ts';
import {failure, type Refusal, refusal} from './task.ts';

/** Arguments of these kinds. */
export interface TurnArgs extends ClusterArgs, JoinPlace {
  /** This host's member. */
  readonly member: string;
  /** The copy of the configuration that the process was started with. */
  readonly started_file: string;
  /** The member stays a learner. */
  readonly learner: boolean;
  /** A member without its data, or with the alarm CORRUPT, may leave and join again. */
  readonly repair: boolean;
}

/** JSON Schema of `TurnArgs`. */
export const TURN_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: [
    ...['members', 'pki_dir', 'member', 'unit', 'data', 'config', 'config_file', 'started_file', 'owner', 'group'],
  ],
  properties: {
    ...CLUSTER_PROPERTIES,
    member: {type: 'string'},
    unit: {type: 'string'},
    ...DATA_PROPERTIES,
    wal_dir: {type: 'string', default: ''},
    config: {type: 'object'},
    config_file: {type: 'string'},
    started_file: {type: 'string'},
    owner: {type: 'string'},
    group: {type: 'string'},
    learner: {type: 'boolean', default: false},
    repair: {type: 'boolean', default: false},
    timeout: {type: 'integer', minimum: 1, default: 60},
  },
} as const;

/** What is asked: all of it known to other tasks already in a run that changes nothing. */
export function turnProbes(args: TurnArgs): Readonly<Record<string, Probe>> {
  return {
    ...memberProbes(args),
    unit: {kind: 'unit', unit: args.unit},
    data: dataProbe(args),
    config: {kind: 'path', path: args.config_file, content: 'text'},
    started: {kind: 'path', path: args.started_file, content: 'text'},
  };
}

/** The step that is due, and the scene for its operations; with `step: 'nothing'` there is no scene. */
export type Turn =
  | {readonly step: Extract<MembershipStep, {step: 'nothing'}>}
  | {readonly step: Exclude<MembershipStep, {step: 'nothing'}>; readonly scene: JoinScene};

/** Decides what is due for this host's member. */
export function turnOf(args: TurnArgs, facts: Readonly<Record<string, Fact | undefined>>): Result<Turn, Refusal> {
  const nothing = (reason: string): Result<Turn, Refusal> => ok({step: {step: 'nothing', reason}});
  const own = args.members.find(({name}) => name === args.member);
  if (own === undefined) return nothing('this host has no member');
  const states = statesOf(args.members, facts);
  const list = memberListOf(states);
  if (list.length === 0) return nothing('no running cluster answers');
  const healthyIds = healthyVoterIds(states);
  const {summary, problems} = judgeCluster(states);
  const member = {name: own.name, host: own.host, peerUrl: own.peer_url};
  const found = findMember(list, member);
  const row = found.ok ? found.value : undefined;
  const disk = diskOf(facts);
  const isHealthy = row !== undefined && healthyIds.has(row.id);
  const isCorrupt = row !== undefined && corruptIds(states.values()).has(row.id);
  const step = nextStep({
    member,
    wanted: args.members.map(({name, host, peer_url: peerUrl}) => ({name, host, peerUrl})),
    list,
    disk,
    voters: {voters: summary.voters, healthy: summary.healthyVoters},
    unhealthy: list.filter(({id, isLearner}) => !isLearner && !healthyIds.has(id)).map(rowText),
    isHealthy,
    isCorrupt,
    keepLearner: args.learner,
    repair: args.repair,
  });
  if (!step.ok) return refusal(...step.error);
  if (step.value.step === 'nothing') return ok({step: step.value});
  const asked = args.members.filter(({name, peer_url: url}) => name !== own.name && isIn(facts, name, url));
  if (asked.length === 0) return failure(...problems);
  const scene: JoinScene = {
    args,
    own,
    asked,
    list,
    disk,
    unitState: (facts['unit'] as UnitFact).active,
    isCorrupt,
    stopFirst: summary.healthyVoters - (isHealthy ? 1 : 0) >= summary.quorum,
    dbSizeBytes: Math.max(0, ...[...states.values()].map(state => (state.reachable ? state.dbSizeBytes : 0))),
    keepLearner: args.learner,
  };
  return ok({step: step.value, scene});
}

function diskOf(facts: Readonly<Record<string, Fact | undefined>>) {
  const unit = facts['unit'] as UnitFact;
  const data = facts['data'] as EtcdDataFact;
  const [config, started] = [facts['config'] as PathFact, facts['started'] as PathFact];
  return {
    hasData: data.hasMember,
    unitActive: unit.active === 'active',
    isCurrent: config.exists && started.exists && config.text === started.text,
  };
}

/** A member that answers, listed with the peer URL that the inventory gives it. */
function isIn(facts: Readonly<Record<string, Fact | undefined>>, name: string, peerUrl: string): boolean {
  const fact = facts[`etcd:${name}`] as EtcdFact;
  return (
    fact.reachable &&
    !fact.isLearner &&
    fact.members.some(row => row.id === fact.memberId && row.peerUrls.includes(peerUrl))
  );
}

/** Ids of the members with the alarm CORRUPT; each member that answers knows the alarms of all. */
function corruptIds(states: Iterable<EtcdFact>): ReadonlySet<string> {
  const texts = [...states].flatMap(state => (state.reachable ? state.errors : []));
  const alarms = texts.flatMap(text => alarmOf(text) ?? []);
  return new Set(alarms.filter(({kind}) => kind === 'CORRUPT').map(({id}) => id));
}
