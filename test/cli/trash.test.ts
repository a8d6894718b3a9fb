import {describe, expect, it} from 'vitest';
import {parseTrash} from '../../src/cli/trash.ts';
import {testWorld} from './world.ts';

const parse = (...argv: string[]) => parseTrash(testWorld({argv: ['trash', ...argv]}));
const variables = (action: string, id = '', olderThan = '') =>
  JSON.stringify({etcd_trash_action: action, etcd_trash_id: id, etcd_trash_older_than: olderThan});

describe('trash', () => {
  it.each([
    [['list'], variables('list')],
    [['restore', 'x-etcd', '-l', 'h1'], variables('restore', 'x-etcd')],
    [['restore', '-l', 'h1', 'x-etcd'], variables('restore', 'x-etcd')],
    [['expire', '--older-than', '7d', '-l', 'h1'], variables('expire', '', '7d')],
    [['expire', 'x-etcd', '--older-than=7d'], variables('expire', 'x-etcd', '7d')],
  ])('%j is the playbook with these variables', (argv, expected) => {
    const parsed = parse(...argv, '-i', 'my.yml', '-e', 'a=1');
    expect(parsed).toMatchObject({
      kind: 'run',
      options: {playbooks: ['etcd-trash.yml'], inventory: ['my.yml'], extraVars: ['a=1', expected]},
    });
  });

  it.each([
    [[], 'trash needs list, restore or expire'],
    [['wipe'], '"wipe" is not list, restore or expire'],
    [['list', 'x'], 'list takes neither an entry nor an age'],
    [['restore', 'x', 'y'], 'one entry at a time, not also y'],
    [['restore', 'x', '--older-than', '7d'], 'restore takes no age'],
    [['expire', '--older-than'], '--older-than needs an age, such as 7d'],
    [['expire', '--older-than', '-l'], '--older-than needs an age, such as 7d'],
  ])('%j is refused', (argv, message) => {
    const parsed = parse(...argv);
    expect(parsed).toMatchObject({kind: 'exit', code: 1, stderr: expect.stringContaining(`error: ${message}\n`)});
  });

  it('is known behind options, too, and a word among their values is not meant', () => {
    const read = (...argv: string[]) => parseTrash(testWorld({argv}));
    expect(read('-i', 'my.yml', 'trash', 'list')).toMatchObject({
      kind: 'run',
      options: {playbooks: ['etcd-trash.yml'], extraVars: [variables('list')]},
    });
    expect(read('-l', 'trash', 'etcd.yml')).toMatchObject({
      kind: 'run',
      options: {playbooks: ['etcd.yml'], limit: 'trash'},
    });
    expect(read('etcd.yml', '-l', 'trash', '--older-than', '7d')).toMatchObject({kind: 'exit', code: 1});
  });

  it('prints its own help, and knows the options of a run', () => {
    expect(parse('--help')).toMatchObject({kind: 'exit', code: 0, stdout: expect.stringContaining('trash restore ID')});
    expect(parse('list', '--nonsense')).toMatchObject({kind: 'exit', code: 1});
  });
});
