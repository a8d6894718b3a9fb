/** The door of the controller: builds the real world, runs the program, sets the exit code. */
import {randomBytes} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {homedir} from 'node:os';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {runCli} from './cli/cli.ts';
import {internalProblem} from './cli/internal.ts';
import {askPassword} from './cli/password.ts';
import {openScreen} from './cli/screen.ts';
import type {World} from './cli/world.ts';

async function main(): Promise<void> {
  const stdout = openScreen(process.stdout);
  const stderr = openScreen(process.stderr);
  let logPath: string | undefined;
  const world: World = {
    ...aboutUs(),
    argv: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    home: process.env['HOME'] || homedir(),
    stdout,
    stderr,
    now: Date.now,
    monotonicMs: () => performance.now(),
    randomId: () => randomBytes(4).toString('hex'),
    askPassword: question => askPassword(question, process.stdin, process.stderr),
    onInterrupt(listener) {
      let isHungUp = false;
      // The kernel and the shell both tell of a terminal that is gone: that is not somebody's second wish.
      const onHangUp = () => {
        if (!isHungUp) listener();
        isHungUp = true;
      };
      process.on('SIGINT', listener).on('SIGTERM', listener).on('SIGHUP', onHangUp);
      return () => void process.off('SIGINT', listener).off('SIGTERM', listener).off('SIGHUP', onHangUp);
    },
    noteLog(path) {
      logPath = path;
    },
    exitNow: code => process.exit(code),
  };
  /** An error that nobody caught: told, never a bare trace. */
  const die = (error: unknown): never => {
    stderr.write(internalProblem(error, world, logPath));
    process.exit(2);
  };
  process.on('uncaughtException', die).on('unhandledRejection', die);
  const exitCode = await runCli(world);
  await Promise.all([stdout.flush(), stderr.flush()]);
  // What is left open (a socket that does not want to close) must not keep a finished run from ending.
  process.exit(exitCode);
}

/** `src/main.ts` and `dist/main.js` alike lie one directory below the package. */
function aboutUs(): Pick<World, 'packageDir' | 'version' | 'runtime'> {
  const packageDir = join(dirname(fileURLToPath(import.meta.url)), '..');
  const {version} = JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8')) as {version: string};
  return {packageDir, version, runtime: `Node ${process.versions.node}`};
}

await main();
