import {expect, it} from 'vitest';
import {inventoryOf} from '../../src/lab/inventory.ts';
import {expectCode, expectNoChange, recapOf} from './helpers/cluster.ts';
import {archivePath, withLab} from './helpers/lab.ts';
import {withWorkspace} from './helpers/play.ts';

const lab = withLab({hosts: 3});
const work = withWorkspace();
const MEMBER = '10.10.10.10';
const NEWCOMER = '10.10.10.11';
const CLIENT = '10.10.10.12';
const url = (address: string) => `https://${address}:2379`;

/** The lab's inventory: h1 is a member, h2 too where `two`, h3 uses the cluster. */
async function inventory(two: boolean): Promise<void> {
  const vars = inventoryOf(lab().state, {vars: {etcd_archive: await archivePath()}}).split('  vars:\n')[1] ?? '';
  const second = two ? `\n    ${NEWCOMER}: {etcd_seq: 2}` : '';
  work.write(
    'inventory/lab.yml',
    `all:
  vars:
${vars}etcd:
  hosts:
    ${MEMBER}: {etcd_seq: 1}${second}
etcd_client:
  hosts:
    ${CLIENT}:
  vars:
    etcd_references:
      - {name: targets, src: file_sd.yml.j2, dest: /etc/targets.yml, mode: "0644"}
      - name: app
        dest: /etc/app.conf
        regexp: '^(endpoints = ).*'
        line: '\\g<1>{{ etcd_client_urls | join(",") }}'
        reload: sh -c "cat /etc/app.conf >>/run/app.reloads"
`,
  );
}

const run = (...args: string[]) => work.play(lab(), ['-i', 'inventory/lab.yml', ...args]);
const sh = (host: string, script: string) => lab().execOk(host, ['sh', '-c', script]);

it('a client has a certificate of its own, the environment, and its files; each reload happens once', async () => {
  await inventory(false);
  await sh('h3', 'printf "name = app\\nendpoints = none\\n" >/etc/app.conf');
  expectCode(await run('etcd.yml'), 0);
  expect(await sh('h3', '. /etc/profile.d/etcdctl.sh; echo $ETCDCTL_ENDPOINTS')).toBe(`${url(MEMBER)}\n`);
  expect(await sh('h3', 'cat /etc/app.conf')).toBe(`name = app\nendpoints = ${url(MEMBER)}\n`);
  expect(await sh('h3', 'cat /etc/targets.yml')).toContain(`    - ${MEMBER}:2379\n`);
  expect(await sh('h3', 'grep -c endpoints /run/app.reloads; stat -c "%a %U" /etc/etcd/client.key')).toBe(
    '1\n640 root\n',
  );
  expect(await versionAsClient()).toContain('"etcdserver"');
  expectNoChange(await run('etcd.yml'));
  expect(await sh('h3', 'grep -c endpoints /run/app.reloads')).toBe('1\n');
});

it('a reload that a killed run did not come to is made up for', async () => {
  await sh('h3', 'mkdir -p /var/lib/etcdctl-play/references; : >/var/lib/etcdctl-play/references/app.pending');
  const again = await run('etcd.yml');
  expectCode(again, 0);
  expect(again.stdout).toContain('did not come to the reload');
  expect(await sh('h3', 'grep -c endpoints /run/app.reloads')).toBe('2\n');
  expectNoChange(await run('etcd.yml'));
});

it('a member that joins with -l is told to everybody; where nobody joins, -l keeps to its host', async () => {
  await inventory(true);
  const join = await run('etcd.yml', '-l', NEWCOMER, '-e', 'etcd_init=existing');
  expectCode(join, 0);
  const both = [MEMBER, NEWCOMER].map(url).join(',');
  for (const host of ['h1', 'h2', 'h3'])
    expect(await sh(host, '. /etc/profile.d/etcdctl.sh; echo $ETCDCTL_ENDPOINTS')).toBe(`${both}\n`);
  expect(await sh('h3', 'tail -n 1 /run/app.reloads')).toBe(`endpoints = ${both}\n`);
  expectNoChange(await run('etcd.yml'));

  const quiet = await run('etcd.yml', '-l', NEWCOMER);
  expectNoChange(quiet);
  expect(Object.keys(recapOf(quiet.stdout))).toEqual([NEWCOMER]);
});

it('a member that leaves is taken out of everybody’s endpoints first', async () => {
  const check = await run('etcd-rm.yml', '-l', NEWCOMER, '--check', '--diff');
  expectCode(check, 0);
  expect(check.stdout).toContain(`+endpoints = ${url(MEMBER)}`);
  expectCode(await run('etcd-rm.yml', '-l', NEWCOMER), 0);
  for (const host of ['h1', 'h3'])
    expect(await sh(host, '. /etc/profile.d/etcdctl.sh; echo $ETCDCTL_ENDPOINTS')).toBe(`${url(MEMBER)}\n`);
  expect(await sh('h3', 'tail -n 1 /run/app.reloads')).toBe(`endpoints = ${url(MEMBER)}\n`);
  expect(await sh('h2', 'ls /etc/profile.d/etcdctl.sh /etc/etcd 2>&1 || true')).toContain('No such file');
  await inventory(false);
  // etcd.conf still lists the member that left: read once, so nothing restarts.
  const pid = await sh('h1', 'systemctl show -p MainPID --value etcd');
  expectCode(await run('etcd.yml'), 0);
  expect(await sh('h1', 'systemctl show -p MainPID --value etcd')).toBe(pid);
  expectNoChange(await run('etcd.yml'));
});

/** Asks the member with the client's own certificate, which the controller has issued. */
async function versionAsClient(): Promise<string> {
  const pki = `${work.dir}/inventory/pki/lab/etcd`;
  const script = `const {readFileSync} = require('fs'), [dir, name] = process.argv.slice(1);
const [ca, cert, key] = ['ca.crt', name + '.crt', name + '.key'].map(file => readFileSync(dir + '/' + file));
require('https').get('${url(MEMBER)}/version', {ca, cert, key}, reply => reply.pipe(process.stdout));`;
  return (await lab().run([process.execPath, '-e', script, pki, `client-${CLIENT}`], {timeoutMs: 20_000})).stdout;
}
