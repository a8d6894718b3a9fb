import {existsSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, it} from 'vitest';
import {etcdctl, eventsOf, expectCode, expectHealthy, expectNoChange, fingerprint, recapOf} from './helpers/cluster.ts';
import {archivePath, withLab} from './helpers/lab.ts';
import {withWorkspace} from './helpers/play.ts';

describe('three hosts, as user ops with sudo, etcd 3.5', () => {
  const lab = withLab({hosts: 3});
  const work = withWorkspace();
  const run = (...args: string[]) => work.play(lab(), ['-i', 'inventory/lab.yml', 'etcd.yml', ...args]);

  it('a check of a fresh create touches nothing, then the create makes one healthy cluster', async () => {
    await work.inventory(lab());
    const before = await fingerprint(lab());
    expectCode(await run('--check', '--diff'), 0);
    expect(await fingerprint(lab())).toEqual(before);
    expectCode(await run(), 0);
    for (const host of lab().hosts) await expectHealthy(lab(), host.name, 3);
  });

  it('the second run changes nothing: no pid, inode, mtime or unit state', async () => {
    const before = await fingerprint(lab());
    const again = await run();
    expectNoChange(again);
    expect(Object.keys(recapOf(again.stdout))).toEqual(lab().hosts.map(({address}) => address));
    expect(await fingerprint(lab())).toEqual(before);
  });

  it('a key goes in and out through each member with TLS', async () => {
    const endpoint = (address: string) => `https://${address}:2379`;
    for (const {address} of lab().hosts) {
      const put = await etcdctl(lab(), 'h1', `put /test/${address} ${address}`, endpoint(address));
      expect(put.stdout.trim()).toBe('OK');
      for (const reader of lab().hosts) {
        const got = await etcdctl(lab(), 'h2', `get --print-value-only /test/${address}`, endpoint(reader.address));
        expect(got.stdout.trim()).toBe(address);
      }
    }
  });

  it('a client without a certificate is refused, as client and as peer', async () => {
    for (const port of [2379, 2380]) {
      const script = `const tls=require('tls'),fs=require('fs');const s=tls.connect({host:'${lab().hosts[0]?.address}',port:${port},rejectUnauthorized:false},()=>{s.write('GET /version HTTP/1.0\\r\\n\\r\\n')});let d='';s.on('data',c=>{d+=c});s.on('error',e=>{console.log('refused',e.code);});s.on('close',()=>console.log('bytes',d.length));`;
      const result = await lab().run([process.execPath, '-e', script]);
      expect(result.stdout).toContain('bytes 0');
      expect(result.stdout).toContain('refused');
    }
  });

  it('a changed variable shows exactly that file in the diff, and why it restarts', async () => {
    const before = await fingerprint(lab());
    const check = await run(
      '-t',
      'etcd_conf',
      '--check',
      '--diff',
      '-e',
      'etcd_election_timeout=2000',
      '--output',
      'json',
    );
    expectCode(check, 0);
    const ends = eventsOf(check.stdout).filter(event => event.type === 'task-end');
    const diffs = ends.flatMap(event => event.diffs as {path: string; before: string; after: string}[]);
    expect(diffs.map(({path}) => path)).toEqual(['/etc/etcd/etcd.conf', '/etc/etcd/etcd.conf', '/etc/etcd/etcd.conf']);
    for (const {before: old, after} of diffs) {
      const lines = (text: string) => text.split('\n');
      expect(lines(after).filter(line => !lines(old).includes(line))).toEqual(['election-timeout: 2000']);
    }
    const restarts = ends.filter(event => (event.task as {kind: string}).kind === 'etcd_restart');
    expect(restarts.map(event => event.reason)).toEqual(Array(3).fill('election-timeout: 1000 -> 2000'));
    expect(await fingerprint(lab())).toEqual(before);
  });

  it('the change is made by a rolling restart of every member, and is then in place', async () => {
    const pids = async () =>
      Promise.all(
        lab().hosts.map(({name}) => lab().execOk(name, ['systemctl', 'show', '-p', 'MainPID', '--value', 'etcd'])),
      );
    const before = await pids();
    const change = await run('-e', 'etcd_election_timeout=2000');
    expectCode(change, 0);
    const after = await pids();
    expect(after.filter((pid, index) => pid === before[index])).toEqual([]);
    await expectHealthy(lab(), 'h1', 3);
    expectNoChange(await run('-e', 'etcd_election_timeout=2000'));
  });

  it('a variable that etcd reads only once restarts nothing', async () => {
    const before = await lab().execOk('h1', ['systemctl', 'show', '-p', 'MainPID', '--value', 'etcd']);
    const change = await run('-t', 'etcd_conf', '-e', 'etcd_election_timeout=2000', '-e', 'etcd_token=other');
    expectCode(change, 0);
    expect(change.stdout).toContain('changed=1');
    expect(await lab().execOk('h1', ['systemctl', 'show', '-p', 'MainPID', '--value', 'etcd'])).toBe(before);
  });

  it('a safeguarded clean is refused with what there is to lose, and nothing is touched', async () => {
    const before = await fingerprint(lab());
    const clean = await run('-t', 'etcd_clean');
    expectCode(clean, 3);
    expect(clean.stdout + clean.stderr).toContain('E_ETCD_SAFEGUARD');
    expect(await fingerprint(lab())).toEqual(before);
  });

  it('the safeguard holds for a stopped member with data, too', async () => {
    for (const {name} of lab().hosts) await lab().execOk(name, ['systemctl', 'stop', 'etcd']);
    expectCode(await run('-t', 'etcd_clean'), 3);
    expectCode(await run(), 0);
    await expectHealthy(lab(), 'h1', 3);
  });

  it('etcd_clean with the safeguard off rebuilds the cluster and keeps the old data aside', async () => {
    const rebuild = await run('-e', 'etcd_clean=true', '-e', 'etcd_safeguard=false');
    expectCode(rebuild, 0);
    await expectHealthy(lab(), 'h1', 3);
    expect((await etcdctl(lab(), 'h1', 'get --prefix /test/')).stdout).toBe('');
    const manifests = await lab().execOk('h1', [
      'sh',
      '-c',
      'find / -xdev -path "*etcdctl-play/trash*" -name manifest* 2>/dev/null',
    ]);
    expect(manifests.trim()).not.toBe('');
  });

  it('a purge saves a snapshot first and leaves nothing; a second purge changes nothing', async () => {
    expectCode(await run('-t', 'etcd_purge'), 0);
    const backups = readdirSync(join(work.dir, 'inventory/backup/etcd')).filter(name => name.endsWith('.db'));
    expect(backups.length).toBe(1);
    for (const {name} of lab().hosts) {
      const found = await lab().execOk(name, [
        'sh',
        '-c',
        'find / -xdev -name "*etcd*" -not -path "/proc/*" -not -path "/sys/*" -not -path "/var/lib/etcdctl-play*" -not -path "/usr/share/*" 2>/dev/null; getent passwd etcd; getent group etcd; systemctl list-units --all --plain --no-legend "etcd*"; true',
      ]);
      expect(found.trim()).toBe('');
    }
    expectNoChange(await run('-t', 'etcd_purge'));
  });

  it('after the purge the same command makes the cluster again', async () => {
    expectCode(await run(), 0);
    await expectHealthy(lab(), 'h3', 3);
    expectNoChange(await run());
  });
});

describe.each([
  {title: 'etcd 3.4', suite: 'bookworm' as const, hosts: 3, by: 'address' as const},
  {title: 'one host', suite: 'sid' as const, hosts: 1, by: 'address' as const},
  {title: 'five hosts', suite: 'sid' as const, hosts: 5, by: 'address' as const},
  {title: 'host names that differ from addresses', suite: 'sid' as const, hosts: 3, by: 'name' as const},
])('$title', ({suite, hosts, by}) => {
  const lab = withLab({hosts: by === 'name' ? ['node-a', 'node-b', 'node-c'] : hosts});
  const work = withWorkspace();
  const run = (...args: string[]) => work.play(lab(), ['-i', 'inventory/lab.yml', 'etcd.yml', ...args]);

  it('is created, stays as it is, and is purged', async () => {
    await work.inventory(lab(), {by, vars: {etcd_archive: await archivePath(suite)}});
    expectCode(await run(), 0);
    const first = lab().hosts[0]?.name ?? '';
    await expectHealthy(lab(), first, hosts);
    const before = await fingerprint(lab());
    expectNoChange(await run());
    expect(await fingerprint(lab())).toEqual(before);
    expectCode(await run('-t', 'etcd_purge'), 0);
    expect(existsSync(lab().path(first, '/etc/etcd'))).toBe(false);
  });
});
