import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, it} from 'vitest';
import {type DataMap, isMap} from '../../src/base/data.ts';
import type {Compiled} from '../../src/compile/compile.ts';
import {kindOf} from '../../src/task/index.ts';
import type {PlanContext, Task} from '../../src/task/task.ts';
import {compiled} from '../compile/fixtures/project.ts';
import {ABSENT, answers, memberArgs, names, SILENT, text, unit} from '../helpers/decide-etcd.ts';

const root = join(import.meta.dirname, '../..');
const INVENTORY = `etcd:
  hosts: {10.0.1.1: {etcd_seq: 1}, 10.0.1.2: {etcd_seq: 2, etcd_election_timeout: 2000}, 10.0.1.3: {etcd_seq: 3}}
`;

/** The role and a playbook as they are shipped, for three hosts. */
function shipped(playbook: string, limit?: string): Compiled {
  const files = readdirSync(join(root, 'roles'), {recursive: true, encoding: 'utf8'})
    .map(name => `roles/${name}`)
    .filter(name => /\.[a-z0-9]+$/.test(name));
  return compiled({
    inventory: INVENTORY,
    playbook: readFileSync(join(root, 'playbooks', playbook), 'utf8'),
    files: Object.fromEntries(files.map(name => [name, readFileSync(join(root, name), 'utf8')])),
    ...(limit === undefined ? {} : {limit}),
  });
}

const of = ({graph}: Compiled, kind: string): readonly Task[] => graph.nodes.filter(task => task.kind === kind);

describe('etcd-status.yml', () => {
  const status = shipped('etcd-status.yml');
  const [task] = of(status, 'etcd_status');
  const hosts = (task?.args['hosts'] ?? {}) as Record<string, Record<string, unknown>>;

  it('is one task for the cluster, which every host tells what it wants', () => {
    expect(of(status, 'etcd_status')).toHaveLength(1);
    expect(Object.keys(hosts)).toEqual(['10.0.1.1', '10.0.1.2', '10.0.1.3']);
    expect(String(hosts['10.0.1.2']?.['conf'])).toContain('election-timeout: 2000');
    expect(String(hosts['10.0.1.3']?.['conf'])).toContain('name: etcd-3');
    const limited = of(shipped('etcd-status.yml', '10.0.1.2'), 'etcd_status');
    expect(limited.map(({args}) => Object.keys(args['hosts'] as object))).toEqual([['10.0.1.2']]);
  });

  it('compares with the very texts and attributes that etcd.yml writes', () => {
    const create = shipped('etcd.yml');
    const wanted = (host: string, dest: unknown) => {
      const task = [...of(create, 'template'), ...of(create, 'copy')].find(
        one => one.host === host && one.args['dest'] === dest && one.skip === undefined,
      );
      return {text: task?.args['content'], attributes: pick(task?.args ?? {})};
    };
    for (const [host, own] of Object.entries(hosts)) {
      const attributes = own['attributes'] as Record<string, DataMap>;
      for (const key of ['conf', 'service', 'env']) {
        const compared = {text: own[key], attributes: pick(attributes[key] ?? {})};
        expect(compared).toEqual(wanted(host, own[`${key}_file`]));
        expect(compared.text).toMatch(/\n$/);
      }
      for (const [key, file] of [
        ['certificate', 'peer.crt'],
        ['certificate', 'ca.crt'],
        ['key', 'client.key'],
      ] as const)
        expect(pick(attributes[key] ?? {})).toEqual(wanted(host, `${own['config_dir']}/${file}`).attributes);
    }
  });

  it('only asks: none of its tasks can change anything', () => {
    expect([...new Set(status.graph.nodes.map(({kind}) => kind))].sort()).toEqual(['etcd_status', 'ping']);
  });
});

function pick({owner, group, mode}: DataMap) {
  return {owner, group, mode};
}

const own = (name: string) => ({
  unit: 'etcd.service',
  config: {name},
  config_dir: '/c',
  conf_file: '/c/etcd.conf',
  conf: `name: ${name}\n`,
  service_file: '/s',
  service: '[Unit]\n',
  env_file: '/e',
  env: 'x\n',
  started_dir: '/run/etcd',
  binary: '/usr/local/bin/etcd',
  install_dir: '/opt/etcd',
  version: '3.5.30',
  archive: '',
  attributes: {conf: {}, service: {}, env: {}, certificate: {}, key: {}},
});
const ARGS = {
  cluster: 'main',
  members: memberArgs(3),
  pki_dir: '/pki',
  cert_warn: 30,
  cert_fail: 7,
  hosts: Object.fromEntries(names(3).map(name => [name, own(name)])),
};

function hostFacts(name: string): Record<string, unknown> {
  const main = {
    pid: 7,
    program: '/opt/etcd/3.5.30/etcd',
    isDeleted: false,
    argv: ['etcd', '--config-file', '/c/etcd.conf'],
    etcdVariables: [],
    startedAt: 100,
  };
  const facts: Record<string, unknown> = {
    process: {unit: {...unit('active', 'running'), enabled: 'enabled', restarts: 0}, dropIns: [], main},
    conf: text(`name: ${name}\n`),
    service: text('[Unit]\n'),
    env: text('x\n'),
    startedConf: text(`name: ${name}\n`),
    startedService: text('[Unit]\n'),
    binary: {exists: true, type: 'link', target: '/opt/etcd/3.5.30/etcd'},
  };
  for (const file of ['ca.crt', 'server.crt', 'server.key', 'peer.crt', 'peer.key', 'client.crt', 'client.key']) {
    facts[file] = ABSENT;
    facts[`controller:${file}`] = ABSENT;
  }
  return Object.fromEntries(Object.entries(facts).map(([key, fact]) => [`${name}:${key}`, fact]));
}

const AGREE = {
  ...answers(3, 3),
  ...Object.assign({}, ...names(3).map(hostFacts)),
  'controller:ca.crt': ABSENT,
  'controller:admin.crt': ABSENT,
};

function plan(facts: object, context: Partial<PlanContext> = {}) {
  const full: PlanContext = {
    host: 'm1',
    check: false,
    pending: [],
    nowMs: 0,
    hosts: names(3),
    lostHosts: [],
    stoppedHosts: [],
    ...context,
  };
  const result = kindOf('etcd_status')?.plan(ARGS as unknown as DataMap, facts as never, full);
  if (result === undefined) throw new Error('no plan');
  if (!result.ok) return {...result.error, ok: false, codes: result.error.problems.map(({code}) => code)};
  if (result.value.kind !== 'satisfied') throw new Error(`it would ${result.value.kind}`);
  return {...result.value, ok: true, codes: (result.value.warnings ?? []).map(({code}) => code)};
}

describe('etcd_status', () => {
  it('is content where all agree, in a check run, too', () => {
    expect(plan(AGREE)).toMatchObject({ok: true, codes: [], data: {schema: 1, agree: true, leader: 'm1'}});
    expect(plan(AGREE, {check: true, pending: ['m1:conf']})).toMatchObject({ok: true});
  });

  it('fails with table, data and one problem for each difference', () => {
    const differing = plan({...AGREE, 'm2:conf': text('name: other\n')});
    expect(differing).toMatchObject({ok: false, refused: false, codes: ['E_ETCD_DRIFT']});
    expect(differing.output).toContain('inventory, disk and process agree on 2 of 3 hosts; 1 difference on m2');
    expect(differing.data).toMatchObject({agree: false, differences: [{host: 'm2', disk: 'other', process: 'm2'}]});
  });

  it('judges a member whose host is lost by nothing but that', () => {
    const lost = Object.fromEntries(Object.keys(hostFacts('m3')).map(key => [key, undefined]));
    const seen = plan({...AGREE, ...lost, 'etcd:m3': SILENT}, {lostHosts: ['m3']});
    expect(seen).toMatchObject({ok: true, codes: ['W_ETCD_MEMBER_UNSEEN']});
    expect(seen.output).toContain('agree on 2 of 3 hosts; 1 not seen');
  });

  it('gives data that JSON can hold, ids as texts', () => {
    const {data} = plan(AGREE);
    const back = JSON.parse(JSON.stringify(data)) as DataMap;
    expect(back).toEqual(data);
    const members = back['members'] as readonly DataMap[];
    expect(members.map(member => [member['id'], member['raftIndex'], member['lag']])).toEqual(
      names(3).map((_, index) => [String(index + 1).padStart(16, '0'), '10', '0']),
    );
    expect(members.every(member => isMap(member['process']) && isMap(member['unit']))).toBe(true);
  });
});
