/** `--plan-out` and `apply` as a user meets them: on this machine as the one host. */
import {chmodSync, existsSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, it} from 'vitest';
import {parseApply} from '../../src/cli/apply-options.ts';
import {runCli} from '../../src/cli/cli.ts';
import {parseOptions} from '../../src/cli/options.ts';
import {planText} from '../../src/plan/plan-file.ts';
import {project, testWorld} from './world.ts';

const INVENTORY =
  'all:\n  hosts:\n    this: {ansible_connection: local}\n  vars:\n    text: one\n    api_token: hunter2-hunter2\n';
const PLAYBOOK = `- name: files
  hosts: all
  gather_facts: false
  tasks:
    - name: dir
      file: {path: "{{ playbook_dir }}/out/d", state: directory, mode: '0750'}
    - name: conf
      copy: {dest: "{{ playbook_dir }}/out/d/f", content: "{{ text }} {{ api_token }}\\n", mode: '0640'}
    - name: real
      debug: {msg: "check mode {{ ansible_check_mode }}"}
`;
const NOW = Date.UTC(2026, 10, 21);

/** A directory with a project in it, and the program run in it. */
function setUp(files: Readonly<Record<string, string>> = {}) {
  const cwd = project({'inventory.yml': INVENTORY, 'site.yml': PLAYBOOK, ...files});
  const run = async (argv: readonly string[], now = NOW) => {
    const world = testWorld({argv: [...argv, '--no-log-file', '--output', 'text'], cwd, home: cwd, now: () => now});
    const code = await runCli(world);
    return {code, out: world.printed.out, err: world.printed.err};
  };
  const written = () => (existsSync(join(cwd, 'out/d/f')) ? readFileSync(join(cwd, 'out/d/f'), 'utf8') : undefined);
  return {cwd, run, written, text: (name: string) => readFileSync(join(cwd, name), 'utf8')};
}

describe('a plan', {timeout: 30_000}, () => {
  it('is saved without touching anything, for its owner only, without a secret, and applied exactly', async () => {
    const {cwd, run, written, text} = setUp();
    const planned = await run(['site.yml', '--plan-out', 'p.json']);
    expect([planned.code, planned.err, existsSync(join(cwd, 'out'))]).toEqual([
      0,
      'plan: p.json, 2 operations on 1 host\n',
      false,
    ]);
    expect(planned.out).toContain('  make directory ');
    expect(planned.out).toContain('check mode False');
    expect(statSync(join(cwd, 'p.json')).mode & 0o777).toBe(0o600);
    expect(text('p.json')).not.toContain('hunter2');
    const applied = await run(['apply', 'p.json', '--forks', '3']);
    expect([applied.code, applied.err, written()]).toEqual([0, '', 'one hunter2-hunter2\n']);
    expect(applied.out).toContain('changed: [this] conf — ');
    expect(applied.out).not.toContain('check mode:');
  });

  it('gives the same file again, but for its run and its time', async () => {
    const {run, text} = setUp();
    await run(['site.yml', '--plan-out', 'p.json']);
    await run(['site.yml', '--plan-out', 'q.json', '--check'], NOW);
    expect(text('q.json')).toBe(text('p.json'));
  });

  it('in which nothing changes is applied by saying so', async () => {
    const {run} = setUp();
    await run(['site.yml']);
    expect((await run(['site.yml', '--plan-out', 'p.json'])).err).toBe('plan: p.json, in which nothing changes\n');
    const applied = await run(['apply', 'p.json']);
    expect([applied.code, applied.out.includes('there is nothing to do')]).toEqual([0, true]);
  });

  it.each<[string, (cwd: string) => void, string]>([
    [
      'a file on the host has changed',
      cwd => writeFileSync(join(cwd, 'out/d/f'), 'by hand\n'),
      'E_PLAN_MOVED the task "conf" on this was "changed" (content differs, to write',
    ],
    [
      'a task would now do something',
      cwd => chmodSync(join(cwd, 'out/d'), 0o700),
      'E_PLAN_MOVED the task "dir" on this was "ok" (already as wanted) and is "changed" (mode 0700 -> 0750, to set',
    ],
    [
      'a variable has changed',
      cwd => writeFileSync(join(cwd, 'inventory.yml'), INVENTORY.replace('text: one', 'text: two')),
      'E_PLAN_MOVED the file inventory.yml was sha256 ',
    ],
    [
      'only a secret has changed',
      cwd => writeFileSync(join(cwd, 'inventory.yml'), INVENTORY.replace('hunter2-hunter2', 'other-secret')),
      'E_PLAN_MOVED the task "conf" on this was planned and is another: its arguments have changed',
    ],
    [
      'a task has been added',
      cwd => writeFileSync(join(cwd, 'site.yml'), `${PLAYBOOK}    - name: new\n      debug: {msg: x}\n`),
      'was not in the plan and is part of the run',
    ],
  ])('is refused with 3 where %s', async (_, change, message) => {
    const {cwd, run, written} = setUp();
    await run(['site.yml']);
    writeFileSync(join(cwd, 'out/d/f'), 'before\n');
    await run(['site.yml', '--plan-out', 'p.json']);
    change(cwd);
    const before = written();
    const {code, out, err} = await run(['apply', 'p.json']);
    expect(code, out + err).toBe(3);
    expect(out + err).toContain(message);
    expect(out + err).not.toContain('hunter2');
    expect(written()).toBe(before);
  });

  it('holds where only a comment has changed', async () => {
    const {cwd, run, written} = setUp();
    await run(['site.yml', '--plan-out', 'p.json']);
    writeFileSync(join(cwd, 'site.yml'), `# a comment\n${PLAYBOOK}`);
    expect([(await run(['apply', 'p.json'])).code, written()]).toEqual([0, 'one hunter2-hunter2\n']);
  });

  it('is found from another directory, with the variables and the limit that it was made with', async () => {
    const {cwd, run, written} = setUp({'vars/more.yml': 'text: three\n'});
    await run(['site.yml', '-i', 'inventory.yml', '-l', 'this', '-e', '@vars/more.yml', '--plan-out', 'p.json']);
    const world = testWorld({
      argv: ['apply', join(cwd, 'p.json'), '--no-log-file'],
      cwd: '/',
      home: cwd,
      now: () => NOW,
    });
    expect([await runCli(world), written()]).toEqual([0, 'three hunter2-hunter2\n']);
  });

  it.each<[string, string, number, string]>([
    ['is not there', '', 1, 'E_PLAN_NOT_FOUND the plan p.json is not there'],
    ['is cut off', '{"program"', 1, 'E_PLAN_FORMAT p.json is not JSON'],
    ['was edited', 'edited', 1, 'E_PLAN_EDITED'],
    ['is old', 'old', 3, 'E_PLAN_OLD the plan was made at 2026-11-01T00:00:00.000Z, 20 days ago'],
  ])('that %s touches no host', async (_, kind, code, message) => {
    const {cwd, run} = setUp();
    if (kind === 'edited' || kind === 'old') {
      await run(['site.yml', '--plan-out', 'p.json']);
      const plan = JSON.parse(readFileSync(join(cwd, 'p.json'), 'utf8'));
      const {checksum: _checksum, format: _format, ...body} = plan;
      const old = planText({...body, created: '2026-11-01T00:00:00.000Z'});
      writeFileSync(join(cwd, 'p.json'), kind === 'old' ? old : JSON.stringify({...plan, graph: 'x'}));
    } else if (kind !== '') writeFileSync(join(cwd, 'p.json'), kind);
    const applied = await run(['apply', 'p.json']);
    expect([applied.code, applied.err.includes(message), existsSync(join(cwd, 'out'))], applied.err).toEqual([
      code,
      true,
      false,
    ]);
  });

  it('of a run that does not go through is not saved', async () => {
    const {cwd, run} = setUp({'site.yml': `${PLAYBOOK}    - name: no\n      fail: {msg: no}\n`});
    const {code, err} = await run(['site.yml', '--plan-out', 'p.json']);
    expect([
      code,
      err.startsWith('E_PLAN_NOT_SAVED no plan was saved as p.json'),
      existsSync(join(cwd, 'p.json')),
    ]).toEqual([2, true, false]);
  });

  it.each<[string, readonly string[], string]>([
    [
      'over a file that is no plan',
      ['--plan-out', 'inventory.yml'],
      'E_PLAN_OUT inventory.yml is there and is no plan',
    ],
    ['where there is no directory', ['--plan-out', 'no/p.json'], 'E_PLAN_OUT no plan can be saved as no/p.json'],
    [
      'with a secret on the command line',
      ['--plan-out', 'p.json', '-e', 'db_password=geheim'],
      'E_PLAN_SECRET a plan file holds no secrets, but -e db_password=[REDACTED] is one',
    ],
  ])('is not made %s', async (_, args, message) => {
    const {cwd, run, text} = setUp();
    const {code, err} = await run(['site.yml', ...args]);
    expect([code, err.includes(message), text('inventory.yml')], err).toEqual([1, true, INVENTORY]);
    expect(existsSync(join(cwd, 'p.json'))).toBe(false);
  });
});

describe('the command line', () => {
  it('of a plan is that of a check', () => {
    const parsed = parseOptions(testWorld({argv: ['etcd.yml', '--plan-out', 'p.json']}));
    expect(parsed).toMatchObject({kind: 'run', options: {check: true, planOut: 'p.json'}});
  });

  it.each([['--list-hosts'], ['--syntax-check'], ['--graph']])('refuses --plan-out with %s', option => {
    const parsed = parseOptions(testWorld({argv: ['etcd.yml', '--plan-out', 'p.json', option]}));
    expect(parsed).toMatchObject({kind: 'exit', code: 1, stderr: expect.stringContaining('--plan-out asks the hosts')});
  });

  it('of apply takes options of the connection and of the output', () => {
    const argv = ['apply', 'p.json', '-u', 'ops', '-k', '-K', '-f', '9', '--output', 'json', '-v', '--no-log-file'];
    expect(parseApply(testWorld({argv}))).toMatchObject({
      kind: 'run',
      options: {
        playbooks: ['p.json'],
        user: 'ops',
        askPass: true,
        askBecomePass: true,
        forks: 9,
        output: 'json',
        verbosity: 1,
        logFile: false,
      },
    });
  });

  it.each([
    ['-i', 'x'],
    ['-l', 'x'],
    ['-t', 'x'],
    ['-e', 'a=b'],
    ['--check'],
    ['--start-at-task', 'x'],
    ['--plan-out', 'x'],
    ['other.json'],
  ])('of apply refuses %s, which the plan has fixed', (...more) => {
    expect(parseApply(testWorld({argv: ['apply', 'p.json', ...more]}))).toMatchObject({
      kind: 'exit',
      code: 1,
      stdout: '',
    });
  });

  it('of apply has its own help', () => {
    const help = parseApply(testWorld({argv: ['apply', '--help']}));
    expect(help).toMatchObject({
      kind: 'exit',
      code: 0,
      stdout: expect.stringContaining('etcdctl-play apply [options] <plan>'),
    });
  });
});
