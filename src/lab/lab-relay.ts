/** Starts a relay inside a lab's network and gives orders to it. */
import {spawn} from 'node:child_process';
import {dirname} from 'node:path';
import {createInterface} from 'node:readline';
import {fileURLToPath} from 'node:url';
import {LabError} from './error.ts';

/** A relay in a lab; orders are done when their promise settles. */
export interface LabRelay {
  /** Where the controller connects instead of the host's own address. */
  readonly address: string;
  readonly port: number;
  cut(): Promise<void>;
  mend(): Promise<void>;
  reset(): Promise<void>;
  setDelay(delayMs: number): Promise<void>;
  close(): Promise<void>;
}

/** `enter` puts a command into the lab's network; addresses are the lab's. */
export async function startLabRelay(
  enter: readonly string[],
  address: string,
  target: {readonly host: string; readonly port: number},
  delayMs: number,
): Promise<LabRelay> {
  // the same code runs compiled (dist) and as TypeScript (tests, where the process was given a loader)
  const self = fileURLToPath(import.meta.url);
  const program = self.replace(/lab-relay\.(ts|js)$/, 'relay-main.$1');
  const loader = self.endsWith('.ts') ? ['--import', 'tsx'] : [];
  const options = JSON.stringify({listen: {host: address, port: 0}, target, delayMs});
  const [command = '', ...args] = [...enter, process.execPath, ...loader, program, options];
  const child = spawn(command, args, {cwd: dirname(self), stdio: ['pipe', 'pipe', 'inherit']});
  const lines = createInterface({input: child.stdout});
  const waiting: ((line: string | undefined) => void)[] = [];
  lines.on('line', line => waiting.shift()?.(line));
  lines.once('close', () => {
    for (const wake of waiting.splice(0)) wake(undefined);
  });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  const answer = async () => {
    const line = await new Promise<string | undefined>(resolve => waiting.push(resolve));
    if (line === undefined) throw new LabError('the relay has ended');
    return line;
  };
  const order = async (text: string) => {
    if (child.exitCode !== null) throw new LabError('the relay has ended');
    child.stdin.write(`${text}\n`);
    await answer();
  };
  return {
    address,
    port: Number(await answer()),
    cut: () => order('cut'),
    mend: () => order('mend'),
    reset: () => order('reset'),
    setDelay: ms => order(`delay ${ms}`),
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const closed = new Promise<void>(resolve => child.once('close', () => resolve()));
      child.stdin.end();
      await closed;
    },
  };
}
