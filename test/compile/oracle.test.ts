import {readdirSync, readFileSync, statSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {describe, expect, test} from 'vitest';
import type {Compiled} from '../../src/compile/compile.ts';
import {listText} from '../../src/compile/list.ts';
import {compiled} from './fixtures/project.ts';

const ORACLE = join(dirname(fileURLToPath(import.meta.url)), 'oracle');
const PROJECTS = readdirSync(ORACLE).filter(name => statSync(join(ORACLE, name)).isDirectory() && name !== 'callback');

interface Expected {
  readonly messages: readonly [string, string, unknown][];
  readonly list: readonly string[];
}

/** Every file of a project of the oracle, as the compiler reads them. */
function filesOf(dir: string, prefix = ''): Record<string, string> {
  return Object.assign(
    {},
    ...readdirSync(join(dir, prefix)).map(name => {
      const path = prefix === '' ? name : `${prefix}/${name}`;
      const isDirectory = statSync(join(dir, path)).isDirectory();
      return isDirectory ? filesOf(dir, path) : {[path]: readFileSync(join(dir, path), 'utf8')};
    }),
  );
}

/** The options in `args`, as the command line would give them to the compiler. */
function optionsOf(text: string) {
  const words = text.trim().split(/\s+/);
  const values = (option: string) => words.flatMap((word, index) => (words[index - 1] === option ? [word] : []));
  return {
    extra: values('-e'),
    tags: values('-t').flatMap(value => value.split(',')),
    skipTags: values('--skip-tags').flatMap(value => value.split(',')),
  };
}

function compileOracle(name: string): {readonly result: Compiled; readonly expected: Expected} {
  const files = filesOf(join(ORACLE, name));
  const result = compiled({
    inventory: files['hosts.yml'] ?? '',
    playbook: files['site.yml'] ?? '',
    files,
    ...optionsOf(files['args'] ?? ''),
  });
  return {result, expected: JSON.parse(files['expected.json'] ?? '') as Expected};
}

/** What `debug` tasks say on a host, in order: `role : name` and the message. */
function saidOn(result: Compiled, host: string): readonly unknown[] {
  return result.graph.nodes
    .filter(task => task.kind === 'debug' && task.host === host && task.skip === undefined)
    .map(task => {
      const name = task.name.replace(/ \(item=.*\)$/, '');
      return [task.role === undefined ? name : `${task.role} : ${name}`, task.args.msg ?? 'Hello world!'];
    });
}

describe.each(PROJECTS)('ansible-core on the project %s', name => {
  const {result, expected} = compileOracle(name);

  test.each([...new Set(expected.messages.map(([, host]) => host))])('says the same on host %s', host => {
    const wanted = expected.messages.filter(([, where]) => where === host).map(([task, , message]) => [task, message]);
    expect(saidOn(result, host)).toEqual(wanted);
  });

  test('lists the same tasks and tags', () => {
    // Ansible does not look into `include_…` before the run; we do.
    const outline = result.outline.map(play => ({...play, tasks: play.tasks.filter(task => !task.isIncluded)}));
    expect(listText({outline}, {tasks: true, tags: true}).trimEnd().split('\n')).toEqual(expected.list);
  });
});
