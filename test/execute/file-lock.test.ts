import {existsSync, utimesSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {expect, test} from 'vitest';
import {withFileLock} from '../../src/execute/file-lock.ts';
import {TestDir} from './release-fixtures.ts';

test('actions under one lock run one at a time, failures too, and leave no lock', async () => {
  using dir = new TestDir();
  const path = join(dir.path, 'locks/a');
  let running = 0;
  let most = 0;
  const action = async (index: number) => {
    most = Math.max(most, ++running);
    await sleep(5);
    running--;
    if (index === 1) throw new Error('no');
    return index;
  };
  const results = await Promise.allSettled([0, 1, 2].map(index => withFileLock(path, () => action(index))));
  expect(results.map(({status}) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect([most, existsSync(path)]).toEqual([1, false]);
});

test('a lock that was left behind is taken over', async () => {
  using dir = new TestDir();
  const path = dir.write('lock', '');
  const old = Date.now() / 1000 - 60;
  utimesSync(path, old, old);
  expect(await withFileLock(path, async () => 'done')).toBe('done');
});
