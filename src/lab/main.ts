/** `node dist/lab/main.js up|down|status|archives|run|exec`: labs by hand, for trying things out. */
import {spawn} from 'node:child_process';
import {parseArgs} from 'node:util';
import {createLab, openLab} from './create.ts';
import {downLab, labNames} from './down.ts';
import {LabError} from './error.ts';
import {ensureEtcdArchives} from './etcd-archive.ts';
import {inventoryOf} from './inventory.ts';
import type {Lab} from './lab.ts';
import {ensurePrerequisites} from './prerequisites.ts';

const USAGE = `usage: main up [--name dev] [--hosts 3] [--python] [--reachable]   build a lab
       main down [--name dev]                                         remove it
       main status                                                    the labs that exist
       main archives                                                  make the etcd release archives
       main inventory [--name dev]                                    print an inventory of the lab
       main run [--name dev] -- COMMAND...                            run a command in the lab's network
       main exec HOST [--name dev] -- COMMAND...                      run a command inside a host
`;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function main(args: readonly string[]): Promise<number> {
  const split = args.indexOf('--');
  const [own, command] = split < 0 ? [args, []] : [args.slice(0, split), args.slice(split + 1)];
  const {values, positionals} = parseArgs({
    args: [...own],
    allowPositionals: true,
    options: {
      name: {type: 'string', default: 'dev'},
      hosts: {type: 'string', default: '3'},
      python: {type: 'boolean', default: false},
      reachable: {type: 'boolean', default: false},
    },
  });
  switch (positionals[0]) {
    case 'up':
      return up(values.name, Number(values.hosts), values.python, values.reachable);
    case 'down':
      await downLab(values.name);
      return 0;
    case 'status':
      return status();
    case 'archives':
      for (const archive of await ensureEtcdArchives(undefined, say)) say(`${archive.version} ${archive.path}`);
      return 0;
    case 'inventory':
      process.stdout.write(inventoryOf((await existing(values.name)).state));
      return 0;
    case 'run':
      return inTerminal([...(await (await existing(values.name)).enter()), ...command]);
    case 'exec':
      return inTerminal((await existing(values.name)).enterHost(positionals[1] ?? 'h1', command));
    default:
      process.stderr.write(USAGE);
      return 1;
  }
}

async function up(name: string, hosts: number, python: boolean, reachable: boolean): Promise<number> {
  const ready = await ensurePrerequisites(say);
  if (!ready.ok) throw new LabError(ready.error.map(problem => problem.message).join('; '));
  const start = Date.now();
  const lab = await createLab({name, hosts, python, reachable, say});
  say(`lab "${name}" is up after ${((Date.now() - start) / 1000).toFixed(1)} s`);
  describe(lab);
  return 0;
}

async function status(): Promise<number> {
  for (const name of labNames()) {
    const lab = await openLab(name);
    say(lab === undefined ? `lab "${name}" is half-made: take it down` : `lab "${name}"`);
    if (lab !== undefined) describe(lab);
  }
  return 0;
}

function describe(lab: Lab): void {
  for (const host of lab.hosts) say(`  ${host.name.padEnd(12)} ${host.address}  ${lab.isOn(host.name) ? 'on' : 'off'}`);
  say(`  key          ${lab.key}`);
  say(`  known_hosts  ${lab.knownHosts}`);
}

async function existing(name: string): Promise<Lab> {
  const lab = await openLab(name);
  if (lab === undefined) throw new LabError(`there is no lab "${name}"`);
  return lab;
}

function inTerminal(argv: readonly string[]): Promise<number> {
  const [command = 'true', ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {stdio: 'inherit'});
    child.once('error', reject);
    child.once('close', code => resolve(code ?? 1));
  });
}

main(process.argv.slice(2)).then(
  code => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof LabError ? error.message : String((error as Error).stack)}\n`);
    process.exitCode = 1;
  },
);
