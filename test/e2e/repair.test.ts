import {copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {beforeAll, describe, expect, it} from 'vitest';
import type {Lab} from '../../src/lab/lab.ts';
import {etcdctl, expectCode, expectHealthy, expectNoChange, fingerprint, recapOf} from './helpers/cluster.ts';
import {archivePath, withLab} from './helpers/lab.ts';
import {withWorkspace} from './helpers/play.ts';

describe('three hosts', () => {
  const lab = withLab({hosts: 3});
  const work = withWorkspace();
  const run = (...args: string[]) => work.play(lab(), ['-i', 'inventory/lab.yml', 'etcd.yml', ...args]);
  const sh = (host: string, script: string) => lab().execOk(host, ['sh', '-c', script]);
  const pids = () => Promise.all(lab().hosts.map(({name}) => sh(name, 'systemctl show -p MainPID --value etcd')));

  beforeAll(async () => {
    await work.inventory(lab());
    expectCode(await run(), 0);
  });

  it.each([
    ['etcd.conf was edited by hand', 'echo "max-txn-ops: 99" >>/etc/etcd/etcd.conf'],
    ['a certificate was deleted', 'rm /etc/etcd/server.crt'],
    ['a certificate was replaced', 'echo junk >/etc/etcd/peer.crt'],
    ['a key may be read by all', 'chmod 0644 /etc/etcd/server.key'],
    ['the unit does not start at boot', 'systemctl disable --quiet etcd'],
    ['the unit was masked', 'rm /etc/systemd/system/etcd.service; systemctl mask --quiet etcd'],
    ['the data directory changed owner and mode', 'chown root:root /data/etcd; chmod 0755 /data/etcd'],
    ['a binary was truncated', 'cd /opt/etcd/*.*; head -c 999 etcd >x; chmod 0755 x; mv x etcd'],
    ['the link to etcd was removed', 'rm /usr/local/bin/etcd'],
    ["the clients' environment was deleted", 'rm /etc/profile.d/etcdctl.sh'],
    ['all of /etc/etcd was removed', 'rm -r /etc/etcd'],
  ])('%s: the next run repairs that host, restarts nothing and leaves the others alone', async (_, fault) => {
    const before = {pids: await pids(), prints: await fingerprint(lab())};
    await sh('h2', fault);
    const repair = await run();
    expectCode(repair, 0);
    const recap = recapOf(repair.stdout);
    expect(lab().hosts.map(({address}) => (recap[address]?.changed ?? 0) > 0)).toEqual([false, true, false]);
    expectNoChange(await run());
    expect(await pids()).toEqual(before.pids);
    const after = await fingerprint(lab());
    expect([after.h1, after.h3]).toEqual([before.prints.h1, before.prints.h3]);
    await expectHealthy(lab(), 'h2', 3);
  });

  it('a unit file that was edited and used is put back, and its member restarted alone', async () => {
    const before = await pids();
    await sh(
      'h3',
      'sed -i s/LimitNOFILE=.*/LimitNOFILE=4096/ /etc/systemd/system/etcd.service; systemctl daemon-reload',
    );
    await sh('h3', 'systemctl restart etcd');
    expectCode(await run(), 0);
    const after = await pids();
    expect(after.map((pid, index) => pid === before[index])).toEqual([true, true, false]);
    expect(await sh('h3', 'systemctl show -p LimitNOFILE --value etcd')).toBe('65536\n');
    expectNoChange(await run());
  });

  it.each(['systemctl stop etcd', 'systemctl kill -s KILL etcd'])(
    'after "%s" the member is started, and only it',
    async fault => {
      const before = await pids();
      await sh('h1', fault);
      expectCode(await run(), 0);
      const after = await pids();
      expect(after.map((pid, index) => pid === before[index])).toEqual([false, true, true]);
      await expectHealthy(lab(), 'h1', 3);
    },
  );

  it('a stopped member is back before a changed option restarts the others', async () => {
    await sh('h2', 'systemctl stop etcd');
    expectCode(await run('-e', 'etcd_election_timeout=1500'), 0);
    expectNoChange(await run('-e', 'etcd_election_timeout=1500'));
    expectCode(await run(), 0);
  });

  it('while a member hangs, a changed option restarts that one first, and then the others', async () => {
    await sh('h3', 'systemctl kill -s STOP etcd');
    try {
      const refused = await run('-t', 'etcd_conf', '-e', 'etcd_election_timeout=1500', '-l', '10.10.10.10');
      expectCode(refused, 3);
      expect(refused.stdout).toContain('E_ETCD_QUORUM');
      const change = await run('-t', 'etcd_conf', '-e', 'etcd_election_timeout=1500');
      expectCode(change, 0);
      expect(change.stdout).toContain('1st of 3: etcd-3, not healthy');
    } finally {
      await sh('h3', 'systemctl kill -s CONT etcd');
    }
    expectCode(await run(), 0);
    await expectHealthy(lab(), 'h1', 3);
  });

  it('a value that etcd will not start with stops one member, says why, and a better value repairs it', async () => {
    const before = await pids();
    const bad = await run('-e', '{"etcd_config": {"cipher-suites": ["NO_SUCH_CIPHER"]}}');
    expect(bad.code).not.toBe(0);
    expect(bad.stdout).toContain('unexpected TLS cipher suite \\"NO_SUCH_CIPHER\\"');
    const after = await pids();
    expect(after.filter((pid, index) => pid === before[index]).length).toBe(2);
    expectCode(await run('-e', 'etcd_election_timeout=1700'), 0);
    expectNoChange(await run('-e', 'etcd_election_timeout=1700'));
    await expectHealthy(lab(), 'h1', 3);
    expectCode(await run(), 0);
  });

  it.each([
    ['E_ETCD_CA_MISSING', 'a controller without the CA', async () => join(work.dir, 'no-pki')],
    [
      'E_ETCD_CA_MISMATCH',
      'a controller with another CA',
      async () => {
        const dir = join(work.dir, 'other-pki');
        await makeOwnCa(lab(), dir);
        return dir;
      },
    ],
  ])('%s: %s touches nothing', async (code, _, makeDir) => {
    const before = await fingerprint(lab());
    const refused = await run('-e', `etcd_pki_dir=${await makeDir()}`);
    expectCode(refused, 3);
    expect(refused.stdout).toContain(code);
    expect(await fingerprint(lab())).toEqual(before);
  });

  it('more names for a member are in the certificate of the next handshake, without a restart', async () => {
    const before = await pids();
    const more = [
      '-e',
      '{"etcd_extra_sans": ["db.example.com"]}',
      '-e',
      'etcd_cert_validity=3700',
      '-e',
      'etcd_cert_renew=3650',
    ];
    expectCode(await run(...more), 0);
    expect(await pids()).toEqual(before);
    const dial = `openssl s_client -connect ${lab().hosts[0]?.address}:2379 </dev/null 2>/dev/null | openssl x509 -noout -ext subjectAltName`;
    expect((await lab().run(['sh', '-c', dial])).stdout).toContain('DNS:db.example.com');
    expectCode(await run(), 0);
  });

  it('a file of somebody else where a link of ours belongs is not overwritten', async () => {
    await sh('h1', 'rm /usr/local/bin/etcdctl; echo mine >/usr/local/bin/etcdctl');
    const refused = await run();
    expectCode(refused, 2);
    expect(refused.stdout).toContain('E_FOREIGN_BINARY');
    expect(await sh('h1', 'cat /usr/local/bin/etcdctl; rm /usr/local/bin/etcdctl')).toBe('mine\n');
    expectCode(await run(), 0);
  });

  it('a directory that cannot be written is named, and the run goes on once it can', async () => {
    await sh(
      'h2',
      'rm /usr/local/bin/etcd; mount --bind /usr/local/bin /usr/local/bin; mount -o remount,ro,bind /usr/local/bin',
    );
    const failed = await run();
    await sh('h2', 'umount /usr/local/bin');
    expectCode(failed, 2);
    expect(failed.stdout).toMatch(/\/usr\/local\/bin\/etcd.*Read-only file system/s);
    expectCode(await run(), 0);
  });

  it('a purge of one member leaves a quorum; a second one would not, and is refused', async () => {
    const [, second, third] = lab().hosts.map(({address}) => address);
    expectCode(await run('-t', 'etcd_purge', '-l', third ?? ''), 0);
    expect(existsSync(lab().path('h3', '/etc/etcd'))).toBe(false);
    const before = await fingerprint(lab());
    const refused = await run('-t', 'etcd_purge', '-l', second ?? '');
    expectCode(refused, 3);
    expect(refused.stdout).toContain('E_ETCD_QUORUM');
    expect(await fingerprint(lab())).toEqual(before);
  });

  it('a member that lost its data is not started again, alive or stopped the others', async () => {
    for (const stop of ['true', 'systemctl stop etcd']) {
      for (const host of ['h1', 'h2']) await sh(host, stop);
      const before = await fingerprint(lab());
      const refused = await run();
      expectCode(refused, 3);
      expect(refused.stdout).toContain('E_ETCD_DATA_LOST');
      expect(await fingerprint(lab())).toEqual(before);
    }
    expectCode(await run('-e', 'etcd_clean=true', '-e', 'etcd_safeguard=false'), 0);
    await expectHealthy(lab(), 'h3', 3);
  });

  it('a cluster that was stopped as a whole is started as a whole', async () => {
    await etcdctl(lab(), 'h1', 'put /kept yes');
    for (const {name} of lab().hosts) await sh(name, 'systemctl stop etcd');
    expectCode(await run(), 0);
    expect((await etcdctl(lab(), 'h2', 'get --print-value-only /kept')).stdout).toBe('yes\n');
  });
});

describe('one host, whose /opt holds 100 MB', () => {
  const lab = withLab({hosts: [{tmpfs: {'/opt': '100M'}}]});
  const work = withWorkspace();
  const run = (...args: string[]) => work.play(lab(), ['-i', 'inventory/lab.yml', 'etcd.yml', ...args]);
  const sh = (script: string) => lab().execOk('h1', ['sh', '-c', script]);

  beforeAll(() => work.inventory(lab()));

  it.each([
    ['is cut off', 'E_ARCHIVE_CHECKSUM', async (whole: Buffer) => ({bytes: whole.subarray(0, 99_999), sums: true})],
    ['has no checksum', 'E_ARCHIVE_UNVERIFIED', async (whole: Buffer) => ({bytes: whole, sums: false})],
  ])('an archive that %s is refused before the host is touched', async (_, code, make) => {
    const archive = await archivePath();
    const {bytes, sums} = await make(readFileSync(archive));
    const dir = mkdtempSync(join(work.dir, 'archive-'));
    writeFileSync(join(dir, basename(archive)), bytes);
    if (sums) copyFileSync(join(dirname(archive), 'SHA256SUMS'), join(dir, 'SHA256SUMS'));
    const refused = await run('-e', `etcd_archive=${join(dir, basename(archive))}`);
    expectCode(refused, 2);
    expect(refused.stdout).toContain(code);
    expect(existsSync(lab().path('h1', '/opt/etcd'))).toBe(false);
  });

  it('a full disk is named, and the run goes on once there is room', async () => {
    await sh('head -c 60M /dev/zero >/opt/filler');
    const refused = await run();
    expectCode(refused, 3);
    expect(refused.stdout).toContain('E_PREFLIGHT_DISK');
    // Where the checks are off, or the disk fills up meanwhile.
    const failed = await run('-e', 'etcd_preflight=never');
    expectCode(failed, 2);
    expect(failed.stdout).toContain('No space left on device');
    await sh('rm /opt/filler');
  });

  it('a peer port that somebody else holds is named with its process, and the run goes on once it is free', async () => {
    const squat =
      'use IO::Socket::INET; my $s = IO::Socket::INET->new(Listen => 1, LocalPort => 2380, ReuseAddr => 1) or die; sleep 600';
    await lab().execOk('h1', ['systemd-run', '--quiet', '--unit=squat', 'perl', '-e', squat]);
    const failed = await run();
    await sh('systemctl stop squat');
    expectCode(failed, 3);
    expect(failed.stdout).toMatch(/E_ETCD_PORT_TAKEN.*pid \d+ \(.*perl -e .*\) listens on port 2380/s);
    expectCode(await run(), 0);
    await expectHealthy(lab(), 'h1', 1);
    expectNoChange(await run());
  });

  it('a changed option needs leave to interrupt the only member', async () => {
    const change = ['-e', 'etcd_election_timeout=1500'];
    const refused = await run(...change);
    expectCode(refused, 3);
    expect(refused.stdout).toContain('etcd_allow_downtime');
    expectCode(await run(...change, '-e', 'etcd_allow_downtime=true'), 0);
    expectNoChange(await run(...change));
    expectCode(await run('-t', 'etcd_purge'), 0);
  });

  it('an etcd that is not ours on the client port stops the run before anything is touched', async () => {
    const archive = await archivePath();
    const tar = `cd /opt && tar xzf ${basename(archive)} --strip-components=1 --wildcards '*/etcd' && rm ${basename(archive)}`;
    copyFileSync(archive, lab().path('h1', `/opt/${basename(archive)}`));
    await sh(tar);
    await sh(
      'systemd-run --quiet --unit=stranger /opt/etcd --data-dir /tmp/stranger --listen-client-urls http://0.0.0.0:2379 --advertise-client-urls http://localhost:2379',
    );
    await sh(
      'until (exec 3<>/dev/tcp/127.0.0.1/2379) 2>/dev/null; do sleep 0.1; done'
        .replace(/^/, "exec bash -c '")
        .concat("'"),
    );
    const before = await fingerprint(lab());
    const refused = await run();
    await sh('systemctl stop stranger; rm /opt/etcd');
    expectCode(refused, 3);
    expect(refused.stdout).toContain('E_ETCD_PORT_TAKEN');
    expect(await fingerprint(lab())).toEqual(before);
  });

  it("the user's own RSA authority, a log directory of its own and a purge work together", async () => {
    const dir = join(work.dir, 'own-pki');
    await makeOwnCa(lab(), dir);
    const own = ['-e', `etcd_pki_dir=${dir}`, '-e', 'etcd_wal_dir=/srv/etcd-wal'];
    expectCode(await run(...own), 0);
    await expectHealthy(lab(), 'h1', 1);
    expectNoChange(await run(...own));
    expect(await sh('ls /srv/etcd-wal/wal')).toContain('.wal');
    expectCode(await run(...own, '-t', 'etcd_purge'), 0);
    expect(existsSync(lab().path('h1', '/srv/etcd-wal'))).toBe(false);
  });
});

/** A CA as openssl makes it, its key in the old PKCS#1 form. */
async function makeOwnCa(lab: Lab, dir: string): Promise<void> {
  mkdirSync(dir, {recursive: true});
  const make = [
    'openssl req -x509 -newkey rsa:2048 -nodes -keyout pkcs8.key -out ca.crt -subj "/CN=our own" -days 999',
    'openssl rsa -traditional -in pkcs8.key -out ca.key',
    'rm pkcs8.key',
    'chmod 0600 ca.key',
  ];
  const done = await lab.run(['sh', '-c', `cd '${dir}' && ${make.join(' && ')}`]);
  expectCode(done, 0);
}
