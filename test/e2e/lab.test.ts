import type {ChildProcess} from 'node:child_process';
import {existsSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {describe, expect, test} from 'vitest';
import {eventually, type Finished, run} from '../../src/lab/command.ts';
import {createLab, openLab} from '../../src/lab/create.ts';
import {downLab, remainsOf} from '../../src/lab/down.ts';
import {machineName, netnsName} from '../../src/lab/names.ts';
import {testLabName, withLab} from './helpers/lab.ts';

/** Runs the lab's own command in a process of its own; a function as the last argument gets the process. */
function labCommand(...args: (string | ((child: ChildProcess) => void))[]): Promise<Finished> {
  const words = args.filter(arg => typeof arg === 'string');
  const onSpawn = args.find(arg => typeof arg === 'function');
  const program = fileURLToPath(new URL('../../src/lab/main.ts', import.meta.url));
  return run([process.execPath, '--import', 'tsx', program, ...words], onSpawn === undefined ? {} : {onSpawn});
}

/** Processes, mounts and network devices of this machine that belong to a lab. */
function tracesOf(name: string): string[] {
  const traces = [...remainsOf(name)];
  const ours = new RegExp(`etcdctl-play\\.${name.replaceAll('.', '\\.')}\\.[^.]+$`, 'm');
  for (const pid of readdirSync('/proc').filter(entry => /^\d+$/.test(entry))) {
    const groups = read(`/proc/${pid}/cgroup`);
    // a zombie holds nothing; who adopted it may take its time to notice
    if (ours.test(groups) && !/^State:\s+Z/m.test(read(`/proc/${pid}/status`)))
      traces.push(`process ${pid}: ${read(`/proc/${pid}/comm`).trim()}`);
  }
  const mounts = read('/proc/self/mounts').split('\n');
  traces.push(...mounts.filter(line => line.includes(`/labs/${name}/`) || line.includes(`/${netnsName(name)} `)));
  return traces;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // the process has ended in between
  }
}

describe('a lab of three hosts', () => {
  const lab = withLab({hosts: ['node-a', 'node-b', {name: 'node-c', tmpfs: {'/small': '1M'}}]});

  test.each([
    ['ops', 'sudo -n id -un', {code: 0, stdout: 'root\n'}],
    ['opsfish', 'sudo -n id -un', {code: 0, stdout: 'root\n'}],
    ['opsdash', 'sudo -n id -un', {code: 0, stdout: 'root\n'}],
    ['root', 'id -un', {code: 0, stdout: 'root\n'}],
    ['opspw', 'sudo -n id -un', {code: 1, stdout: ''}],
    ['plain', 'sudo -n id -un', {code: 1, stdout: ''}],
  ])('takes a login of %s over ssh, with the host keys checked', async (user, command, expected) => {
    const done = await lab().run(lab().ssh('node-a', user, command));
    expect({code: done.code, stdout: done.stdout}).toEqual(expected);
  });

  test('has systemd in good health on every host, and no Python', async () => {
    for (const {name} of lab().hosts) {
      const state = await lab().exec(name, ['systemctl', 'is-system-running', '--wait']);
      const python = await lab().exec(name, ['sh', '-c', 'command -v python3']);
      expect([name, state.stdout, python.stdout]).toEqual([name, 'running\n', '']);
    }
  });

  test('has a tree of units of its own on every host', async () => {
    await lab().execOk('node-a', ['systemd-run', '--quiet', '--unit=mine', 'sleep', '600']);
    const states = await Promise.all(
      lab().hosts.map(host => lab().exec(host.name, ['systemctl', 'is-active', 'mine'])),
    );
    expect(states.map(one => one.stdout)).toEqual(['active\n', 'inactive\n', 'inactive\n']);
    await lab().execOk('node-a', ['systemctl', 'stop', 'mine']);
  });

  test('lets hosts reach each other by name, IPv4 and IPv6, and nothing outside', async () => {
    const dial = (to: string) => lab().exec('node-a', ['bash', '-c', `exec 3<>/dev/tcp/${to}/22 && head -c 4 <&3`]);
    const answers = await Promise.all(['node-b', 'h3', '10.10.10.12', 'fd00:10:10::11'].map(dial));
    expect(answers.map(one => one.stdout)).toEqual(['SSH-', 'SSH-', 'SSH-', 'SSH-']);
    expect((await lab().exec('node-a', ['ip', 'route', 'show', 'default'])).stdout).toBe('');
  });

  test('fills up where a host was given a small file system', async () => {
    const done = await lab().exec('node-c', ['dd', 'if=/dev/zero', 'of=/small/x', 'bs=64k', 'count=32']);
    expect([done.code, done.stderr.includes('No space left on device')]).toEqual([1, true]);
  });

  test('keeps the files of a host through a power cut and through a shutdown', async () => {
    await lab().execOk('node-b', ['sh', '-c', 'echo kept > /etc/kept']);
    const seen: unknown[] = [];
    for (const off of [() => lab().kill('node-b'), () => lab().shutDown('node-b')]) {
      await off();
      seen.push(lab().isOn('node-b'));
      await lab().boot('node-b');
      seen.push(await lab().execOk('node-b', ['cat', '/etc/kept']));
    }
    expect(seen).toEqual([false, 'kept\n', false, 'kept\n']);
    expect((await lab().run(lab().ssh('node-b', 'ops', 'hostname'))).stdout).toBe('node-b\n');
  });

  test('loses a host whose cable is cut or that is paused, and gets it back', async () => {
    const reach = async () => (await lab().run(['timeout', '1', ...lab().ssh('node-b', 'ops', 'true')])).code;
    await lab().cut('node-b');
    const cut = await reach();
    await lab().mend('node-b');
    const mended = await reach();
    lab().pause('node-b');
    const paused = await reach();
    lab().resume('node-b');
    expect([cut, mended, paused, await reach()]).toEqual([124, 0, 124, 0]);
  });

  test('can be seen from a distance through a relay', async () => {
    const relay = await lab().relay('node-a', 50);
    const start = Date.now();
    const done = await lab().run(['bash', '-c', `exec 3<>/dev/tcp/${relay.address}/${relay.port} && head -c 4 <&3`]);
    const took = Date.now() - start;
    await relay.close();
    expect(done.stdout).toBe('SSH-');
    expect(took).toBeGreaterThanOrEqual(199);
  });

  test('grows by a host that everyone knows', async () => {
    const host = await lab().addHost('node-d');
    expect(host.address).toBe('10.10.10.13');
    expect((await lab().run(lab().ssh('node-d', 'ops', 'getent hosts node-a'))).stdout).toMatch(/^10\.10\.10\.10 /);
    expect(await lab().execOk('node-a', ['getent', 'hosts', 'node-d'])).toMatch(/^10\.10\.10\.13 /);
    expect((await openLab(lab().state.name))?.hosts.map(one => one.name)).toEqual([
      'node-a',
      'node-b',
      'node-c',
      'node-d',
    ]);
  });
});

describe('taking a lab down', () => {
  test('leaves no process, mount, namespace, control group or file, and may be done twice', async () => {
    const name = testLabName();
    const lab = await createLab({name, hosts: 2});
    const {child} = await lab.spawn(['sleep', '600']); // a controller that hangs
    const ended = new Promise(resolve => child.once('close', (_code, signal) => resolve(signal)));
    expect(tracesOf(name).length).toBeGreaterThan(5);
    await lab.down();
    await lab.down();
    expect(tracesOf(name)).toEqual([]);
    expect(await ended).toBe('SIGKILL');
    expect(readdirSync('/run/systemd/nspawn/propagate').filter(dir => dir === machineName(name, 10))).toEqual([]);
  });

  test('works from its name alone, where the process that built it has ended and its state was lost', async () => {
    const name = testLabName();
    expect((await labCommand('up', '--name', name, '--hosts', '1')).code).toBe(0);
    const other = await createLab({name: `${name}.b`, hosts: 1}); // of the same addresses, with a name that begins alike
    rmSync(join(other.state.dir, '..', name, 'lab.state'));
    await downLab(name);
    expect(tracesOf(name)).toEqual([]);
    expect(await other.execOk('h1', ['hostname'])).toBe('h1\n');
    await other.down();
    expect(tracesOf(`${name}.b`)).toEqual([]);
  });

  test.each([0, 30, 150, 300])('works %i ms after the network was made, when the builder is killed', async delayMs => {
    const name = testLabName();
    let kill: () => void = () => {};
    const building = labCommand('up', '--name', name, '--hosts', '2', child => {
      kill = () => void child.kill('SIGKILL');
    });
    expect(await eventually(() => existsSync(`/run/netns/${netnsName(name)}`), 20_000, 1)).toBe(true);
    await new Promise(resolve => setTimeout(resolve, delayMs));
    kill();
    expect((await building).signal).toBe('SIGKILL');
    await downLab(name);
    expect(tracesOf(name)).toEqual([]);
  });

  test('is not needed where a lab could not be built', async () => {
    const name = testLabName();
    await expect(createLab({name, hosts: ['same', 'same']})).rejects.toThrow('two hosts are called "same"');
    await expect(createLab({name, hosts: 1, prefix: '300.1.1'})).rejects.toThrow('300.1.1');
    expect(tracesOf(name)).toEqual([]);
  });

  test('comes before building another one of the same name', async () => {
    const name = testLabName();
    const lab = await createLab({name, hosts: 0});
    await expect(createLab({name, hosts: 0})).rejects.toThrow(`a lab "${name}" is already there`);
    await lab.down();
  });
});

test('a reachable lab refuses a network that this machine already uses', async () => {
  const name = testLabName();
  await expect(createLab({name, hosts: 0, prefix: '127.0.0', reachable: true})).rejects.toThrow('already in use');
  expect(tracesOf(name)).toEqual([]);
});
