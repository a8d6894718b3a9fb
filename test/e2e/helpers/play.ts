/** Runs the program as a user does: the built command, a directory with an inventory, the lab's network. */
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterAll} from 'vitest';
import type {Finished, RunOptions} from '../../../src/lab/command.ts';
import {type InventoryOptions, inventoryOf} from '../../../src/lab/inventory.ts';
import type {Lab} from '../../../src/lab/lab.ts';
import {archivePath} from './lab.ts';

/** The built command. */
export const PROGRAM = fileURLToPath(new URL('../../../bin/etcdctl-play', import.meta.url));

/** Runs etcdctl-play in the lab's network; ends it after five minutes. */
export function play(lab: Lab, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const env = {NO_COLOR: '1', CI: '1', ETCDCTL_PLAY_INVENTORY: undefined, ANSIBLE_INVENTORY: undefined, ...options.env};
  return lab.run([process.execPath, PROGRAM, ...args], {timeoutMs: 300_000, ...options, env});
}

/** A user's directory that is removed after the file's tests: inventory, PKI, logs and all. */
export interface Workspace {
  readonly dir: string;
  /** Writes a file below it and returns its path. */
  write(path: string, text: string): string;
  /** Writes inventory/NAME.yml for a lab; by default with the archive of etcd 3.5.30. */
  inventory(lab: Lab, options?: InventoryOptions & {readonly name?: string}): Promise<string>;
  /** Runs etcdctl-play in it. */
  play(lab: Lab, args: readonly string[], options?: RunOptions): Promise<Finished>;
}

/** Makes a workspace; call at the top of a file or describe block. */
export function withWorkspace(): Workspace {
  const dir = mkdtempSync(join(tmpdir(), 'etcdctl-play-e2e-'));
  afterAll(() => rmSync(dir, {recursive: true, force: true}));
  const write = (path: string, text: string) => {
    const file = join(dir, path);
    mkdirSync(join(file, '..'), {recursive: true});
    writeFileSync(file, text);
    return file;
  };
  return {
    dir,
    write,
    async inventory(lab, {name = 'lab', ...options} = {}) {
      const vars = {etcd_archive: await archivePath(), ...options.vars};
      return write(`inventory/${name}.yml`, inventoryOf(lab.state, {...options, vars}));
    },
    play: (lab, args, options = {}) =>
      play(lab, args, {cwd: dir, ...options, env: {XDG_STATE_HOME: join(dir, 'state'), ...options.env}}),
  };
}
