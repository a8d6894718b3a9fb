import {describe, expect, test} from 'vitest';
import {selectHosts} from '../../src/inventory/patterns.ts';
import {inventoryOf} from './known.ts';

const inventory = inventoryOf(`
all:
  hosts: { lonely: }
  children:
    etcd: { hosts: { 10.10.10.10: { etcd_seq: 1 }, 10.10.10.11: { etcd_seq: 2 }, 10.10.10.12: { etcd_seq: 3 } } }
    web: { hosts: { "web[01:03]": , 10.10.10.10: } }
    six: { hosts: { "2001:db8::1": , "2001:db8::2": } }
    zone-a: { children: { etcd: } }
    alpha: { hosts: { 10.10.20.1: { etcd_seq: 1 } } }
    empty: {}
`);

function select(pattern: string, options?: Parameters<typeof selectHosts>[2]): string {
  const selected = selectHosts(inventory, pattern, options);
  return selected.ok
    ? selected.value.join(' ')
    : selected.error.map(({code, message, hint}) => `${code} ${message} | ${hint}`).join('\n');
}

describe('patterns choose as Ansible does, in inventory order', () => {
  test.each([
    ['all', 'lonely 10.10.10.10 10.10.10.11 10.10.10.12 web01 web02 web03 2001:db8::1 2001:db8::2 10.10.20.1'],
    ['*', 'lonely 10.10.10.10 10.10.10.11 10.10.10.12 web01 web02 web03 2001:db8::1 2001:db8::2 10.10.20.1'],
    ['etcd', '10.10.10.10 10.10.10.11 10.10.10.12 10.10.20.1'],
    ['zone-a', '10.10.10.10 10.10.10.11 10.10.10.12'],
    ['web', '10.10.10.10 web01 web02 web03'],
    ['10.10.10.11', '10.10.10.11'],
    ['web02,10.10.10.12', '10.10.10.12 web02'],
    ['web02:10.10.10.12', '10.10.10.12 web02'],
    [' web02 , lonely ', 'lonely web02'],
    ['10.10.10.*', '10.10.10.10 10.10.10.11 10.10.10.12'],
    ['web0?', 'web01 web02 web03'],
    ['web0[12]*', 'web01 web02'],
    ['web0[!12]', 'web03'],
    ['web*', '10.10.10.10 web01 web02 web03'],
    ['etcd:!10.10.10.12', '10.10.10.10 10.10.10.11 10.10.20.1'],
    ['!etcd:!web', 'lonely 2001:db8::1 2001:db8::2'],
    ['etcd:&web', '10.10.10.10'],
    ['&web,!web01', '10.10.10.10 web02 web03'],
    ['!web01,web', '10.10.10.10 web02 web03'],
    ['~web0[23]', 'web02 web03'],
    ['~(lonely|web01)', 'lonely web01'],
    ['etcd[0]', '10.10.10.10'],
    ['etcd[-1]', '10.10.20.1'],
    ['etcd[0:1]', '10.10.10.10 10.10.10.11'],
    ['etcd[1:]', '10.10.10.11 10.10.10.12 10.10.20.1'],
    ['2001:db8::1', '2001:db8::1'],
    ['six:!2001:db8::1', '2001:db8::2'],
    ['2001:db8::*', '2001:db8::1 2001:db8::2'],
    ['2001:db8::2,lonely', 'lonely 2001:db8::2'],
  ])('%s', (pattern, hosts) => {
    expect(select(pattern)).toBe(hosts);
  });
});

describe('a part that matches nothing is an error that names it', () => {
  test.each([
    [
      '10.10.10.99',
      'E_LIMIT_NO_MATCH "10.10.10.99" matches no host and no group of the inventory | did you mean 10.10.10.10?',
    ],
    ['etdc', 'E_LIMIT_NO_MATCH "etdc" matches no host and no group of the inventory | did you mean etcd?'],
    [
      'web,nothing-like-it',
      'E_LIMIT_NO_MATCH "nothing-like-it" matches no host and no group of the inventory | name a host or group of the inventory.',
    ],
    ['all:!web09', 'E_LIMIT_NO_MATCH "!web09" matches no host and no group of the inventory | did you mean web01?'],
    [
      'db*',
      'E_LIMIT_NO_MATCH "db*" matches no host and no group of the inventory | name a host or group of the inventory.',
    ],
    ['web[9]', 'E_LIMIT_NO_MATCH "web[9]" matches no host | the group web has 4 hosts: use [0] to [3].'],
    ['empty', 'E_LIMIT_NO_MATCH the group empty has no hosts | list hosts under it, or choose another group.'],
    [
      'web:&six',
      'E_LIMIT_NO_MATCH the pattern "web:&six" leaves no host | the parts with "&" or "!" take every host away.',
    ],
    ['', 'E_PATTERN the host pattern is empty | name a host, a group, or "all".'],
    [' , ', 'E_PATTERN the host pattern is empty | name a host, a group, or "all".'],
  ])('%s', (pattern, message) => {
    expect(select(pattern)).toBe(message);
  });

  test('a regular expression that is none is named', () => {
    expect(select('~web(')).toMatch(/^E_PATTERN "~web\(" is not a valid pattern: /);
  });

  test('unless the caller says that it does not matter', () => {
    expect(select('nosuch:web01', {missing: 'ignore'})).toBe('web01');
    expect(select('nosuch', {missing: 'ignore'})).toBe('');
  });
});

describe('options', () => {
  test('only hosts of the given choice are chosen', () => {
    expect(select('web', {all: ['web02', '10.10.10.10', 'lonely']})).toBe('10.10.10.10 web02');
  });

  test('for a limit, the group etcd is the group that the user wrote', () => {
    expect(select('etcd', {listedOnly: true})).toBe('10.10.10.10 10.10.10.11 10.10.10.12');
  });

  test('for a limit, an etcd group that nobody wrote still means every cluster', () => {
    const other = inventoryOf('a: { hosts: { n1: { etcd_seq: 1 } } }\nb: { hosts: { n2: { etcd_seq: 1 } } }\n');
    const selected = selectHosts(other, 'etcd', {listedOnly: true});
    expect(selected.ok && selected.value).toEqual(['n1', 'n2']);
  });
});
