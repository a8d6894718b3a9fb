import {expect, test} from 'vitest';
import {
  compareVersions,
  formatVersion,
  parseVersion,
  upgradeProblems,
  versionProblems,
} from '../../src/etcd/versions.ts';

test('versions are read with and without v, compared by number', () => {
  expect(parseVersion('v3.5.30')).toEqual({major: 3, minor: 5, patch: 30});
  expect(parseVersion('3.6.0-rc.1')).toEqual({major: 3, minor: 6, patch: 0});
  expect(['3.5', 'latest', '3.5.x', '', '3.5.3; rm'].map(parseVersion)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  const sorted = ['3.5.9', '3.5.30', '3.4.40', '3.10.0']
    .map(text => parseVersion(text))
    .filter(version => version !== undefined);
  expect(sorted.sort(compareVersions).map(formatVersion)).toEqual(['3.4.40', '3.5.9', '3.5.30', '3.10.0']);
});

test('releases are judged', () => {
  const codes = (text: string) => versionProblems(text).map(({code}) => code);
  expect(['3.5.33', '3.6.14', '3.7.1', '3.5.30', '3.4.23', '3.5.1', '3.9.0', 'x'].map(codes)).toEqual([
    [],
    [],
    [],
    ['W_ETCD_VERSION_UNSAFE'],
    ['W_ETCD_VERSION_EOL'],
    ['E_ETCD_VERSION_BROKEN'],
    ['W_ETCD_VERSION_UNKNOWN'],
    ['E_ETCD_VERSION'],
  ]);
});

test('steps between releases are judged: one minor at a time, never from a release that loses members', () => {
  const codes = ([from, to]: readonly [string, string]) => upgradeProblems(from, to).map(({code}) => code);
  expect(
    (
      [
        ['3.5.30', '3.5.33'],
        ['3.5.33', '3.5.30'],
        ['3.4.23', '3.5.33'],
        ['3.4.23', '3.6.14'],
        ['3.5.16', '3.6.14'],
        ['3.5.30', '3.6.14'],
        ['3.5.32', '3.6.14'],
        ['3.6.10', '3.7.1'],
        ['3.6.11', '3.7.1'],
        ['3.6.14', '3.5.33'],
      ] as const
    ).map(codes),
  ).toEqual([
    [],
    [],
    [],
    ['E_ETCD_UPGRADE_SKIPS'],
    ['E_ETCD_UPGRADE_FROM'],
    ['W_ETCD_UPGRADE_FROM'],
    [],
    ['E_ETCD_UPGRADE_FROM'],
    [],
    ['E_ETCD_DOWNGRADE'],
  ]);
});
