/** Plans for tests: small, whole, and easy to bend. */
import type {ClusterBinding, PlanBody, PlannedOp, PlannedTask} from '../../src/plan/saved-plan.ts';

export const write = (path: string, content: string): PlannedOp => ({
  text: `write ${path}`,
  op: {kind: 'write', path, content},
});
export const unit = (verb: string, name: string): PlannedOp => ({
  text: `systemctl ${verb} ${name}`,
  op: {kind: 'unit', verb, unit: name},
});
export const wait = (...members: string[]): PlannedOp => ({
  text: `wait until ${members.join(', ')} agree`,
  op: {kind: 'etcd-wait', endpoints: members.map(member => ({member}))},
});

export function planned(more: Partial<PlannedTask> = {}): PlannedTask {
  return {
    id: 'p/etcd/1-conf@h1',
    name: 'conf',
    host: 'h1',
    input: 'aa',
    status: 'ok',
    reason: 'already as wanted',
    later: false,
    causes: [],
    ops: [],
    diffs: [],
    ...more,
  };
}

export function member(n: number, more: Partial<ClusterBinding['members'][number]> = {}) {
  return {
    id: `00000000000000a${n}`,
    name: `etcd-${n}`,
    peerUrls: [`https://10.0.0.${n}:2380`],
    clientUrls: [`https://10.0.0.${n}:2379`],
    isLearner: false,
    ...more,
  };
}

export function cluster(more: Partial<ClusterBinding> = {}): ClusterBinding {
  return {clusterId: 'c1', term: '2', members: [member(1), member(2), member(3)], silent: [], ...more};
}

export function body(more: Partial<PlanBody> = {}): PlanBody {
  return {
    program: 'etcdctl-play',
    version: '1.2.3',
    runId: '00c0ffee',
    created: '2026-11-21T03:11:18.000Z',
    options: {
      cwd: '/project',
      playbooks: ['/project/etcd.yml'],
      inventory: ['/project/hosts.yml'],
      tags: [],
      skipTags: [],
      extraVars: [],
      become: false,
      sshArgs: [],
    },
    files: {'hosts.yml': 'f1'},
    graph: 'g1',
    identity: {},
    state: {clusters: {etcd: cluster()}, hosts: {h1: {machineId: 'm1', bootId: 'b1'}}},
    tasks: [planned()],
    ...more,
  };
}
