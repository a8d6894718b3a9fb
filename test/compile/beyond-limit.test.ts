import {describe, expect, test} from 'vitest';
import {compiled, compileProject} from './fixtures/project.ts';

const INVENTORY = `etcd:
  children:
    one:
      hosts: {10.0.1.1: {etcd_seq: 1}, 10.0.1.2: {etcd_seq: 2}, 10.0.1.3: {etcd_seq: 3}}
      vars: {etcd_cluster: one}
    two:
      hosts: {10.0.2.1: {etcd_seq: 1}}
      vars: {etcd_cluster: two}
etcd_client:
  hosts: {app1: {etcd_cluster: one}, app2: {etcd_cluster: two}}
`;

/** A play on members, then one that reaches beyond the limit. */
function tasksOf(reach: string, limit: string | undefined, first = 'debug: {msg: x}', hosts = 'etcd_client'): string[] {
  const playbook = `- {name: members, hosts: etcd, tasks: [{name: first, ${first}}]}
- {name: users, hosts: "${hosts}", beyond_limit: ${reach}, tasks: [{name: urls, debug: {msg: "{{ etcd_members | map(attribute='name') | join(' ') }}"}}]}
`;
  const {graph} = compiled({inventory: INVENTORY, playbook, ...(limit === undefined ? {} : {limit})});
  return graph.nodes
    .filter(task => task.play === 'users' && task.kind === 'debug')
    .map(
      task =>
        `${task.host}: ${task.args['msg']}${task.onlyIfChanged === undefined ? '' : ` if ${task.onlyIfChanged.join()}`}`,
    );
}

describe('a play beyond the limit', () => {
  test('has all its hosts where there is no limit; "others" has none', () => {
    expect(tasksOf('membership', undefined)).toEqual(['app1: one-1 one-2 one-3', 'app2: two-1']);
    expect(tasksOf('others', undefined, undefined, 'etcd')).toEqual([]);
  });

  test('keeps to the limit where no task of the run changes the membership', () => {
    expect(tasksOf('membership', '10.0.1.1')).toEqual([]);
    expect(tasksOf('membership', '10.0.1.1,app2')).toEqual(['app2: two-1']);
  });

  test('always reaches the hosts of the same cluster with "always"', () => {
    expect(tasksOf('always', '10.0.1.1')).toEqual(['app1: one-1 one-2 one-3']);
    expect(tasksOf('always', '10.0.2.1', undefined, 'etcd:etcd_client')).toEqual(['10.0.2.1: two-1', 'app2: two-1']);
  });

  test('knows no other word', () => {
    const playbook = '- {hosts: all, beyond_limit: sometimes, tasks: [{ping: }]}\n';
    const result = compileProject({playbook});
    expect(result.ok ? [] : result.error.map(({code, hint}) => [code, hint?.includes('membership')])).toEqual([
      ['E_PLAYBOOK_VALUE', true],
    ]);
  });
});

describe('a client', () => {
  test.each([
    ['{app: {etcd_cluster: one}}', []],
    ['{app: {etcd_cluster: ona}}', ['E_ETCD_CLIENT_CLUSTER did you mean "one"?']],
    ['{app: {}}', ['E_ETCD_CLIENT_CLUSTER set etcd_cluster to one of one, two.']],
  ])('%s of two clusters', (hosts, expected) => {
    const inventory = INVENTORY.replace(/etcd_client:\n.*\n/, `etcd_client:\n  hosts: ${hosts}\n`);
    const result = compileProject({inventory, playbook: '- {hosts: etcd_client, tasks: [{ping: }]}\n'});
    expect(result.ok ? [] : result.error.map(({code, hint}) => `${code} ${hint}`)).toEqual(expected);
  });

  test('needs no etcd_cluster where there is only one', () => {
    const inventory = 'etcd: {hosts: {10.0.1.1: {etcd_seq: 1}}}\netcd_client: {hosts: {app: {}}}\n';
    const playbook =
      '- {hosts: etcd_client, tasks: [{debug: {msg: "{{ etcd_members[0].name }} {{ etcd_limit_hosts }}"}}]}\n';
    const {graph} = compiled({inventory, playbook, limit: 'app'});
    expect(graph.nodes.map(task => task.args['msg'])).toEqual(["etcd-1 ['app']"]);
  });
});
