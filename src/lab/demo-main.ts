/** The door of the demo; `scripts/demo.mjs` opens it once everything is installed and built. */
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {demoDown, demoUp} from './demo.ts';
import {LabError} from './error.ts';

const OPTIONS = {down: {type: 'boolean', default: false}, 'purge-cache': {type: 'boolean', default: false}} as const;

async function main(): Promise<number> {
  const values = readArguments();
  const options = {
    project: fileURLToPath(new URL('../..', import.meta.url)),
    say: (text: string) => void process.stdout.write(`${text}\n`),
  };
  if (!values.down && !values['purge-cache']) return demoUp(options);
  await demoDown(options, values['purge-cache']);
  return 0;
}

function readArguments(): {readonly down: boolean; readonly 'purge-cache': boolean} {
  try {
    return parseArgs({options: OPTIONS}).values;
  } catch (error) {
    throw new LabError(`${(error as Error).message.split('.')[0]}. Usage: npm run demo [-- --down [--purge-cache]]`);
  }
}

main().then(
  code => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const text = error instanceof LabError ? error.message : error instanceof Error ? error.stack : String(error);
    process.stderr.write(`${text}\n`);
    process.exitCode = 1;
  },
);
