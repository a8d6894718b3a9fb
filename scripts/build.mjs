/**
 * `npm run build`: TypeScript to dist/, then the program itself and the packages it uses into few files. The start of a run is
 * mostly the reading of small files (several hundred); bundled, a run that changes nothing takes a fifth less.
 */
import {spawnSync} from 'node:child_process';
import {rmSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {build} from 'esbuild';

const project = join(dirname(fileURLToPath(import.meta.url)), '..');
const outDir = process.argv[2] ?? join(project, 'dist');

rmSync(outDir, {recursive: true, force: true});
const compiled = spawnSync(
  process.execPath,
  [join(project, 'node_modules/typescript/bin/tsc'), '-p', join(project, 'tsconfig.build.json'), '--outDir', outDir],
  {stdio: 'inherit'},
);
if (compiled.status !== 0) process.exit(1);
await build({
  absWorkingDir: project,
  entryPoints: ['src/main.ts'],
  outdir: outDir,
  // One folder deep, as the rooms are: files beside the code (the agent, protocols) are found from both.
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  // Optional native helpers of ssh2: not installed, not needed.
  external: ['cpu-features', '*.node'],
  // What CommonJS packages expect to find in a module.
  banner: {
    js: [
      "import {createRequire as createRequireOfBundle} from 'node:module';",
      "import {dirname as dirnameOfBundle} from 'node:path';",
      "import {fileURLToPath as pathOfBundle} from 'node:url';",
      'const require = createRequireOfBundle(import.meta.url);',
      'const __filename = pathOfBundle(import.meta.url);',
      'const __dirname = dirnameOfBundle(__filename);',
    ].join('\n'),
  },
  legalComments: 'linked',
  logLevel: 'warning',
});
