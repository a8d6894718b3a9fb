/** What the end-to-end tests and the soak need on this machine before they start. */
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {project, run} from './bootstrap.mjs';

/** Makes the machine ready first: what takes minutes has no place inside a test's time limit. Rejects with the reason where it cannot. */
export async function prepareHosts() {
  const say = text => process.stdout.write(`${text}\n`);
  const lab = name => import(join(project, `dist/lab/${name}.js`));
  const {ensurePrerequisites, TEST_TOOLS} = await lab('prerequisites');
  const ready = await ensurePrerequisites(say, undefined, TEST_TOOLS);
  if (!ready.ok) throw new Error(ready.error.map(problem => `${problem.message} (${problem.hint})`).join('; '));
  await (await lab('root')).ensureRoot({}, say);
  const archives = await (await lab('etcd-archive')).ensureEtcdArchives(undefined, say);
  process.env.ETCD_BIN_DIR ??= await unpacked(archives.at(-1).path);
}

/** A directory with the binaries of a release, for the tests that run etcd on loopback; it goes when this process ends. */
async function unpacked(archive) {
  const dir = mkdtempSync(join(tmpdir(), 'etcdctl-play-etcd-'));
  process.on('exit', () => rmSync(dir, {recursive: true, force: true}));
  if ((await run('tar', ['-xzf', archive, '-C', dir, '--strip-components=1'])) !== 0) throw new Error(`cannot unpack ${archive}`);
  return dir;
}
