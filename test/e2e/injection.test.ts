import {existsSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, it} from 'vitest';
import {expectCode, expectHealthy, expectNoChange} from './helpers/cluster.ts';
import {withLab} from './helpers/lab.ts';
import {withWorkspace} from './helpers/play.ts';

/** What would leave a file behind if any shell, systemd or template engine took it for more than text. */
const CANARY = '/tmp/etcdctl-play-pwn';
const HOSTILE = `$(touch ${CANARY}) \`touch ${CANARY}\` '; touch ${CANARY}; ' "; touch ${CANARY}; " | & > < %n %H \${HOME} # \\ -oProxyCommand=x`;

describe('values that look like commands', () => {
  const lab = withLab({hosts: 1});
  const work = withWorkspace();
  const canaries = async () => [
    ...(existsSync(CANARY) ? ['controller'] : []),
    ...((await lab().exec('h1', ['test', '-e', CANARY])).code === 0 ? ['host'] : []),
  ];

  it('stay data on their way through the role: paths of the controller, names in certificates, options of etcd', async () => {
    const dir = join(work.dir, `pki $(touch ${CANARY}) 'x' "y"`);
    const vars = {
      etcd_pki_dir: dir,
      etcd_snapshot_dir: join(work.dir, `backup ; touch ${CANARY}`),
      etcd_ca_cn: `$(touch ${CANARY}) 'CN=x', O="y"`,
    };
    const inventory = await work.inventory(lab(), {vars});
    const options = JSON.stringify({etcd_config: {'initial-cluster-token': HOSTILE}});
    const args = ['-i', inventory, 'etcd.yml', '-e', options];
    expectCode(await work.play(lab(), args), 0);
    await expectHealthy(lab(), 'h1', 1);
    expectNoChange(await work.play(lab(), args));
    expect(readdirSync(dir)).toContain('ca.key');
    expectCode(await work.play(lab(), [...args, '-t', 'etcd_purge']), 0);
    expect(await canaries()).toEqual([]);
  });

  it("stay data in tasks of one's own: contents, arguments of commands, environment, names of files", async () => {
    work.write(
      'own.yml',
      `- hosts: etcd
  become: true
  vars:
    hostile: !unsafe ${JSON.stringify(HOSTILE)}
    lines: !unsafe ${JSON.stringify(`one\n${HOSTILE}\n`)}
  tasks:
    - copy: {content: "{{ lines }}", dest: /root/content}
    - command: {argv: [/usr/bin/printf, '%s', "{{ hostile }}"]}
      register: printed
    - copy: {content: "{{ printed.stdout }}", dest: /root/printed}
    - command: {argv: [/bin/sh, -c, 'printf %s "$X" >/root/environment']}
      environment: {X: "{{ hostile }}"}
    - file: {path: "/root/$(touch etcdctl-play-pwn) 'x' \\"y\\" ;&|", state: directory, mode: "0755"}
`,
    );
    const inventory = await work.inventory(lab());
    expectCode(await work.play(lab(), ['-i', inventory, 'own.yml']), 0);
    expect(await lab().execOk('h1', ['cat', '/root/content'])).toBe(`one\n${HOSTILE}\n`);
    expect(await lab().execOk('h1', ['cat', '/root/printed'])).toBe(HOSTILE);
    expect(await lab().execOk('h1', ['cat', '/root/environment'])).toBe(HOSTILE);
    expect(await lab().execOk('h1', ['ls', '/root'])).toContain(`$(touch etcdctl-play-pwn) 'x' "y" ;&|`);
    expect(await canaries()).toEqual([]);
  });
});
