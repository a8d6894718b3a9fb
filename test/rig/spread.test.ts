import {expect, it} from 'vitest';
import {percentile} from './spread.ts';

it.each([
  [0.5, [5, 1, 3], 3],
  [0.5, [4, 1, 3, 2], 2],
  [0.99, Array.from({length: 20}, (_, i) => i + 1), 20],
  [0.99, Array.from({length: 200}, (_, i) => i + 1), 198],
  [0.99, [7], 7],
  [0.5, [], 0],
])('the percentile %d of %j is %d', (share, values, expected) => {
  expect(percentile(values, share)).toBe(expected);
});
