import {expect, test} from 'vitest';
import {
  canonicalAddress,
  formatUrl,
  isHostName,
  isIpv4,
  isIpv6,
  isLoopback,
  isUnspecified,
  parseUrl,
} from '../../src/etcd/url.ts';

test('URLs are written with brackets around IPv6 only, and read back the same', () => {
  for (const [address, url] of [
    ['10.10.10.10', 'https://10.10.10.10:2379'],
    ['fd00::1', 'https://[fd00::1]:2379'],
    ['etcd-1.example.com', 'https://etcd-1.example.com:2379'],
  ] as const) {
    expect(formatUrl({scheme: 'https', address, port: 2379})).toBe(url);
    expect(parseUrl(url)).toEqual({scheme: 'https', address, port: 2379});
  }
});

test('a URL with anything more or less than scheme, address and port is not a member URL', () => {
  for (const url of [
    'https://a',
    'https://a:2379/',
    'https://a:0',
    'https://a:65536',
    'ftp://a:1',
    'https://u@a:1',
    'https://[10.0.0.1]:1',
    'https://fd00::1:1',
    '',
  ]) {
    expect([url, parseUrl(url)]).toEqual([url, undefined]);
  }
});

test('addresses are told apart', () => {
  expect(['10.0.0.1', '256.0.0.1', '01.2.3.4', '1.2.3', 'a.b.c.d'].map(isIpv4)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
  expect(['fd00::1', '::', '::ffff:10.0.0.1', 'fe80::1%eth0', 'a:b', '10.0.0.1'].map(isIpv6)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
  expect(['etcd-1', 'a.b', '-a', 'a-', 'a..b', '10.0.0.999', 'a b', ''].map(isHostName)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
    false,
    false,
  ]);
  expect(['127.0.0.1', '127.9.9.9', '::1', '0:0::1', 'localhost', '128.0.0.1'].map(isLoopback)).toEqual([
    true,
    true,
    true,
    true,
    true,
    false,
  ]);
  expect(['0.0.0.0', '::', '0::0', '10.0.0.1'].map(isUnspecified)).toEqual([true, true, true, false]);
  expect(canonicalAddress('FD00:0:0::1')).toBe(canonicalAddress('fd00::1'));
});
