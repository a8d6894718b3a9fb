import {expect, test} from 'vitest';
import {describeWait, type WaitOptions, waitForCluster} from '../../src/execute/etcd-wait.ts';
import type {EtcdFact} from '../../src/task/fact.ts';
import type {EtcdArgs} from '../../src/task/probe.ts';

const endpoints: readonly EtcdArgs[] = [1, 2, 3].map(n => ({
  member: `etcd-${n}`,
  host: `h${n}`,
  clientUrl: `https://10.0.0.${n}:2379`,
}));
const refused: EtcdFact = {reachable: false, reason: 'refused', message: '10.0.0.3:2379: connection refused'};

function live(name: string): EtcdFact {
  const members = endpoints.map(({member}) => ({
    id: member,
    name: member,
    peerUrls: [],
    clientUrls: [],
    isLearner: false,
  }));
  return {
    reachable: true,
    memberId: name,
    clusterId: 'c0',
    version: '3.5.33',
    leaderId: 'etcd-1',
    raftIndex: '5',
    raftAppliedIndex: '5',
    raftTerm: '2',
    dbSizeBytes: 1,
    isLearner: false,
    errors: [],
    members,
    linearizable: true,
    latencyMs: 1,
  };
}

/** Members come up at given moments; asking takes 10 ms, sleeping as long as it says. */
function world(upAtMs: Readonly<Record<string, number>>, timeoutSeconds: number) {
  let nowMs = 5000;
  const said: string[] = [];
  const sleeps: number[] = [];
  const controller = new AbortController();
  const options: WaitOptions = {
    expect: {},
    timeoutSeconds,
    ask: async ({member}) => {
      if (member === 'etcd-1') nowMs += 10;
      return nowMs - 5000 >= (upAtMs[member] ?? Number.POSITIVE_INFINITY) ? live(member) : refused;
    },
    progress: text => said.push(text),
    signal: controller.signal,
    clock: {
      now: () => nowMs,
      sleep: async ms => {
        sleeps.push(Math.round(ms));
        nowMs += ms;
      },
    },
  };
  return {options, said, sleeps, controller};
}

test('a healthy cluster is not waited for', async () => {
  const {options, said, sleeps} = world({'etcd-1': 0, 'etcd-2': 0, 'etcd-3': 0}, 30);
  const {outcome, seconds} = await waitForCluster(endpoints, options);
  expect([outcome, seconds, said, sleeps]).toEqual(['healthy', 0.01, [], []]);
});

test('members that come up one by one are told once each, with ever longer pauses up to a second', async () => {
  const {options, said, sleeps} = world({'etcd-1': 0, 'etcd-2': 1000, 'etcd-3': 5000}, 30);
  const {outcome} = await waitForCluster(endpoints, options);
  expect([outcome, said, sleeps]).toEqual([
    'healthy',
    [
      '1 of 3 members answer; waiting for etcd-2 (connection refused), etcd-3 (connection refused)',
      '2 of 3 members answer; waiting for etcd-3 (connection refused)',
    ],
    [250, 375, 563, 844, 1000, 1000, 1000],
  ]);
});

test('the wait ends at its time, neither before nor long after, with what each member said', async () => {
  const {options, sleeps} = world({'etcd-1': 0, 'etcd-2': 0}, 2);
  const waited = await waitForCluster(endpoints, options);
  expect([waited.outcome, waited.seconds < 2.05, sleeps.reduce((a, b) => a + b) <= 2000]).toEqual([
    'timeout',
    true,
    true,
  ]);
  expect(describeWait(waited).split('\n')).toEqual([
    '  etcd-1: answers, leader, member etcd-1 of cluster c0, term 2, index 5',
    '  etcd-2: answers, follows etcd-1, member etcd-2 of cluster c0, term 2, index 5',
    '  etcd-3: 10.0.0.3:2379: connection refused',
    '  nothing listens there: look at "systemctl status etcd" and "journalctl -u etcd" on its host.',
  ]);
});

test('a cluster or member that is not who it should be ends the wait at once: no waiting heals that', async () => {
  for (const expected of [{clusterId: 'c1'}, {memberIds: {'etcd-2': 'ff'}}]) {
    const {options, sleeps} = world({'etcd-1': 0, 'etcd-2': 0, 'etcd-3': 0}, 30);
    const waited = await waitForCluster(endpoints, {...options, expect: expected});
    expect([waited.outcome, sleeps]).toEqual(['wrong', []]);
  }
});

test('an interruption ends the wait at the next look', async () => {
  const {options, controller} = world({}, 30);
  controller.abort();
  expect((await waitForCluster(endpoints, options)).outcome).toBe('interrupted');
});

test('questions are given no more time than is left', async () => {
  const {options} = world({}, 2);
  const asked: number[] = [];
  const ask = options.ask;
  await waitForCluster(endpoints, {
    ...options,
    ask: endpoint => {
      asked.push(endpoint.timeoutSeconds ?? 0);
      return ask(endpoint);
    },
  });
  expect(asked[0]).toBe(2);
  expect(asked.every((seconds, i) => seconds <= Math.max(0.2, asked[i - 1] ?? 2))).toBe(true);
});
