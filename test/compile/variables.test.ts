import {describe, expect, test} from 'vitest';
import {compiled, compileProject, messages, problemsOf} from './fixtures/project.ts';

const SCHEMA = JSON.stringify({
  properties: {
    port: {type: 'integer', minimum: 1, maximum: 65535, description: 'client port'},
    guard: {type: 'boolean'},
    level: {enum: ['info', 'warn']},
    name: {type: 'string', pattern: '^[a-z]+$'},
    list: {type: 'array', items: {type: 'string'}},
    more: {type: 'object', properties: {size: {type: 'integer'}}, additionalProperties: false},
  },
  required: ['name'],
});

const FILES = {
  'roles/r/meta/variables.schema.json': SCHEMA,
  'roles/r/defaults/main.yml': 'port: 2379\nguard: true\nlevel: info\nlist: []\nmore: {}\nshown: "{{ port }}"\n',
  'roles/r/tasks/main.yml': '- debug: {msg: "{{ [port, guard, shown] }}"}\n- debug: {msg: guarded}\n  when: guard\n',
};

const PLAYBOOK = '- hosts: web\n  roles: [r]\n';

/** Problems of an inventory of two hosts with these group variables. */
const checked = (vars: string, extra: readonly string[] = []) =>
  problemsOf({
    inventory: `web:\n  hosts: {a: {}, b: {}}\n  vars:\n${vars.replace(/^/gm, '    ')}\n`,
    playbook: PLAYBOOK,
    files: FILES,
    extra,
  });

describe('a variable that is not as its role declares is told at its definition, once', () => {
  test.each([
    ['of another type', 'port: "{{ \'x\' }}"', 'hosts.yml:4:11 E_VARIABLE_TYPE "port" must be a whole number, not "x"'],
    ['out of range', 'port: 70000', 'hosts.yml:4:11 E_VARIABLE_RANGE "port" must be at most 65535, not 70000'],
    [
      'not among the values',
      'level: loud',
      'hosts.yml:4:12 E_VARIABLE_VALUE "level" must be one of these: info, warn, not "loud"',
    ],
    ['a text where a list is wanted', 'list: a', 'hosts.yml:4:11 E_VARIABLE_TYPE "list" must be a list, not "a"'],
    ['inside a list', 'list: [a, 5]', 'hosts.yml:4:15 E_VARIABLE_TYPE "list.1" must be a text, not 5'],
    [
      'inside a mapping',
      'more: {size: big}',
      'hosts.yml:4:18 E_VARIABLE_TYPE "more.size" must be a whole number, not "big"',
    ],
    ['an unknown key of a mapping', 'more: {sise: 1}', 'hosts.yml:4:12 E_VARIABLE_KEY "more" has no key "sise"'],
    [
      'a text that looks like a number',
      'port: "2379"',
      'hosts.yml:4:11 E_VARIABLE_TYPE "port" must be a whole number, not "2379"',
    ],
  ])('%s', (_title, line, wanted) => {
    expect(checked(`${line}\nname: x`)).toEqual([wanted]);
  });

  test('one that is not set is told for each host', () => {
    expect(problemsOf({playbook: PLAYBOOK, files: FILES})).toEqual([
      'hosts.yml:3:5 E_VARIABLE_MISSING "name" is not set (on a)',
      'hosts.yml:4:5 E_VARIABLE_MISSING "name" is not set (on b)',
    ]);
  });

  test('the hint is what the variable is for', () => {
    const result = compileProject({
      inventory: 'web: {hosts: {a: {port: 0, name: x}}}\n',
      playbook: PLAYBOOK,
      files: FILES,
    });
    expect(result.ok ? [] : result.error.map(({hint}) => hint)).toEqual(['client port']);
  });
});

describe('-e', () => {
  const inventory = 'web: {hosts: {a: {name: x}}}\n';

  test('gives the types that the role declares, so that false is false', () => {
    const result = compiled({inventory, playbook: PLAYBOOK, files: FILES, extra: ['port=99 guard=no']});
    expect(messages(result)).toEqual([[99, false, 99]]);
  });

  test('is checked like any other definition', () => {
    expect(problemsOf({inventory, playbook: PLAYBOOK, files: FILES, extra: ['port=many']})).toMatchObject([
      expect.stringMatching(/E_VARIABLE_TYPE "port" must be a whole number, not "many"$/),
    ]);
  });

  test('wins over set_fact and include parameters', () => {
    const playbook =
      '- hosts: a\n  tasks:\n    - set_fact: {v: fact}\n    - debug: {msg: "{{ v }}"}\n      vars: {v: task}\n';
    expect(messages(compiled({playbook, extra: ['v=extra']}))).toEqual(['extra']);
  });
});

describe('magic variables', () => {
  const say = (text: string) => `- name: p\n  hosts: etcd\n  tasks:\n    - debug: {msg: "${text}"}\n`;
  const inventory =
    'etcd: {hosts: {10.0.0.1: {etcd_seq: 2}, 10.0.0.2: {etcd_seq: 1, etcd_port: 3379}}, vars: {etcd_cluster: c}}\n';

  test('etcd_members is the whole cluster in order, whatever the limit', () => {
    const result = compiled({inventory, playbook: say('{{ etcd_members }}'), limit: '10.0.0.1'});
    expect(messages(result, '10.0.0.1')).toEqual([
      [
        {
          name: 'c-1',
          host: '10.0.0.2',
          seq: 1,
          address: '10.0.0.2',
          peer_url: 'https://10.0.0.2:2380',
          client_url: 'https://10.0.0.2:3379',
          port: 3379,
          peer_port: 2380,
        },
        {
          name: 'c-2',
          host: '10.0.0.1',
          seq: 2,
          address: '10.0.0.1',
          peer_url: 'https://10.0.0.1:2380',
          client_url: 'https://10.0.0.1:2379',
          port: 2379,
          peer_port: 2380,
        },
      ],
    ]);
  });

  test('hosts of the cluster outside the limit come along, marked', () => {
    const result = compiled({inventory, playbook: say('x'), limit: '10.0.0.1'});
    expect(result.hosts).toEqual([
      {name: '10.0.0.1', cluster: 'c', connection: {}},
      {name: '10.0.0.2', cluster: 'c', connection: {}, limited: true},
    ]);
  });

  test('the values of connections are rendered, with their places', () => {
    const text = 'web: {hosts: {a: {ansible_port: "{{ 2000 + 22 }}", other: "{{ nope }}"}}}\n';
    const result = compiled({inventory: text, playbook: '- {hosts: a, vars: {ansible_user: u}, tasks: [{debug: }]}\n'});
    expect(
      result.hosts.map(({connection}) => Object.entries(connection).map(([name, {value}]) => [name, value])),
    ).toEqual([
      [
        ['ansible_user', 'u'],
        ['ansible_port', 2022],
      ],
    ]);
  });

  test.each([
    ['inventory_hostname', '10.0.0.1'],
    ['group_names', ['etcd']],
    ['groups.etcd', ['10.0.0.1', '10.0.0.2']],
    ['ansible_play_hosts', ['10.0.0.1', '10.0.0.2']],
    ['ansible_play_name', 'p'],
    ['ansible_check_mode', false],
    ['inventory_dir', '/project'],
    ['inventory_file', '/project/hosts.yml'],
    ['playbook_dir', '.'],
    ['ansible_host', '10.0.0.1'],
    ['etcd_cluster_hosts', ['10.0.0.2', '10.0.0.1']],
    ["hostvars['10.0.0.2'].etcd_port", 3379],
    ['hostvars | length', 2],
  ])('%s', (name, value) => {
    expect(messages(compiled({inventory, playbook: say(`{{ ${name} }}`)}), '10.0.0.1')).toEqual([value]);
  });

  test('a member without a number is a mistake of the inventory', () => {
    const text = 'etcd: {hosts: {a: {etcd_seq: 1}, b: {}}}\n';
    expect(problemsOf({inventory: text, playbook: say('x')}).map(line => line.replace(/.*(E_\w+).*/, '$1'))).toEqual([
      'E_ETCD_SEQ_MISSING',
    ]);
  });
});

test('text marked !unsafe is never rendered, in inventories and in playbooks', () => {
  const inventory = 'web: {hosts: {a: {raw: !unsafe "{{ x }}", deep: {in: [!unsafe "{% y %}"]}}}}\n';
  const playbook =
    '- hosts: a\n  vars: {mine: !unsafe "{# z #}"}\n  tasks: [{debug: {msg: "{{ [raw, deep.in, mine] }}"}}]\n';
  expect(messages(compiled({inventory, playbook}))).toEqual([['{{ x }}', ['{% y %}'], '{# z #}']]);
});

test('vars_files may be named by variables, and the first that exists is taken', () => {
  const files = {'vars/a.yml': 'v: of a\n', 'vars/other.yml': 'v: other\n'};
  const playbook =
    '- hosts: web\n  vars_files: [["{{ inventory_hostname }}.yml", other.yml]]\n  tasks: [{debug: {msg: "{{ v }}"}}]\n';
  const result = compiled({playbook, files});
  expect([messages(result, 'a'), messages(result, 'b')]).toEqual([['of a'], ['other']]);
  expect(problemsOf({playbook: '- hosts: a\n  vars_files: [no.yml]\n  tasks: [{debug: }]\n'})).toEqual([
    'site.yml:2:16 E_FILE_NOT_FOUND there is no vars file "no.yml"',
  ]);
});
