import {expect, test} from 'vitest';
import {canAdd, canRemove, canStop, hasQuorum, quorum, tolerated} from '../../src/etcd/quorum.ts';

test('quorum and tolerated losses are those of the etcd FAQ', () => {
  expect([1, 2, 3, 4, 5, 6, 7].map(n => [n, quorum(n), tolerated(n)])).toEqual([
    [1, 1, 0],
    [2, 2, 0],
    [3, 2, 1],
    [4, 3, 1],
    [5, 3, 2],
    [6, 4, 2],
    [7, 4, 3],
  ]);
});

test('a voter may stop only where the others keep a majority', () => {
  expect(canStop({voters: 3, healthy: 3}, true)).toBe(true);
  expect(canStop({voters: 3, healthy: 2}, true)).toBe(false);
  expect(canStop({voters: 3, healthy: 2}, false)).toBe(true);
  expect(canStop({voters: 1, healthy: 1}, true)).toBe(false);
  expect(canStop({voters: 2, healthy: 2}, true)).toBe(false);
  expect(canStop({voters: 0, healthy: 0}, false)).toBe(false);
});

test('removing and adding count the majority of the cluster as it will be', () => {
  expect(canRemove({voters: 3, healthy: 2}, false)).toBe(true);
  expect(canRemove({voters: 3, healthy: 2}, true)).toBe(false);
  expect(canRemove({voters: 2, healthy: 2}, true)).toBe(true);
  expect(canRemove({voters: 1, healthy: 1}, true)).toBe(false);
  expect(canAdd({voters: 3, healthy: 3})).toBe(true);
  expect(canAdd({voters: 3, healthy: 2})).toBe(false);
  expect(canAdd({voters: 1, healthy: 1})).toBe(false);
  expect(hasQuorum({voters: 5, healthy: 3})).toBe(true);
  expect(hasQuorum({voters: 5, healthy: 2})).toBe(false);
});
