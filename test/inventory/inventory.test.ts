import {describe, expect, test} from 'vitest';
import {formatLocation} from '../../src/base/source.ts';
import {parseInventory} from '../../src/inventory/inventory.ts';
import {vaultProblem} from '../../src/inventory/variable.ts';
import {groupsOf, inventoryOf, KNOWN, valuesOf} from './known.ts';

describe('groups and variables', () => {
  test("Pigsty's inventory is read as it stands", () => {
    const inventory = inventoryOf(`
etcd: # dcs service for postgres/patroni ha consensus
  hosts: # 1 node for testing, 3 or 5 for production
    10.10.10.10: { etcd_seq: 1 } # etcd_seq required
    10.10.10.11: { etcd_seq: 2 } # assign from 1 ~ n
    10.10.10.12: { etcd_seq: 3 } # odd number please
  vars: # cluster level parameter override roles/etcd
    etcd_cluster: etcd # mark etcd cluster name etcd
`);
    expect(valuesOf(inventory)).toEqual({
      '10.10.10.10': {etcd_cluster: 'etcd', etcd_seq: 1},
      '10.10.10.11': {etcd_cluster: 'etcd', etcd_seq: 2},
      '10.10.10.12': {etcd_cluster: 'etcd', etcd_seq: 3},
    });
    expect(inventory.warnings).toEqual([]);
  });

  test('a host wins over its group, a child group over its parent, every group over all', () => {
    const inventory = inventoryOf(`
all:
  vars: { a: all, b: all, c: all, d: all }
  children:
    region:
      vars: { b: region, c: region, d: region }
      children:
        etcd:
          vars: { c: etcd, d: etcd }
          hosts: { n1: { d: n1 } }
`);
    expect(valuesOf(inventory)).toEqual({n1: {a: 'all', b: 'region', c: 'etcd', d: 'n1'}});
    expect(groupsOf(inventory)).toEqual({n1: ['all', 'region', 'etcd']});
  });

  test('of groups at one depth the later name wins, unless ansible_group_priority says otherwise', () => {
    const inventory = inventoryOf(`
alpha: { hosts: { n1: , n2: }, vars: { x: alpha } }
beta: { hosts: { n1: }, vars: { x: beta } }
aardvark: { hosts: { n2: }, vars: { x: aardvark, ansible_group_priority: 10 } }
`);
    expect(valuesOf(inventory)).toEqual({n1: {x: 'beta'}, n2: {x: 'aardvark'}});
    expect(groupsOf(inventory)).toEqual({n1: ['all', 'alpha', 'beta'], n2: ['all', 'alpha', 'aardvark']});
  });

  test('a host listed in several places is one host with the variables of all of them', () => {
    const inventory = inventoryOf('a: { hosts: { n1: { x: 1 } } }\nb: { hosts: { n1: { y: 2 } } }\n');
    expect(valuesOf(inventory)).toEqual({n1: {x: 1, y: 2}});
  });

  test('two values for one variable of one host in one file are worth a warning', () => {
    const {warnings} = inventoryOf('a: { hosts: { n1: { x: 1 } } }\nb: { hosts: { n1: { x: 2 } } }\n');
    expect(warnings.map(({code, message, at}) => [code, message, at && formatLocation(at)])).toEqual([
      ['W_VARIABLE_CONFLICT', 'the host n1 has two values for x; the later one wins', 'hosts0.yml:2:24'],
    ]);
  });

  test('later inventory files add to and override earlier ones', () => {
    const inventory = inventoryOf(
      'etcd: { hosts: { n1: { etcd_seq: 1, x: a } }, vars: { y: a } }\n',
      'etcd: { hosts: { n1: { x: b }, n2: { etcd_seq: 2 } }, vars: { y: b } }\n',
    );
    expect(valuesOf(inventory)).toEqual({n1: {y: 'b', etcd_seq: 1, x: 'b'}, n2: {y: 'b', etcd_seq: 2}});
    expect(inventory.warnings).toEqual([]);
  });

  test('ranges, ports and short forms are expanded as in Ansible', () => {
    const inventory = inventoryOf(`
a:
  hosts:
    node[01:03]: { x: 1 }
    10.10.10.[10:12:2]:
    "db-[a:b][1:2]":
    web:2222:
    "[2001:db8::1]:2223":
    2001:db8::2:
  children: b
b: { hosts: solo }
`);
    expect([...inventory.hosts.keys()]).toEqual([
      ...['node01', 'node02', 'node03', '10.10.10.10', '10.10.10.12', 'db-a1', 'db-a2', 'db-b1', 'db-b2'],
      ...['web', '2001:db8::1', '2001:db8::2', 'solo'],
    ]);
    expect(valuesOf(inventory).web).toEqual({ansible_port: 2222});
    expect(valuesOf(inventory)['2001:db8::1']).toEqual({ansible_port: 2223});
    expect(inventory.groups.get('a')?.hosts.at(-1)).toBe('solo');
  });

  test('a variable knows who defines it and where', () => {
    const inventory = inventoryOf('etcd:\n  vars: { etcd_port: 2379 }\n  hosts:\n    n1: { etcd_seq: 1 }\n');
    const variables = [...(inventory.hosts.get('n1')?.variables.values() ?? [])];
    expect(
      variables.map(({name, origin, at, keyAt}) => [name, origin, formatLocation(keyAt), formatLocation(at)]),
    ).toEqual([
      ['etcd_port', 'group etcd', 'hosts0.yml:2:11', 'hosts0.yml:2:22'],
      ['etcd_seq', 'host n1', 'hosts0.yml:4:11', 'hosts0.yml:4:21'],
    ]);
  });

  test('keys that mean something to JavaScript are just data', () => {
    const inventory = inventoryOf(
      'constructor:\n  hosts: { n1: { __proto__: { x: 1 }, constructor: 2, toString: 3 } }\n',
    );
    expect(groupsOf(inventory)).toEqual({n1: ['all', 'constructor']});
    expect([...(inventory.hosts.get('n1')?.variables.keys() ?? [])]).toEqual(['__proto__', 'constructor', 'toString']);
  });
});

describe('the group etcd', () => {
  const text = `
etcd: { hosts: { n1: { etcd_seq: 1 } }, vars: { etcd_cluster: etcd, secret: a } }
alpha: { hosts: { n2: { etcd_seq: 1 } }, vars: { etcd_cluster: alpha } }
dc1: { children: { etcd: } }
`;

  test('holds every host with etcd_seq, whatever its groups are called', () => {
    const inventory = inventoryOf(text);
    expect(inventory.groups.get('etcd')?.hosts).toEqual(['n1', 'n2']);
    expect(inventory.groups.get('etcd')?.listed).toEqual(['n1']);
    expect(groupsOf(inventory)).toEqual({n1: ['all', 'dc1', 'etcd'], n2: ['all', 'alpha', 'etcd']});
    expect(inventory.groups.get('dc1')?.hosts).toEqual(['n1']);
  });

  test('gives its variables only to hosts that it lists', () => {
    expect(valuesOf(inventoryOf(text)).n2).toEqual({etcd_cluster: 'alpha', etcd_seq: 1});
  });

  test('is made where nobody wrote it', () => {
    const inventory = inventoryOf('all: { hosts: { n1: { etcd_seq: 1 }, n2: } }\n');
    expect(groupsOf(inventory)).toEqual({n1: ['all', 'etcd'], n2: ['all', 'ungrouped']});
    expect(inventory.groups.get('ungrouped')?.hosts).toEqual(['n2']);
  });
});

describe('group_vars and host_vars', () => {
  test('files win over the inventory, those beside the playbook over those beside the inventory', () => {
    const file = (path: string, text: string) => ({path, text});
    const parsed = parseInventory([file('hosts.yml', 'etcd: { hosts: { n1: { h: 0 } }, vars: { g: 0, p: 0 } }\n')], {
      ...KNOWN,
      varsFiles: [
        {kind: 'group', name: 'etcd', file: file('playbooks/group_vars/etcd.yml', 'p: 2\n'), beside: 'playbook'},
        {kind: 'group', name: 'etcd', file: file('group_vars/etcd.yml', 'g: 1\np: 1\n')},
        {kind: 'group', name: 'all', file: file('group_vars/all.yml', 'g: all\na: all\n')},
        {kind: 'host', name: 'n1', file: file('host_vars/n1.yml', 'h: 1\n')},
        {kind: 'host', name: 'other.example.org', file: file('host_vars/other.example.org.yml', '}\n')},
      ],
    });
    expect(parsed.ok && valuesOf(parsed.value)).toEqual({n1: {g: 1, p: 2, h: 1, a: 'all'}});
    expect(parsed.ok && parsed.value.warnings).toEqual([]);
  });

  test('a file for a misspelt group is noticed', () => {
    const parsed = parseInventory([{path: 'hosts.yml', text: 'etcd: { hosts: { n1: } }\n'}], {
      ...KNOWN,
      varsFiles: [{kind: 'group', name: 'etdc', file: {path: 'group_vars/etdc.yml', text: 'a: 1\n'}}],
    });
    expect(parsed.ok && parsed.value.warnings.map(({code, hint}) => [code, hint])).toEqual([
      ['W_VARS_FILE_UNUSED', 'did you mean etcd?'],
    ]);
  });
});

describe('what is let through with a word', () => {
  test('vault values are kept, and are a problem only for who uses them', () => {
    const inventory = inventoryOf('etcd: { hosts: { n1: }, vars: { a: { b: !vault "x" }, c: 1 } }\n');
    const variables = inventory.hosts.get('n1')?.variables;
    const secret = variables?.get('a');
    expect([secret?.vault, variables?.get('c')?.vault]).toEqual([true, undefined]);
    expect(secret && vaultProblem(secret).code).toBe('E_VAULT_UNSUPPORTED');
  });

  test('a group and a host of one name, a slip in a prefix, a connection variable of some plugin: warnings', () => {
    const {warnings} = inventoryOf(
      'n1: { hosts: { n1: { ectd_seq: 1, ansible_zork_level: 2, ansible_winrm_scheme: https, pg_seq: 1 } } }\n',
    );
    expect(warnings.map(({code, message}) => `${code} ${message}`)).toEqual([
      'W_VARIABLE_UNKNOWN the variable ectd_seq is not used by anything here',
      'W_VARIABLE_UNKNOWN unknown connection variable ansible_zork_level',
      'W_GROUP_HOST_NAME n1 is the name of a group and of a host',
    ]);
  });

  test('a template passes where a port or a boolean is expected', () => {
    const inventory = inventoryOf('a: { hosts: { n1: { ansible_port: "{{ p }}", ansible_become: "yes" } } }\n');
    expect(valuesOf(inventory).n1).toEqual({ansible_port: '{{ p }}', ansible_become: 'yes'});
  });
});

test('an inventory of twenty thousand hosts is read in seconds, its cost growing with its size', () => {
  const hosts = Array.from(
    {length: 20_000},
    (_, index) => `    10.${index >> 16}.${(index >> 8) & 255}.${index & 255}: { etcd_seq: ${index} }`,
  );
  const start = performance.now();
  const inventory = inventoryOf(`etcd:\n  hosts:\n${hosts.join('\n')}\n`);
  expect(inventory.hosts.size).toBe(20_000);
  expect(performance.now() - start).toBeLessThan(10_000);
});
