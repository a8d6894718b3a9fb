import {expect, test} from 'vitest';
import {etcdFact} from '../../src/execute/etcd-probe.ts';

const endpoint = {member: 'etcd-1', host: 'h1', clientUrl: 'http://10.0.0.1:2379'};

function failing(text: string, calls: string[]) {
  return async (address: string, port: number) => {
    calls.push(`${address}:${port}`);
    throw new Error(text);
  };
}

test('without any connected host there is no route', async () => {
  expect(await etcdFact(endpoint, {own: undefined, any: undefined})).toEqual({
    reachable: false,
    reason: 'no-route',
    message: 'no host of this run that could reach http://10.0.0.1:2379 is connected',
  });
});

test('a refusal on the own host is final', async () => {
  const calls: string[] = [];
  const fact = await etcdFact(endpoint, {
    own: failing('Connection refused', calls),
    any: failing('No route to host', calls),
  });
  expect([fact, calls]).toEqual([
    {reachable: false, reason: 'refused', message: '10.0.0.1:2379: connection refused'},
    ['10.0.0.1:2379'],
  ]);
});

test('where the own host lets nothing through another one is tried, and if that fails too the own one speaks', async () => {
  const calls: string[] = [];
  const fact = await etcdFact(endpoint, {
    own: failing('administratively prohibited', calls),
    any: failing('No route to host', calls),
  });
  expect([fact.reachable ? '' : fact.reason, calls.length]).toEqual(['tunnel', 2]);
});
