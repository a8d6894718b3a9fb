/** Starts the rig's process in a lab and brings back what it has written. */
import {mkdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {Lab} from '../../src/lab/lab.ts';
import {parseRecords, type RigMember, type RigRecord} from './records.ts';
import type {RigOrder} from './rig-main.ts';

/** Which cluster the rig looks at; by default the only one that `work.inventory(lab)` makes. */
export interface RigOptions {
  /** The inventory's name without `.yml`. */
  readonly inventory?: string;
  readonly cluster?: string;
  /** Hosts of the lab by name; by default all there are now. Members that join later are found in the member list. */
  readonly hosts?: readonly string[];
  /** Time between two looks at a member. */
  readonly sampleMs?: number;
  /** It ends by itself after this time. */
  readonly maxSeconds?: number;
}

/** The rig at work. */
export interface Rig {
  readonly log: string;
  /** Ends it and gives everything it has written; rejects where it ended badly. May be called again. */
  end(): Promise<readonly RigRecord[]>;
}

const PROGRAM = fileURLToPath(new URL('rig-main.ts', import.meta.url));
let made = 0;

/** Starts it; `dir` is where the inventory directory is and the log goes. */
export async function startRig(
  lab: Lab,
  dir: string,
  options: RigOptions,
  load?: Pick<RigOrder, 'load' | 'leaseSeconds' | 'prefix'>,
): Promise<Rig> {
  const {inventory = 'lab', cluster = 'etcd', sampleMs = 50, maxSeconds = 3600} = options;
  const log = join(dir, 'rig', `${process.pid}-${++made}.jsonl`);
  mkdirSync(join(log, '..'), {recursive: true});
  const order: RigOrder = {
    members: membersOf(lab, cluster, options.hosts),
    pkiDir: join(dir, 'inventory/pki', inventory, cluster),
    log,
    sampleMs,
    maxSeconds,
    prefix: '',
    leaseSeconds: 0,
    ...load,
  };
  let ready = (): void => {};
  const isReady = new Promise<void>(resolve => {
    ready = resolve;
  });
  const argv = [process.execPath, '--import', 'tsx', PROGRAM, JSON.stringify(order)];
  const {child, done} = await lab.spawn(argv, {
    cwd: join(PROGRAM, '..'),
    onOutput: text => {
      if (text.includes('ready')) ready();
    },
  });
  await Promise.race([isReady, done]);
  return {
    log,
    async end() {
      child.kill('SIGTERM');
      const {code, signal, stderr} = await done;
      if (code !== 0) throw new Error(`the rig ended with ${code ?? signal}: ${stderr}`);
      return parseRecords(readFileSync(log, 'utf8'));
    },
  };
}

/** Names and addresses as the lab's inventory gives them: members are numbered by their host's place in the lab. */
function membersOf(lab: Lab, cluster: string, hosts?: readonly string[]): readonly RigMember[] {
  return lab.hosts
    .map(({name, address}, index) => ({host: name, name: `${cluster}-${index + 1}`, address: `${address}:2379`}))
    .filter(({host}) => hosts === undefined || hosts.includes(host))
    .map(({name, address}) => ({name, address}));
}
