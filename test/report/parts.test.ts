import {describe, expect, it} from 'vitest';
import {drawFileDiff} from '../../src/report/file-diff.ts';
import {createPaint} from '../../src/report/paint.ts';
import {phaseOf, titleOf} from '../../src/report/phase.ts';
import {formatDuration} from '../../src/report/recap.ts';
import {displayWidth, truncate} from '../../src/report/width.ts';
import {ref} from './events.ts';

const plain = createPaint(false);

describe('phaseOf and titleOf', () => {
  const task = ref('h', 'conf', 'render etcd.conf');
  it.each([
    ['the tag written short and long', task, 'conf', 'etcd : conf | render etcd.conf'],
    [
      'not a tag of the playbook',
      {...task, tags: ['prod', 'always', 'conf', 'etcd_conf']},
      'conf',
      'etcd : conf | render etcd.conf',
    ],
    ['the first tag where none is paired', {...task, tags: ['etcd_dir', 'x']}, 'dir', 'etcd : dir | render etcd.conf'],
    ['the role without tags', {...task, tags: ['etcd', 'always']}, 'etcd', 'etcd : render etcd.conf'],
    ['a name that begins with its phase once', {...task, name: 'conf | render'}, 'conf', 'etcd : conf | render'],
  ])('takes %s', (_title, given, phase, title) => {
    expect([phaseOf(given), titleOf(given)]).toEqual([phase, title]);
  });

  it('takes the name of a task without role and tags', () => {
    const {role: _role, ...bare} = {...task, tags: []};
    expect([phaseOf(bare), titleOf(bare)]).toEqual(['render etcd.conf', 'render etcd.conf']);
  });
});

describe('drawFileDiff', () => {
  it('shows a new file, a removed file and a missing newline', () => {
    expect(drawFileDiff({path: '/x', before: undefined, after: 'a\n'}, plain)).toBe(
      '--- /dev/null\n+++ after: /x\n@@ -0,0 +1 @@\n+a',
    );
    expect(drawFileDiff({path: '/x', before: 'a', after: undefined}, plain)).toBe(
      '--- before: /x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n\\ No newline at end of file',
    );
  });

  it('is empty where nothing differs', () => {
    expect(drawFileDiff({path: '/x', before: 'a', after: 'a'}, plain)).toBe('');
  });

  it('gives up on files that have nothing in common', () => {
    const many = (word: string) => Array.from({length: 5000}, (_, index) => `${word}${index}\n`).join('');
    expect(drawFileDiff({path: '/x', before: many('a'), after: many('b')}, plain)).toBe(
      '--- before: /x\n+++ after: /x\ntoo different to show: 5000 lines before, 5000 lines after',
    );
  });

  it('colours a removed line that begins with dashes as removed', () => {
    const drawn = drawFileDiff({path: '/x', before: '-- a\n', after: 'b\n'}, createPaint(true));
    expect(drawn.split('\n').slice(3)).toEqual(['\x1b[31m--- a\x1b[39m', '\x1b[32m+b\x1b[39m']);
  });
});

describe('widths and durations', () => {
  it('counts columns', () => {
    expect(['abc', '汉字', 'é', 'e\u0301', '🐙', '👍🏽'].map(displayWidth)).toEqual([3, 4, 1, 1, 2, 4]);
  });

  it('cuts to columns', () => {
    expect([truncate('abcdef', 4), truncate('汉字汉字', 5), truncate('abc', 3), truncate('abc', 0)]).toEqual([
      'abc…',
      '汉字…',
      'abc',
      '',
    ]);
  });

  it('says durations as people do', () => {
    expect([0, 940, 75_040, 119_949, 119_951, 725_000, 7_380_000].map(formatDuration)).toEqual([
      '0.0 s',
      '0.9 s',
      '75.0 s',
      '119.9 s',
      '2 min 0 s',
      '12 min 5 s',
      '2 h 3 min',
    ]);
  });
});
