import {expect, test} from 'vitest';
import type {Data} from '../../src/base/data.ts';
import {dataMap} from '../../src/base/data.ts';
import {lintConfig} from '../../src/etcd/options.ts';
import {restartClass} from '../../src/etcd/read-once.ts';

function lint(config: Record<string, Data>, version = '3.5.30'): readonly string[] {
  return lintConfig(dataMap(Object.entries(config)), version).map(
    ({key, code, hint}) => `${key} ${code.replace('E_ETCD_OPTION_', '')}: ${hint}`,
  );
}

test('a usual configuration is clean on every release line', () => {
  const config = {
    name: 'etcd-1',
    'data-dir': '/data/etcd',
    'listen-peer-urls': 'https://10.0.0.1:2380',
    'heartbeat-interval': 100n,
    'quota-backend-bytes': 17179869184n,
    'auto-compaction-retention': '24h',
    'log-outputs': ['stderr'],
    'client-transport-security': dataMap([
      ['client-cert-auth', true],
      ['cert-file', '/a.crt'],
    ]),
    'peer-transport-security': null,
  };
  for (const version of ['3.4.23', '3.5.30', '3.6.14', '3.7.1'])
    expect([version, lint(config, version)]).toEqual([version, []]);
});

test('a misspelt key, which etcd would ignore, is named with what was meant', () => {
  expect(lint({'quota-backend-byte': 1})).toEqual(['quota-backend-byte UNKNOWN: did you mean "quota-backend-bytes"?']);
  expect(lint({quota_backend_bytes: 1})).toEqual(['quota_backend_bytes UNKNOWN: did you mean "quota-backend-bytes"?']);
  expect(lint({constructor: 1}).length).toBe(1);
});

test('a command-line name is sent to its place in the file', () => {
  expect(lint({'peer-trusted-ca-file': '/ca'})).toEqual([
    'peer-trusted-ca-file UNKNOWN: that is its name on the command line; in the file it is "peer-transport-security.trusted-ca-file".',
  ]);
});

test('keys inside the security sections are checked too', () => {
  expect(
    lint({
      'peer-transport-security': dataMap([
        ['cert-fle', '/a'],
        ['client-cert-auth', 'true'],
      ]),
    }),
  ).toEqual([
    'peer-transport-security.cert-fle UNKNOWN: did you mean "cert-file"?',
    'peer-transport-security.client-cert-auth TYPE: write true or false, without quotes.',
  ]);
});

test('what a release no longer knows is named with its heir', () => {
  expect(lint({'enable-v2': true}, '3.6.14')).toEqual(['enable-v2 REMOVED: leave it out.']);
  expect(lint({'experimental-corrupt-check-time': 1}, '3.7.1')).toEqual([
    'experimental-corrupt-check-time REMOVED: use "corrupt-check-time" instead.',
  ]);
  expect(lint({'experimental-initial-corrupt-check': true}, '3.7.1')).toEqual([
    'experimental-initial-corrupt-check REMOVED: use "feature-gates: InitialCorruptCheck=true" instead.',
  ]);
});

test('what a release does not know yet says from when', () => {
  expect(lint({'feature-gates': 'A=true'}, '3.5.30')).toEqual([
    'feature-gates UNKNOWN: it exists in 3.6 and later, 3.7 and later: upgrade first or leave it out.',
  ]);
  expect(lint({'listen-client-http-urls': 'https://a:1'}, '3.5.7').length).toBe(1);
  expect(lint({'listen-client-http-urls': 'https://a:1'}, '3.5.8')).toEqual([]);
});

test('wrong types, at which etcd refuses to start, are told with the right way to write them', () => {
  expect(
    lint({
      'auto-compaction-retention': 24n,
      'grpc-keepalive-interval': '2h',
      'heartbeat-interval': '100',
      'max-wals': -1n,
      'cipher-suites': 'TLS_A',
      'strict-reconfig-check': 'yes',
      'client-transport-security': '/a.crt',
    }),
  ).toEqual([
    'auto-compaction-retention TYPE: put it in quotes; several URLs are one string, separated by commas without spaces.',
    'grpc-keepalive-interval TYPE: in the file 1 second is 1000000000; "1s" is for the command line only.',
    'heartbeat-interval TYPE: write a plain number, without quotes or units.',
    'max-wals TYPE: write a plain number, without quotes or units.',
    'cipher-suites TYPE: write it as a YAML list, even for one value: ["…"].',
    'strict-reconfig-check TYPE: write true or false, without quotes.',
    'client-transport-security TYPE: write its keys indented below it.',
  ]);
});

test('a release newer than the table is checked by types only', () => {
  expect(lint({'brand-new': 1, 'heartbeat-interval': 'x'}, '3.9.0').map(line => line.split(' ')[0])).toEqual([
    'heartbeat-interval',
  ]);
});

test.each([
  ['quota-backend-bytes', true],
  ['client-transport-security', true],
  ['initial-cluster', false],
  ['initial-cluster-state', false],
  ['discovery-srv', false],
  ['constructor', true],
])('a change of %s restarts a running member: %s', (key, restart) => {
  expect(restartClass(key).restart).toBe(restart);
});
