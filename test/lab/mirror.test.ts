import {expect, test} from 'vitest';
import {archiveOf, defaultArchiveOf} from '../../src/lab/mirror.ts';

test('the archive is the one of the Debian suite itself, not security or updates', () => {
  const targets = [
    'http://mirror.example/debian-security/|bookworm-security|main',
    'http://mirror.example/debian/|bookworm-updates|main',
    'http://extra.example/repo/|stable|stable',
    'http://mirror.example/debian/|bookworm|contrib',
    'http://mirror.example/debian/|bookworm|main',
  ];
  expect(archiveOf(`${targets.join('\n')}\n`)).toBe('http://mirror.example/debian');
});

test('a machine without a Debian archive has none', () => {
  expect(archiveOf('http://mirror.example/ubuntu/|noble|main\n')).toBe(undefined);
  expect(archiveOf('')).toBe(undefined);
});

test('an archive on a disk counts, one on a CD does not', () => {
  expect(archiveOf('file:/srv/debian|trixie|main')).toBe('file:/srv/debian');
  expect(archiveOf('cdrom://[Debian]/|trixie|main')).toBe(undefined);
});

test('the default of a debootstrap script is read from the script', () => {
  expect(defaultArchiveOf('x=1\nDEF_MIRROR="http://mirror.example/debian"\nDEF_HTTPS_MIRROR="https://no"\n')).toBe(
    'http://mirror.example/debian',
  );
  expect(defaultArchiveOf('no such line')).toBe(undefined);
});
