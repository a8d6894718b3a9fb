/** What a check run may send is a closed set of verbs that only look. */
import {describe, expect, it} from 'vitest';
import {parseOptions} from '../../src/cli/options.ts';
import {loadProject} from '../../src/cli/project.ts';
import {probesOf} from '../../src/execute/decide.ts';
import {READ_VERBS, requestForProbe} from '../../src/execute/host-probe.ts';
import {Redactor} from '../../src/report/redact.ts';
import type {Task} from '../../src/task/task.ts';
import {project, testWorld} from '../cli/world.ts';
import {FakeFleet} from '../helpers/fake-fleet.ts';

const HOSTS = ['h1', 'h2', 'h3'];
const INVENTORY = `etcd:
  hosts: {h1: {etcd_seq: 1, etcd_address: 10.0.0.1}, h2: {etcd_seq: 2, etcd_address: 10.0.0.2}, h3: {etcd_seq: 3, etcd_address: 10.0.0.3}}
  vars: {etcd_cluster: etcd, etcd_archive: /nowhere/etcd-v3.5.30-linux-amd64.tar.gz}
`;
/** Questions of the generic kinds that the role does not use. */
const OWN = `- name: own
  hosts: etcd
  gather_facts: false
  tasks:
    - file: {path: /srv/data, state: directory, recurse: true, owner: root}
    - systemd_service: {daemon_reload: true}
    - systemd_service: {name: cron, state: restarted}
    - command: touch /x
    - copy: {dest: /y, content: y}
    - user: {name: me, groups: [wheel], append: true}
    - stat: {path: /z}
    - ping:
`;

async function tasksOf(playbook: string, ...args: string[]): Promise<readonly Task[]> {
  const cwd = project({'hosts.yml': INVENTORY, 'own.yml': OWN});
  const world = testWorld({argv: ['-i', 'hosts.yml', playbook, ...args], cwd});
  const parsed = parseOptions(world);
  if (parsed.kind === 'exit') throw new Error(parsed.stderr);
  const loaded = await loadProject(parsed.options, world, new Redactor());
  if (!loaded.ok) throw new Error(loaded.error.map(({message}) => message).join('\n'));
  return loaded.value.compiled.graph.nodes;
}

describe.each([['etcd.yml'], ['etcd.yml -t etcd_clean'], ['etcd.yml -t etcd_purge'], ['own.yml']])(
  'a check run of %s',
  {timeout: 30_000},
  line => {
    const [playbook = '', ...args] = line.split(' ');

    it('asks with verbs that only look, and with commands that only read', async () => {
      const tasks = (await tasksOf(playbook, ...args)).filter(
        ({skip, late}) => skip === undefined && late === undefined,
      );
      const requests = tasks.flatMap(task =>
        Object.values(probesOf(task)).flatMap(probe => requestForProbe(probe) ?? []),
      );
      expect(requests.length).toBeGreaterThan(0);
      expect(requests.filter(({verb}) => !READ_VERBS.includes(verb))).toEqual([]);
      const commands = requests.filter(({verb}) => verb === 'exec').map(({args: words}) => words.slice(3).join(' '));
      expect(
        commands.filter(text => !/^(find \S+ -mindepth 1 \(.*\) -print -quit|systemctl show )/.test(text)),
      ).toEqual([]);
    });

    it('sends nothing else', async () => {
      const fleet = new FakeFleet();
      await fleet.run(await tasksOf(playbook, ...args), {check: true, hosts: HOSTS, keepDecisions: true});
      const verbs = new Set(fleet.trips.flatMap(({requests}) => requests.map(text => text.split(' ')[0])));
      expect(verbs.size).toBeGreaterThan(2);
      expect(new Set(fleet.lockTrips.flatMap(({requests}) => requests.map(text => text.trim())))).toEqual(
        new Set(['run-state']),
      );
      expect([...verbs].filter(verb => !READ_VERBS.some(known => known === verb))).toEqual([]);
    });
  },
);
