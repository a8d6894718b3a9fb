import type {ChildProcess} from 'node:child_process';
import {rmSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, it} from 'vitest';
import {eventsOf, expectCode, expectHealthy, expectNoChange} from './helpers/cluster.ts';
import {withLab} from './helpers/lab.ts';
import {withWorkspace} from './helpers/play.ts';

/** As if etcd had never been on the host. */
const WIPE = [
  'systemctl kill -s KILL etcd.service',
  'systemctl disable --now etcd.service',
  'rm -rf /data/etcd /etc/etcd /opt/etcd /etc/systemd/system/etcd.service /etc/profile.d/etcdctl.sh /usr/local/bin/etcd*',
  'systemctl daemon-reload',
  'systemctl reset-failed etcd.service',
  'userdel etcd',
  'groupdel etcd',
].join('; ');

/**
 * SIGKILL to the controller as a task begins or has just ended, at every task of a fresh create; then the same command again.
 * By default each task is met once, beginning and end in turn; KILL_MATRIX=full meets both at each.
 */
describe('a controller that is killed', () => {
  const lab = withLab({hosts: 3});
  const work = withWorkspace();
  const args = ['-i', 'inventory/lab.yml', 'etcd.yml'];
  let names: string[] = [];

  it('runs once undisturbed, to learn its tasks', async () => {
    await work.inventory(lab());
    const run = await work.play(lab(), [...args, '--output', 'json']);
    expectCode(run, 0);
    const ends = eventsOf(run.stdout).filter(event => event.type === 'task-end' && event.status !== 'skipped');
    names = [...new Set(ends.map(event => (event.task as {name: string}).name))];
    expect(names.length).toBeGreaterThan(15);
  });

  it('leaves hosts on which a rerun makes the same healthy cluster, at each task', async () => {
    const full = process.env['KILL_MATRIX'] === 'full';
    let inTime = 0;
    for (const [index, name] of names.entries()) {
      for (const when of full ? ['task-start', 'task-end'] : [index % 2 === 0 ? 'task-start' : 'task-end']) {
        await wipe();
        if (await killAt(when, name)) inTime++;
        const rerun = await work.play(lab(), args);
        expect(rerun.code, `killed at ${when} of "${name}":\n${rerun.stdout}\n${rerun.stderr}`).toBe(0);
        await expectHealthy(lab(), 'h1', 3);
        expectNoChange(await work.play(lab(), args));
      }
    }
    // The last task's end may come together with the program's own.
    expect(inTime).toBeGreaterThanOrEqual(names.length - 2);
  }, 1_800_000);

  async function wipe(): Promise<void> {
    await Promise.all(lab().hosts.map(({name}) => lab().exec(name, ['sh', '-c', WIPE])));
    rmSync(join(work.dir, 'inventory/pki'), {recursive: true, force: true});
  }

  /** Whether the controller was still there to be killed. */
  async function killAt(when: string, name: string): Promise<boolean> {
    let child: ChildProcess | undefined;
    let text = '';
    const end = await work.play(lab(), [...args, '--output', 'json'], {
      onSpawn: started => {
        child = started;
      },
      onOutput: chunk => {
        text += chunk;
        if (text.includes(`"type":"${when}"`) && hasEvent(text, when, name)) child?.kill('SIGKILL');
      },
    });
    return end.signal === 'SIGKILL';
  }
});

function hasEvent(text: string, type: string, name: string): boolean {
  return text
    .split('\n')
    .some(line => line.includes(`"type":"${type}"`) && line.includes(`"name":${JSON.stringify(name)}`));
}
