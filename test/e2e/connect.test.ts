import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {describe, expect, it} from 'vitest';
import {LAB_USERS} from '../../src/lab/root-recipe.ts';
import {expectCode, expectNoChange, recapOf} from './helpers/cluster.ts';
import {archivePath, withLab} from './helpers/lab.ts';
import {PROGRAM, withWorkspace} from './helpers/play.ts';

/** An inventory in JSON (which is YAML) of hosts with their variables. */
function inventory(hosts: Record<string, object>, vars: object): string {
  return JSON.stringify({all: {hosts, vars}});
}

const WHO = `
- hosts: all
  become: true
  gather_facts: false
  tasks:
    - name: note
      copy: {content: "{{ inventory_hostname }}\\n", dest: "/root/note {{ inventory_hostname }}", mode: "0600"}
`;

describe('ways to log in', () => {
  const lab = withLab({hosts: 3});
  const work = withWorkspace();
  const vars = () => ({
    ansible_ssh_private_key_file: lab().key,
    ansible_ssh_common_args: `-o UserKnownHostsFile=${lab().knownHosts}`,
  });
  const [first, second, third] = ['10.10.10.10', '10.10.10.11', '10.10.10.12'];
  const password = LAB_USERS.find(({name}) => name === 'opspw')?.sudoPassword;

  it('logs in as root, through sudo with and without a password, with fish, dash, a noisy .bashrc, busybox as sh, a jump host, IPv6', async () => {
    const noise = 'echo to stdout; echo to stderr >&2\n';
    await lab().execOk('h1', [
      'sh',
      '-c',
      `printf '${noise.trim()}\\n' | cat - /home/ops/.bashrc > /n && cat /n > /home/ops/.bashrc`,
    ]);
    await lab().execOk('h3', ['ln', '-sf', '/usr/bin/busybox', '/bin/sh']);
    const hosts = {
      root: {ansible_host: first, ansible_user: 'root'},
      ops: {ansible_host: first, ansible_user: 'ops'},
      opspw: {ansible_host: first, ansible_user: 'opspw', ansible_become_password: password},
      fish: {ansible_host: first, ansible_user: 'opsfish'},
      dash: {ansible_host: first, ansible_user: 'opsdash'},
      busybox: {ansible_host: third, ansible_user: 'ops'},
      jumped: {ansible_host: second, ansible_user: 'ops', ansible_ssh_extra_args: `-J ops@${third}`},
      'fd00:10:10::11': {ansible_user: 'ops'},
    };
    work.write('users.yml', inventory(hosts, vars()));
    work.write('who.yml', WHO);
    const done = await work.play(lab(), ['-i', 'users.yml', 'who.yml']);
    expectCode(done, 0);
    expect(Object.entries(recapOf(done.stdout)).map(([host, {changed}]) => [host, changed])).toEqual(
      Object.keys(hosts).map(host => [host, 1]),
    );
    expectNoChange(await work.play(lab(), ['-i', 'users.yml', 'who.yml']));
  });

  it('says who is not let in and what to do, sends a wrong sudo password once, and goes on with the others', async () => {
    const hosts = {
      good: {ansible_host: first, ansible_user: 'ops'},
      wrong: {ansible_host: first, ansible_user: 'opspw', ansible_become_password: 'not-the-password'},
      missing: {ansible_host: first, ansible_user: 'opspw'},
      plain: {ansible_host: first, ansible_user: 'plain'},
      stranger: {ansible_host: first, ansible_user: 'nobody-here'},
    };
    work.write('bad.yml', inventory(hosts, vars()));
    const done = await work.play(lab(), ['-i', 'bad.yml', 'who.yml']);
    expectCode(done, 4);
    expect(done.stdout).toContain('E_SUDO_WRONG_PASSWORD wrong: sudo does not accept the password');
    expect(done.stdout).toContain('E_SUDO_PASSWORD missing: sudo wants a password to become root');
    expect(done.stdout).toContain('E_SUDO_PASSWORD plain:');
    expect(done.stdout).toContain('E_AUTH_FAILED stranger: 10.10.10.10 does not let nobody-here in');
    expect(done.stdout + done.stderr).not.toContain('not-the-password');
    expect(recapOf(done.stdout).good).toMatchObject({changed: 1, unreachable: 0});
    const log = await lab().execOk('h1', ['journalctl', '-q', '--no-pager', '-t', 'sudo']);
    expect(log.match(/sudo:auth\): authentication failure/g)?.length).toBe(1);
  });

  it('refuses a wrong or unknown host key before it logs in, and takes a new one only if told to', async () => {
    const lines = readFileSync(lab().knownHosts, 'utf8').trim().split('\n');
    const of = (address: string) => lines.filter(line => line.split(' ')[0]?.split(',').includes(address));
    const key = (line: string) => line.split(' ').slice(1).join(' ');
    work.write(
      'known',
      `${of(second)
        .map(line => `${first} ${key(line)}`)
        .join('\n')}\n`,
    );
    work.write(
      'keys.yml',
      inventory(
        {[first]: {}, [third]: {}},
        {...vars(), ansible_user: 'ops', ansible_ssh_common_args: `-o UserKnownHostsFile=${join(work.dir, 'known')}`},
      ),
    );
    const refused = await work.play(lab(), ['-i', 'keys.yml', 'who.yml']);
    expectCode(refused, 4);
    expect(refused.stdout).toContain('E_HOST_KEY');
    expect(refused.stdout.match(/SHA256:[\w+/]{43}/g)?.length).toBeGreaterThanOrEqual(2);
    expect(recapOf(refused.stdout)).toMatchObject({[first]: {unreachable: 1}, [third]: {unreachable: 1}});
    const accepted = await work.play(lab(), ['-i', 'keys.yml', 'who.yml', '--accept-new-host-keys']);
    expectCode(accepted, 4);
    expect(recapOf(accepted.stdout)).toMatchObject({[first]: {unreachable: 1}, [third]: {unreachable: 0, changed: 1}});
    expectNoChange(await work.play(lab(), ['-i', 'keys.yml', 'who.yml', '-l', third]));
  });
});

describe('clusters and faults', () => {
  const lab = withLab({hosts: 3});
  const work = withWorkspace();
  const addresses = ['10.10.10.10', '10.10.10.11', '10.10.10.12'];
  const play = (...args: string[]) => work.play(lab(), ['-i', 'site.yml', ...args]);

  it('makes two clusters of one inventory on the same hosts, beside groups and variables of others', async () => {
    const members = (prefix: string) =>
      Object.fromEntries(
        addresses.map((address, i) => [
          prefix === '' ? address : `${prefix}${i + 1}`,
          {etcd_seq: i + 1, ...(prefix === '' ? {} : {ansible_host: address})},
        ]),
      );
    const second = {
      etcd_cluster: 'dcs',
      etcd_port: 12379,
      etcd_peer_port: 12380,
      etcd_data: '/data/dcs',
      etcd_unit: 'etcd-dcs',
      etcd_config_dir: '/etc/etcd-dcs',
      etcd_env_file: '/etc/profile.d/etcdctl-dcs.sh',
      etcd_user: 'dcs',
      etcd_group: 'dcs',
    };
    const site = {
      all: {
        vars: {
          ansible_user: 'ops',
          ansible_ssh_private_key_file: lab().key,
          ansible_ssh_common_args: `-o UserKnownHostsFile=${lab().knownHosts}`,
          etcd_archive: await archivePath(),
          version: 'v3.0.0',
        },
        children: {
          infra: {hosts: {[addresses[0] ?? '']: {infra_seq: 1}}, vars: {admin_ip: addresses[0]}},
          etcd: {
            children: {
              main: {hosts: members(''), vars: {etcd_cluster: 'main'}},
              dcs: {hosts: members('dcs-'), vars: second},
            },
          },
          'pg-meta': {
            hosts: {[addresses[0] ?? '']: {pg_seq: 1, pg_role: 'primary'}},
            vars: {pg_cluster: 'pg-meta', pg_users: [{name: 'dbuser', roles: ['dbrole_admin']}]},
          },
        },
      },
    };
    work.write('site.yml', JSON.stringify(site));
    expectCode(await play('etcd.yml', '-l', 'main', '--forks', '1'), 0);
    expectCode(await play('etcd.yml', '-l', 'dcs'), 0);
    expectNoChange(await play('etcd.yml'));
    const status = async (env: string) => {
      const script = `. /etc/profile.d/${env}.sh; etcdctl endpoint status --cluster -w json`;
      const {stdout} = await lab().exec('h2', ['sh', '-c', script]);
      return [...stdout.matchAll(/"cluster_id":(\d+)/g)].map(match => match[1]);
    };
    const [main, dcs] = [await status('etcdctl'), await status('etcdctl-dcs')];
    expect([main.length, new Set(main).size, dcs.length, new Set(dcs).size]).toEqual([3, 1, 3, 1]);
    expect(main[0]).not.toBe(dcs[0]);
    const ca = (cluster: string) => readFileSync(join(work.dir, `pki/site/${cluster}/ca.crt`), 'utf8');
    expect(ca('main')).not.toBe(ca('dcs'));
  });

  it('goes on without a host that is down and says so; the next run includes it again', async () => {
    work.write('touch.yml', WHO);
    await lab().cut('h3');
    const down = await play('touch.yml', '-T', '2', '-l', 'main');
    await lab().mend('h3');
    expectCode(down, 4);
    expect(recapOf(down.stdout)).toMatchObject({'10.10.10.11': {changed: 1}, '10.10.10.12': {unreachable: 1}});
    expect(down.stdout).toContain('E_');
    const again = await play('touch.yml', '-l', 'main');
    expectCode(again, 0);
    expect(Object.values(recapOf(again.stdout)).map(({changed}) => changed)).toEqual([0, 0, 1]);
  });

  it('runs a role of the user: check, run, and again without a change', async () => {
    work.write(
      'roles/x/templates/x.j2',
      '{% for i in x_items if i > 1 %}{{ i }} {% endfor %}{{ inventory_hostname }}\n',
    );
    work.write('roles/x/defaults/main.yml', 'x_items: [1, 2, 3]\n');
    work.write('roles/x/handlers/main.yml', '- name: reload\n  shell: echo x >> /srv/x/reloads\n');
    work.write(
      'roles/x/tasks/main.yml',
      `
- file: {path: /srv/x, state: directory, mode: "0755"}
- template: {src: x.j2, dest: /srv/x/x, mode: "0644"}
  notify: reload
- name: looped
  copy: {content: "{{ item }}\\n", dest: "/srv/x/{{ item }}", mode: "0644"}
  loop: "{{ x_items }}"
  when: item > 1
- name: once
  command: touch /srv/x/once
  args: {creates: /srv/x/once}
  run_once: true
- command: cat /srv/x/x
  register: seen
  changed_when: false
  failed_when: seen.rc != 0
- block:
    - copy: {content: "{{ seen.stdout }}", dest: /srv/x/seen, mode: "0644"}
  when: "'2 3 ' in seen.stdout"
- copy: {content: "{{ groups['main'] | join(' ') }}\\n", dest: "{{ playbook_dir }}/hosts.txt", mode: "0644"}
  delegate_to: localhost
  run_once: true
  become: false
- shell: echo x >> /srv/x/tries; wc -l < /srv/x/tries
  register: tries
  until: tries.stdout | int >= 3
  retries: 5
  delay: 0
  changed_when: false
`,
    );
    work.write('mine.yml', '- hosts: main\n  become: true\n  roles: [x]\n');
    expectCode(await play('mine.yml', '--check'), 0);
    expect((await lab().exec('h1', ['ls', '/srv/x'])).code).not.toBe(0);
    expectCode(await play('mine.yml'), 0);
    expectNoChange(await play('mine.yml'));
    expect(await lab().execOk('h1', ['sh', '-c', 'cd /srv/x; cat x seen reloads; stat -c %a once'])).toBe(
      '2 3 10.10.10.10\n2 3 10.10.10.10x\n644\n',
    );
    expect(readFileSync(join(work.dir, 'hosts.txt'), 'utf8')).toBe(`${addresses.join(' ')}\n`);
  });

  it('says after Ctrl-C how to go on, and the next run does', async () => {
    work.write(
      'slow.yml',
      `
- hosts: main
  become: true
  tasks:
    - name: slow
      command: sleep 2
    - name: file
      copy: {content: "x\\n", dest: /root/after, mode: "0600"}
`,
    );
    const {child, done} = await lab().spawn(
      [process.execPath, PROGRAM, '-i', 'site.yml', 'slow.yml', '--no-log-file'],
      {cwd: work.dir},
    );
    await sleep(1500);
    child.kill('SIGINT');
    const ended = await done;
    expectCode(ended, 130);
    expect(ended.stdout).toMatch(/interrupted.*etcdctl-play -i site\.yml slow\.yml/);
    expect((await lab().exec('h1', ['ls', '/root/after'])).code).not.toBe(0);
    expectCode(await play('slow.yml'), 0);
    expect((await lab().exec('h1', ['ls', '/root/after'])).code).toBe(0);
  });

  it('names AllowTcpForwarding where a host forbids the tunnel to its member', async () => {
    const sshd = (word: string) =>
      `sed -i /AllowTcpForwarding/d /etc/ssh/sshd_config; echo AllowTcpForwarding ${word} >> /etc/ssh/sshd_config; systemctl restart ssh`;
    for (const host of ['h1', 'h2', 'h3']) await lab().execOk(host, ['sh', '-c', sshd('no')]);
    const barred = await play('etcd.yml', '-l', 'main');
    for (const host of ['h1', 'h2', 'h3']) await lab().execOk(host, ['sh', '-c', sshd('yes')]);
    expect(barred.code, barred.stdout).not.toBe(0);
    expect(barred.stdout).toContain('AllowTcpForwarding');
    expectNoChange(await play('etcd.yml'));
  });
});
