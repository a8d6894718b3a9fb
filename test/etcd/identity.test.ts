import {expect, test} from 'vitest';
import {clusterId, idFromDecimal, idToDecimal, memberId} from '../../src/etcd/identity.ts';

test('the ids of a default single member are those that every etcd logs', () => {
  const id = memberId(['http://localhost:2380'], 'etcd-cluster');
  expect(id).toBe('8e9e05c52164694d');
  expect(clusterId([id])).toBe('cdf818194e3a8c32');
});

test('a cluster id follows from the member ids in whatever order they come, as measured on a live cluster', () => {
  const ids = ['bdad96beca8249d5', 'adca50f9665fbdee', '4e95e8bf5c055843'];
  expect(clusterId(ids)).toBe('a6596b1794f56881');
  expect(clusterId([...ids].reverse())).toBe('a6596b1794f56881');
});

test('a member id does not depend on the order of peer URLs, but on the token and on the time of addition', () => {
  const urls = ['http://b:2380', 'http://a:2380'];
  const id = memberId(urls, 't');
  expect(memberId([...urls].reverse(), 't')).toBe(id);
  expect(
    new Set([id, memberId(urls, 'u'), memberId(urls, 't', 1_700_000_000), memberId(urls, 't', 1_700_000_001)]).size,
  ).toBe(4);
});

test('ids go to and from decimal without losing a digit; zero means none', () => {
  expect(idFromDecimal('17221338068156643453')).toBe('eefe7bbafd63787d');
  expect(idToDecimal('eefe7bbafd63787d')).toBe('17221338068156643453');
  expect(idFromDecimal('255')).toBe('00000000000000ff');
  expect(idFromDecimal('0')).toBe('');
  expect(idToDecimal('')).toBe('0');
});
