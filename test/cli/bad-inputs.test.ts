/**
 * The cases of `test/cases/bad-inputs` with `stage: compile`, through the whole program with the shipped playbook and role: exit
 * code 1, every mistake with its place and a part of its hint, and no connection is opened.
 */
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test, vi} from 'vitest';
import {parse} from 'yaml';
import {runCli} from '../../src/cli/cli.ts';
import {project, testWorld} from './world.ts';

const connections = vi.hoisted(() => ({opened: 0}));
vi.mock('../../src/transport/connect.ts', () => ({
  createConnect: () => () => {
    connections.opened += 1;
    return Promise.reject(new Error('a connection was opened'));
  },
}));

interface Case {
  readonly about: string;
  readonly stage?: 'inventory' | 'compile';
  readonly inventory: string;
  readonly extraArgs?: readonly string[];
  readonly expect: readonly {code: string; line: number; col: number; hint: string}[];
}

interface Told {
  readonly code: string;
  readonly hint?: string;
  readonly at?: {readonly line: number; readonly col: number};
}

const folder = join(import.meta.dirname, '../cases/bad-inputs');
const cases = readdirSync(folder)
  .filter(name => name.endsWith('.yml'))
  .map(name => ({name, ...(parse(readFileSync(join(folder, name), 'utf8')) as Case)}))
  .filter(({stage}) => stage === 'compile');

/** What the program says of an inventory and more arguments. */
async function tell(inventory: string, extraArgs: readonly string[]) {
  const cwd = project({'hosts.yml': inventory});
  const playbook = extraArgs.some(arg => arg.startsWith('playbooks/')) ? [] : ['etcd.yml'];
  const argv = ['-i', 'hosts.yml', '--output', 'json', ...playbook, ...extraArgs];
  const world = testWorld({argv, cwd, home: join(cwd, 'home'), env: {ETCDCTL_PLAY_LOG: 'off'}});
  const before = connections.opened;
  const code = await runCli(world);
  const events = world.printed.out
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line) as {type: string; diagnostic?: Told & {severity: string}});
  const told = events.flatMap(({diagnostic}) => (diagnostic?.severity === 'error' ? [diagnostic] : []));
  return {code, told, opened: connections.opened - before, ...world.printed};
}

describe('a project with mistakes is refused before any connection is opened', () => {
  test.each(cases)(
    '$name: $about',
    async ({inventory, extraArgs = [], expect: wanted}) => {
      const {code, told, opened} = await tell(inventory, extraArgs);
      const found = told.map(({code: name, at, hint = ''}, index) => {
        const part = wanted[index]?.hint ?? '';
        return {code: name, line: at?.line ?? 0, col: at?.col ?? 0, hint: hint.includes(part) ? part : hint};
      });
      expect({code, opened, found}).toEqual({code: 1, opened: 0, found: wanted});
    },
    60_000,
  );
});
