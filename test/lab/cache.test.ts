import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {homedir, tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {buildOnce, cacheDir, purgeCache} from '../../src/lab/cache.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cache-'));
});
afterEach(() => rmSync(dir, {recursive: true, force: true}));

test('the cache is where the environment says, else in the user cache directory', () => {
  expect([
    cacheDir({ETCDCTL_PLAY_LAB_CACHE: '/a', XDG_CACHE_HOME: '/x'}),
    cacheDir({XDG_CACHE_HOME: '/x'}),
    cacheDir({}),
  ]).toEqual(['/a', '/x/etcdctl-play/lab', join(homedir(), '.cache/etcdctl-play/lab')]);
});

test('a thing is built once, and appears only when it is whole', async () => {
  const path = join(dir, 'deep/thing');
  let built = 0;
  const build = async (part: string) => {
    built++;
    writeFileSync(part, 'half');
    expect(existsSync(path)).toBe(false);
    writeFileSync(part, 'whole');
  };
  expect([await buildOnce(path, build), await buildOnce(path, build)]).toEqual([path, path]);
  expect({built, text: readFileSync(path, 'utf8'), files: readdirSync(join(dir, 'deep'))}).toEqual({
    built: 1,
    text: 'whole',
    files: ['thing'],
  });
});

test('a build that fails leaves nothing, and the next one starts afresh', async () => {
  const path = join(dir, 'thing');
  const failing = buildOnce(path, async part => {
    writeFileSync(part, 'half');
    throw new Error('disk full');
  });
  await expect(failing).rejects.toThrow('disk full');
  expect(readdirSync(dir)).toEqual([]);
});

test('what a killed build has left is removed, what a running one builds is not', async () => {
  writeFileSync(join(dir, 'thing.part-999999999'), 'dead');
  writeFileSync(join(dir, 'thing.part-1'), 'alive');
  await buildOnce(join(dir, 'thing'), async part => writeFileSync(part, 'whole'));
  expect(readdirSync(dir).sort()).toEqual(['thing', 'thing.part-1']);
});

test('purging removes what the lab has made, not what else is in a directory that the user named', async () => {
  for (const name of ['root-bookworm-0123', 'etcd', 'labs', 'photos']) mkdirSync(join(dir, name));
  writeFileSync(join(dir, 'etcd/SHA256SUMS'), '');
  await purgeCache(dir);
  expect(readdirSync(dir)).toEqual(['photos']);
  rmSync(join(dir, 'photos'), {recursive: true});
  await purgeCache(dir);
  await purgeCache(dir);
  expect(existsSync(dir)).toBe(false);
});
