/** A world for tests: nothing real but the disk. */
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {onTestFinished} from 'vitest';
import type {Screen, World} from '../../src/cli/world.ts';

export interface TestWorld extends World {
  readonly printed: {out: string; err: string};
}

/** A directory with these files, removed when the test is over. */
export function project(files: Readonly<Record<string, string>> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'project-'));
  onTestFinished(() => rmSync(root, {recursive: true, force: true}));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), {recursive: true});
    writeFileSync(join(root, name), text);
  }
  return root;
}

export function testWorld(given: Partial<World> = {}): TestWorld {
  const printed = {out: '', err: ''};
  return {
    argv: [],
    env: {},
    cwd: '/nowhere',
    home: '/home/me',
    packageDir: join(import.meta.dirname, '../..'),
    version: '1.2.3',
    runtime: 'Node 20.20.2',
    stdout: screen(text => (printed.out += text)),
    stderr: screen(text => (printed.err += text)),
    now: () => Date.UTC(2026, 10, 21, 3, 11, 18),
    monotonicMs: () => 0,
    randomId: () => '00c0ffee',
    askPassword: async () => undefined,
    onInterrupt: () => () => {},
    noteLog: () => {},
    exitNow: code => {
      throw new Error(`exit ${code}`);
    },
    printed,
    ...given,
  };
}

export function screen(write: (text: string) => void, isTTY = false, columns = 100): Screen {
  return {write, isTTY, size: () => ({columns, rows: 24})};
}
