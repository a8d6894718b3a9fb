import {describe, expect, it} from 'vitest';
import type {ListedMember} from '../../src/etcd/facts.ts';
import {pointedAt, removalOrder} from '../../src/etcd/removal.ts';

function row(n: number, isLearner = false, name = `etcd-${n}`): ListedMember {
  return {id: `a${n}`, name, peerUrls: [`https://10.0.0.${n}:2380`], clientUrls: [], isLearner};
}

/** Removes `leaving` from voters 1..`size` (learners in `learners` beside them), of which `healthy` are healthy. */
function outcome(
  size: number,
  leaving: readonly number[],
  healthy: readonly number[],
  learners: readonly number[] = [],
): string {
  const list = [...Array.from({length: size}, (_, index) => row(index + 1)), ...learners.map(n => row(n, true))];
  const rows = list.filter(({id}) => leaving.includes(Number(id.slice(1))));
  const order = removalOrder(list, rows, new Set(healthy.map(n => `a${n}`)));
  return order.ok ? order.value.map(({id}) => id).join(' ') : order.error.map(({code}) => code).join(' ');
}

describe('removalOrder', () => {
  const rows: [string, string, string][] = [
    ['one of three', outcome(3, [3], [1, 2, 3]), 'a3'],
    ['the dead one of three', outcome(3, [3], [1, 2]), 'a3'],
    ['a healthy one while another is dead', outcome(3, [3], [1, 3]), 'E_ETCD_QUORUM'],
    ['a healthy one of four while another is dead', outcome(4, [4], [1, 2, 4]), 'a4'],
    ['two of five, the dead one first', outcome(5, [4, 5], [1, 2, 3, 4]), 'a5 a4'],
    ['three of five', outcome(5, [3, 4, 5], [1, 2, 3, 4, 5]), 'a3 a4 a5'],
    ['two dead of five, both', outcome(5, [4, 5], [1, 2, 3]), 'a4 a5'],
    ['three dead of five: nobody can agree on it', outcome(5, [5], [1, 2]), 'E_ETCD_QUORUM'],
    ['one of two', outcome(2, [2], [1, 2]), 'a2'],
    ['the dead one of two: nobody can agree on it', outcome(2, [2], [1]), 'E_ETCD_QUORUM'],
    ['the last voter', outcome(1, [1], [1]), 'E_ETCD_LAST_VOTER'],
    ['both of two', outcome(2, [1, 2], [1, 2]), 'E_ETCD_LAST_VOTER'],
    ['a learner, whatever the voters', outcome(3, [4], [1], [4]), 'a4'],
    ['a learner before a voter', outcome(3, [3, 4], [1, 2, 3], [4]), 'a4 a3'],
  ];
  it.each(rows)('%s', (_, found, expected) => {
    expect(found).toBe(expected);
  });
});

describe('pointedAt', () => {
  const list = [row(1), row(2), row(3, true, '')];
  it.each([
    ['etcd-2', 'a2'],
    ['A2', 'a2'],
    ['https://10.0.0.3:2380', 'a3'],
    ['', ''],
    ['etcd-9', ''],
  ])('%s', (query, expected) => {
    expect(
      pointedAt(list, query)
        .map(({id}) => id)
        .join(' '),
    ).toBe(expected);
  });
});
