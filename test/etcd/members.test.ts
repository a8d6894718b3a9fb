import {describe, expect, test} from 'vitest';
import type {Data} from '../../src/base/data.ts';
import type {Diagnostic} from '../../src/base/diagnostic.ts';
import {formatLocation, type SourceFile} from '../../src/base/source.ts';
import {type MemberInput, memberWarnings, resolveMembers} from '../../src/etcd/members.ts';

interface Given {
  readonly cluster?: Data;
  readonly seq?: Data;
  readonly name?: Data;
  readonly address?: Data;
  readonly port?: Data;
  readonly peerPort?: Data;
}

const file: SourceFile = {path: 'hosts.yml', text: Array.from({length: 20}, () => 'x'.repeat(9)).join('\n')};

/** Host number `line`: everything about it stands on that line, seq at column 3, address at column 5. */
function input(
  line: number,
  {cluster = 'etcd', address = `10.10.10.${line}`, port = 2379, peerPort = 2380, ...more}: Given,
): MemberInput {
  const at = (col: number) => ({file, start: (line - 1) * 10 + col - 1, end: (line - 1) * 10 + col});
  return {
    host: `h${line}`,
    hostAt: at(1),
    cluster: {value: cluster, at: at(2)},
    seq: more.seq === undefined ? undefined : {value: more.seq, at: at(3)},
    ...(more.name === undefined ? {} : {name: {value: more.name, at: at(4)}}),
    address: {value: address, at: at(5)},
    port: {value: port, at: at(6)},
    peerPort: {value: peerPort, at: at(7)},
    scheme: 'https',
  };
}

function problems(...inputs: readonly MemberInput[]): readonly string[] {
  const result = resolveMembers(inputs);
  return result.ok ? [] : result.error.map(show);
}

function show({code, at, related}: Diagnostic): string {
  const also = (related ?? []).map(other => ` (${other.message} ${formatLocation(other.at)})`).join('');
  return `${at === undefined ? '?' : formatLocation(at)} ${code}${also}`;
}

describe('members', () => {
  test('are derived from cluster and number, sorted by number, with URLs', () => {
    const result = resolveMembers([
      input(2, {seq: 2n}),
      input(1, {seq: '1'}),
      input(3, {seq: 1, cluster: 'meta', name: 'special', address: 'fd00::1'}),
    ]);
    expect(result).toEqual({
      ok: true,
      value: new Map([
        [
          'etcd',
          [
            {
              host: 'h1',
              cluster: 'etcd',
              name: 'etcd-1',
              seq: 1,
              address: '10.10.10.1',
              port: 2379,
              peerPort: 2380,
              peerUrl: 'https://10.10.10.1:2380',
              clientUrl: 'https://10.10.10.1:2379',
            },
            {
              host: 'h2',
              cluster: 'etcd',
              name: 'etcd-2',
              seq: 2,
              address: '10.10.10.2',
              port: 2379,
              peerPort: 2380,
              peerUrl: 'https://10.10.10.2:2380',
              clientUrl: 'https://10.10.10.2:2379',
            },
          ],
        ],
        [
          'meta',
          [
            {
              host: 'h3',
              cluster: 'meta',
              name: 'special',
              seq: 1,
              address: 'fd00::1',
              port: 2379,
              peerPort: 2380,
              peerUrl: 'https://[fd00::1]:2380',
              clientUrl: 'https://[fd00::1]:2379',
            },
          ],
        ],
      ]),
    });
  });

  test('of two clusters may share a machine with other ports', () => {
    expect(
      problems(
        input(1, {seq: 1}),
        input(2, {seq: 1, cluster: 'other', address: '10.10.10.1', port: 3379, peerPort: 3380}),
      ),
    ).toEqual([]);
  });

  test('with every kind of mistake are all reported at once, each at its place', () => {
    expect(
      problems(
        input(1, {}),
        input(2, {seq: 1.5}),
        input(3, {seq: '-1'}),
        input(4, {seq: 4, cluster: 'a b'}),
        input(5, {seq: 5, port: 0}),
        input(6, {seq: 6, peerPort: 2379}),
        input(7, {seq: 7, address: '-oProxyCommand=x'}),
        input(8, {seq: 8, address: '0.0.0.0'}),
        input(9, {seq: 9, address: '127.0.0.1'}),
        input(10, {seq: 10, name: 'a=b'}),
        input(11, {seq: 11, address: '[fd00::1]'}),
        input(12, {seq: 12, address: 17}),
        input(13, {seq: 13, port: '70000'}),
      ),
    ).toEqual([
      'hosts.yml:1:1 E_ETCD_SEQ_MISSING',
      'hosts.yml:2:3 E_ETCD_SEQ_TYPE',
      'hosts.yml:3:3 E_ETCD_SEQ_TYPE',
      'hosts.yml:4:2 E_ETCD_CLUSTER_NAME',
      'hosts.yml:5:6 E_ETCD_PORT',
      'hosts.yml:6:7 E_ETCD_PORT',
      'hosts.yml:10:4 E_ETCD_MEMBER_NAME',
      'hosts.yml:13:6 E_ETCD_PORT',
      'hosts.yml:7:5 E_ETCD_ADDRESS',
      'hosts.yml:8:5 E_ETCD_ADDRESS',
      'hosts.yml:9:5 E_ETCD_ADDRESS',
      'hosts.yml:11:5 E_ETCD_ADDRESS',
      'hosts.yml:12:5 E_ETCD_ADDRESS',
    ]);
  });

  test('with the same number name both places and the next free number', () => {
    const result = resolveMembers([input(1, {seq: 1}), input(2, {seq: 3}), input(3, {seq: 3})]);
    expect(result.ok ? [] : result.error.map(show)).toEqual([
      'hosts.yml:3:3 E_ETCD_SEQ_DUPLICATE (first used here hosts.yml:2:3)',
    ]);
    expect(result.ok ? '' : result.error[0]?.hint).toBe(
      'the next free number in cluster "etcd" is 4: use "etcd_seq: 4".',
    );
  });

  test('with one address and a common port are refused, also across clusters and spellings', () => {
    expect(
      problems(
        input(1, {seq: 1, address: 'fd00::1'}),
        input(2, {seq: 1, cluster: 'other', address: 'FD00:0::1', port: 2380, peerPort: 2381}),
      ),
    ).toEqual(['hosts.yml:2:5 E_ETCD_ADDRESS_DUPLICATE (first used here hosts.yml:1:5)']);
  });

  test('with the same name in one cluster or in two are refused', () => {
    expect(problems(input(1, {seq: 1, cluster: 'a-1', name: 'a-1-2'}), input(2, {seq: 2, cluster: 'a-1'}))).toEqual([
      'hosts.yml:2:1 E_ETCD_MEMBER_NAME_DUPLICATE (first used here hosts.yml:1:4)',
    ]);
  });

  test('on loopback are fine where a cluster has only one', () => {
    expect(problems(input(1, {seq: 1, address: '127.0.0.1'}))).toEqual([]);
  });
});

test('even sizes and very large clusters give a warning', () => {
  const cluster = (size: number) => {
    const result = resolveMembers(Array.from({length: size}, (_, i) => input(i + 1, {seq: i + 1})));
    return result.ok ? memberWarnings(result.value).map(({code}) => code) : ['broken'];
  };
  expect([1, 2, 3, 4, 7, 8, 9].map(cluster)).toEqual([
    [],
    ['W_ETCD_EVEN_SIZE'],
    [],
    ['W_ETCD_EVEN_SIZE'],
    [],
    ['W_ETCD_SIZE'],
    ['W_ETCD_SIZE'],
  ]);
});
