import {describe, expect, it} from 'vitest';
import {type Options, type Parsed, parseOptions} from '../../src/cli/options.ts';
import {testWorld} from './world.ts';

function parse(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Parsed {
  return parseOptions(testWorld({argv, env}));
}

/** The options that differ from those of `etcdctl-play etcd.yml`. */
function changes(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Partial<Options> {
  const [plain, given] = [parse(['etcd.yml']), parse(argv, env)];
  if (plain.kind !== 'run' || given.kind !== 'run') throw new Error(JSON.stringify(given));
  const before = plain.options as unknown as Record<string, unknown>;
  const different = Object.entries(given.options).filter(
    ([key, value]) => JSON.stringify(plainly(value)) !== JSON.stringify(plainly(before[key])),
  );
  return Object.fromEntries(different.map(([key, value]) => [key, plainly(value)]));
}

function plainly(value: unknown): unknown {
  return value instanceof Set ? [...value] : value;
}

describe('parseOptions', () => {
  it('has the defaults of a careful run', () => {
    expect(parse(['etcd.yml'])).toEqual({
      kind: 'run',
      options: {
        playbooks: ['etcd.yml'],
        inventory: [],
        tags: [],
        skipTags: [],
        extraVars: [],
        forks: 50,
        check: false,
        diff: false,
        allowDowntime: false,
        list: new Set(),
        syntaxCheck: false,
        sshArgs: [],
        acceptNewHostKeys: false,
        become: false,
        askPass: false,
        askBecomePass: false,
        output: 'auto',
        verbosity: 0,
        strict: false,
        color: true,
      },
    });
  });

  it.each<[string, readonly string[], Partial<Options> | Record<string, unknown>]>([
    ['a leave to interrupt', ['etcd.yml', '--allow-downtime'], {allowDowntime: true}],
    [
      'commas in tags, several options add up',
      ['a.yml', '-t', 'x,y', '--tags', 'z', '-t', ' ,'],
      {playbooks: ['a.yml'], tags: ['x', 'y', 'z']},
    ],
    ['skipped tags', ['etcd.yml', '--skip-tags=x,y'], {skipTags: ['x', 'y']}],
    ['several inventories in order', ['-i', 'a.yml', '-i', 'b/', 'etcd.yml'], {inventory: ['a.yml', 'b/']}],
    ['several playbooks', ['etcd.yml', 'b.yml'], {playbooks: ['etcd.yml', 'b.yml']}],
    [
      'extra variables as they are written',
      ['etcd.yml', '-e', 'a=1 b=2', '-e', '{"c": 3}'],
      {extraVars: ['a=1 b=2', '{"c": 3}']},
    ],
    [
      'an extra variable whose value begins with a dash',
      ['etcd.yml', '-e', 'etcd_nice=-10'],
      {extraVars: ['etcd_nice=-10']},
    ],
    ['an exclusion as limit', ['etcd.yml', '-l', '!10.10.10.11'], {limit: '!10.10.10.11'}],
    ['letters written together', ['etcd.yml', '-CDvv'], {check: true, diff: true, verbosity: 2}],
    ['at most -vvv', ['etcd.yml', '-vvvvv'], {verbosity: 3}],
    ['forks', ['etcd.yml', '-f5'], {forks: 5}],
    [
      'listings together',
      ['etcd.yml', '--list-hosts', '--list-tasks', '--list-tags'],
      {list: ['hosts', 'tasks', 'tags']},
    ],
    ['the graph as text before the playbook', ['--graph', 'etcd.yml'], {graph: 'text'}],
    ['the graph as text at the end', ['etcd.yml', '--graph'], {graph: 'text'}],
    ['another form of the graph', ['--graph', 'mermaid', 'etcd.yml'], {graph: 'mermaid'}],
    ['another form of the graph after an equals sign', ['--graph=json', 'etcd.yml'], {graph: 'json'}],
    [
      'connection options',
      ['etcd.yml', '-u', 'op', '--key-file', 'k', '-T', '5', '-c', 'local'],
      {user: 'op', privateKey: 'k', timeoutSeconds: 5, connection: 'local'},
    ],
    ['either name of the key', ['etcd.yml', '--private-key', 'k'], {privateKey: 'k'}],
    [
      'ssh options, which begin with a dash',
      ['etcd.yml', '--ssh-common-args', '-o ServerAliveInterval=5', '--ssh-extra-args=-J jump'],
      {sshArgs: ['-o ServerAliveInterval=5', '-J jump']},
    ],
    [
      'become',
      ['etcd.yml', '-bK', '--become-user', 'etcd', '-k'],
      {become: true, becomeUser: 'etcd', askBecomePass: true, askPass: true},
    ],
    ['a log file', ['etcd.yml', '--log-file', 'x.log'], {logFile: 'x.log'}],
    ['no log file', ['etcd.yml', '--no-log-file'], {logFile: false}],
    ['no colour', ['etcd.yml', '--no-color'], {color: false}],
    ['playbooks after two dashes', ['--', 'etcd.yml', '--graph'], {playbooks: ['etcd.yml', '--graph']}],
    [
      'the rest',
      ['etcd.yml', '--strict', '--syntax-check', '--accept-new-host-keys', '--start-at-task', 'x', '--output', 'json'],
      {strict: true, syntaxCheck: true, acceptNewHostKeys: true, startAtTask: 'x', output: 'json'},
    ],
  ])('reads %s', (_title, argv, wanted) => {
    expect(changes(argv)).toEqual(wanted);
  });

  it('honours NO_COLOR, not an empty one', () => {
    expect([changes(['etcd.yml'], {NO_COLOR: '1'}), changes(['etcd.yml'], {NO_COLOR: ''})]).toEqual([
      {color: false},
      {},
    ]);
  });

  it.each([
    [
      'an unknown option, with the nearest one',
      ['etcd.yml', '--chek'],
      "error: unknown option '--chek'\n(Did you mean --check?)\n(etcdctl-play --help lists every option)\n",
    ],
    [
      'a missing playbook',
      [],
      "error: missing required argument 'playbook'\n(etcdctl-play --help lists every option)\n",
    ],
    [
      'a missing value',
      ['etcd.yml', '-l'],
      "error: option '-l, --limit <pattern>' argument missing\n(etcdctl-play --help lists every option)\n",
    ],
    [
      'a number that is none',
      ['etcd.yml', '-f', 'many'],
      "error: option '-f, --forks <n>' argument 'many' is invalid. It must be a whole number from 1 to 100000.\n(etcdctl-play --help lists every option)\n",
    ],
    [
      'an unknown form of output',
      ['etcd.yml', '--output', 'xml'],
      "error: option '--output <form>' argument 'xml' is invalid. Allowed choices are auto, text, live, json.\n(etcdctl-play --help lists every option)\n",
    ],
  ])('refuses %s', (_title, argv, stderr) => {
    expect(parse(argv)).toEqual({kind: 'exit', code: 1, stdout: '', stderr});
  });

  it('prints its version and that of Node', () => {
    expect(parse(['--version'])).toEqual({
      kind: 'exit',
      code: 0,
      stdout: 'etcdctl-play 1.2.3 (Node 20.20.2)\n',
      stderr: '',
    });
  });

  it('prints help that names every option and ends with examples', () => {
    const help = parse(['--help']);
    expect(help).toMatchObject({kind: 'exit', code: 0, stderr: ''});
    const text = help.kind === 'exit' ? help.stdout : '';
    for (const option of ['-i, --inventory', '-l, --limit', '-K, --ask-become-pass', '--graph [format]', '--log-file'])
      expect(text).toContain(option);
    expect(text).toContain('Examples:\n  etcdctl-play etcd.yml  ');
    expect(Math.max(...text.split('\n').map(line => line.length))).toBeLessThanOrEqual(120);
  });
});
