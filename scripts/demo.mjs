/** `npm run demo`: from a fresh clone to an etcd cluster on three hosts of this machine; `-- --down` removes them. */
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {ensureBuild, ensureModules, project, requireNode, run, stop, whyNoLab} from './bootstrap.mjs';

requireNode();
const reason = whyNoLab();
if (reason !== undefined) stop(reason);
const program = join(project, 'dist/lab/demo-main.js');
// taking it down must work with whatever has built it, also in the middle of a change that does not compile
if (!process.argv.includes('--down') || !existsSync(program)) {
  await ensureModules();
  await ensureBuild();
}
process.exitCode = await run(process.execPath, [program, ...process.argv.slice(2)]);
