import {expect, test} from 'vitest';
import type {EtcdMember} from '../../src/etcd/members.ts';
import {zoneWarnings} from '../../src/etcd/zones.ts';

/** Members of which each is in the zone of its letter; `-` = in none. */
function membersIn(zones: string): EtcdMember[] {
  return [...zones].map((zone, index) => ({
    host: `h${index + 1}`,
    cluster: 'c',
    name: `c-${index + 1}`,
    seq: index + 1,
    address: `10.0.0.${index + 1}`,
    port: 2379,
    peerPort: 2380,
    peerUrl: '',
    clientUrl: '',
    ...(zone === '-' ? {} : {zone}),
  }));
}

test.each([
  ['---', []],
  ['abc', []],
  ['aab', ['W_ETCD_ZONE_MAJORITY a']],
  ['aaa', ['W_ETCD_ZONE_MAJORITY a']],
  ['aabbc', []],
  ['aaabc', ['W_ETCD_ZONE_MAJORITY a']],
  // with four, three must agree: two zones of two are each one too many
  ['aabb', ['W_ETCD_ZONE_MAJORITY a', 'W_ETCD_ZONE_MAJORITY b']],
  ['a', []],
  ['aa', []],
  ['ab-', ['W_ETCD_ZONE_MISSING h3']],
  ['aa-', ['W_ETCD_ZONE_MISSING h3', 'W_ETCD_ZONE_MAJORITY a']],
])('members in the zones %s', (zones, expected) => {
  const found = zoneWarnings('c', membersIn(zones));
  expect(found.map(({code, message}) => `${code} ${/^zone "(.)"|^(h\d)/.exec(message)?.slice(1).join('')}`)).toEqual(
    expected,
  );
  for (const {hint} of found) expect(hint).toMatch(/\w/);
});
