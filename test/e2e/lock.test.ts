import type {ChildProcess} from 'node:child_process';
import {beforeAll, describe, expect, it} from 'vitest';
import type {Finished} from '../../src/lab/command.ts';
import {expectCode, expectHealthy, expectNoChange, fingerprint} from './helpers/cluster.ts';
import {withLab} from './helpers/lab.ts';
import {withWorkspace} from './helpers/play.ts';

/** Changes something, is at work until it is let go, and would change something more. */
const SLOW = `
- hosts: all
  become: true
  gather_facts: false
  tasks:
    - {name: one, command: touch /root/one}
    - {name: slow, shell: "touch /root/busy; until test -e /root/go; do sleep 0.2; done"}
    - {name: two, command: touch /root/two}
`;

/** A lease that lapses in no test. */
const LONG = {env: {ETCDCTL_PLAY_LOCK_SECONDS: '3600'}};
const SHORT = {env: {ETCDCTL_PLAY_LOCK_SECONDS: '3'}};

/** A run under way. */
interface Running {
  readonly child: ChildProcess;
  readonly end: Promise<Finished>;
}

describe('two runs on the same hosts', () => {
  const lab = withLab({hosts: 3});
  const work = withWorkspace();
  const run = (...args: string[]) => work.play(lab(), ['-i', 'inventory/lab.yml', 'etcd.yml', ...args]);
  const sh = (host: string, script: string) => lab().execOk(host, ['sh', '-c', script]);
  const each = (script: string) => Promise.all(lab().hosts.map(({name}) => sh(name, script)));
  const pids = () => each('systemctl show -p MainPID --value etcd');
  const locks = () => each('head -n 1 /run/etcdctl-play/lock | tr -d "\\n"');
  const limit = (host: string) => ['-l', lab().host(host).address];

  /** Starts a run and waits until this event has happened. */
  async function start(args: readonly string[], options: object, event: string, name: string): Promise<Running> {
    let child: ChildProcess | undefined;
    let text = '';
    let seen = () => {};
    const happened = new Promise<void>(resolve => {
      seen = resolve;
    });
    const end = work.play(lab(), ['-i', 'inventory/lab.yml', '--output', 'json', ...args], {
      ...options,
      onSpawn: started => {
        child = started;
      },
      onOutput: chunk => {
        text += chunk;
        const isSeen = text
          .split('\n')
          .some(line => line.includes(`"type":"${event}"`) && line.includes(`"name":${JSON.stringify(name)}`));
        if (isSeen) seen();
      },
    });
    const finished = end.then(({stdout, stderr}) => {
      throw new Error(`the run ended before ${event} of ${name}:\n${stdout}\n${stderr}`);
    });
    await Promise.race([happened, finished]);
    finished.catch(() => undefined);
    if (child === undefined) throw new Error('the run did not start');
    return {child, end};
  }

  const slow = async (options: object, ...args: string[]) => {
    await each('rm -f /root/one /root/two /root/go /root/busy');
    const running = await start(['slow.yml', '-e', 'token=hidden', ...args], options, 'task-start', 'slow');
    await sh('h1', 'until test -e /root/busy; do sleep 0.1; done');
    return running;
  };
  const letGo = () => each('touch /root/go');

  beforeAll(async () => {
    await work.inventory(lab());
    work.write('slow.yml', SLOW);
    expectCode(await run(), 0);
    expect(await locks()).toEqual(['', '', '']);
  });

  it('the second ends with 3, names the first, and has changed nothing', async () => {
    const first = await slow(LONG);
    const before = await fingerprint(lab());
    const second = await run('-e', 'etcd_election_timeout=1500');
    expectCode(second, 3);
    expect(second.stdout).toContain('E_LOCK_HELD');
    expect(second.stdout).toMatch(new RegExp(`\\(pid ${first.child.pid}\\).*slow\\.yml -e token=…`));
    expect(second.stdout).not.toContain('hidden');
    const check = await run('--check', '-e', 'etcd_election_timeout=1500');
    expectCode(check, 0);
    expect(check.stdout).toContain('W_LOCK_HELD');
    expect(await fingerprint(lab())).toEqual(before);
    await letGo();
    expectCode(await first.end, 0);
    expect(await locks()).toEqual(['', '', '']);
    expectNoChange(await run());
  });

  it('with limits that do not overlap, the second stops no member', async () => {
    const before = await pids();
    const first = await slow(LONG, ...limit('h1'));
    const second = await run('-e', 'etcd_election_timeout=1500', ...limit('h2'));
    expectCode(second, 3);
    expect(second.stdout).toContain('E_LOCK_HELD');
    expect(second.stdout).toContain(lab().host('h1').address);
    expect(await pids()).toEqual(before);
    await letGo();
    expectCode(await first.end, 0);
    expectCode(await run(), 0);
    expect(await pids()).toEqual(before);
  });

  it('a run that was killed holds up nobody: the next waits for what is at work and goes on', async () => {
    const first = await slow(LONG);
    first.child.kill('SIGKILL');
    await first.end;
    let isTold = () => {};
    const told = new Promise<void>(resolve => {
      isTold = resolve;
    });
    const second = work.play(lab(), ['-i', 'inventory/lab.yml', 'slow.yml', '-v'], {
      onOutput: text => text.includes('is still at work with an operation of an earlier run') && isTold(),
    });
    await Promise.race([told, second]);
    await letGo();
    const end = await second;
    expectCode(end, 0);
    expect(end.stdout).toContain('is still at work');
    await each('test -e /root/two');
    expect(await locks()).toEqual(['', '', '']);
  });

  it('a run that slept longer than its lease is superseded, and changes nothing when it wakes', async () => {
    const first = await slow(SHORT);
    first.child.kill('SIGSTOP');
    await letGo();
    // Twice as long as the lease without a sign of life, on every host: by then the operation has ended, too.
    await each(
      'until read -r at _ </run/etcdctl-play/lease && [ $(($(cut -d. -f1 /proc/uptime) - at)) -gt 6 ]; do sleep 0.3; done',
    );
    const second = await run('-e', 'etcd_election_timeout=1500');
    expectCode(second, 0);
    expect(second.stdout).toContain('W_LOCK_TAKEN_OVER');
    const before = await fingerprint(lab());
    first.child.kill('SIGCONT');
    const end = await first.end;
    expectCode(end, 3);
    expect(end.stdout).toMatch(/E_LOCK_LOST.*superseded by run \w+ of .*etcdctl-play .*etcd\.yml.*, which has ended/);
    await each('test -e /root/one && ! test -e /root/two');
    expect(await fingerprint(lab())).toEqual(before);
    expectCode(await run(), 0);
  });

  it('a restart whose connection is cut runs to its end, and the next run tells how it ended', async () => {
    const dropIn = '/run/systemd/system/etcd.service.d/slow.conf';
    await sh(
      'h2',
      `mkdir -p ${dropIn.replace(/\/[^/]*$/, '')}; printf '[Service]\\nExecStartPre=/bin/sleep 6\\n' >${dropIn}; systemctl daemon-reload`,
    );
    const [, before] = await pids();
    const change = ['-e', 'etcd_election_timeout=1600'];
    const only = limit('h2');
    const cut = start(['etcd.yml', ...change, ...only], LONG, 'task-start', 'no such task');
    cut.catch(() => undefined);
    await sh(
      'h2',
      'for i in $(seq 600); do [ "$(systemctl show -p ActiveState --value etcd)" = activating ] && exit; sleep 0.1; done; exit 1',
    );
    await sh('h2', 'ls /var/lib/etcdctl-play/journal | grep .');
    // As a cable that is cut: the host sees its connection end, whatever the controller does.
    await sh('h2', 'read -r _ _ pid _ </run/etcdctl-play/lease; kill -9 "$pid"');
    await cut.catch(() => undefined);
    const next = await run(...change, ...only);
    expectCode(next, 0);
    expect(next.stdout).toMatch(/W_STEP_UNREPORTED.*"restart etcd\.service"; it was done/);
    const [, after] = await pids();
    expect(after).not.toBe(before);
    expect(await sh('h2', 'ls /var/lib/etcdctl-play/journal')).toBe('');
    expect((await run(...change, ...only)).stdout).not.toContain('W_STEP_UNREPORTED');
    await sh('h2', `rm ${dropIn}; systemctl daemon-reload`);
    expectCode(await run(), 0);
    await expectHealthy(lab(), 'h1', 3);
  });

  it.each([
    ['SIGINT', 'task-start', 'conf | /etc/etcd/etcd.conf'],
    ['SIGTERM', 'task-end', 'conf | /etc/etcd/etcd.conf'],
    ['SIGHUP', 'task-start', 'restart | the process runs with the configuration on disk'],
  ] as const)('%s at %s of "%s" ends with 130, nothing locked, and a rerun goes on', async (signal, event, name) => {
    const args = ['etcd.yml', '-e', `etcd_election_timeout=${signal === 'SIGTERM' ? 1800 : 1900}`];
    const {child, end} = await start(args, LONG, event, name);
    child.kill(signal);
    const ended = await end;
    expectCode(ended, 130);
    expect(ended.stdout).toContain(
      `to go on from here: etcdctl-play -i inventory/lab.yml --output json ${args.join(' ')}`,
    );
    expect(await locks()).toEqual(['', '', '']);
    expectCode(await run(...args.slice(1)), 0);
    expectNoChange(await run(...args.slice(1)));
    await expectHealthy(lab(), 'h1', 3);
  });
});
