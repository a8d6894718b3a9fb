import {spawn} from 'node:child_process';
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, it} from 'vitest';
import {project} from './world.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const TSX = import.meta.resolve('tsx');

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The program as a process of its own, in a project's directory. */
function run(
  cwd: string,
  args: readonly string[],
  during: (child: ReturnType<typeof spawn>) => void = () => {},
): Promise<Ended> {
  const env = {PATH: process.env['PATH'], HOME: join(cwd, 'home'), NODE_NO_WARNINGS: '1'};
  const child = spawn(process.execPath, ['--import', TSX, MAIN, ...args], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', data => {
    out += data;
  });
  child.stderr.on('data', data => {
    err += data;
  });
  during(child);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', code => resolve({code, out, err}));
  });
}

const INVENTORY = `
all:
  hosts:
    this: {ansible_connection: local}
  vars:
    target: TARGET
    ansible_become_password: canary-5ecret
`;
const PLAYBOOK = `
- name: files
  hosts: all
  gather_facts: false
  tasks:
    - name: make a directory
      file: {path: "{{ target }}/d", state: directory, mode: '0750'}
      tags: [dir]
    - name: write a file
      copy: {dest: "{{ target }}/d/f", content: "one\\n", mode: '0640'}
      tags: [conf]
    - name: show the secret
      debug: {msg: "it is {{ ansible_become_password }}"}
      tags: [show]
`;

/** A project whose one host is this machine. */
function localProject(playbook = PLAYBOOK): string {
  const cwd = project({'site.yml': playbook});
  const inventory = project({'inventory.yml': INVENTORY.replace('TARGET', cwd)});
  return linkInventory(cwd, inventory);
}

function linkInventory(cwd: string, inventory: string): string {
  // Outside the directory that the tasks write to, so that nothing but the tasks changes there.
  inventories.set(cwd, join(inventory, 'inventory.yml'));
  return cwd;
}

const inventories = new Map<string, string>();

function play(cwd: string, ...args: readonly string[]): Promise<Ended> {
  return run(cwd, ['-i', inventories.get(cwd) ?? '', 'site.yml', ...args]);
}

describe('etcdctl-play', {timeout: 30_000}, () => {
  it('tells every mistake of the input at once and touches no host', async () => {
    const cwd = project({
      'inventory.yml':
        'etcd:\n  hosts:\n    10.10.10.10: {etcd_seq: 1, etcd_sek: 2}\n  vars:\n    etcd_password: canary {{\n   a: b\n',
    });
    const {code, out, err} = await run(cwd, ['ectd.yml', '-e', 'oops']);
    expect([code, out]).toEqual([1, '']);
    expect(
      err
        .split('\n')
        .filter(line => /^\S* ?E_|^\S+:\d+:\d+ E_|no host/.test(line))
        .map(line => line.split(' ').slice(0, 2).join(' ')),
    ).toEqual([
      '<extra-vars>:1:1 E_EXTRA_VARS',
      expect.stringMatching(/^inventory\.yml:\d+:\d+ E_YAML/),
      'E_PLAYBOOK_NOT_FOUND there',
      '3 errors;',
    ]);
  });

  it('makes changes once, then none', async () => {
    const cwd = localProject();
    const first = await play(cwd);
    expect([first.code, first.err, readFileSync(join(cwd, 'd/f'), 'utf8')]).toEqual([0, '', 'one\n']);
    expect(first.out).toContain('changed: [this] conf | write a file — ');
    expect(first.out).toMatch(
      /^this {23}: ok=3 {4}changed=2 {4}unreachable=0 {4}failed=0 {4}skipped=0 {4}rescued=0 {4}ignored=0$/m,
    );
    const second = await play(cwd);
    expect(second.out).toMatch(/^changed=0 on every host, [0-9.]+ s$/m);
    expect(second.code).toBe(0);
  });

  it('changes nothing with --check and shows files with --diff', async () => {
    const cwd = localProject();
    const {code, out} = await play(cwd, '--check', '--diff');
    expect([code, existsSync(join(cwd, 'd'))]).toEqual([0, false]);
    expect(out).toContain('+++ after: ');
    expect(out).toContain('(check mode: nothing was really changed)');
  });

  it('lets no secret out, neither on the screen nor into the log', async () => {
    const cwd = localProject();
    const {out} = await play(cwd, '-vvv', '--diff');
    const dir = join(cwd, 'home/.local/state/etcdctl-play/log');
    const logs = readdirSync(dir).map(name => readFileSync(join(dir, name), 'utf8'));
    expect(logs).toHaveLength(1);
    expect(out + logs.join('')).not.toContain('canary-5ecret');
    expect(out).toContain('it is [REDACTED]');
  });

  it('writes nothing but JSON lines with --output json', async () => {
    const {code, out, err} = await play(localProject(), '--output', 'json');
    const events = out
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line));
    expect([code, err, events[0].type, events.at(-1).type]).toEqual([0, '', 'run-start', 'run-end']);
    expect(
      events.filter(event => event.type === 'task-end').map(event => [event.task.host, event.task.name, event.status]),
    ).toEqual([
      ['this', 'make a directory', 'changed'],
      ['this', 'write a file', 'changed'],
      ['this', 'show the secret', 'ok'],
    ]);
  });

  it('ends with 2 when a task fails, and says where the log is', async () => {
    const cwd = localProject(
      '- hosts: all\n  tasks:\n    - name: break\n      command: /bin/sh -c "echo broken >&2; exit 3"\n    - name: never\n      debug: {msg: x}\n',
    );
    const {code, out, err} = await play(cwd);
    expect([code, err]).toEqual([2, expect.stringMatching(/^log: .*\/\d{8}T\d{6}Z-[0-9a-f]{8}\.log\n$/)]);
    expect(out).toContain('failed: [this] break');
    expect(out).toContain('broken');
  });

  it('prints lists and the graph without connecting', async () => {
    const cwd = localProject();
    const lists = await play(cwd, '--list-hosts', '--list-tasks', '--list-tags');
    expect(lists).toEqual({
      code: 0,
      err: '',
      out: `
playbook: site.yml

  play #1 (all): files\tTAGS: []
    pattern: ['all']
    hosts (1):
      this
    tasks:
      make a directory\tTAGS: [dir]
      write a file\tTAGS: [conf]
      show the secret\tTAGS: [show]
      TASK TAGS: [conf, dir, show]
`,
    });
    const graph = await play(cwd, '--graph', 'json');
    expect([
      graph.code,
      graph.out.includes('canary'),
      Array.isArray(JSON.parse(graph.out).tasks ?? JSON.parse(graph.out).nodes),
    ]).toEqual([0, false, true]);
    expect(await play(cwd, '--syntax-check')).toEqual({
      code: 0,
      err: '',
      out: 'playbook: site.yml\nno mistakes found\n',
    });
    expect(existsSync(join(cwd, 'home'))).toBe(false);
  });

  it('finishes the step in hand when it is interrupted, and ends with 130', async () => {
    const cwd = localProject(
      '- hosts: all\n  tasks:\n    - name: slow\n      command: /bin/sh -c "echo > {{ target }}/begun; sleep 2; echo > {{ target }}/ended"\n    - name: after\n      command: touch {{ target }}/after\n',
    );
    const {code, out} = await run(cwd, ['-i', inventories.get(cwd) ?? '', 'site.yml'], child => {
      const timer = setInterval(() => {
        if (!existsSync(join(cwd, 'begun'))) return;
        clearInterval(timer);
        child.kill('SIGINT');
      }, 20);
      child.once('close', () => clearInterval(timer));
    });
    expect([code, out.includes('W_INTERRUPTED interrupted: the step in hand is finished')]).toEqual([130, true]);
    expect(['begun', 'ended', 'after'].map(name => existsSync(join(cwd, name)))).toEqual([true, true, false]);
  });

  it('goes on to the end when nobody reads its output any more', async () => {
    const cwd = localProject();
    const ended = await run(cwd, ['-i', inventories.get(cwd) ?? '', 'site.yml', '-v'], child =>
      child.stdout?.destroy(),
    );
    expect([ended.code, ended.err, readFileSync(join(cwd, 'd/f'), 'utf8')]).toEqual([0, '', 'one\n']);
  });
});
