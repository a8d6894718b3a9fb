import {expect, test} from 'vitest';
import {overlapping} from '../../src/lab/network.ts';

const routes = (...dst: string[]) => JSON.stringify(dst.map(one => ({dst: one, dev: 'eth0'})));

test.each([
  ['10.10.10.0/24', '10.10.10.0/24 on eth0'],
  ['10.10.10.128/25', '10.10.10.128/25 on eth0'],
  ['10.10.10.77', '10.10.10.77 on eth0'],
  ['10.10.0.0/16', '10.10.0.0/16 on eth0'],
  ['10.0.0.0/8', '10.0.0.0/8 on eth0'],
])('a route to %s is in the way of 10.10.10.0/24', (dst, text) => {
  expect(overlapping(routes('default', dst), '10.10.10')).toBe(text);
});

test('the default route and other networks are not in the way', () => {
  expect(
    overlapping(
      routes('default', '10.10.11.0/24', '192.168.0.0/16', '0.0.0.0/0', 'fe80::/64', '127.0.0.1'),
      '10.10.10',
    ),
  ).toBe(undefined);
});

test('addresses above 128.0.0.0 are compared as unsigned numbers', () => {
  expect(overlapping(routes('192.168.0.0/16'), '192.168.50')).toBe('192.168.0.0/16 on eth0');
});

test('a machine without routes has nothing in the way', () => {
  expect(overlapping('', '10.10.10')).toBe(undefined);
});
