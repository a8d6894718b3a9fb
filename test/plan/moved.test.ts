import {describe, expect, test} from 'vitest';
import {movedProblems, movedState} from '../../src/plan/moved.ts';
import {movedInput, movedTasks} from '../../src/plan/moved-tasks.ts';
import type {ClusterBinding, HostBinding, PlannedTask} from '../../src/plan/saved-plan.ts';
import {body, cluster, member, planned, unit, wait, write} from './plans.ts';

const shown = (moved: ReturnType<typeof movedState>) => movedProblems(moved).map(({message}) => message);

describe('the state', () => {
  const before = body().state;
  test.each<[string, Partial<ClusterBinding>, string[]]>([
    ['nothing', {}, []],
    ['another cluster', {clusterId: 'c2'}, ['the id of cluster etcd was c1 and is c2']],
    [
      'nobody answers',
      {clusterId: '', term: '', members: [], silent: ['etcd-1']},
      [
        'the id of cluster etcd was c1 and is none',
        'the raft term of cluster etcd was 2 and is none',
        'the list of silent members of cluster etcd was none and is etcd-1',
        ...[1, 2, 3].map(
          n =>
            `member 00000000000000a${n} of cluster etcd was voter etcd-${n}, peers at https://10.0.0.${n}:2380, clients at https://10.0.0.${n}:2379 and is not in the member list`,
        ),
      ],
    ],
    ['an election', {term: '3'}, ['the raft term of cluster etcd was 2 and is 3']],
    [
      'a member that was added',
      {members: [...cluster().members, member(4, {name: '', clientUrls: []})]},
      [
        'member 00000000000000a4 of cluster etcd was not in the member list and is voter (no name yet), peers at https://10.0.0.4:2380, not started',
      ],
    ],
    [
      'a member that became a learner',
      {members: [member(1), member(2), member(3, {isLearner: true})]},
      [
        'member 00000000000000a3 of cluster etcd was voter etcd-3, peers at https://10.0.0.3:2380, clients at https://10.0.0.3:2379 and is learner etcd-3, peers at https://10.0.0.3:2380, clients at https://10.0.0.3:2379',
      ],
    ],
    [
      'a member elsewhere',
      {members: [member(1), member(2), member(3, {peerUrls: ['https://10.0.0.9:2380']})]},
      [
        'member 00000000000000a3 of cluster etcd was voter etcd-3, peers at https://10.0.0.3:2380, clients at https://10.0.0.3:2379 and is voter etcd-3, peers at https://10.0.0.9:2380, clients at https://10.0.0.3:2379',
      ],
    ],
  ])('moved by %s', (_, change, expected) => {
    expect(shown(movedState(before, {...before, clusters: {etcd: cluster(change)}}))).toEqual(expected);
  });

  test.each<[string, Record<string, HostBinding>, string[]]>([
    ['a reboot', {h1: {machineId: 'm1', bootId: 'b2'}}, ['the boot id of h1 (it was started again) was b1 and is b2']],
    ['another machine', {h1: {machineId: 'm2', bootId: 'b2'}}, ['the machine behind h1 was m1 and is m2']],
    ['a host that does not tell', {}, ['the machine behind h1 was m1 and is unknown']],
  ])('moved by %s', (_, hosts, expected) => {
    expect(shown(movedState(before, {...before, hosts}))).toEqual(expected);
  });

  test('the last difference says what to do', () => {
    const problems = movedProblems(movedState(before, {clusters: {}, hosts: {}}));
    expect(problems.map(({code, hint}) => [code, hint !== undefined]).at(-1)).toEqual(['E_PLAN_MOVED', true]);
    expect(problems.filter(({hint}) => hint !== undefined)).toHaveLength(1);
  });
});

describe('the tasks', () => {
  const change = (content: string, more: Partial<PlannedTask> = {}) =>
    planned({status: 'changed', reason: 'content differs', ops: [write('/c', content)], ...more});
  test.each<[string, PlannedTask, PlannedTask, string[]]>([
    ['nothing', planned(), planned(), []],
    ['another reason with the same end (a process id)', planned(), planned({reason: 'running, pid 9'}), []],
    [
      'other members to wait for',
      planned({ops: [unit('restart', 'e'), wait('a')]}),
      planned({ops: [unit('restart', 'e'), wait('b')]}),
      [],
    ],
    [
      'something to do',
      planned(),
      change('x'),
      ['the task "conf" on h1 was "ok" (already as wanted) and is "changed" (content differs, to write /c)'],
    ],
    [
      'another content',
      change('x'),
      change('y'),
      [
        'the task "conf" on h1 was "changed" (content differs, to write /c), with other contents and is "changed" (content differs, to write /c)',
      ],
    ],
    [
      'another file before',
      change('x', {diffs: [{path: '/c', before: 'a', after: 'x'}]}),
      change('x', {diffs: [{path: '/c', before: 'b', after: 'x'}]}),
      [
        'the task "conf" on h1 was "changed" (content differs, to write /c) and is "changed" (content differs, to write /c), but /c is not as it was',
      ],
    ],
    [
      'a failure',
      planned(),
      planned({status: 'failed', reason: 'no'}),
      ['the task "conf" on h1 was "ok" (already as wanted) and is "failed" (no)'],
    ],
    ['what follows from a failure', planned(), planned({status: 'blocked', reason: 'x failed'}), []],
  ])('moved by %s', (_, before, now, expected) => {
    expect(shown(movedTasks([before], [now]))).toEqual(expected);
  });

  test('one difference on several hosts is told once, and of very many only the first', () => {
    const on = (hosts: readonly string[], status: 'ok' | 'failed', name = 'conf') =>
      hosts.map(host => planned({id: `${name}@${host}`, name, host, status}));
    expect(shown(movedTasks(on(['h1', 'h2'], 'ok'), on(['h1', 'h2'], 'failed')))).toEqual([
      'the task "conf" on h1, h2 was "ok" (already as wanted) and is "failed" (already as wanted)',
    ]);
    const many = (status: 'ok' | 'failed') => Array.from({length: 40}, (_, n) => on(['h1'], status, `t${n}`)).flat();
    expect(shown(movedTasks(many('ok'), many('failed'))).at(-1)).toBe(
      'the rest (28 more differences) was planned and is not as planned',
    );
  });
});

describe('the input', () => {
  const now = (more: object = {}) => ({
    version: '1.2.3',
    graph: 'g2',
    files: {'hosts.yml': 'f1'},
    inputs: new Map([['p/etcd/1-conf@h1', 'aa']]),
    ...more,
  });
  test.each([
    ['nothing, though a comment in a file', now({graph: 'g1', files: {'hosts.yml': 'f2'}}), []],
    ['another program', now({graph: 'g1', version: '2.0.0'}), ['the version of etcdctl-play was 1.2.3 and is 2.0.0']],
    ['a file', now({files: {'hosts.yml': 'f2'}}), ['the file hosts.yml was sha256 f1… and is sha256 f2…']],
    [
      'a new file',
      now({files: {'hosts.yml': 'f1', 'group_vars/all.yml': 'f3'}}),
      ['the file group_vars/all.yml was absent and is sha256 f3…'],
    ],
    [
      'a task',
      now({inputs: new Map([['p/etcd/1-conf@h1', 'bb']])}),
      ['the task "conf" on h1 was planned and is another: its arguments have changed'],
    ],
    [
      'a host',
      now({
        inputs: new Map([
          ['p/etcd/1-conf@h1', 'aa'],
          ['p/etcd/1-conf@h2', 'aa'],
        ]),
      }),
      ['the task p/etcd/1-conf@h2 was not in the plan and is part of the run'],
    ],
    ['a host that is gone', now({inputs: new Map()}), ['the task "conf" on h1 was planned and is gone']],
    ['how a host is reached', now(), ['the graph of tasks was sha256 g1… and is sha256 g2…']],
  ])('moved by %s', (_, current, expected) => {
    expect(shown(movedInput(body(), current))).toEqual(expected);
  });
});
