import {readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {expectCode, expectHealthy, expectNoChange, fingerprint} from './helpers/cluster.ts';
import {withLab} from './helpers/lab.ts';
import {withWorkspace} from './helpers/play.ts';

/**
 * Hosts on which a member could not live, before anything is changed. Skewed clocks and other machine types cannot be had on one
 * machine: they are rows in test/etcd/preflight.test.ts and test/task/etcd-preflight.test.ts.
 */
describe('hosts that are not fit', () => {
  const lab = withLab({hosts: [{tmpfs: {'/small': '64M'}}, {}, {}]});
  const work = withWorkspace();
  const run = (...args: string[]) => work.play(lab(), ['-i', 'inventory/lab.yml', 'etcd.yml', ...args]);
  const on = (host: string, script: string) => lab().execOk(host, ['sh', '-c', script]);
  /** A file that is not there already, in every place that the role writes to. */
  const places = () =>
    Promise.all(
      lab().hosts.map(({name}) =>
        on(
          name,
          'for d in / /etc /opt /usr/local/bin /etc/profile.d /etc/systemd/system; do stat -c "%n %i %Y %Z" $d; ls -A $d; done',
        ),
      ),
    );

  it('are told with all their faults at once, and nothing is changed on any', async () => {
    await work.inventory(lab());
    await on(
      'h1',
      'setsid systemd-socket-activate -l 0.0.0.0:2380 /bin/sleep 3600 </dev/null >/dev/null 2>&1 & echo $! >/run/busy.pid',
    );
    await on(
      'h2',
      'mkdir -p /etc/systemd/system/etcd.service.d; printf "[Service]\\nExecStart=\\nExecStart=/usr/bin/other\\n" >/etc/systemd/system/etcd.service.d/own.conf',
    );
    await on('h2', 'ip route add blackhole 10.10.10.12/32');
    await on(
      'h3',
      'mkdir /opt/etcd; mount -t tmpfs -o noexec none /opt/etcd; mount --bind /etc/profile.d /etc/profile.d; mount -o remount,ro,bind /etc/profile.d',
    );
    const before = [await fingerprint(lab()), await places()];
    const refused = await run('-e', 'etcd_data=/small/etcd');
    expectCode(refused, 3);
    const told = refused.stdout + refused.stderr;
    const [h1, h2, h3] = lab().hosts.map(({address}) => address);
    for (const line of [
      `E_ETCD_PORT_TAKEN ${h1}: pid `,
      '(systemd-socket-activate -l 0.0.0.0:2380 /bin/sleep 3600) listens on port 2380 (0.0.0.0',
      `E_PREFLIGHT_DISK ${h1}: /small has 67.1 MB free of 268 MB needed (for /small/etcd)`,
      `E_PREFLIGHT_DROP_IN ${h2}: /etc/systemd/system/etcd.service.d/own.conf changes what etcd.service is made of: ExecStart=; ExecStart=/usr/bin/other`,
      `E_PREFLIGHT_NOEXEC ${h3}: no program can run from /opt/etcd: /opt/etcd is mounted noexec`,
      `E_PREFLIGHT_WRITE ${h3}: no files can be made in /etc/profile.d`,
      `${h2} -> ${h3}:2379: no route`,
      `${h2} -> ${h3}:2380: no route`,
      'E_PREFLIGHT_HOSTS',
    ])
      expect(told).toContain(line);
    // Between the others everything is open, and their answers to the host without a route are not taken for a refusal.
    expect(told).not.toContain(`${h1} -> ${h2}`);
    expect(told).not.toContain('refused by a firewall');
    expect([await fingerprint(lab()), await places()]).toEqual(before);
  });

  it('are told in a check run, too, as far as looking goes', async () => {
    const check = await run('-t', 'check', '--check', '-e', 'etcd_data=/small/etcd');
    expectCode(check, 3);
    for (const code of ['DISK', 'DROP_IN', 'NOEXEC', 'WRITE', 'PEER', 'HOSTS'])
      expect(check.stdout).toContain(`E_PREFLIGHT_${code} `);
    expect(check.stdout).toContain('E_ETCD_PORT_TAKEN');
  });

  it('are mended one by one: a disk that takes no more files is found by writing', async () => {
    await on('h1', 'kill $(cat /run/busy.pid)');
    await on('h2', 'rm -r /etc/systemd/system/etcd.service.d; ip route del blackhole 10.10.10.12/32');
    await on('h3', 'umount /opt/etcd /etc/profile.d; rmdir /opt/etcd');
    // What df does not tell: the file system says there is room, and still nothing can be written.
    await on('h1', 'mkdir /etc/etcd; touch /etc/etcd/.etcdctl-play-check; mkdir /etc/etcd/.etcdctl-play-check.new');
    const refused = await run('-t', 'check');
    expectCode(refused, 3);
    expect(refused.stdout).toMatch(/E_PREFLIGHT_WRITE .*\n\s+\/etc\/etcd: /);
    await on('h1', 'rm -r /etc/etcd');
  });

  it('include one machine under two names', async () => {
    const [first] = lab().hosts;
    const text = readFileSync(await work.inventory(lab(), {name: 'twin'}), 'utf8');
    const line = text.split('\n').find(one => one.includes(`${first?.address}:`)) ?? '';
    const twin = `    other: {etcd_seq: 9, ansible_host: "${first?.address6}"}`;
    work.write('inventory/twin.yml', text.replace(line, `${line}\n${twin}`));
    const refused = await work.play(lab(), [
      '-i',
      'inventory/twin.yml',
      'etcd.yml',
      '-t',
      'check',
      '--check',
      '--accept-new-host-keys',
    ]);
    expect(refused.stdout + refused.stderr).toContain(
      `E_PREFLIGHT_SAME_HOST ${first?.address} and other are the same machine`,
    );
    expectCode(refused, 3);
  });

  it('leave no listener and no file behind once they pass, and then become a cluster', async () => {
    const before = [await fingerprint(lab()), (await places()).map(text => text.replace(/^\/.*$/gm, ''))];
    expectCode(await run('-t', 'check'), 0);
    expect([await fingerprint(lab()), (await places()).map(text => text.replace(/^\/.*$/gm, ''))]).toEqual(before);
    for (const {name} of lab().hosts)
      expect(await on(name, 'grep -l "[s]ocket-activate" /proc/[0-9]*/cmdline 2>/dev/null || true')).toBe('');
    expectCode(await run(), 0);
    await expectHealthy(lab(), 'h1', 3);
  });

  it('a converged cluster passes every check, and a plain run changes and writes nothing', async () => {
    const passed = await run('-t', 'check');
    expectNoChange(passed);
    expect(passed.stdout).not.toMatch(/E_PREFLIGHT|W_PREFLIGHT/);
    // A port that the running member does not have yet is looked at: a restart would not come up.
    await on(
      'h1',
      'setsid systemd-socket-activate --accept -l 0.0.0.0:4379 /bin/true </dev/null >/dev/null 2>&1 & echo $! >/run/busy.pid; sleep 1',
    );
    const moved = await run('--check', '-e', 'etcd_port=4379');
    await on('h1', 'kill $(cat /run/busy.pid)');
    expect(moved.stdout).toMatch(/E_ETCD_PORT_TAKEN .* listens on port 4379/);
    const before = [await fingerprint(lab()), await places()];
    expectNoChange(await run());
    expect([await fingerprint(lab()), await places()]).toEqual(before);
  });
});
