/** What the scripts do before any dependency is there: plain Node, nothing imported that npm would have to install. */
import {spawn} from 'node:child_process';
import {existsSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

/** The project's directory. */
export const project = fileURLToPath(new URL('..', import.meta.url));

/** Ends the process with one sentence. */
export function stop(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

/** Node 20.19 or newer, or the end. */
export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  stop(`etcdctl-play needs Node.js 20.19 or newer, and this is ${process.versions.node}.`);
}

/** Why no lab of hosts can be built here, as one sentence; undefined where it can. */
export function whyNoLab() {
  if (process.platform !== 'linux') return `A lab of hosts needs Linux, and this is ${process.platform}.`;
  if (process.getuid() !== 0) return `A lab of hosts needs root, and this is user ${process.getuid()}: run it as root.`;
  return undefined;
}

/** Runs a command in the project with this terminal; resolves to its exit code. */
export function run(command, args, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {cwd: project, stdio: ['ignore', 'inherit', 'inherit'], env: {...process.env, ...env}});
    child.once('error', error => reject(new Error(`cannot run ${command}: ${error.message}`)));
    child.once('close', (code, signal) => resolve(signal === null ? code : 130));
  });
}

/** Installs the dependencies where they are missing or not those of package-lock.json. */
export async function ensureModules() {
  if (modulesAreCurrent()) return;
  process.stdout.write('installing dependencies (npm ci)\n');
  if ((await run('npm', ['ci', '--no-audit', '--no-fund'])) !== 0) stop('npm ci failed: see above.');
  writeFileSync(STAMP, ''); // npm ci has built, too (prepare)
}

function modulesAreCurrent() {
  try {
    const wanted = readLock('package-lock.json');
    const there = readLock('node_modules/.package-lock.json');
    return Object.entries(wanted).every(([path, entry]) => {
      if (path === '') return true;
      const found = there[path];
      // an optional package of another platform is not installed
      return found === undefined ? entry.optional === true : found.version === entry.version && found.integrity === entry.integrity;
    });
  } catch {
    return false;
  }
}

function readLock(path) {
  return JSON.parse(readFileSync(join(project, path), 'utf8')).packages;
}

/** Written after a build that succeeded: a failed one leaves files in dist/, too. */
const STAMP = join(project, 'dist/.built');

/** Builds dist/ where it is missing, incomplete or older than the sources. */
export async function ensureBuild() {
  const sources = [...filesBelow('src'), join(project, 'tsconfig.json'), join(project, 'tsconfig.build.json'), join(project, 'scripts/build.mjs')];
  const newest = Math.max(...sources.map(path => statSync(path).mtimeMs));
  if (existsSync(STAMP) && statSync(STAMP).mtimeMs >= newest) return;
  process.stdout.write('building (npm run build)\n');
  if ((await run('npm', ['run', '--silent', 'build'])) !== 0) stop('The build failed: see above.');
  writeFileSync(STAMP, '');
}

/** Every file below a directory of the project. */
function filesBelow(dir) {
  return readdirSync(join(project, dir), {recursive: true, withFileTypes: true})
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name));
}
