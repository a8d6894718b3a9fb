import {chmodSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, it} from 'vitest';
import {DiskFiles} from '../../src/cli/files.ts';
import {findInventory, findVarsFiles} from '../../src/cli/find-inventory.ts';
import {findPlaybook, findRole, roleDirs} from '../../src/cli/find-playbook.ts';
import {project} from './world.ts';

/** Paths found, or messages. */
function playbook(name: string, cwd: string, packageDir: string): string {
  const found = findPlaybook(name, new DiskFiles(cwd), packageDir);
  return found.ok
    ? found.value.text
    : found.error.map(({code, message, hint}) => `${code} ${message} | ${hint}`).join('\n');
}

function inventory(cwd: string, given: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const found = findInventory({inventory: given}, new DiskFiles(cwd), {cwd, env});
  return found.ok
    ? found.value.files.map(file => file.path)
    : found.error.map(({code, message}) => `${code} ${message}`);
}

describe('findPlaybook', () => {
  it('prefers the current directory, then its playbooks, then those of the program', () => {
    const shipped = project({
      'playbooks/a.yml': 'shipped a',
      'playbooks/b.yml': 'shipped b',
      'playbooks/c.yml': 'shipped c',
    });
    const cwd = project({'a.yml': 'own a', 'playbooks/a.yml': 'other a', 'playbooks/b.yml': 'own b'});
    expect(['a.yml', 'b.yml', 'c.yml', 'c', 'playbooks/a.yml'].map(name => playbook(name, cwd, shipped))).toEqual([
      'own a',
      'own b',
      'shipped c',
      'shipped c',
      'other a',
    ]);
  });

  it('looks for a path that names its directory only there', () => {
    const shipped = project({'playbooks/a.yml': 'shipped'});
    expect(playbook('./a.yml', project(), shipped)).toBe(
      'E_PLAYBOOK_NOT_FOUND there is no playbook "./a.yml"; looked for a.yml | those that come with the program: a.yml.',
    );
  });

  it('names the places and the nearest name where there is none', () => {
    const shipped = project({'playbooks/etcd.yml': ''});
    expect(playbook('ectd.yml', project(), shipped)).toBe(
      `E_PLAYBOOK_NOT_FOUND there is no playbook "ectd.yml"; looked for ectd.yml, playbooks/ectd.yml, ${shipped}/playbooks/ectd.yml | did you mean etcd.yml?`,
    );
  });
});

describe('findRole', () => {
  it('looks beside the playbook, in the current directory, then in the program', () => {
    const shipped = project({'roles/a/x': '', 'roles/b/x': '', 'roles/c/x': ''});
    const cwd = project({'plays/roles/a/x': '', 'roles/a/x': '', 'roles/b/x': ''});
    const files = new DiskFiles(cwd);
    const dirs = roleDirs([{path: 'plays/site.yml', text: ''}], files, shipped);
    expect(['a', 'b', 'c', 'd', './roles/b'].map(name => findRole(name, dirs, files))).toEqual([
      'plays/roles/a',
      'roles/b',
      `${shipped}/roles/c`,
      undefined,
      'roles/b',
    ]);
  });
});

describe('findInventory', () => {
  it("takes -i, then our variable, then Ansible's, then the usual names", () => {
    const cwd = project({'a.yml': '', 'b.yml': '', 'c.yml': '', 'pigsty.yml': '', 'inventory/hosts.yml': ''});
    const env = {ETCDCTL_PLAY_INVENTORY: 'b.yml', ANSIBLE_INVENTORY: 'c.yml'};
    expect([
      inventory(cwd, ['a.yml'], env),
      inventory(cwd, [], env),
      inventory(cwd, [], {ANSIBLE_INVENTORY: 'c.yml, a.yml'}),
      inventory(cwd),
    ]).toEqual([['a.yml'], ['b.yml'], ['c.yml', 'a.yml'], ['inventory/hosts.yml']]);
  });

  it('reads the YAML and JSON files of a directory by name', () => {
    const cwd = project({
      'inv/b.yml': '',
      'inv/a.yaml': '',
      'inv/c.json': '',
      'inv/x.bak': '',
      'inv/group_vars/all.yml': '',
    });
    expect(inventory(cwd, ['inv'])).toEqual(['inv/a.yaml', 'inv/b.yml', 'inv/c.json']);
  });

  it('makes an inventory of names that end in a comma', () => {
    const cwd = project();
    const found = findInventory({inventory: ['h1,h2,']}, new DiskFiles(cwd), {cwd, env: {}});
    expect(found.ok && found.value).toEqual({
      files: [{path: '<-i>', text: 'all:\n  hosts:\n    "h1":\n    "h2":\n'}],
      dir: cwd,
      file: join(cwd, 'inline'),
    });
  });

  it('says what was looked for', () => {
    const cwd = project({'empty/x.txt': ''});
    expect([inventory(cwd), inventory(cwd, ['none.yml', 'empty'])]).toEqual([
      [
        `E_INVENTORY_NOT_FOUND there is no inventory: looked for ETCDCTL_PLAY_INVENTORY and ANSIBLE_INVENTORY in the environment, and inventory.yml, inventory/inventory.yml, inventory/hosts.yml, hosts.yml, pigsty.yml in ${cwd}`,
      ],
      [
        'E_INVENTORY_NOT_FOUND there is no inventory "none.yml"',
        'E_INVENTORY_NOT_FOUND the directory empty holds no inventory (.yml, .yaml, .json)',
      ],
    ]);
  });
});

describe('findVarsFiles', () => {
  it('finds files and directories beside the inventory, then beside the playbook', () => {
    const cwd = project({
      'inv/hosts.yml': '',
      'inv/group_vars/all.yml': '1',
      'inv/group_vars/etcd/b.yml': '3',
      'inv/group_vars/etcd/a.yml': '2',
      'inv/group_vars/.hidden.yml': '',
      'inv/group_vars/old.yml~': '',
      'inv/host_vars/10.10.10.10': '4',
      'plays/group_vars/all.json': '5',
    });
    const files = new DiskFiles(cwd);
    const found = findInventory({inventory: ['inv/hosts.yml']}, files, {cwd, env: {}});
    const vars = found.ok ? findVarsFiles(found.value, [{path: 'plays/site.yml', text: ''}], files) : [];
    expect(vars.map(({kind, name, beside, file}) => [kind, name, beside, file.text])).toEqual([
      ['group', 'all', 'inventory', '1'],
      ['group', 'etcd', 'inventory', '2'],
      ['group', 'etcd', 'inventory', '3'],
      ['host', '10.10.10.10', 'inventory', '4'],
      ['group', 'all', 'playbook', '5'],
    ]);
  });
});

describe('DiskFiles', () => {
  it('shows paths in the current directory relative to it, others absolute', () => {
    const files = new DiskFiles('/a/b');
    expect(['/a/b/c.yml', 'c.yml', './d/../c.yml', '/a/x.yml', '/x.yml'].map(path => files.shown(path))).toEqual([
      'c.yml',
      'c.yml',
      'c.yml',
      '/a/x.yml',
      '/x.yml',
    ]);
  });

  it('refuses files that are too large or not UTF-8, and drops a byte order mark', () => {
    const cwd = project({'bom.yml': '\ufeffa: 1'});
    writeFileSync(join(cwd, 'big.yml'), Buffer.alloc(10_000_001, 32));
    writeFileSync(join(cwd, 'latin.yml'), Buffer.from([0x61, 0xe9]));
    const files = new DiskFiles(cwd);
    expect(['bom.yml', 'big.yml', 'latin.yml', 'none.yml', '.'].map(path => files.read(path)?.text)).toEqual([
      'a: 1',
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(files.problems.map(({code, message}) => `${code} ${message}`)).toEqual([
      'E_FILE_TOO_LARGE big.yml has 10.0 MB; files of a project have at most 10 MB',
      'E_FILE_ENCODING latin.yml is not UTF-8 text',
    ]);
  });

  it.skipIf(process.getuid?.() === 0)('says why a file cannot be read', () => {
    const cwd = project({'closed.yml': 'a: 1'});
    chmodSync(join(cwd, 'closed.yml'), 0);
    const files = new DiskFiles(cwd);
    expect([files.read('closed.yml'), files.problems.map(({code}) => code)]).toEqual([
      undefined,
      ['E_FILE_UNREADABLE'],
    ]);
  });
});
