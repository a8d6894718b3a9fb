/** Facts about etcd members in few words, and a kind's decision in one line: for tables of decisions. */
import type {DataMap} from '../../src/base/data.ts';
import type {EtcdFact} from '../../src/task/fact.ts';
import {kindOf} from '../../src/task/index.ts';
import {partsOf} from '../../src/task/op.ts';
import type {PlanContext} from '../../src/task/task.ts';

export const names = (count: number) => Array.from({length: count}, (_, index) => `m${index + 1}`);
export const memberArgs = (count: number) =>
  names(count).map(name => ({name, host: name, peer_url: `http://${name}:2380`, client_url: `http://${name}:2379`}));

/** The id of a member of these tests. */
export const idOf = (name: string) => name.slice(1).padStart(16, '0');

export function live(name: string, count: number, more: Partial<Extract<EtcdFact, {reachable: true}>> = {}): EtcdFact {
  return {
    reachable: true,
    memberId: idOf(name),
    clusterId: CLUSTER_ID,
    version: '3.5.30',
    leaderId: idOf('m1'),
    raftIndex: '10',
    raftAppliedIndex: '10',
    raftTerm: '2',
    dbSizeBytes: 1,
    isLearner: false,
    errors: [],
    members: names(count).map(of => ({
      id: idOf(of),
      name: of,
      peerUrls: [`http://${of}:2380`],
      clientUrls: [`http://${of}:2379`],
      isLearner: false,
    })),
    linearizable: true,
    latencyMs: 1,
    ...more,
  };
}

export const SILENT: EtcdFact = {reachable: false, reason: 'refused', message: 'connection refused'};
export const unit = (active: string, sub = '') => ({load: 'loaded', active, sub, mainPid: 7});
export const text = (content: string) => ({exists: true, type: 'file', text: content});
export const ABSENT = {exists: false};
export const CLUSTER_ID = 'c'.repeat(16);
export const data = (hasMember: boolean, foreign: string[] = [], name = 'm1') => ({
  exists: true,
  hasMember,
  ...(hasMember ? {identity: {ok: true, memberId: idOf(name), clusterId: CLUSTER_ID}, ageSeconds: 60} : {}),
  sizeBytes: 5e6,
  walBytes: hasMember ? 4e6 : 0,
  dbBytes: hasMember ? 1e6 : 0,
  foreign,
});

/** What a plan knows of a run without trouble. */
export const CONTEXT: PlanContext = {
  host: 'm1',
  check: false,
  pending: [],
  nowMs: 0,
  hosts: names(5),
  lostHosts: [],
  stoppedHosts: [],
};

/** `satisfied`, `undecided`, `change <op kinds>`, `refused <codes>` or `failed <codes>`. */
export function decide(kind: string, args: object, facts: object, context: Partial<PlanContext> = {}): string {
  const plan = kindOf(kind)?.plan(args as DataMap, facts as never, {...CONTEXT, ...context});
  if (plan === undefined) throw new Error(`no kind ${kind}`);
  if (!plan.ok)
    return `${plan.error.refused ? 'refused' : 'failed'} ${plan.error.problems.map(({code}) => code).join(' ')}`;
  if (plan.value.kind !== 'change') return plan.value.kind;
  return `change ${plan.value.ops
    .flatMap(partsOf)
    .map(op => (op.kind === 'unit' ? op.verb : op.kind))
    .join(' ')}`;
}

/** Facts of members: the first `healthy` of `count` answer. */
export function answers(count: number, healthy: number): Record<string, EtcdFact> {
  return Object.fromEntries(
    names(count).map((name, index) => [`etcd:${name}`, index < healthy ? live(name, count) : SILENT]),
  );
}
