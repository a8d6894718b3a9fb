import {expect, test} from 'vitest';
import {callFailure, dialFailure} from '../../src/cluster/failure.ts';

test('a connection that cannot be opened has a reason, whichever side says it', () => {
  const reasons = [
    '(SSH) Channel open failure: Connection refused',
    'connect ECONNREFUSED 10.0.0.1:2379',
    'Channel open failure: open failed: administratively prohibited',
    '(SSH) Channel open failure: Connection timed out',
    'connect ETIMEDOUT 10.0.0.1:2379',
    '(SSH) Channel open failure: No route to host',
    'connect ENETUNREACH',
    'getaddrinfo ENOTFOUND etcd-1',
    'Not connected',
  ].map(text => dialFailure(new Error(text), '10.0.0.1', 2379).reason);
  expect(reasons).toEqual([
    'refused',
    'refused',
    'tunnel',
    'timeout',
    'timeout',
    'no-route',
    'no-route',
    'no-route',
    'tunnel',
  ]);
  expect(dialFailure(new Error('Connection refused'), 'fd00::1', 2379).message).toBe(
    '[fd00::1]:2379: connection refused',
  );
});

test('an error of etcd itself keeps its words and its status', () => {
  expect(callFailure({code: 14, details: 'etcdserver: unhealthy cluster'})).toEqual({
    reason: 'error',
    message: 'etcdserver: unhealthy cluster',
    status: 'UNAVAILABLE',
  });
  expect(
    callFailure({code: 9, details: 'etcdserver: can only promote a learner member which is in sync with leader'}),
  ).toEqual({
    reason: 'error',
    message: 'etcdserver: can only promote a learner member which is in sync with leader',
    status: 'FAILED_PRECONDITION',
  });
});

test('a member that does not know us is told from one that fails, whatever status etcd chose', () => {
  const reasons = [
    {code: 7, details: 'etcdserver: permission denied'},
    {code: 3, details: 'etcdserver: user name is empty'},
    {code: 2, details: 'auth: user name is empty'},
    {code: 16, details: 'etcdserver: invalid auth token'},
    {code: 3, details: 'etcdserver: duplicate key given in txn request'},
  ].map(error => callFailure(error).reason);
  expect(reasons).toEqual(['no-credentials', 'no-credentials', 'no-credentials', 'no-credentials', 'error']);
});

test('an error of the connection tells what happened to it', () => {
  const wrapped = (text: string) => ({
    code: 14,
    details: `No connection established. Last error: ${text}. Resolution note: `,
  });
  expect(callFailure(wrapped('Error: self-signed certificate in certificate chain'))).toEqual({
    reason: 'tls',
    message: 'the TLS handshake failed: self-signed certificate in certificate chain',
  });
  expect(callFailure({code: 14, details: 'read ECONNRESET'})).toEqual({
    reason: 'error',
    message: 'the connection broke: read ECONNRESET',
  });
  expect(callFailure({code: 4, details: 'Deadline exceeded after 2.0s'})).toEqual({
    reason: 'timeout',
    message: 'no answer in time',
  });
  const refused = dialFailure(new Error('Connection refused'), '10.0.0.1', 2379);
  expect(callFailure(wrapped('Failed to connect'), refused)).toEqual(refused);
});
